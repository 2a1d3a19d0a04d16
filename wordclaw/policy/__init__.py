"""Domains, their members, and the one decision on what an actor may do in them."""
