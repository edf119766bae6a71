"""How objects show themselves in notebooks: JupyterLab, VS Code, Colab, and what nbconvert makes.

A class says what it is in Markdown, and as a fragment of HTML or LaTeX where it can; the hosts
choose. Nothing here is imported from a notebook's program.
"""

from __future__ import annotations

from collections.abc import Container

MACROS = (
    r"\providecommand{\verifierheading}[1]"
    r"{\par\medskip\noindent\textbf{#1}\par\nopagebreak\smallskip}"
    "\n"
    r"\setcounter{MaxMatrixCols}{30}"
)
"""What `templates/latex/verifier.sty` defines, for hosts whose preamble is not ours to write."""

TABULARX = (
    r"\makeatletter\@ifundefined{tabularx}{\newcolumntype{X}{p{0.6\linewidth}}"
    r"\newenvironment{tabularx}[1]{\begin{tabular}}{\end{tabular}}}{}\makeatother"
)
"""The package tabularx, which nbconvert does not load, as far as tables of results need it."""


class Displayed:
    """Something with `to_markdown`; fragments of HTML and LaTeX are shown where there are any.

    Markdown has its displayed mathematics between `$$`, which Colab wants. Fragments are no
    documents: an HTML fragment leaves the page's style alone, and a LaTeX fragment has no preamble
    (it needs amsmath, array and booktabs, which nbconvert's documents load).
    """

    def to_markdown(self) -> str:
        """The whole as Markdown."""
        raise NotImplementedError

    def html_fragment(self) -> str | None:
        """The whole as a part of an HTML page; None where there is only Markdown."""
        return None

    def latex_fragment(self) -> str | None:
        """The whole as a part of a LaTeX document; None where there is only Markdown."""
        return None

    def _repr_markdown_(self) -> str:
        return self.to_markdown()

    def _repr_html_(self) -> str | None:
        inner = self.html_fragment()
        style = "overflow-x: auto"  # a line wider than the cell scrolls, the page does not
        return None if inner is None else f'<div class="verifier" style="{style}">\n{inner}\n</div>'

    def _repr_latex_(self) -> str | None:
        inner = self.latex_fragment()
        return None if inner is None else f"{MACROS}\n{TABULARX}\n{inner}"

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, str]:
        """The forms that a host asks for, by their media types."""
        made: dict[str, str] = {}
        for kind, make in (
            ("text/html", self._repr_html_),
            ("text/markdown", self._repr_markdown_),
            ("text/latex", self._repr_latex_),
        ):
            wanted = (not include or kind in include) and (not exclude or kind not in exclude)
            text = make() if wanted else None
            if text is not None:
                made[kind] = text
        return made
