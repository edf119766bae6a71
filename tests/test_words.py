"""The words: every catalogue is complete, and every message is one that documents use."""

from __future__ import annotations

import re
from gettext import c2py
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from verifier.cells import catalogue, load, shared_words
from verifier.language.operations import OPERATIONS
from verifier.rounding import MODES, POLICIES

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "verifier" / "report" / "words"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.po"))
OTHERS = [language for language in LANGUAGES if language != "en"]

CALL = r"""\b(?:words(?:\.text|\.has)?|self)\(\s*f?(["'])([a-z](?:(?!\1).)*?\.?)\1"""
"""A message that is asked for by its key, or by an f-string that begins with letters."""
UNITS = ("places", "figures")
BY_ARGUMENT = {f"{prefix}.{unit}" for prefix in ("reading", "reading.own") for unit in UNITS}
"""Keys put together of parts that are not written beside each other in the code."""
OF_A_KIND = r"^(backward|question)\."
"""What stands before the key of a message that a kind of document has in place of another."""
NOT_SEARCHED = ("say.", "ordinal.", "sheet.", "html.", "serve.")
"""Said by the name of an operation or counted; and those whose templates are being written."""


def messages(language: str) -> dict[str, Message]:
    """The messages of a catalogue by their keys."""
    with (FOLDER / f"{language}.po").open("rb") as file:
        found = read_po(file, abort_invalid=True)
    return {key(message): message for message in found if message.id}


def key(message: Message) -> str:
    """The key of a message; it is the same for the singular and the plural."""
    if isinstance(message.id, str):
        return message.id
    assert len(set(message.id)) == 1
    return message.id[0]


def forms(message: Message) -> tuple[str, ...]:
    """The texts of a message: one, or one for each form of the plural."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def placeholders(text: str) -> set[str]:
    """What is to be filled into a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def cell_keys() -> set[str]:
    """The keys for the words of all cells of the catalogue."""
    found = {f"cell.{name}.{key}" for name in catalogue() for key in ("title", "summary")}
    bases = {f"word.{key}": words for key, words in shared_words().items()}
    for name in catalogue():
        own = load(name).words.items()
        bases |= {f"cell.{name}.{key}": words for key, words in own if not words.id}
    found |= {f"{base}.name" for base in bases}
    return found | {f"{base}.does" for base, words in bases.items() if words.does}


def sources() -> list[str]:
    """The texts of the code and of the templates."""
    files = [*(ROOT / "verifier").rglob("*.py"), *(ROOT / "templates").rglob("*.j2")]
    return [file.read_text("utf-8") for file in files]


def asked_for() -> tuple[set[str], list[re.Pattern[str]]]:
    """Every key that code and templates ask for; and patterns of those that are put together."""
    found = {text for source in sources() for _, text in re.findall(CALL, source)}
    partial = {text for text in found if "{" in text or text.endswith(".")}
    patterns = []
    for text in partial:
        between = "[^.]+".join(map(re.escape, re.split(r"\{.*?\}", text)))
        patterns.append(re.compile(between + (".+" if text.endswith(".") else "")))
    return found - partial, patterns


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_the_keys_of_the_english_one_and_the_words_of_all_cells(
    language: str,
) -> None:
    assert set(messages(language)) == set(messages("en")) | cell_keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_stands_twice(language: str) -> None:
    lines = (FOLDER / f"{language}.po").read_text("utf-8").splitlines()
    keys = [line for line in lines if line.startswith("msgid ")]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_is_empty_or_fuzzy(language: str) -> None:
    for name, message in messages(language).items():
        assert all(text.strip() for text in forms(message)), name
        assert not message.fuzzy, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_has_the_forms_of_the_header(language: str) -> None:
    header = (FOLDER / f"{language}.po").read_text("utf-8")
    found = re.search(r"Plural-Forms: nplurals=(\d+); plural=(.+?);", header)
    assert found
    count, form = int(found[1]), c2py(found[2])
    assert {form(n) for n in range(200)} == set(range(count))
    for name, message in messages(language).items():
        assert len(forms(message)) == (count if message.pluralizable else 1), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_form_has_the_placeholders_of_the_english_message(language: str) -> None:
    """Only "one" may be written in words; the last form is for many and names their number."""
    theirs = messages(language)
    for name, message in messages("en").items():
        assert message.pluralizable == theirs[name].pluralizable, name
        wanted = placeholders(forms(message)[-1])
        for text in forms(message) + forms(theirs[name]):
            assert placeholders(text) | ({"count"} & wanted) == wanted, (name, text)
        assert placeholders(forms(theirs[name])[-1]) == wanted, name


@pytest.mark.parametrize("language", OTHERS)
def test_the_words_of_cells_are_filled_in_nowhere(language: str) -> None:
    found = messages(language)
    assert not any(placeholders(text) for k in cell_keys() for text in forms(found[k]))


def test_every_key_that_is_asked_for_is_in_the_english_catalogue() -> None:
    known, (whole, patterns) = set(messages("en")), asked_for()
    assert len(whole) > 30
    assert whole - known == set()
    for pattern in patterns:
        assert any(map(pattern.fullmatch, known | cell_keys())), pattern


def test_every_policy_and_every_mode_has_its_words() -> None:
    wanted = {f"mode.{mode}" for mode in MODES} | {f"mode.short.{mode}" for mode in MODES}
    for prefix in ("policy", "notes.policy", "notes.gives", "sheet.policy", "html.policy"):
        wanted |= {f"{prefix}.{policy}" for policy in POLICIES}
    assert wanted <= set(messages("en"))


def test_what_is_spoken_has_its_words() -> None:
    """Apart from a few functions, which are said by their own names."""
    named = {"affine", "clip", "concat", "scaled_tanh"}
    code = (ROOT / "verifier" / "notation" / "spoken.py").read_text("utf-8")
    wanted = set(re.findall(r'say\("([^"]+)"', code)) | (set(OPERATIONS) - named)
    assert {f"say.{name}" for name in wanted} <= set(messages("en"))


def test_every_english_message_is_used() -> None:
    """A key with a dot counts as used wherever it is quoted: it may be chosen before the call."""
    whole, patterns = asked_for()
    quoted = {
        text for s in sources() for _, text in re.findall(r"""(["'])([a-z-]+\.[^"'\n]+)\1""", s)
    }
    unused = {
        name
        for name in messages("en")
        if re.sub(OF_A_KIND, "", name) not in whole | quoted | BY_ARGUMENT
        and not name.startswith(NOT_SEARCHED)
        and not any(pattern.fullmatch(name) for pattern in patterns)
    }
    assert unused == set()
