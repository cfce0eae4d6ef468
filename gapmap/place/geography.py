"""Codes, names and what lies in what: Scotland's areas as an analysis needs them.

Facts: official code changes of 2 February 2018 and 1 April 2019 (statistics.gov.scot, standard
geography code register); boards are exact unions of councils since 1 April 2014 (Scottish
Statutory Instrument 2013/347).
"""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType
from typing import TYPE_CHECKING

from gapmap.errors import CRSError, InputError
from gapmap.vocabulary import LEVELS, SCOTLAND, SUCCESSORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd
    import pandas as pd

#: Other names in use, per level; compared without case, accents and punctuation.
ALIASES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "council": MappingProxyType(
            {
                "na h eileanan an iar": "S12000013",
                "eilean siar": "S12000013",
                "western isles": "S12000013",
                "outer hebrides": "S12000013",
                "comhairle nan eilean siar": "S12000013",
                "edinburgh": "S12000036",
                "edinburgh city of": "S12000036",
                "aberdeen": "S12000033",
                "dundee": "S12000042",
                "glasgow": "S12000049",
                "city of glasgow": "S12000049",
                "city of aberdeen": "S12000033",
                "city of dundee": "S12000042",
                "orkney": "S12000023",
                "shetland": "S12000027",
                "zetland": "S12000027",
                "borders": "S12000026",
                "argyll": "S12000035",
                "perthshire and kinross": "S12000048",
            }
        ),
        "board": MappingProxyType(
            {
                "greater glasgow": "S08000031",
                "ggc": "S08000031",
                "nhsggc": "S08000031",
                "eileanan siar": "S08000028",
                "western isles health board": "S08000028",
            }
        ),
    }
)

_COUNTRY = frozenset({"scotland", "national", "all of scotland", "whole of scotland"})
_PREFERRED = {"council": 0, "board": 1, "hscp": 2}
_CODE = re.compile(r"^S\d{2}\d{6}$")


def plain(name: str) -> str:
    """A name without case, accents, punctuation and ``&``, for comparing.

    Examples
    --------
    >>> plain("Dumfries & Galloway")
    'dumfries and galloway'
    >>> plain("  Edinburgh, City of ")
    'edinburgh city of'
    """
    text = unicodedata.normalize("NFKD", name.replace("&", " and "))
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text.lower()).split())


def check_areas(areas: gpd.GeoDataFrame) -> None:
    """Check that a frame of areas can be used: its columns, its CRS, its codes.

    Parameters
    ----------
    areas
        Columns code, name, level, geometry; EPSG:27700 or another CRS in metres.

    Raises
    ------
    CRSError
        If the CRS is missing, or is not in metres.
    InputError
        If a column is missing, or a code stands twice.
    """
    missing = [name for name in ("code", "name", "level", "geometry") if name not in areas]
    if missing:
        raise InputError(
            f"The areas have no column {', '.join(missing)}. "
            f"They have: {', '.join(map(str, areas.columns))}."
        )
    metric_crs(areas, "areas")
    doubles = areas["code"][areas["code"].duplicated()].unique()
    if len(doubles):
        raise InputError(f"These area codes stand twice: {', '.join(map(str, doubles[:10]))}.")


def metric_crs(frame: gpd.GeoDataFrame, what: str) -> None:
    """Check that a frame's CRS is there and in metres.

    Raises
    ------
    CRSError
        With the line of code that mends it.
    """
    if frame.crs is None:
        raise CRSError(
            f"The {what} have no coordinate reference system. If they are in metres on the British "
            f'National Grid, say so with: {what} = {what}.set_crs("EPSG:27700")'
        )
    if frame.crs.is_geographic or frame.crs.axis_info[0].unit_name not in ("metre", "meter"):
        raise CRSError(
            f"The {what} are in {frame.crs.name}, which is not in metres. "
            f'Convert them with: {what} = {what}.to_crs("EPSG:27700")'
        )


