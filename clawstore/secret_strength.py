"""Reasons why a secret can be guessed."""

from itertools import pairwise

# Django's own check of SECRET_KEY asks for 50 characters.
SHORTEST_SECRET = 50
FEWEST_CHARACTERS = 10
WINDOW = 4
# Parts of values that documents and templates show. None is likely in a random value.
PLACEHOLDERS = (
    "changeme",
    "change-me",
    "change_me",
    "change this",
    "example",
    "insecure",
    "letmein",
    "passwor",
    "placeholder",
    "qwerty",
    "random characters",
    "replace",
    "secret",
    "your-",
    "your_",
)


def weakness_of(secret: str) -> str:
    """Why the secret is weak, or ""."""
    if len(secret) < SHORTEST_SECRET:
        return f"it has {len(secret)} characters, at least {SHORTEST_SECRET} are needed"
    if len(set(secret)) < FEWEST_CHARACTERS:
        return f"it has only {len(set(secret))} different characters"
    # A secret that is copied from a document is known to every reader of the document.
    if any(word in secret.lower() for word in PLACEHOLDERS):
        return "it contains a word that stands for a secret, such as change-me"
    if _repeats_itself(secret):
        return "it repeats itself"
    if _is_a_row(secret):
        return "its characters are in the order of the alphabet"
    return ""


def _repeats_itself(secret: str) -> bool:
    windows = [secret[start : start + WINDOW] for start in range(len(secret) - WINDOW + 1)]
    return len(set(windows)) < 0.6 * len(windows)


def _is_a_row(secret: str) -> bool:
    pairs = list(pairwise(secret))
    neighbours = sum(abs(ord(first) - ord(second)) == 1 for first, second in pairs)
    return neighbours > 0.4 * len(pairs)
