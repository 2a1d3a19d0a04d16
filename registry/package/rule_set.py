"""The version of the rules for packages."""

RULE_SET = 5
"""Increases when the checks could judge the same bytes differently than before."""
