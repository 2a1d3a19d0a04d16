"""Changes of state at a given time, and the jobs of a domain."""
