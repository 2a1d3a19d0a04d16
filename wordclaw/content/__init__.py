"""Content: types with their schemas, and items with their versions."""
