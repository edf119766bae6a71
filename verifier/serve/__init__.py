"""A page on this machine only: problems typed or pasted, their keys, and answers checked.

The page and the program talk through one call, `actions.answer`: a text of JSON in, one out.
"""
