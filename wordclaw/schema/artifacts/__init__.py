"""Code that is generated from a schema: types and validators in other languages.

Text of a schema reaches code only as a literal or in a comment that it cannot end. A keyword that a
printer does not know is refused, never guessed.
"""
