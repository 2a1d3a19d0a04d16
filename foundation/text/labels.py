"""Labels made from names of fields."""


def humanized(name: str) -> str:
    """Return a name of a property as words: is_open, isOpen → Is open."""
    spaced_words = "".join(
        f" {letter.lower()}" if letter.isupper() and before.islower() else letter
        for before, letter in zip(f" {name}", name, strict=False)
    )
    words = " ".join(spaced_words.replace("_", " ").replace("-", " ").split())
    return words[:1].upper() + words[1:]
