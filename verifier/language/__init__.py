"""The language of equations: tree, parser, shapes and schedule."""
