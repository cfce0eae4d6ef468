"""The recipe: a study becomes a folder of results."""

from __future__ import annotations


def run() -> None:
    raise NotImplementedError
