"""Gaps: the areas and places that meet a rule, each with its reason in words."""
