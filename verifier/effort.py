"""Every limit, in one table: beyond it something is refused or left out with a word."""

from __future__ import annotations

from typing import Final

LINE: Final = 100_000
"""Characters of a line of answers: a matrix of 100 by 100 fits, and no one types more."""

KEY_PARTS: Final = 30
"""Names joined by dots in one key of TOML: Python's reader takes their square."""

NAMES: Final = 30
"""Attributes and indices behind a name in a notebook's source."""

PLACES: Final = 1000
"""Places or figures of a result: pages of digits that nobody reads, computed at every entry."""

GUARD: Final = 20
"""Guard digits of lines: more than a reader would type again."""

SIDE: Final = 4096
"""Rows or columns of a matrix: a product of two such ones takes minutes."""

ENTRIES: Final = 20_000_000
"""Numbers of a problem: all of them are held at once."""

TERM: Final = 2**22
"""Numbers that an operation may compute: each is an object of a hundred bytes or more."""

INTEGERS: Final = 2**20
"""Integers of an array file: each becomes a text, thirty times as large as a byte."""

FILE_BYTES: Final = 2**28
"""Bytes of an array file: more than all entries take as float64."""

COMPARED_BITS: Final = 16_384
"""Bits at which two closed forms that could not be told apart are given up."""

EXPONENT: Final = 40_000
"""Arguments of e^x in closed forms: sympy stays for ever over towers of larger ones, and rewrites
e^(n log 2) as the integer 2^n."""

DIGITS: Final = 10_000
"""Digits of one entry that `--digits` shows: many more take minutes."""

DIGITS_IN_ALL: Final = 1_000_000
"""Digits of all entries together; a hundred scalar products count as an entry."""

EQUATIONS: Final = 20_000
"""Characters of all equations: a cell of the catalogue has a thousand at most."""

NESTING: Final = 100
"""Levels of an expression, within what Python can recurse."""

NAME: Final = 100
"""Characters of a name in equations."""

WHOLE: Final = 100_000
"""Whole numbers that slices and fillings take."""

POWER: Final = 100
"""Exponents: rationals get as many times longer."""

NUMBER: Final = 2000
"""Characters of a number: with exponents up to 999 it stays below Python's limit of 4300 digits."""

STEPS: Final = 100_000
"""Steps of a problem."""

TITLE: Final = 500
"""Characters of a title and the like."""

STATEMENT: Final = 10_000
"""Characters of a problem's text."""

SOURCE_BYTES: Final = 64 * 2**20
"""Bytes of a problem file."""

LEVELS: Final = 100
"""Levels of brackets in a problem file, which readers go down by recursion."""

POINTS: Final = 1000
"""Points of a problem."""

REPAIRS: Final = 4000
"""Changes of a question's numbers that are tried before it is given up."""

CORRECTIONS: Final = 2**22
"""Bytes of a table of corrections."""

GUESSED_BITS: Final = 8192
"""Bits of growth over very many steps that are worth guessing ahead."""

RATIONAL_BITS: Final = 2**15
"""Bits of a numerator or denominator: longer rationals go on as balls."""

DECIMAL_EXPONENT: Final = 20_000
"""Exponents of ten of decimals: what is beyond cannot be rounded in reasonable time."""

CANCELLED: Final = 20_000
"""Digits that sympy may lose to cancellation before it gives up and says 0."""

SHOWN: Final = 5_000
"""Results of a document that are all shown: beyond, it is a summary that says so."""

SUMMARY: Final = 1_000
"""Results of a summary, about."""

EXACT_CHARACTERS: Final = 60
"""Characters of a closed form in a table of results."""

POLICY_PRODUCTS: Final = 2_000_000
"""Scalar products beyond which other policies and chains are made only when asked for."""

MULTIPLIED_OUT: Final = 200
"""Nodes of a closed form that is multiplied out to see whether it is zero."""

EXACT_PRODUCTS: Final = 3_000
"""Scalar products beyond which closed forms are made only when asked for."""

LINK_CHARACTERS: Final = 100
"""Characters of a line of closed forms in a chain."""

JACOBIAN: Final = 64
"""Entries of a Jacobian: larger ones than 8 × 8 are no reading matter."""

UNROLLED_STEPS: Final = 20
"""Steps over which a state is unrolled."""

WHOLE_DIGITS: Final = 20
"""Digits before the point: longer ones are cut off as well, with a power of ten behind them."""

DRAWN: Final = 1_000_000
"""Sizes of numbers that variants of a problem draw."""

DRAWN_NUMBERS: Final = 1_000
"""Numbers of a problem that are drawn for a variant: on paper, no question has so many."""

