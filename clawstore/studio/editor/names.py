"""Names and ids of the controls of a form."""

VALUE = "v:"
LENGTH = "n:"
BRANCH = "t:"
BLANK = "z:"
"""The value that an empty control stands for: null, an empty text, false, {} or []."""
EXTRA_PREFIX = "x:"
"""Values beside those that the schema names, as JSON."""
SEARCH = "q:"
LANGUAGE = "l:"
"""A language that has a column although nothing is typed in it."""
PREVIEW = "p:"
"""The pointer of markdown whose preview is open."""
KIND = "k:"
"""The menu with the kinds of a new entry."""
STEP = "do"
"""The button of a change of the form, such as ``add:/blocks:1``."""


def control_id(pointer: str, prefix: str = "f") -> str:
    """Return the id of the control at a pointer, unique among those of a form."""
    text = "".join(
        letter
        if letter.isascii() and letter.isalnum()
        else "-"
        if letter == "/"
        # Coded and not dropped: two names that differ in such a letter must not share an id.
        else f"_{ord(letter):x}_"
        for letter in pointer
    )
    return f"{prefix}{text}"
