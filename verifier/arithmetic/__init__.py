"""Arithmetics: what the operations of the language mean, one file each."""