def names(areas: gpd.GeoDataFrame) -> dict[str, dict[str, str]]:
    """Every name by which an area is known, per level: plain name to code.

    Official names, names without "NHS" or "Council", and the aliases above for areas that are
    in the frame.
    """
    known: dict[str, dict[str, str]] = {}
    for code, name, level in zip(areas["code"], areas["name"], areas["level"], strict=True):
        words = known.setdefault(str(level), {})
        whole = plain(str(name))
        words[whole] = code
        bare = re.sub(r"^nhs | (?:council|health board|area|hscp)$", "", whole)
        words.setdefault(bare, code)
        if level == "board":
            words.setdefault(f"nhs {bare}", code)
        words.setdefault(f"{bare} {'council' if level == 'council' else 'hscp'}", code)
        if bare.endswith(" islands"):
            words.setdefault(bare.removesuffix(" islands"), code)
    for level, aliases in ALIASES.items():
        present = set(areas.loc[areas["level"] == level, "code"])
        for alias, code in aliases.items():
            if code in present:
                known[level].setdefault(alias, code)
    return known


def resolve(claims: Iterable[str], areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Find the area that each code or name means.

    A name that is both a council's and a board's (Fife) means the council, unless it begins
    with NHS: where both hold the same people nothing is lost, and where they differ (Highland)
    the smaller claim is the safe one. Old codes are carried forward.

    Parameters
    ----------
    claims
        Codes, names or ``Scotland``; blank ones are left out.
    areas
        Columns code, name, level.

    Returns
    -------
    pandas.DataFrame
        One row per distinct claim, indexed by it: area_code ("" if not found), level, how
        (code, successor, name, country, not_found), note (in words).

    Examples
    --------
    >>> import gapmap as gm
    >>> found = resolve(["S12000015", "Western Isles", "Atlantis"], gm.scotland().areas)
    >>> found["area_code"].tolist()
    ['S12000047', 'S12000013', '']
    """
    import pandas as pd

    levels = dict(zip(areas["code"], areas["level"], strict=True))
    by_name = names(areas)
    order = sorted(by_name, key=lambda level: (_PREFERRED.get(level, len(_PREFERRED)), level))
    rows = []
    for claim in dict.fromkeys(str(item).strip() for item in claims):
        if not claim:
            continue
        code = claim.upper()
        name = plain(claim)
        row = {"claim": claim, "area_code": "", "level": "", "how": "not_found", "note": ""}
        if code == SCOTLAND or name in _COUNTRY:
            row |= {"area_code": SCOTLAND, "level": "country", "how": "country"}
        elif code in levels:
            row |= {"area_code": code, "level": levels[code], "how": "code"}
        elif SUCCESSORS.get(code) in levels:
            new = SUCCESSORS[code]
            note = f"{code} is an old code; {new} has replaced it."
            row |= {"area_code": new, "level": levels[new], "how": "successor", "note": note}
        else:
            looked = sorted(order, key=lambda level: level != "board") if _is_nhs(name) else order
            for level in looked:
                if name in by_name[level]:
                    row |= {"area_code": by_name[level][name], "level": level, "how": "name"}
                    break
            else:
                row["note"] = _unknown(claim, areas)
        rows.append(row)
    frame = pd.DataFrame(rows, columns=["claim", "area_code", "level", "how", "note"])
    return frame.set_index("claim")


def area_named(area: str, areas: gpd.GeoDataFrame) -> str:
    """Find the code of the one area that a person names.

    Parameters
    ----------
    area
        Code or name, as ``resolve`` takes them.
    areas
        Columns code, name, level.

    Returns
    -------
    str
        Its code.

    Raises
    ------
    InputError
        If no area has that code or name, with the nearest.

    Examples
    --------
    >>> import gapmap as gm
    >>> area_named("NHS Fife", gm.scotland().areas)
    'S08000029'
    """
    found = resolve([area], areas)
    code = str(found["area_code"].iat[0]) if len(found) else ""
    if not code:
        raise InputError(str(found["note"].iat[0]) if len(found) else "No area was named.")
    return code


def base_level(areas: gpd.GeoDataFrame) -> str:
    """Name the level that areas are made of: councils, or the first where there are none.

    Examples
    --------
    >>> import gapmap as gm
    >>> base_level(gm.scotland().areas)
    'council'
    """
    levels = list(dict.fromkeys(areas["level"]))
    return "council" if "council" in levels or not levels else str(levels[0])


def _is_nhs(name: str) -> bool:
    return name.startswith("nhs ") or name.endswith(" health board")


def _unknown(claim: str, areas: gpd.GeoDataFrame) -> str:
    from rapidfuzz import fuzz, process

    kind = "code" if _CODE.match(claim.upper()) else "name"
    pool = areas["code"] if kind == "code" else areas["name"]
    near = process.extractOne(
        claim, pool.tolist(), scorer=fuzz.WRatio, processor=plain, score_cutoff=70
    )
    hint = f' Did you mean "{near[0]}"?' if near else ""
    return f'No area has the {kind} "{claim[:80]}".{hint}'


def councils_within(areas: gpd.GeoDataFrame) -> dict[str, frozenset[str]]:
    """The councils that make up each area; Scotland's too.

    Parameters
    ----------
    areas
        Columns code, level and, on councils, ``<level>_code`` for every level that is a union
        of councils (board_code, hscp_code).

    Returns
    -------
    dict
        Area code to council codes. An area smaller than a council has none.

    Examples
    --------
    >>> import gapmap as gm
    >>> sorted(councils_within(gm.scotland().areas)["S08000022"])
    ['S12000017', 'S12000035']
    """
    councils = areas[areas["level"] == "council"]
    within: dict[str, set[str]] = {code: set() for code in areas["code"]}
    within[SCOTLAND] = set(councils["code"])
    for code in councils["code"]:
        within[code] = {code}
    for column in councils.columns:
        if not (isinstance(column, str) and column.endswith("_code")):
            continue
        for council, whole in zip(councils["code"], councils[column], strict=True):
            if isinstance(whole, str) and whole in within:
                within[whole].add(council)
    return {code: frozenset(found) for code, found in within.items()}


def containers(areas: gpd.GeoDataFrame) -> dict[str, frozenset[str]]:
    """For each area, every area that contains the whole of it: itself, and Scotland.

    Unions of councils are known by their councils; an area smaller than a council lies in the
    areas that hold a point inside it.

    Parameters
    ----------
    areas
        Columns code, level, geometry and, on councils, board_code and hscp_code.

    Returns
    -------
    dict
        Area code to the codes of areas that contain it.

    Examples
    --------
    >>> import gapmap as gm
    >>> around = containers(gm.scotland().areas)
    >>> sorted(around["S12000035"])
    ['S08000022', 'S12000035', 'S37000004', 'S92000003']
    """
    parts = councils_within(areas)
    # A council's own set is itself; Scotland's is all of them.
    unions = {code: made for code, made in parts.items() if made}
    found: dict[str, frozenset[str]] = {}
    small = []
    for code in areas["code"]:
        made = parts[code]
        if made:
            found[code] = frozenset(
                {code, SCOTLAND} | {whole for whole, of in unions.items() if made <= of}
            )
        else:
            small.append(code)
    if small:
        import pandas as pd

        inner = areas[areas["code"].isin(small)]
        points = inner.geometry.representative_point()
        councils = areas[areas["level"] == "council"]
        at, inside = councils.sindex.query(points.values, predicate="intersects")
        council = pd.Series(councils["code"].to_numpy()[inside], index=at)
        council = council[~council.index.duplicated()]
        for position, code in enumerate(inner["code"]):
            around = {code, SCOTLAND}
            if position in council.index:
                around |= found[council[position]]
            found[code] = frozenset(around)
    return found


def level_label(level: str) -> str:
    """What a person reads for a level; one that a study added is told in its own words.

    Examples
    --------
    >>> level_label("hscp")
    'Health and social care partnership'
    >>> level_label("data_zone")
    'Data zone'
    """
    return LEVELS.get(level, level.replace("_", " ").capitalize())
