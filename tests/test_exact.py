"""The exact arithmetic's own sums and products, held to sympy's."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import sympy
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import SEED
from verifier.arithmetic import exact

FORMS = st.recursive(
    st.fractions(max_denominator=50, min_value=-9, max_value=9).map(
        lambda q: sympy.Rational(q.numerator, q.denominator)
    )
    | st.sampled_from([sympy.Symbol(name, real=True) for name in "abc"]),
    lambda inner: st.one_of(
        inner.map(sympy.exp),
        inner.map(sympy.tanh),
        st.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
        inner.map(lambda form: 1 / (1 + sympy.exp(form))),
    ),
    max_leaves=6,
)


@given(FORMS, FORMS)
def test_sums_and_products_are_those_of_sympy(x: Any, y: Any) -> None:
    assert sympy.srepr(exact.total(x, y)) == sympy.srepr(x + y)
    assert sympy.srepr(exact.product(x, y)) == sympy.srepr(x * y)


def test_no_form_of_the_seed_needs_the_tensors_of_sympy() -> None:
    """They are a twentieth of a cold start."""
    script = (
        "import sys; from verifier import load, solve; "
        f"s = solve(load({str(SEED)!r})); "
        "assert any(row.exact for row in s.rows); s.to_markdown(); "
        "assert 'sympy.tensor.tensor' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
