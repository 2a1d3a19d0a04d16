"""Syntaxes of source files, by their extensions."""

SYNTAXES = {
    **dict.fromkeys(("md", "markdown"), "markdown"),
    **dict.fromkeys(("yaml", "yml"), "yaml"),
    "json": "json",
    "toml": "toml",
    "svg": "xml",
}


def syntax_of(path: str) -> str:
    """Name of the Pygments lexer for a file; "" for plain text."""
    return SYNTAXES.get(path.rpartition(".")[2].lower(), "")