VARIANTS: Final = 100_000
"""Variants of a problem."""

SEQUENCES: Final = 50_000_000
"""Numbers of an array of sequences."""

STREAM_LINE: Final = 2**20
"""Bytes of a line of a stream: a step's inputs as text."""

ROSTER: Final = 2**24
"""Bytes of a roster."""

FRUITLESS: Final = 40
"""Batches of draws without a fair one, after which a range is said to have none."""

ANSWER_FILES: Final = 20_000
"""Files of answers in a folder: more than any course has."""

COMPLAINTS: Final = 50
"""Complaints about one file of answers: the same fault stands in every line."""

PERSON: Final = 200
"""Characters of a person's name."""

OUTPUT: Final = 500_000
"""Characters of one output of a notebook's cell that are read."""

CELL_SOURCE: Final = 200_000
"""Characters of the source of a notebook's cell that are read."""

LOCATED: Final = 4_000_000
"""Characters of a notebook in which the line of a fault is looked for."""

ANSWER_LEVELS: Final = 20
"""Levels of brackets or tables in answers: a matrix a step has three."""

ANSWER_WORK: Final = 3_000_000
"""Characters looked at while one text of answers is read, again and again included."""

FIELD: Final = 1_000_000
"""Characters of a field of a table of answers."""

KNOWN: Final = 10_000
"""Texts whose meaning is kept while a class is read: a few megabytes."""

READERS: Final = 4
"""Problems for which the reader of names is kept; with variants each person has an own one."""

LABEL: Final = 100
"""Characters of the label of an answer."""

ZIP_PARTS: Final = 5000
"""Parts of an office file."""

ZIP_BYTES: Final = 2**26
"""Bytes to which the XML of an office file expands: a class's table has a thousandth."""

SHEETS: Final = 5000
"""Sheets or tables of an office file: one a person of a large course."""

SHEET_CELLS: Final = 2_000_000
"""Cells of a sheet, blank ones between others included."""

BLANK_COLUMNS: Final = 1024
"""Blank cells beside each other that are kept: programs write those up to a sheet's far end."""

SUBMITTERS: Final = 2**24
"""Bytes of the list of who handed in what."""

QUESTION: Final = 2000
"""Characters of a question in the head of a table of answers."""

QUESTION_WORDS: Final = 60
"""Words of a question among which the name of a quantity is looked for."""

ANSWER_NUMBER: Final = 400
"""Characters of a number in answers."""

ANSWER_SIZE: Final = 10**100
"""How large a number in answers may be: judges compare in float64, in units of the last place."""

BITS: Final = 16_384
"""Bits at which a problem's digits are given up; an eighth of it beyond `BITS_PRODUCTS`."""

BITS_PRODUCTS: Final = 1_000_000
"""Scalar products up to which that many bits are tried."""

UNROLLED_NODES: Final = 400
"""Nodes of an unrolled formula: two steps of a GRU, six of a simple recurrent network."""

UNROLLED_LEVELS: Final = 26
"""Levels of an unrolled formula: what is nested deeper does not fit a page."""

OUTER_BITS: Final = 128
"""Bits of the balls of an outer product that waited: more than float64 has, which may have rounded
its entries before."""

CONFIGURATION: Final = 2**24
"""Bytes of a model's configuration: that of a thousand layers has a million."""

SERVED_BYTES: Final = 2**21
"""Bytes of a request of the page: thirty times what its largest problem takes."""

SERVED_SECONDS: Final = 20
"""Seconds of a request of the page: who waits longer is better served by the command line."""

SERVED_GRACE: Final = 0.3
"""Seconds that an overtaken request may still take: a new process takes no less."""

SERVED_SIDE: Final = 32
"""Steps and sides of matrices that the page starts with: more cells than one types."""

SERVED_LINK: Final = 8_000
"""Characters of a link that holds a problem: mail programs cut longer ones."""

BRANCHED: Final = 8
"""Intervals whose box is split into smaller ones: every further one doubles their number."""

BOXES: Final = 4_000
"""Boxes into which a box is split at most, for the ranges of all results."""

BOX_WORK: Final = 2**21
"""Slopes by intervals that are there at once: boxes times intervals times entries."""

BRANCHES: Final = 2_000
"""Boxes into which a box is split at most, for the float errors of all results."""

BRANCHED_ENTRIES: Final = 64
"""Results of a problem whose float errors are bounded over small boxes, all together."""

BRANCH_WORK: Final = 2**19
"""Such boxes times the square of how many errors there are: part of a second for each order."""
