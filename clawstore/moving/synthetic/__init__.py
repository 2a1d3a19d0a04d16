"""A catalogue of agents that nobody wrote: for figures, and for tests of large ones."""
