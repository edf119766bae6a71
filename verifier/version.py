"""The version of the program, which documents and contracts carry."""

__version__ = "0.1.0"
