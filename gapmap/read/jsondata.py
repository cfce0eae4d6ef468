"""JSON files: which format of the field a piece of JSON is in, and its services as rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gapmap.errors import FileError
from gapmap.read import aliss, openreferral

if TYPE_CHECKING:
    import pandas as pd

_GEODATA = ("FeatureCollection", "Feature", "Topology", "GeometryCollection")


def parse(content: bytes, name: str) -> Any:
    """A JSON file's content.

    Raises
    ------
    FileError
        If it is no JSON, is cut off, or is nested too deeply.

    Examples
    --------
    >>> parse(b'{"a": 1}', "a.json")
    {'a': 1}
    """
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise FileError(
            f"{name} is not text in UTF-8, as JSON must be. Save it again as UTF-8."
        ) from None
    except RecursionError:
        raise FileError(f"{name} is nested too deeply to be data of services.") from None
    except ValueError as error:
        raise FileError(
            f"{name} is not complete JSON ({error}). It may be cut off: fetch it again."
        ) from None


def is_geodata(content: Any) -> bool:
    """Whether JSON is GeoJSON or TopoJSON.

    Examples
    --------
    >>> is_geodata({"type": "FeatureCollection", "features": []})
    True
    """
    return isinstance(content, dict) and content.get("type") in _GEODATA


def services_frame(content: Any, name: str) -> pd.DataFrame:
    """Services of JSON that is no geodata.

    Parameters
    ----------
    content
        An Open Referral page, bulk file or service; ALISS; a CKAN answer; or a list of flat rows.
    name
        Of the file, for messages.

    Returns
    -------
    pandas.DataFrame
        As `gapmap.read.services.read_services` describes; ``attrs`` has the format and, of ALISS,
        the attribution.

    Raises
    ------
    FileError
        If it is none of these.

    Examples
    --------
    >>> services_frame([{"Service name": "Tea Club"}], "a.json").columns.tolist()
    ['Service name']
    """
    found = aliss.services_of(content)
    if found is not None:
        frame = aliss.frame_of_services(found)
        frame.attrs = {"format": "aliss", "attribution": aliss.attribution_of(content)}
        return frame
    found = openreferral.services_of(content)
    if found is not None:
        frame = openreferral.frame_of_services(found)
        frame.attrs = {"format": "open referral"}
        return frame
    records = _records(content)
    if records is None:
        raise FileError(
            f"{name} is JSON, but of no format that is known: GeoJSON, TopoJSON, Open Referral, "
            "ALISS, a CKAN answer, or a list of rows."
        )
    return _flat(records)


def _records(content: Any) -> list[Any] | None:
    """The rows of a CKAN answer or of a plain list."""
    if isinstance(content, dict) and isinstance(content.get("result"), dict):
        content = content["result"].get("records")
    if isinstance(content, list) and any(isinstance(row, dict) for row in content):
        return content
    return None


def _flat(records: list[Any]) -> pd.DataFrame:
    import pandas as pd

    rows = [row if isinstance(row, dict) else {"unreadable": row} for row in records]
    text = openreferral.text_of
    rows = [{text(name): value for name, value in row.items()} for row in rows]
    names = list(dict.fromkeys(name for row in rows for name in row if name != "_id"))
    index = pd.RangeIndex(2, len(rows) + 2, name="row")
    frame = pd.DataFrame(
        {
            name: pd.Series([text(row.get(name)) for row in rows], index=index, dtype="str")
            for name in names
        },
        index=index,
    )
    frame.attrs = {"format": "json"}
    return frame
