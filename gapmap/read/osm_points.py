"""OpenStreetMap: places of an extract that may be services, as rows (data under ODbL 1.0)."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gapmap.errors import FileError, MissingDependency

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

#: Printed wherever the data is shown.
ATTRIBUTION = "© OpenStreetMap contributors (ODbL)"

#: Tag -> our category, "" where the tag alone does not tell which.
TAGS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("healthcare", "birthing_centre"): "maternity_unit",
        ("healthcare", "birthing_center"): "maternity_unit",
        ("healthcare", "midwife"): "",
        ("healthcare", "counselling"): "",
        ("healthcare", "psychotherapist"): "",
        ("amenity", "kindergarten"): "early_years_centre",
        ("amenity", "childcare"): "early_years_centre",
        ("amenity", "social_facility"): "",
        ("social_facility:for", "mother"): "",
        ("social_facility:for", "child"): "",
    }
)


def read_osm_points(
    path: str | Path, *, tags: Mapping[tuple[str, str], str] = TAGS
) -> pd.DataFrame:
    """Read the places of an OpenStreetMap extract that have one of some tags.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm`` or another file that osmium reads.
    tags
        (key, value) -> our category, "" where it does not tell.

    Returns
    -------
    pandas.DataFrame
        One row per place in the order of the file, indexed from row 2: service_id (``node/1`` or
        ``way/1``), name (that of its operator where it has none), category, organisation, address,
        town, postcode, latitude, longitude (a way's is the middle of its corners), url, phone,
        source, source_type, source_date (of its last change), osm_tag. ``attrs`` has the
        attribution.

    Raises
    ------
    MissingDependency
        If osmium is not installed.
    FileError
        If the file is missing or damaged.
    """
    path = Path(path)
    if not path.is_file():
        raise FileError(f"There is no file {path}. Check its name and folder.")
    try:
        import osmium
    except ImportError:
        raise MissingDependency("osmium", "osm", f"Reading {path.name}") from None
    keys = sorted({key for key, _ in tags})
    rows: list[dict[str, str]] = []
    try:
        reader = (
            osmium.FileProcessor(str(path))
            .with_locations()
            .with_filter(osmium.filter.EntityFilter(osmium.osm.NODE | osmium.osm.WAY))
            .with_filter(osmium.filter.KeyFilter(*keys))
        )
        for entity in reader:
            found = next((pair for pair in tags if entity.tags.get(pair[0]) == pair[1]), None)
            at = None if found is None else _middle(entity)
            if found is not None:
                rows.append(_row(entity, found, tags[found], at))
    except (RuntimeError, ValueError, OSError) as error:
        raise FileError(
            f"{path.name} could not be read as OpenStreetMap data ({error}). Fetch it again."
        ) from None
    return _frame(rows)


def _middle(entity: Any) -> tuple[float, float] | None:
    if entity.is_node():
        return (entity.location.lat, entity.location.lon) if entity.location.valid() else None
    corners = [node.location for node in entity.nodes if node.location.valid()]
    if entity.is_closed() and len(corners) > 1:
        corners = corners[:-1]
    if not corners:
        return None
    return (
        sum(corner.lat for corner in corners) / len(corners),
        sum(corner.lon for corner in corners) / len(corners),
    )


def _row(
    entity: Any, tag: tuple[str, str], category: str, at: tuple[float, float] | None
) -> dict[str, str]:
    get = entity.tags.get
    street = " ".join(part for part in (get("addr:housenumber"), get("addr:street")) if part)
    return {
        "service_id": f"{'node' if entity.is_node() else 'way'}/{entity.id}",
        "name": get("name") or get("operator") or "",
        "category": category,
        "organisation": get("operator") or "",
        "address": street,
        "town": get("addr:city") or "",
        "postcode": get("addr:postcode") or "",
        "latitude": f"{at[0]:.7f}".rstrip("0") if at else "",
        "longitude": f"{at[1]:.7f}".rstrip("0") if at else "",
        "url": get("website") or get("contact:website") or "",
        "phone": get("phone") or get("contact:phone") or "",
        "source": "OpenStreetMap",
        "source_type": "feed",
        "source_date": entity.timestamp.date().isoformat() if entity.timestamp.year > 2000 else "",
        "osm_tag": f"{tag[0]}={tag[1]}",
    }


def _frame(rows: list[dict[str, str]]) -> pd.DataFrame:
    import pandas as pd

    names = list(rows[0]) if rows else ["service_id", "name", "category"]
    index = pd.RangeIndex(2, len(rows) + 2, name="row")
    frame = pd.DataFrame(
        {name: pd.Series([r[name] for r in rows], index=index, dtype="str") for name in names},
        index=index,
    )
    frame.attrs = {
        "format": "openstreetmap",
        "attribution": [ATTRIBUTION],
        "renamed": {},
        "proposed": {},
        "unrecognised": [],
    }
    return frame
