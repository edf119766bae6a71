"""What people and programs take for softmax, as texts of the language: x is what it is applied to.

Braces stand for a sum over the entries of a vector, or over those of each row of a matrix.
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.language.adjoint import put_in
from verifier.language.operations import Shape
from verifier.language.parse import parse_expression
from verifier.language.shapes import shape_of
from verifier.language.tree import Call, Expression
from verifier.rewrites.walk import Found, Pattern, Spot

WITHOUT_EXP = ("x / {x}",)
NOT_NORMALISED = ("exp(x)",)
OTHERWISE = ("exp(x) / {x}", "exp(x) / sqrt({exp(x) * exp(x)})", "x / sqrt({x * x})")
BY_SIGMOID = ("sigmoid(x)",)
OF_COLUMNS = ("softmax(x.T).T",)
"""Along the first axis, where it should be the last: of matrices alone."""


def taken_for(*texts: str) -> Pattern:
    """Something else in the place of a softmax."""

    def rule(node: Expression, spot: Spot) -> Iterator[Found]:
        match node:
            case Call("softmax", (argument,)):
                shape = shape_of(argument, spot.problem.shapes) or ()
                for text in texts:
                    if len(shape) == 2 or ".T" not in text:
                        yield put_in(parse_expression(_spread(text, shape)), {"x": argument}), {}

    return rule


def _spread(text: str, shape: Shape) -> str:
    """The text with its sums as they are written for a vector, or for a matrix row by row."""
    before, _, rest = text.partition("{")
    inside, _, after = rest.partition("}")
    if not inside:
        return text
    wide = f"sum({inside})" if len(shape) < 2 else f"fill(sum({inside}, 1), {shape[1]}).T"
    return before + wide + after
