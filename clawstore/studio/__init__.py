"""The studio: pages where members write the content of their domain."""
