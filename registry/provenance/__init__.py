"""Publishing from CI without a stored key, and where a version was published from."""
