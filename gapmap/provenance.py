"""Whose each field is: a person's list laid over the directory, field by field."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from gapmap.vocabulary import TABLES, columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd

#: What tells two places of one service apart.
_KEY = ("service_id", "location_id")

#: Columns that say where a row was learned: not facts of the service themselves.
SOURCE_COLUMNS = ("tier_basis", "source", "source_type", "source_date", "read_on")

#: The forms in which a place is told; one that is corrected outdates all the others.
_PLACES: tuple[tuple[str, ...], ...] = (
    ("postcode",),
    ("easting", "northing"),
    ("latitude", "longitude"),
    ("grid_ref",),
    ("uprn",),
)
_MOVED = "The place was corrected, so this older form of it is left out."
_SAID = "The list that was given says that this is not known, or that there is none."
_USED = "The list that was given is used."


#: First columns of the table of fields.
_TOLD = ("service_id", "location_id", "field", "value", "source", "date", "whose")


class Merged(NamedTuple):
    """Two lists as one, and whose each field is.

    Parameters
    ----------
    services
        The directory's rows in their order, then the new ones.
    fields
        Columns of ``vocabulary.TABLES["field_sources"]``, a row for each filled or taken field.
    """

    services: pd.DataFrame
    fields: pd.DataFrame


def facts() -> list[str]:
    """Columns of services that are facts: neither ids nor where a row was learned.

    Examples
    --------
    >>> facts()[:3]
    ['team_id', 'name', 'category']
    """
    return [name for name in columns("services") if name not in (*_KEY, *SOURCE_COLUMNS)]


def field_sources(
    services: pd.DataFrame, stated: pd.DataFrame | None = None, *, whose: str = "directory"
) -> pd.DataFrame:
    """Where each filled field of a list was learned.

    Parameters
    ----------
    services
        Typed rows.
    stated
        Sources of single fields, stronger than the row's: service_id, column, source,
        source_date.
    whose
        Whose list it is: a key of ``vocabulary.WHOSE``.

    Returns
    -------
    pandas.DataFrame
        Columns of ``vocabulary.TABLES["field_sources"]``, by service in their order.

    Examples
    --------
    >>> import pandas as pd
    >>> from gapmap.read.values import typed
    >>> rows = typed(pd.DataFrame({"name": ["Tea"], "category": ["befriending"], "source": ["A"]}))
    >>> field_sources(rows)[["field", "value", "source", "whose"]].values.tolist()[0]
    ['name', 'Tea', 'A', 'directory']
    """
    import numpy as np
    import pandas as pd

    special = _special(stated)
    texts = {name: _texts(services, name) for name in columns("services")}
    rows: list[tuple[object, ...]] = []
    for order, name in enumerate(facts()):
        at = np.flatnonzero(texts[name] != "")
        dates = _dates(texts, at)
        for place, dated in zip(at, dates, strict=True):
            one = texts["service_id"][place]
            source, day = special.get((one, name), (texts["source"][place], dated))
            value = texts[name][place]
            where = texts["location_id"][place]
            rows.append((place, order, one, where, name, value, source, day, whose))
    rows.sort(key=lambda row: row[:2])
    told = pd.DataFrame([row[2:] for row in rows], columns=_TOLD, dtype="str")
    return told.assign(other_value="", other_source="", other_date="", differs="no", why="").astype(
        "str"
    )


def merge(
    directory: pd.DataFrame, own: pd.DataFrame, *, held: pd.DataFrame | None = None
) -> Merged:
    """Lay a person's list over the directory, field by field, and keep whose each is.

    A row of hers meets the directory's row of the same service_id and location_id (or of the same
    service_id, where each list has it once). Where both fill a field, hers is used. Her blank
    leaves the directory's value; a cell in which she wrote "unknown" or "none" takes it away
    (`gapmap.read.values.typed` keeps which, in ``attrs["cleared"]``). A place that she corrects
    outdates the other forms of it: coordinates of the old place do not stand beside a new
    postcode. A service that her list does not have stays.

    Parameters
    ----------
    directory, own
        Typed rows. ``own.attrs["source"]`` names her file.
    held
        What ``field_sources`` gave for the directory; by default made anew.

    Examples
    --------
    >>> import pandas as pd
    >>> from gapmap.read.values import typed
    >>> ours = pd.DataFrame({"service_id": ["a"], "name": ["Tea"], "sector": ["nhs"]})
    >>> hers = pd.DataFrame({"service_id": ["a"], "name": ["Tea Club"], "sector": [""]})
    >>> both = merge(typed(ours), typed(hers))
    >>> both.services[["name", "sector"]].values.tolist()
    [['Tea Club', 'nhs']]
    """
    import numpy as np
    import pandas as pd

    pairs, new = _pairs(directory, own)
    at = np.array([ours for ours, _ in pairs], dtype=np.intp)
    by = np.array([hers for _, hers in pairs], dtype=np.intp)
    theirs = field_sources(directory) if held is None else held
    file = PurePath(str(own.attrs.get("source", ""))).name
    listed = f"the list that was given ({file})" if file else "the list that was given"
    cleared = _cleared(own)
    merged = directory.copy()
    notes: list[tuple[object, ...]] = []
    a = {name: _texts(directory, name)[at] for name in columns("services")}
    b = {name: _texts(own, name)[by] for name in columns("services")}
    gone = {name: cleared.get(name, np.zeros(len(own), bool))[by] for name in a}
    _leave_assumed_tiers(a, b)
    moved = _moved(directory, own, at, by, a, b, gone)
    same = {name: _same(directory, own, name, at, by, a, b) for name in a}
    same_source = (b["source"] == "") | (b["source"] == a["source"])
    her_source = np.where(same_source, listed, b["source"])
    her_date = np.where(same_source, np.where(b["source_date"] == a["source_date"], "",
                                              b["source_date"]), b["source_date"])  # fmt: skip
    for name in a:
        if name in _KEY:
            continue
        outdated = moved.get(name, np.zeros(len(at), bool))
        take = (b[name] != "") & ~same[name] & ~outdated
        wipe = (gone[name] | outdated) & (a[name] != "") & ~take
        _put(merged, own, name, at, by, take=take, wipe=wipe)
        if name in SOURCE_COLUMNS:
            continue
        # What is filled in both, and what she fills or takes away.
        touched = take | wipe | ((b[name] != "") & same[name] & (a[name] != ""))
        value = np.where(take, b[name], np.where(wipe, "", a[name]))
        for place in np.flatnonzero(touched):
            differs = bool((take[place] or wipe[place]) and a[name][place] != "")
            why = ""
            if differs:
                why = _USED if take[place] else _MOVED if outdated[place] else _SAID
            notes.append(
                (
                    a["service_id"][place],
                    a["location_id"][place],
                    name,
                    value[place],
                    her_source[place],
                    her_date[place],
                    "both" if same[name][place] and not wipe[place] else "own",
                    "yes" if differs else "no",
                    why,
                )
            )
    if "tier" in a:
        changed = at[(b["tier"] != "") & ~same["tier"] & (b["tier_basis"] == "")]
        _set(merged, "tier_basis", changed, "source")
    added = own.iloc[new]
    both = pd.concat([merged, added], ignore_index=True) if len(added) else merged
    both = both.reset_index(drop=True)
    # Row numbers of two files mean nothing together.
    both.index.name = "row"
    both.attrs = {}
    fields = _joined(theirs, notes)
    mine = field_sources(added, whose="own")
    blank = mine["source"] == ""
    mine["source"] = mine["source"].where(~blank, listed)
    fields = pd.concat([fields, mine], ignore_index=True) if len(mine) else fields
    return Merged(both, fields)


def disagreements(fields: pd.DataFrame) -> pd.DataFrame:
    """The fields of which two lists say different things.

    Parameters
    ----------
    fields
        As `field_sources` or `merge` gives them.

    Examples
    --------
    >>> import pandas as pd
    >>> len(disagreements(pd.DataFrame({"field": ["name"], "differs": ["no"]})))
    0
    """
    return fields[fields["differs"] == "yes"].reset_index(drop=True)


# -- pairs ----------------------------------------------------------------------------------------


def _pairs(directory: pd.DataFrame, own: pd.DataFrame) -> tuple[list[tuple[int, int]], list[int]]:
    """Positions of rows that are the same place of the same service; hers that are new."""
    places: dict[tuple[str, str], int] = {}
    rows_of: dict[str, list[int]] = {}
    keys = zip(*(_texts(directory, name) for name in _KEY), strict=True)
    for position, key in enumerate(keys):
        places.setdefault(key, position)
        rows_of.setdefault(key[0], []).append(position)
    ids = _texts(own, "service_id")
    times: dict[str, int] = {}
    for one in ids:
        times[one] = times.get(one, 0) + 1
    pairs: list[tuple[int, int]] = []
    new: list[int] = []
    used: set[int] = set()
    for position, key in enumerate(zip(ids, _texts(own, "location_id"), strict=True)):
        match = places.get(key)
        if match is None and times[key[0]] == 1 and len(rows_of.get(key[0], ())) == 1:
            match = rows_of[key[0]][0]
        if match is None or match in used:
            new.append(position)
        else:
            used.add(match)
            pairs.append((match, position))
    return pairs, new


def _cleared(own: pd.DataFrame) -> dict[str, np.ndarray]:
    """For each column, at which rows she wrote that it is not known or that there is none."""
    return {
        name: own.index.isin(list(labels))
        for name, labels in dict(own.attrs.get("cleared", {})).items()
        if name not in ("service_id", "location_id", "name", "category")
    }


def _leave_assumed_tiers(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> None:
    """A tier that was only filled in from her category says nothing against a stated one."""
    import numpy as np

    same_kind = (b["category"] == "") | (b["category"] == a["category"])
    assumed = (b["tier_basis"] == "default") & same_kind
    for name in ("tier", "tier_basis"):
        b[name] = np.where(assumed, "", b[name])


def _moved(
    directory: pd.DataFrame,
    own: pd.DataFrame,
    at: np.ndarray,
    by: np.ndarray,
    a: dict[str, np.ndarray],
    b: dict[str, np.ndarray],
    gone: dict[str, np.ndarray],
) -> dict[str, np.ndarray]:
    """Where a form of the old place must go, since she gave another place in another form."""
    import numpy as np

    def fresh(name: str) -> np.ndarray:
        told = (b[name] != "") & ~_same(directory, own, name, at, by, a, b)
        return np.asarray(told | (gone[name] & (a[name] != "")))

    changed = {form: np.logical_or.reduce([fresh(n) for n in form]) for form in _PLACES}
    anywhere = np.logical_or.reduce(list(changed.values()))
    moved = {name: anywhere & ~changed[form] for form in _PLACES for name in form}
    # How closely the old point was known says nothing of the new one.
    moved["precision"] = anywhere & ~fresh("precision")
    return moved


# -- cells ----------------------------------------------------------------------------------------


def _texts(frame: pd.DataFrame, name: str) -> np.ndarray:
    """A column as text, "" for unknown; a whole number without its point."""
    import numpy as np
    import pandas as pd

    out = np.full(len(frame), "", dtype=object)
    if name not in frame:
        return out
    values = frame[name]
    if pd.api.types.is_numeric_dtype(values.dtype):
        known = values.notna().to_numpy()
        out[known] = [f"{value:.10g}" for value in values.to_numpy(float)[known]]
        return out
    out[:] = values.astype(object).where(values.notna(), "").astype(str).to_numpy()
    return out


def _same(
    directory: pd.DataFrame,
    own: pd.DataFrame,
    name: str,
    at: np.ndarray,
    by: np.ndarray,
    a: dict[str, np.ndarray],
    b: dict[str, np.ndarray],
) -> np.ndarray:
    """Where two lists say the same, however it is spaced or ordered."""
    import numpy as np

    kind = next(column.kind for column in TABLES["services"] if column.name == name)
    if kind == "number" and name in directory and name in own:
        first, second = directory[name].to_numpy(float)[at], own[name].to_numpy(float)[by]
        return np.asarray(np.isclose(first, second, rtol=1e-9, atol=1e-6, equal_nan=True))

    def meant(text: str) -> object:
        if kind == "list":
            return frozenset(part.strip() for part in text.split(";") if part.strip())
        return " ".join(text.split())

    pairs = zip(a[name], b[name], strict=True)
    return np.array([x == y or meant(x) == meant(y) for x, y in pairs], dtype=bool)


def _put(
    merged: pd.DataFrame,
    own: pd.DataFrame,
    name: str,
    at: np.ndarray,
    by: np.ndarray,
    *,
    take: np.ndarray,
    wipe: np.ndarray,
) -> None:
    import numpy as np
    import pandas as pd

    numeric = pd.api.types.is_numeric_dtype(merged[name].dtype)
    if wipe.any():
        _set(merged, name, at[wipe], np.nan if numeric else "")
    if take.any():
        _set(merged, name, at[take], own[name].to_numpy()[by[take]])


def _set(frame: pd.DataFrame, name: str, positions: np.ndarray, values: object) -> None:
    if len(positions):
        frame.iloc[positions, frame.columns.get_loc(name)] = values


# -- the table ------------------------------------------------------------------------------------


def _special(stated: pd.DataFrame | None) -> dict[tuple[str, str], tuple[str, str]]:
    if stated is None or not {"service_id", "column", "source"} <= set(stated.columns):
        return {}
    dates = stated["source_date"] if "source_date" in stated else [""] * len(stated)
    rows = zip(stated["service_id"], stated["column"], stated["source"], dates, strict=True)
    return {(one, column): (source, day) for one, column, source, day in rows}


def _dates(texts: dict[str, np.ndarray], at: np.ndarray) -> list[str]:
    """Date of the source, or the day on which an undated one was read."""
    pairs = zip(texts["source_date"][at], texts["read_on"][at], strict=True)
    return [dated or read for dated, read in pairs]


def _joined(theirs: pd.DataFrame, notes: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    """The directory's fields with her word laid over them; fields that only she fills follow."""
    import pandas as pd

    if not notes:
        return theirs
    keys = ["service_id", "location_id", "field"]
    names = [*_TOLD, "differs", "why"]
    said = pd.DataFrame(notes, columns=names, dtype="str").drop_duplicates(keys)
    joined = theirs.merge(said, on=keys, how="outer", suffixes=("", "_hers"), sort=False)
    hers = joined["whose_hers"].notna()
    held = joined["whose"].notna()
    out = joined.copy()
    agreed = joined["whose_hers"] == "both"
    for name in ("value", "source", "date"):
        mine, yours = joined[name], joined[f"{name}_hers"]
        other = yours.where(agreed, mine)
        out[f"other_{name}"] = other.where(hers & held, joined[f"other_{name}"])
        # What both say keeps the source that we can show.
        out[name] = yours.where(hers & ~agreed, mine)
    for name in ("whose", "differs", "why"):
        out[name] = joined[f"{name}_hers"].where(hers, joined[name])
    out = out[columns("field_sources")].fillna("")
    rank = {key: place for place, key in enumerate(dict.fromkeys(theirs["service_id"]))}
    order = {name: place for place, name in enumerate(columns("services"))}
    out["_row"] = out["service_id"].map(rank).fillna(len(rank))
    out["_order"] = out["field"].map(order)
    out = out.sort_values(["_row", "location_id", "_order"], kind="stable")
    return out[columns("field_sources")].reset_index(drop=True)
