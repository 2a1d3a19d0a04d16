"""What a text costs to think: its words, and about how many tokens a model reads it as.

No model's tokenizer is asked: they differ, and change. The rule of thumb is four bytes of UTF-8 to
a token, rounded up. For English prose it is within about a fifth of what the large models count;
code and tables cost more than it says, and it is named wherever its numbers are shown.
"""

BYTES_PER_TOKEN = 4
RULE_OF_THUMB = "4 bytes of UTF-8 to a token"


def tokens_of(size: int) -> int:
    """About how many tokens a text of so many bytes is."""
    return -(-size // BYTES_PER_TOKEN)


def words_of(text: str) -> int:
    """Words between spaces; a script that writes none (Chinese, Japanese, Thai) has few."""
    return len(text.split())
