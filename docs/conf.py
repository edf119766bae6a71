"""The documentation: numbers and equations come from the program when it is built."""

from verifier import __version__

project = "verifier"
author = "the authors of verifier"
release = version = __version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx_click",
    "verifier.hosts.sphinx",
]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "verifier"
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

verifier_problems = {
    "hw10": "problems/hw10_question2.toml",
    "backward": "problems/hw10_backward.toml",
    "softsign": "problems/softsign.toml",
    "tie": "problems/tie.toml",
}
verifier_math = "mathml"

man_pages = [
    (
        "commands",
        "verifier",
        "worked solutions for recurrent cells, every digit proven",
        [author],
        1,
    )
]

autodoc_member_order = "bysource"
autodoc_typehints = "description"
