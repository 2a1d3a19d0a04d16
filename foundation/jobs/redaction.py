"""Jobs as people may see them: without secrets."""

from typing import Any

from foundation.text.expressions import compile_text

BLANK = "***"
_SECRET_NAME = compile_text("secret|token|passw|credential|signature|(?:^|_)key$", ignore_case=True)
# The beginnings of secrets that this shop hands out, and of a header that carries one.
_SECRET_TEXT = compile_text(r"(whsec_|claw_|Bearer )[A-Za-z0-9+/=_.~-]+")


def without_secrets(value: Any, name: str = "") -> Any:
    """Return a copy of JSON in which secrets are blank.

    They are recognised by the names and forms of values.
    """
    if isinstance(value, dict):
        return {key: without_secrets(entry, str(key)) for key, entry in value.items()}
    if isinstance(value, list):
        return [without_secrets(entry, name) for entry in value]
    if not isinstance(value, str):
        return value
    # The expressions refuse lone surrogates.
    text = value.encode("utf-8", "replace").decode()
    return BLANK if text and _SECRET_NAME.search(name) else _SECRET_TEXT.sub(r"\1***", text)
