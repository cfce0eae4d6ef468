"""Which services may serve whom, and from where: what travel asks of placed services."""

from __future__ import annotations

import pandas as pd

from gapmap.vocabulary import COMES_TO_FAMILY

SITE_COLUMNS = ("service_id", "location_id", "easting", "northing", "precision")


def serving(
    placed: pd.DataFrame, links: pd.DataFrame, counting: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The sites and the services of a study, as travel needs them.

    Only services that count, and whose place or area is known, take part: one of which neither is
    known cannot be said to serve anybody.

    Parameters
    ----------
    placed
        One row per service and location: service_id, location_id, category, delivery, easting,
        northing, precision, outcome, location_confidential, optional serves.
    links
        row (an index of `placed`), area_code, basis (located, served, inferred), optional within
        (codes of what is served in the area, where not all of it is), optional coverage (whole,
        part, unknown: of the area).
    counting
        counts (bool) on the index of `placed`.

    Returns
    -------
    tuple of two DataFrames
        sites: service_id, location_id, easting, northing, precision (a confidential one is left
        out); services: service_id, category, serves_codes (a tuple; empty where not stated; what
        was written where no area of the study matches it, so that it widens nothing),
        part_codes (those of which it serves a part only), inferred_codes, comes_to_family (bool).

    Examples
    --------
    >>> import gapmap as gm
    >>> from gapmap.provision.coverage import provision
    >>> sites, services = serving(*provision(gm.scotland()))
    >>> services["service_id"].is_unique
    True
    """
    from gapmap.place.confidential import is_confidential
    from gapmap.place.locate import cells

    active = placed[
        counting["counts"].to_numpy(bool) & placed["outcome"].isin(["used", "area_only"])
    ]
    if "within" in links:
        # Whom a catchment serves is finer than the areas that it lies in.
        finer = links["within"].where(links["within"] != "", links["area_code"])
        links = links.assign(area_code=finer.str.split(";")).explode("area_code")
    sites = active[active["easting"].notna() & ~is_confidential(active)]
    codes = {
        basis: rows.groupby("row")["area_code"].agg(lambda found: tuple(sorted(set(found))))
        for basis, rows in [*links.groupby("basis"), ("part", _in_part(links))]
    }

    def of_basis(basis: str) -> list[tuple[str, ...]]:
        known = codes.get(basis, pd.Series(dtype=object))
        return [known.get(row, ()) for row in active.index]

    serves = [
        found or tuple(part.strip() for part in claim.split(";") if part.strip())
        for found, claim in zip(of_basis("served"), cells(active, "serves"), strict=True)
    ]
    comes = [
        bool(COMES_TO_FAMILY & {part.strip() for part in cell.split(";")})
        for cell in active["delivery"]
    ]
    rows = pd.DataFrame(
        {
            "service_id": active["service_id"].to_numpy(),
            "category": active["category"].to_numpy(),
            "serves_codes": serves,
            "part_codes": of_basis("part"),
            "inferred_codes": of_basis("inferred"),
            "comes_to_family": comes,
        }
    )
    merged = rows.groupby(["service_id", "category"], sort=False, as_index=False).agg(
        {
            "serves_codes": _union,
            "part_codes": _union,
            "inferred_codes": _union,
            "comes_to_family": "any",
        }
    )
    return sites.reindex(columns=SITE_COLUMNS).reset_index(drop=True), merged


def _in_part(links: pd.DataFrame) -> pd.DataFrame:
    """Claims to serve a part of an area only."""
    if "coverage" not in links:
        return links.iloc[:0]
    return links[(links["basis"] == "served") & (links["coverage"] == "part")]


def _union(cells: pd.Series) -> tuple[str, ...]:
    return tuple(sorted({code for cell in cells for code in cell}))
