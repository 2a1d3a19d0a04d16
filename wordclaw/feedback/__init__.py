"""Feedback on live content and other subjects, from people without an account."""
