"""Figures of the shop under load: ``make bench``, or ``python bench/run.py --agents 10000``."""
