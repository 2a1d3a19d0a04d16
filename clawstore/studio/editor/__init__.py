"""A form made from a JSON Schema.

The names of controls are JSON pointers with a prefix, so a form can be read without its schema's
version being the same as when it was made.
"""
