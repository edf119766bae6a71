"""Small named changes of a problem, one file a family.

`variants(problem, "mistake")` and `variants(problem, "convention")` of `rewrites.catalogue` give
the changed problems; `evaluate(v.problem, v.wrap(arithmetic))` gives a changed problem's trace
under any arithmetic.
"""
