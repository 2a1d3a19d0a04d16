"""Making and changing content types."""
