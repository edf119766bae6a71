"""Typst: its escape, and the PDF, tagged, valid PDF/UA-1, and the same bytes on every run."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from verifier.errors import DocumentError, MissingExtraError, extra
from verifier.formats import Format, Frame
from verifier.letters import JOINERS, named, seen, warn
from verifier.notation.typst import TypstPrinter

STANDARD = "ua-1"

FONT_PACKAGES = ("pylopdf_fonts_zh_cn",)
"""Packages that hold nothing but fonts; the extra chinese installs them."""

CHINESE = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
UNUSUAL = re.compile("[\u0590-\u1cff\u2e80-\U000fffff]")
"""Scripts that no embedded font has: a first try without other fonts would be in vain."""

LETTERS = re.compile(r'^error: PDF/UA-1 error: the text .*?`"(.*)"`', re.MULTILINE)
"""What Typst says of each text that it cannot show or may not hold."""

STAND_IN = """{
  let code = upper(str(str.to-unicode(it.text), base: 16))
  "[U+" + "0" * calc.max(0, 4 - code.len()) + code + "]"
}"""


def pdf(source: str, language: str) -> bytes:
    """The compiled document. Embedded fonts are used; others only for letters that they lack.

    A letter that no font has is shown by its code, and a warning names it.
    Errors: DocumentError for a document in Chinese where no font has Chinese letters.
    """
    if find_spec("typst") is None:
        raise MissingExtraError(
            "a PDF needs the package typst",
            accepted="pip install typst, or --engine latex with a TeX installation",
        )
    made = frozenset() if UNUSUAL.search(source) else _made(source, False)
    made = _made(source, True) if isinstance(made, frozenset) else made
    lost: frozenset[str] = frozenset()
    while isinstance(made, frozenset):
        _not_of_the_language(made, language)
        lost |= made
        made = _made(source, True, lost)
    if lost:
        told = named(sorted(_visible(lost)))
        warn(f"no font here has {told}: the PDF shows [U+…] instead{_hint(lost)}")
    return made


def _made(source: str, all_fonts: bool, lost: Collection[str] = ()) -> bytes | frozenset[str]:
    """The document, in which the lost letters are codes; or other letters that keep it from being.

    Only what is seen is replaced: the title and the spoken words keep their letters.
    """
    import typst

    try:
        compiled: bytes = _compiler(all_fonts).compile(
            (_rules(lost) + source).encode(), format="pdf", pdf_standards=[STANDARD], timestamp=0
        )
    except typst.TypstError as error:
        return _without_a_font(error) - {*lost} or _refuse(error)
    return compiled


def _rules(lost: Collection[str]) -> str:
    """What shows lost letters by their codes, and leaves out what only changed their shape."""
    signs = {STAND_IN: _visible(lost), "none": {*lost} - _visible(lost)}
    return "".join(
        f'#show regex("[{"".join(sorted(letters))}]"): it => {sign}\n'
        for sign, letters in signs.items()
        if letters
    )


def _visible(letters: Collection[str]) -> set[str]:
    return {letter for letter in letters if not re.match(f"[{JOINERS}]", letter)}


def _without_a_font(error: Any) -> frozenset[str]:
    """The letters that Typst names in an error; those of ASCII are in every font."""
    texts = "".join(LETTERS.findall(error.diagnostic))
    told = re.sub(r"\\u\{([0-9a-f]+)\}", lambda found: chr(int(found[1], 16)), texts)
    return frozenset(letter for letter in told if not letter.isascii())


def _refuse(error: Any) -> frozenset[str]:
    raise DocumentError(
        f"the PDF cannot be made: {error.message}",
        accepted="a document that Typst can set; please report this one",
    ) from None


def _not_of_the_language(letters: Collection[str], language: str) -> None:
    """Refuse a document whose own words could not be read."""
    if language == "zh" and CHINESE.search("".join(letters)):
        raise DocumentError(
            "the PDF cannot be made: no font here has Chinese letters",
            accepted=f"{extra('chinese')}, or an installed font such as Debian's fonts-noto-cjk",
        )


def _hint(letters: Collection[str]) -> str:
    return f" ({extra('chinese')})" if CHINESE.search("".join(letters)) else ""


@lru_cache
def _compiler(all_fonts: bool) -> Any:
    """A warm compiler; it keeps what documents share, and nothing but fonts is read from files."""
    import typst

    return typst.Compiler(
        ignore_system_fonts=not all_fonts, font_paths=_font_folders() if all_fonts else []
    )


def _font_folders() -> list[str]:
    """The folders of the installed packages of fonts; their code is not run."""
    specs = filter(None, map(find_spec, FONT_PACKAGES))
    return [str(folder) for spec in specs for folder in spec.submodule_search_locations or ()]


def escape(text: str) -> str:
    """The text for Typst, as a string of its code: nothing in it is markup."""
    return f'#"{quoted(text)}";'


def quoted(text: str) -> str:
    """What stands between the quotes of a Typst string."""
    return seen(text).replace("\\", "\\\\").replace('"', '\\"')


INLINE = '#math.equation(alt: "{spoken}", ${body}$)'
BLOCK = '#math.equation(block: true, {numbering}alt: "{spoken}", $\n{body}\n$)'
PLAIN = BLOCK.replace("{numbering}", "")
NUMBERED = BLOCK.replace("{numbering}", 'numbering: "(1)", ')

FORMAT = Format(
    "typ",
    "typst",
    "typ",
    TypstPrinter(),
    84,
    escape,
    INLINE.replace("{body}", "{}"),
    quoted,
    speaks=True,
    beside="\n",
    wraps={
        "none": Frame(),
        "dollars": Frame(PLAIN, inline=INLINE),
        "equation": Frame(PLAIN, NUMBERED + " <{label}>"),
    },
)
