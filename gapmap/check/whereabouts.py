"""Places and areas: postcodes, coordinates, what they disagree on, and whom a service serves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gapmap.place.catchments import points_of, postcode_parts, touched, unknown_parts
from gapmap.place.geography import base_level, councils_within, resolve
from gapmap.place.join import points_in_areas
from gapmap.place.locate import (
    BOUNDS,
    bundled_postcodes,
    locate,
    parse_grid_ref,
    tidy_postcode,
    to_grid,
)
from gapmap.read.values import parts
from gapmap.vocabulary import SCOTLAND, TABLES

if TYPE_CHECKING:
    import geopandas as gpd

    from gapmap.check.faults import FaultList, Rows

_FAR = 20_000.0  # metres: no campus and no rounding sets two forms of one place this far apart
_WIDE = 8  # councils: a service of so many has no one place where all its families go
_IN_TEXT = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?)\s*(\d[A-Z]{2})\b", re.IGNORECASE)
_FORMS = {
    "geometry": "the point in the file",
    "easting": "easting and northing",
    "latitude": "latitude and longitude",
    "grid_ref": "grid reference",
    "postcode": "postcode",
}
# Letters and figures that are taken for each other, the commonest first.
_ALIKE = {
    "O": "0",
    "0": "OQ",
    "I": "1",
    "1": "IL",
    "L": "1",
    "S": "5",
    "5": "S",
    "B": "8",
    "8": "B",
    "Z": "2",
    "2": "Z",
    "Q": "0",
    "G": "6",
    "6": "G",
    "D": "0",
}
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
# Postcode areas of Scotland; TD and DG reach over the border, CA, NE and BT lie beyond it.
_SCOTTISH = frozenset(
    ["AB", "DD", "DG", "EH", "FK", "G", "HS", "IV", "KA", "KW", "KY", "ML", "PA", "PH", "TD", "ZE"]
)


def check_whereabouts(
    rows: Rows,
    gathered: FaultList,
    *,
    areas: gpd.GeoDataFrame,
    postcodes: pd.DataFrame | None = None,
    snap_metres: float = 500.0,
    disagree_metres: float = 1000.0,
) -> None:
    """Add the faults of places and of areas served.

    Parameters
    ----------
    rows
        The services as found and as understood.
    gathered
        The list that is added to.
    areas
        Columns code, name, level, geometry (EPSG:27700) and, on councils, board_code.
    postcodes
        Columns postcode, easting, northing, live; by default the bundled ones.
    snap_metres
        A point this close off the shore is taken to be in the nearest area.
    disagree_metres
        Forms of a place further apart than this are a fault.
    """
    table = bundled_postcodes() if postcodes is None else postcodes
    _postcodes(rows, gathered, table)
    _pairs(rows, gathered)
    _references(rows, gathered)
    points = _points(rows, table)
    placed = _agreement(rows, gathered, points, disagree_metres)
    ground = areas[areas["level"] == base_level(areas)]
    stands = points_in_areas(placed[:, 0], placed[:, 1], ground, snap_metres=snap_metres)
    _off_land(rows, gathered, placed, stands, table)
    served = _served(rows, gathered, areas)
    _against_served(rows, gathered, areas, served, stands, placed)


def _at(mask: np.ndarray) -> np.ndarray:
    return np.flatnonzero(mask)


# -- postcodes ------------------------------------------------------------------------------------


def _postcodes(rows: Rows, gathered: FaultList, table: pd.DataFrame) -> None:
    cells = rows.text("postcode")
    tidy = {text: tidy_postcode(text) for text in rows.coded("postcode")[1]}
    known = _known_postcodes(table, [code for code in tidy.values() if code])
    sort: dict[str, str] = {}
    for text, code in tidy.items():
        if not text:
            continue
        if not code:
            sort[text] = "postcode_malformed"
        elif code in known:
            if not known[code]:
                sort[text] = "postcode_retired"
        elif re.match(r"[A-Z]+", code).group() not in _SCOTTISH:  # type: ignore[union-attr]
            sort[text] = "postcode_over_border"
        else:
            sort[text] = "postcode_unknown"
    wrong = [t for t, k in sort.items() if k in ("postcode_malformed", "postcode_unknown")]
    hints: dict[str, str] = {}
    if wrong:
        every = _known_postcodes(table, None)
        hints = {text: _postcode_hint(text, every) for text in wrong}
    for kind in sorted(set(sort.values())):
        places = rows.hits("postcode", lambda text, kind=kind: sort.get(text) == kind)  # type: ignore[misc]
        gathered.add(kind, places, "postcode", cells, lambda place: hints.get(cells[place], ""))
    blank = _at((cells == "") & rows.filled("address"))
    within = {place: _postcode_in(rows.text("address")[place]) for place in blank}
    hits = [place for place in blank if within[place]]
    gathered.add(
        "postcode_in_address", hits, "postcode", rows.text("address"), lambda p: within[int(p)]
    )


def _known_postcodes(table: pd.DataFrame, wanted: list[str] | None) -> dict[str, bool]:
    """Postcode -> whether it is in use, of those wanted that are in the table (None: all)."""
    if wanted is not None:
        table = table[table["postcode"].isin(wanted)]
    live = table["live"].tolist() if "live" in table else [True] * len(table)
    return dict(zip(table["postcode"].to_numpy(dtype=object), live, strict=True))


def _postcode_in(address: str) -> str:
    match = _IN_TEXT.search(address[:2000])
    return f"{match.group(1)} {match.group(2)}".upper() if match else ""


def _postcode_hint(text: str, live: dict[str, bool]) -> str:
    near = near_postcode(text, live)
    return f"; did you mean {near}?" if near else ""


def near_postcode(text: str, live: dict[str, bool]) -> str:
    """A known postcode that is one slip of the hand away; "" if there is none.

    Tried in turn: letters and figures that look alike, neighbours swapped, one letter too many,
    one wrong. Postcodes in use come before retired ones.

    Parameters
    ----------
    text
        As found.
    live
        Known postcode -> whether it is in use.

    Examples
    --------
    >>> near_postcode("EHI 3DG", {"EH1 3DG": True})
    'EH1 3DG'
    """
    bare = re.sub(r"[^A-Z0-9]", "", text.upper()[:20])
    if not 5 <= len(bare) <= 8:
        return ""
    slips = [
        bare[:at] + other + bare[at + 1 :]
        for at, letter in enumerate(bare)
        for other in _ALIKE.get(letter, "")
    ]
    slips += [bare[:at] + bare[at + 1] + bare[at] + bare[at + 2 :] for at in range(len(bare) - 1)]
    slips += [bare[:at] + bare[at + 1 :] for at in range(len(bare))]
    slips += [
        bare[:at] + other + bare[at + 1 :]
        for at in range(len(bare) - 1, -1, -1)
        for other in _LETTERS
    ]
    known = [f"{slip[:-3]} {slip[-3:]}" for slip in slips]
    found = [code for code in known if code in live]
    return next((code for code in found if live[code]), found[0] if found else "")


# -- coordinates ----------------------------------------------------------------------------------


def _inside(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    west, south, east, north = BOUNDS
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north), dtype=bool)


def _pairs(rows: Rows, gathered: FaultList) -> None:
    for first, second in (("easting", "northing"), ("latitude", "longitude")):
        has = {name: rows.filled(name) for name in (first, second)}
        if not (has[first] | has[second]).any():
            continue
        values = {name: rows.number(name) for name in (first, second)}
        both = rows.text(first) + ", " + rows.text(second)
        for name, other in ((first, second), (second, first)):
            unreadable = has[name] & np.isnan(values[name])
            gathered.add("coordinates_unreadable", _at(unreadable), name, rows.text(name))
            half = ~has[name] & has[other]
            gathered.add("coordinates_half", _at(half), name, rows.text(other))
        a, b = values[first], values[second]
        whole = ~np.isnan(a) & ~np.isnan(b)
        zero = whole & (a == 0) & (b == 0)
        rest = whole & ~zero
        signed = np.zeros(len(rows), dtype=bool)
        if first == "easting":
            x, y = a, b
            rest &= ~_inside(x, y)
            swapped = rest & _inside(y, x)
            unit, other_unit = "degrees_as_metres", (np.abs(a) <= 90) & (np.abs(b) <= 90)
        else:
            x, y = _to_grid(a, b)
            rest &= ~_inside(x, y)
            swapped = rest & _inside(*_to_grid(b, a))
            signed = rest & ~swapped & (b > 0) & _inside(*_to_grid(a, -b))
            unit, other_unit = "metres_as_degrees", (np.abs(a) > 180) & (np.abs(b) > 180)
        other_unit = rest & ~swapped & other_unit
        rest &= ~swapped & ~signed & ~other_unit
        british = rest & (x > 0) & (x < 700_000) & (y > 0) & (y < 1_300_000)
        border = british & ((y < BOUNDS[1]) | _beyond_border(x, y))
        gathered.add("coordinates_zero", _at(zero), first, both)
        gathered.add("coordinates_swapped", _at(swapped), first, both)
        gathered.add(unit, _at(other_unit), first, both)
        west = rows.text(second)
        gathered.add(
            "longitude_sign",
            _at(signed),
            second,
            both,
            lambda place, west=west: f"-{west[place]}",  # type: ignore[misc]
        )
        gathered.add("over_border", _at(border), first, both)
        gathered.add("in_the_sea", _at(british & ~border), first, both)
        gathered.add("coordinates_outside", _at(rest & ~british), first, both)


def _to_grid(latitude: np.ndarray, longitude: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Metres on the national grid; NaN where the degrees are not about Britain."""
    x, y = np.full(len(latitude), np.nan), np.full(len(latitude), np.nan)
    about = (latitude >= 49) & (latitude <= 62) & (longitude >= -14) & (longitude <= 4)
    if about.any():
        x[about], y[about] = to_grid().transform(longitude[about], latitude[about])
    return x, y


