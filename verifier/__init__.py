"""Worked solutions for recurrent neural-network cells in which every printed digit is proven."""

__version__ = "0.1.0"
