"""Ranges: between which two numbers each result stays while given numbers vary in their intervals.

Three enclosures are intersected. Operations are worked out on whole intervals, by their ends. A
value at x is that at the box's middle m plus S (x − m), with secant slopes S that are enclosed
over the box (R. E. Moore, "Interval Analysis" (1966)). Where the slopes by an interval have one
sign, the least and the largest value stand at its ends. And where few numbers vary, their box is
split into smaller ones, whose ranges together are the range.
"""

from verifier.ranges.rows import Ranges

__all__ = ["Ranges"]
