"""Pages of forms and of feedback, for people with and without an account."""
