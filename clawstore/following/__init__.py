"""Following agents, publishers, collections and searches."""
