"""Derivations: the chain behind a number, and the general one in symbols."""
