"""How the nodes become HTML."""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

from verifier.hosts.sphinx.nodes import Folded, Formula, Inline


def visit_formula(page: HTML5Translator, node: Formula) -> None:
    """The MathML with its number behind it, or whatever the host makes of mathematics."""
    if page.config.verifier_math == "host":
        page.visit_math_block(node)
        return
    page.body.append(page.starttag(node, "div", CLASS="verifier verifier-formula"))
    page.body.append(f'<div class="verifier-wide">{node["mathml"]}</div>')
    if node["number"]:
        number = get_node_equation_number(page, node)  # what references show
        page.body.append(f'<span class="eqno">({number})')
        page.add_permalink_ref(node, "Link to this equation")
        page.body.append("</span>")
    page.body.append("</div>\n")
    raise nodes.SkipNode


def depart_formula(page: HTML5Translator, node: Formula) -> None:
    """The end of what the host makes of mathematics."""
    page.depart_math_block(node)


def visit_inline(page: HTML5Translator, node: Inline) -> None:
    """The MathML, or whatever the host makes of mathematics."""
    if page.config.verifier_math == "host":
        page.visit_math(node)
        return
    page.body.append(f'<span class="verifier verifier-inline">{node["mathml"]}</span>')
    raise nodes.SkipNode


def depart_inline(page: HTML5Translator, node: Inline) -> None:
    """The end of what the host makes of mathematics."""
    page.depart_math(node)


def visit_folded(page: HTML5Translator, node: Folded) -> None:
    """The beginning of what folds."""
    state = " open" if node["open"] else ""
    summary = escape(node["summary"])
    page.body.append(f'<details class="verifier verifier-solution"{state}>')
    page.body.append(f"<summary>{summary}</summary>\n")


def depart_folded(page: HTML5Translator, node: Folded) -> None:
    """The end of what folds."""
    page.body.append("</details>\n")
