"""Owns what the readers of true roads share: speeds that hold for both, and bounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gapmap.errors import InputError

DUAL_KMH = 90.0
"""Speed in practice on an open dual carriageway, km/h; a starting point for Scotland."""

ROUNDABOUT_KMH = 30.0
"""The most that is driven on a roundabout, whatever the class of its road, km/h."""

Bounds = tuple[float, float, float, float]


def check_bounds(bounds: Sequence[float] | None) -> Bounds | None:
    """Return bounds when they are west, south, east and north, in this order.

    Examples
    --------
    >>> check_bounds([0, 0, 1000, 2000])
    (0.0, 0.0, 1000.0, 2000.0)
    """
    if bounds is None:
        return None
    try:
        if isinstance(bounds, str):
            raise TypeError
        west, south, east, north = (float(value) for value in bounds)
        fine = bool(np.isfinite([west, south, east, north]).all()) and west < east and south < north
    except (TypeError, ValueError):
        fine = False
    if not fine:
        raise InputError(
            f"bounds must be four numbers of metres, west, south, east and north, with west below "
            f"east and south below north, such as (320000, 670000, 330000, 680000); found was "
            f"{bounds!r}."
        )
    return west, south, east, north
