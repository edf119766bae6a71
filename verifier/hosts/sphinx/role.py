"""The role: one number in a sentence, as in {verifier}`hw10:s[2][1]`."""

from __future__ import annotations

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from verifier.documents.pieces import parse
from verifier.errors import DocumentError, VerifierError, shown
from verifier.hosts.sphinx.facts import fact
from verifier.hosts.sphinx.nodes import inline
from verifier.hosts.sphinx.problems import solution_of
from verifier.report.selection import checked

logger = logging.getLogger(__name__)


class NumberRole(SphinxRole):
    """A problem and a piece of it with a colon between: a number, or a line of mathematics.

    Behind an entry may stand what else is known of it, as in `hw10:s[1][1]:margin`: its `lower`
    and `upper` end, its `margin`, and its digits under a policy.
    """

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """The number or the line; what is wrong is said in its place, and a warning."""
        try:
            return [self.made()], []
        except VerifierError as error:
            logger.warning("%s", error, location=self.get_location(), type="verifier")
            self.env.note_reread()
            text = f"[verifier: {getattr(error, 'public', error.what)}]"
            return [nodes.inline(self.rawtext, text, classes=["verifier-fault"])], []

    def made(self) -> nodes.Node:
        """The mathematics that the text names."""
        name, colon, text = self.text.partition(":")
        if not colon:
            what = f"{shown(self.text)} names no piece of a problem"
            raise DocumentError(
                what, accepted="forms such as hw10:s[2][1] or hw10:z@2:preactivation"
            )
        solution = solution_of(self.env, name.strip())
        known = fact(solution, text)
        if known is not None:
            return known
        piece = checked(solution.problem, parse(text))
        if not piece.name:
            raise DocumentError(
                f"{piece} does not fit in a line", accepted="the verifier-piece directive"
            )
        return inline(solution, piece)
