"""Readers of answers: TOML, JSON, CSV, Markdown, notebooks and plain text; nothing is run."""

from verifier.check.answers.files import SUFFIXES, Work, read, works

__all__ = ["SUFFIXES", "Work", "read", "works"]
