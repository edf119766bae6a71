"""Variants of a problem for the people of a class, each proven fair."""
