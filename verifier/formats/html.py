"""HTML with MathML, which carries its spoken words."""

from __future__ import annotations

import html

from verifier.formats import Format, Frame
from verifier.letters import seen
from verifier.notation.mathml import MathmlPrinter


def escape(text: str) -> str:
    """The text for HTML, in elements and in attributes."""
    return html.escape(seen(text), quote=True)


MATH = '<math alttext="{spoken}">{body}</math>'
DIV = '<div class="verifier-equation">\n{body}\n</div>'

FORMAT = Format(
    "html",
    "html",
    "html",
    MathmlPrinter(),
    76,
    escape,
    MATH.replace("{body}", "{}"),
    escape,
    speaks=True,
    facts=True,
    between="\n",
    beside="\n",
    wraps={
        "none": Frame(inline=MATH),
        "equation": Frame(DIV, DIV.replace(">", ' id="{label}">', 1)),
    },
)
