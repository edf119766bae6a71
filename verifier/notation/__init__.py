"""Notation: one printer a syntax, over the same trees."""
