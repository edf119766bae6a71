"""Floating-point errors of a problem: measured, bounded, attributed, and held against programs."""
