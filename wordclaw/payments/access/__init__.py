"""Whether a reader may read what has a price, and the challenge to pay first."""
