"""ALISS, Scotland's directory of local support: services as rows, its attribution with them.

Format: ALISS API version 4 (search and import) and 5. Its data is under CC BY 4.0 with mandatory
attribution, which travels in ``attrs["attribution"]``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gapmap.read.openreferral import ALWAYS, category_of, objects, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

#: Printed where a page does not bring its own attribution.
ATTRIBUTION = "Contains data from ALISS (aliss.org), licensed under CC BY 4.0"

_OFFICIAL = re.compile(r"^S(08|12|37|92)\d{6}$")


def services_of(content: Any) -> list[Any] | None:
    """The services in a piece of ALISS JSON; None if it is not of ALISS.

    Examples
    --------
    >>> services_of({"count": 1, "data": [{"id": "a", "name": "Tea", "organisation": {}}]})
    [{'id': 'a', 'name': 'Tea', 'organisation': {}}]
    >>> services_of({"data": [1, 2]}) is None
    True
    """
    if not isinstance(content, dict) or not isinstance(content.get("data"), list):
        return None
    services = objects(content["data"])
    marked = any({"organisation", "service_areas"} & set(service) for service in services)
    return list(content["data"]) if marked or "meta" in content else None


def attribution_of(content: Any) -> list[str]:
    """The lines that must be printed wherever the data is shown.

    Examples
    --------
    >>> attribution_of({"meta": {"attribution": [{"text": "ALISS", "url": "https://a.org"}]}})
    ['ALISS (https://a.org)']
    """
    meta = content.get("meta") if isinstance(content, dict) else None
    found = objects(meta.get("attribution")) if isinstance(meta, dict) else []
    lines = []
    for entry in found:
        text, url = text_of(entry.get("text")).strip(), text_of(entry.get("url")).strip()
        if text or url:
            lines.append(f"{text} ({url})" if text and url else text or url)
    return lines or [ATTRIBUTION]


def frame_of_services(services: Iterable[Any]) -> pd.DataFrame:
    """Services as rows: one per service and location, in their order.

    Parameters
    ----------
    services
        Objects of the format; what is no object becomes a row without a name.

    Returns
    -------
    pandas.DataFrame
        Text, "" for blank, our names of columns; further columns description, email, phone,
        categories, small_areas (wards and others that are no council or board), unreadable.
    """
    import pandas as pd

    rows: list[dict[str, str]] = []
    for service in services:
        rows += _rows(service) if isinstance(service, dict) else [{"unreadable": text_of(service)}]
    names = list(dict.fromkeys(name for row in rows for name in row))
    index = pd.RangeIndex(2, len(rows) + 2, name="row")
    columns = {
        name: pd.Series([row.get(name, "") for row in rows], index=index, dtype="str")
        for name in dict.fromkeys([*ALWAYS, *names])
    }
    return pd.DataFrame(columns, index=index)


def _rows(service: dict[str, Any]) -> list[dict[str, str]]:
    organisations = objects(service.get("organisation"))
    areas = objects(service.get("service_areas"))
    codes = [text_of(area.get("code")) for area in areas]
    official = [one for one in codes if _OFFICIAL.match(one)]
    # Wards and the like are kept apart: as a claim they would be an unknown area.
    small = [
        text_of(area.get("name")) or one
        for area, one in zip(areas, codes, strict=True)
        if one not in official
    ]
    kinds = [text_of(entry.get("name")) for entry in objects(service.get("categories"))]
    base = {
        "service_id": text_of(service.get("id")),
        "name": text_of(service.get("name")),
        "category": category_of(kinds),
        "organisation": text_of(organisations[0].get("name")) if organisations else "",
        "serves": ";".join(dict.fromkeys(official)),
        "coverage_of_area": "",
        "url": text_of(service.get("url")),
        "source": "ALISS",
        "source_type": "feed",
        "source_date": text_of(service.get("last_reviewed") or service.get("last_updated"))[:10],
        "description": text_of(service.get("description")),
        "email": text_of(service.get("email")),
        "phone": text_of(service.get("phone")),
        "categories": ";".join(kinds),
        "small_areas": ";".join(small),
    }
    places = objects(service.get("locations"))
    rows = []
    for place in places or [{}]:
        row = dict(base)
        row["location_id"] = text_of(place.get("id")) if len(places) > 1 else ""
        row["address"] = text_of(place.get("street_address") or place.get("formatted_address"))
        row["town"] = text_of(place.get("locality"))
        row["postcode"] = text_of(place.get("postal_code"))
        row["latitude"] = text_of(place.get("latitude"))
        row["longitude"] = text_of(place.get("longitude"))
        rows.append(row)
    return rows
