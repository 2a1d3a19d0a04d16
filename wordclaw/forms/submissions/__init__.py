"""Submissions of forms: receiving, reading and answering them."""
