"""The content runtime: typed, versioned content. It knows no agents.

Its contract is in docs/RUNTIME.md.
"""
