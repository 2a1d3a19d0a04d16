"""Tools for development: demo catalogue, synthetic catalogue, style guide, benchmarks.

Production does not install or import this package.
"""
