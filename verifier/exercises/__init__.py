"""Fair variants of a problem for a class, and what answers earn in learning systems."""
