"""Arithmetics around others: each changes in one place what operations mean."""
