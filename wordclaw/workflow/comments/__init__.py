"""Comments of members on an item or on one of its fields."""
