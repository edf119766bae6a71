"""A Sphinx extension: `extensions = ["verifier.hosts.sphinx"]`, in reStructuredText and MyST.

Directives `verifier-solution`, `verifier-piece`, `verifier-sheet` and `verifier-audit`, and the
role `verifier` for one number. Configuration: `verifier_problems` names problem files,
`verifier_solutions` shows, hides or collapses solutions, and `verifier_math` says who sets
mathematics: the host (MathJax, say) or the browser, from MathML with spoken words.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils.nodes import Node, document, math, math_block
from sphinx.application import Sphinx
from sphinx.config import ENUM, Config
from sphinx.util.typing import ExtensionMetadata

from verifier.hosts.sphinx import html
from verifier.hosts.sphinx.directives import Audit, PieceDirective, Sheet, Worked
from verifier.hosts.sphinx.nodes import Folded, Formula, Inline, passed
from verifier.hosts.sphinx.role import NumberRole
from verifier.report.templating import templates
from verifier.version import __version__

STATIC = Path(__file__).parent / "static"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx what there is."""
    app.add_config_value("verifier_problems", {}, "env", (dict,))
    app.add_config_value("verifier_solutions", "collapse", "env", ENUM("show", "hide", "collapse"))
    app.add_config_value("verifier_math", "host", "env", ENUM("host", "mathml"))
    # Never set: a new version of the program reads all documents again.
    app.add_config_value("verifier_version", __version__, "env", (str,))
    app.add_node(Formula, html=(html.visit_formula, html.depart_formula))
    app.add_node(Inline, html=(html.visit_inline, html.depart_inline))
    others = dict.fromkeys(("latex", "text", "man", "texinfo"), passed)
    app.add_node(Folded, html=(html.visit_folded, html.depart_folded), **others)  # type: ignore[arg-type]
    app.add_directive("verifier-solution", Worked)
    app.add_directive("verifier-piece", PieceDirective)
    app.add_directive("verifier-sheet", Sheet)
    app.add_directive("verifier-audit", Audit)
    app.add_role("verifier", NumberRole())
    app.add_css_file("verifier.css")
    app.add_latex_package("verifier")
    app.connect("config-inited", _files)
    app.connect("builder-inited", _numbers)
    app.connect("doctree-read", _scripts)
    return {
        "version": __version__,
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }


def _files(app: Sphinx, config: Config) -> None:
    """Hand the page's style to HTML, and the macros of the pieces to LaTeX."""
    config.html_static_path.append(str(STATIC))
    config.latex_additional_files.append(str(templates() / "latex" / "verifier.sty"))


def _numbers(app: Sphinx) -> None:
    """Count our formulas with all others: where numbers are by section, a node's class decides."""
    domain: Any = app.env.get_domain("math")
    domain.enumerable_nodes = {**domain.enumerable_nodes, Formula: ("displaymath", None)}


def _scripts(app: Sphinx, tree: document) -> None:
    """Spare pages whose mathematics is all MathML the host's script for mathematics."""
    if app.config.verifier_math == "mathml":
        domain: Any = app.env.get_domain("math")
        others = (node for node in tree.findall(_is_math) if not isinstance(node, Formula | Inline))
        domain.data["has_equations"][app.env.docname] = any(True for _ in others)


def _is_math(node: Node) -> bool:
    return isinstance(node, math | math_block)
