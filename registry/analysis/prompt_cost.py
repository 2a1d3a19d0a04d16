"""Estimates of what a text costs a model to read: its words and its tokens.

Tokens are estimated as four bytes of UTF-8 each. For English prose the estimate is within about a
fifth of what the large models count; code and tables cost more. No model's tokenizer is used:
tokenizers differ between models and change over time, while the rule works for comparisons and
trends with any of them. Every place that shows the number names the method.
"""

BYTES_PER_TOKEN = 4
ESTIMATE_METHOD = "about 4 bytes of UTF-8 per token"


def estimate_tokens(size: int) -> int:
    """Tokens of a text of ``size`` bytes, rounded up."""
    return -(-size // BYTES_PER_TOKEN)


def count_words(text: str) -> int:
    """Words between spaces; few in scripts without spaces (Chinese, Japanese, Thai)."""
    return len(text.split())