def _references(rows: Rows, gathered: FaultList) -> None:
    cells = rows.text("grid_ref")
    bad = rows.hits("grid_ref", lambda text: bool(text) and parse_grid_ref(text) is None)
    gathered.add("grid_ref_malformed", bad, "grid_ref", cells)
    bad = rows.hits("uprn", lambda text: bool(text) and not re.match(r"^\d{1,12}$", text))
    gathered.add("uprn_malformed", bad, "uprn", rows.text("uprn"))


def _points(rows: Rows, table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Where each form of a place puts every row, by the form's first column; NaN for nowhere."""
    forms = (("easting", "northing"), ("latitude", "longitude"), ("grid_ref",), ("postcode",))
    found: dict[str, np.ndarray] = {}
    for form in forms:
        filled = np.logical_and.reduce([rows.filled(name) for name in form])
        if not filled.any():
            continue
        cells = pd.DataFrame({name: rows.text(name)[filled] for name in form})
        # The same place often comes again: each is looked up once.
        once = cells.drop_duplicates()
        placed = locate(once, postcodes=table)[["easting", "northing"]]
        placed.columns = pd.Index(["_x", "_y"])
        joined = cells.merge(pd.concat([once, placed], axis=1), on=list(form), how="left")
        points = np.full((len(rows), 2), np.nan)
        points[filled] = joined[["_x", "_y"]].to_numpy(dtype=float)
        found[form[0]] = points
    return found


def _agreement(
    rows: Rows, gathered: FaultList, points: dict[str, np.ndarray], disagree_metres: float
) -> np.ndarray:
    """Note forms that disagree; return the point of the most trusted form."""
    placed = np.full((len(rows), 2), np.nan)
    by = np.full(len(rows), "", dtype=object)
    for form, xy in points.items():
        apart = np.hypot(*(xy - placed).T)
        for kind, mask in (
            ("places_disagree", (apart > disagree_metres) & (apart <= _FAR)),
            ("places_far_apart", apart > _FAR),
        ):
            gathered.add(
                kind,
                _at(mask),
                form,
                rows.text(form),
                lambda place, form=form, apart=apart: (  # type: ignore[misc]
                    f"{_FORMS[form]} is {apart[place] / 1000:,.1f} km from {_FORMS[str(by[place])]}"
                ),
            )
        free = np.isnan(placed[:, 0]) & ~np.isnan(xy[:, 0])
        placed[free] = xy[free]
        by[free] = form
    return placed


def _off_land(
    rows: Rows, gathered: FaultList, placed: np.ndarray, stands: pd.DataFrame, table: pd.DataFrame
) -> None:
    lost = (stands["area_code"] == "").to_numpy() & ~np.isnan(placed[:, 0])
    beyond = lost & _beyond_border(placed[:, 0], placed[:, 1])
    metres = stands["nearest_metres"].to_numpy(dtype=float)
    column = _first_place_column(rows)

    def shown(place: int) -> str:
        return f"{placed[place, 0]:.0f}, {placed[place, 1]:.0f}"

    gathered.add("over_border", _at(beyond), column, shown)
    gathered.add(
        "in_the_sea",
        _at(lost & ~beyond),
        column,
        shown,
        lambda place: f"; the nearest land that we hold is {metres[place] / 1000:,.1f} km away",
    )
    off = stands["snapped_metres"].to_numpy(dtype=float)
    gathered.add(
        "off_the_shore", _at(off > 0), column, shown, lambda place: f"{off[place]:,.0f} m off"
    )


def _first_place_column(rows: Rows) -> str:
    for name in ("easting", "latitude", "grid_ref", "postcode"):
        if rows.filled(name).any():
            return name
    return "postcode"


def _beyond_border(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Whether a point off our areas lies towards England or Northern Ireland.

    The border runs, roughly, from Gretna (332 km east, 567 km north) to Berwick (399, 657); a
    point below that line is taken to be in England, one below 600 km north and west of
    190 km east in Northern Ireland. Only asked of points that are in no council.
    """
    line = 567_000 + (x - 332_000) * (657_000 - 567_000) / (399_000 - 332_000)
    england = (x > 290_000) & (x < 450_000) & (y < np.clip(line, 560_000, 657_000))
    ireland = (x < 190_000) & (y < 600_000)
    return np.asarray(england | ireland, dtype=bool)


# -- areas served ---------------------------------------------------------------------------------


def _served(rows: Rows, gathered: FaultList, areas: gpd.GeoDataFrame) -> list[frozenset[str]]:
    """The councils that each row says it serves; faults of the claims on the way."""
    column = next(column for column in TABLES["services"] if column.name == "serves")
    cells = rows.text("serves")
    split = {text: parts(text, column) for text in rows.coded("serves")[1]}
    claims = list(dict.fromkeys(part for claimed in split.values() for part in claimed))
    by_postcode = {part: some for part in claims if (some := postcode_parts(part))}
    found = resolve([part for part in claims if part not in by_postcode], areas)
    code = found["area_code"].to_dict()
    how = found["how"].to_dict()
    note = found["note"].to_dict()
    within = councils_within(areas)
    reached, lost = _by_postcode(by_postcode, areas)
    unknown: list[tuple[int, str]] = []
    old: list[tuple[int, str]] = []
    nested: list[tuple[int, str]] = []
    councils: dict[str, frozenset[str]] = {}
    inner: dict[str, str] = {}
    for text, claimed in split.items():
        codes = [code[part] for part in claimed if code.get(part)]
        sets = [within.get(one, frozenset()) for one in codes]
        more = [reached[part] for part in claimed if part in reached]
        councils[text] = frozenset().union(*sets, *more)
        for one, mine in zip(codes, sets, strict=True):
            wider = [
                other
                for other, theirs in zip(codes, sets, strict=True)
                if other != one and ((mine and mine < theirs) or other == SCOTLAND)
            ]
            if wider:
                inner[text] = f"{_name(one, areas)} lies in {_name(wider[0], areas)}"
    odd = {
        text
        for text, claimed in split.items()
        if text in inner
        or any(how.get(part) in ("not_found", "successor") or part in lost for part in claimed)
    }
    for place in rows.hits("serves", odd.__contains__):
        text = cells[place]
        for part in split[text]:
            if part in lost:
                unknown.append((int(place), lost[part]))
            elif how.get(part) == "not_found":
                unknown.append((int(place), part))
            elif how.get(part) == "successor":
                old.append((int(place), part))
        if text in inner:
            nested.append((int(place), text))
    _each(gathered, "area_unknown", unknown, lambda part: _area_hint(part, note.get(part)))
    _each(gathered, "area_old_code", old, lambda part: str(code[part]))
    _each(gathered, "area_nested", nested, lambda text: inner[text])
    return [councils[text] for text in cells]


def _each(gathered: FaultList, kind: str, pairs: list[tuple[int, str]], hint: object) -> None:
    for place, part in pairs:
        gathered.add(kind, [place], "serves", lambda _, part=part: part, hint(part))  # type: ignore[misc, operator]


def _by_postcode(
    parts: dict[str, tuple[str, ...]], areas: gpd.GeoDataFrame
) -> tuple[dict[str, frozenset[str]], dict[str, str]]:
    """The councils that lists of postcode districts reach, and of each the first that is none."""
    if not parts:
        return {}, {}
    points = points_of(None)
    found = touched(parts, {}, areas[areas["level"] == "council"], points)
    by_row = {row: frozenset(group) for row, group in found.groupby("row")["area_code"]}
    lost = {
        row: some[0] for row, wanted in parts.items() if (some := unknown_parts(wanted, points))
    }
    return by_row, lost


def _area_hint(part: str, note: str | None) -> str:
    if note is None:
        return f'No live postcode begins with "{part}"; check it.'
    asked = note[note.find("Did you mean") :] if "Did you mean" in note else ""
    return asked or "Write a council, a board (NHS ...), its code, or Scotland."


def _name(code: str, areas: gpd.GeoDataFrame) -> str:
    if code == SCOTLAND:
        return "Scotland"
    return str(areas["name"][areas["code"] == code].iloc[0])


def _against_served(
    rows: Rows,
    gathered: FaultList,
    areas: gpd.GeoDataFrame,
    served: list[frozenset[str]],
    stands: pd.DataFrame,
    placed: np.ndarray,
) -> None:
    here = stands["area_code"].to_numpy(dtype=object)
    elsewhere = [
        place for place, (at, claim) in enumerate(zip(here, served, strict=True))
        if at and claim and at not in claim
    ]  # fmt: skip
    cells = rows.text("serves")
    names = dict(zip(areas["code"], areas["name"], strict=True))
    gathered.add(
        "stands_elsewhere",
        elsewhere,
        "serves",
        cells,
        lambda place: f"it stands in {names[here[place]]}",
    )
    wide = np.array([len(claim) >= _WIDE for claim in served], dtype=bool)
    point = ~np.isnan(placed[:, 0])
    # An inpatient unit is one place for all; so is a service that says families come to it.
    places, ways = pd.factorize(rows.value("delivery"))
    comes = np.array(
        [not ({"inpatient", "centre", "group"} & set(text.split(";"))) for text in ways],
        dtype=bool,
    )[places]
    precise = ~np.isin(rows.value("precision").astype(str), ["area", "town"])
    gathered.add("headquarters", _at(wide & point & comes & precise), "serves", cells)
    nothing = ~point & (cells == "")
    tried = np.logical_or.reduce(
        [rows.filled(name) for name in ("postcode", "easting", "latitude", "grid_ref", "uprn")]
    )
    gathered.add("no_place", _at(nothing & ~tried), "postcode", rows.text("postcode"))
    confidential = rows.value("location_confidential") == "yes"
    exact = point | rows.filled("address")
    gathered.add(
        "confidential_place", _at(confidential & exact), "location_confidential",
        rows.text("location_confidential"),
    )  # fmt: skip
