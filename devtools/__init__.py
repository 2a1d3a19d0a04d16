"""Tools for development: demo and synthetic catalogue, style guide, benchmarks.

Production does not install or import this package.
"""
