"""A person's numbers against the problem: right, rounded otherwise, following, mistaken, wrong."""
