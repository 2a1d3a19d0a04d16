"""Forms on content types, and what people send with them."""
