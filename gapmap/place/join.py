"""Which areas a service stands in and which it serves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gapmap.place.catchments import (
    points_of,
    postcode_parts,
    shape_of,
    touched,
    unknown_parts,
)
from gapmap.place.geography import check_areas, containers, councils_within, resolve
from gapmap.place.locate import cells, locate
from gapmap.vocabulary import SCOTLAND

if TYPE_CHECKING:
    import geopandas as gpd

    from gapmap.study import Study

#: Columns of a frame of links.
LINK_COLUMNS = ("row", "service_id", "level", "area_code", "basis", "coverage", "note", "within")

_CLAIMS = ["row", "claim", "area_code", "level", "coverage", "note", "within"]


def points_in_areas(
    easting: np.ndarray, northing: np.ndarray, areas: gpd.GeoDataFrame, *, snap_metres: float
) -> pd.DataFrame:
    """The one area that each point belongs to: one indexed look-up, then one for the shore.

    Areas without outlines (of a lookup) hold the points of their people; a point near one of
    these belongs to the area of the nearest.

    A point on a shared edge belongs to the area with the lowest code. A point in no area, but
    within ``snap_metres`` of one (a pier, a simplified shoreline), belongs to the nearest; at
    equal distance again to the lowest code.

    Parameters
    ----------
    easting, northing
        Metres, in the CRS of the areas; NaN is no point.
    areas
        Areas of one level, that do not overlap: column code, geometry.
    snap_metres
        How far off a shore still counts.

    Returns
    -------
    pandas.DataFrame
        One row per point, in order: area_code ("" for none), snapped_metres (0 inside, NaN for
        none), nearest_metres (to the nearest area where there is none within ``snap_metres``).

    Examples
    --------
    >>> import numpy as np
    >>> import gapmap as gm
    >>> boards = gm.scotland().level("board")
    >>> points_in_areas(np.array([325750.0]), np.array([673650.0]), boards, snap_metres=500)
      area_code  snapped_metres  nearest_metres
    0  S08000024             0.0             NaN
    """
    import shapely

    points = shapely.points(easting, northing)  # NaN makes an empty point, which is in nothing
    points[np.isnan(easting) | np.isnan(northing)] = shapely.Point()
    ordered = areas.sort_values("code", kind="stable")
    codes = ordered["code"].to_numpy(object)
    area_code = np.full(len(points), "", dtype=object)
    snapped = np.full(len(points), np.nan)
    nearest = np.full(len(points), np.nan)

    index = ordered.sindex
    at, inside = index.query(points, predicate="intersects")
    by_code = np.lexsort((inside, at))
    first = by_code[np.unique(at[by_code], return_index=True)[1]]
    area_code[at[first]] = codes[inside[first]]
    snapped[at[first]] = 0.0

    loose = np.flatnonzero((area_code == "") & ~shapely.is_empty(points))
    if len(loose) and len(ordered):
        (at, near), metres = index.nearest(points[loose], return_all=True, return_distance=True)
        by_code = np.lexsort((near, at))
        first = by_code[np.unique(at[by_code], return_index=True)[1]]
        who, where, metres = loose[at[first]], near[first], metres[first]
        close = metres <= snap_metres
        area_code[who[close]] = codes[where[close]]
        snapped[who[close]] = metres[close]
        nearest[who[~close]] = metres[~close]
    return pd.DataFrame(
        {"area_code": area_code, "snapped_metres": snapped, "nearest_metres": nearest}
    )


def outlined(areas: gpd.GeoDataFrame) -> bool:
    """Whether areas have polygons; those of a lookup are known by the points of their people."""
    return bool(areas.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).all())


def join(
    services: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    *,
    service_areas: pd.DataFrame | None = None,
    catchments: pd.DataFrame | None = None,
    people: pd.DataFrame | None = None,
    snap_metres: float = 500.0,
) -> pd.DataFrame:
    """Link every service with the areas in which it stands and those that it serves.

    A service that states what it serves has links of basis ``served``; one that does not is
    taken to serve the areas in which it stands (``inferred``). Where it stands is ``located``
    in either case. A claim nested in another ("East Lothian; Scotland") adds nothing to it.
    Postcode districts and sectors ("IV27, IV28") and polygons are catchments: the service serves
    the areas in which their postcodes lie, in part unless it is all of an area's.

    Parameters
    ----------
    services
        Rows as ``locate`` returns them: easting, northing in the CRS of the areas; serves (codes
        or names, ``;`` between); service_id, coverage_of_area if known. Rows that were not located
        yet are located first.
    areas
        Columns code, name, level, geometry (metres), and on councils board_code, hscp_code.
    service_areas
        Served areas that do not fit in a row: service_id, area_code, and optional coverage
        (whole, part, unknown).
    catchments
        Polygons: service_id, geometry (text). A service that has one serves that, whatever else
        it states.
    people
        Whose postcodes say what lies in a catchment; by default the bundled live ones.
    snap_metres
        A point this close off the shore belongs to the nearest area.

    Returns
    -------
    pandas.DataFrame
        One row per link: row (the service's index), service_id, level, area_code, basis
        (located, served, inferred), coverage (whole, part, unknown; "" for located), note
        (a snapped point, an old code), within (of catchments: the postcodes or polygon that it is
        served by, "" for the area as such). Claims that no area matches are not links; ``claims``
        lists them.

    Raises
    ------
    CRSError, InputError
        If the areas cannot be used.

    Examples
    --------
    >>> import pandas as pd
    >>> import gapmap as gm
    >>> leith = pd.DataFrame({"service_id": ["A"], "postcode": ["EH99 1SP"], "serves": ["Fife"]})
    >>> links = join(leith, gm.scotland().areas)
    >>> links.loc[links["basis"] == "served", "area_code"].tolist()
    ['S12000047']
    """
    check_areas(areas)
    if not {"easting", "northing", "placed_by"} <= set(services.columns):
        services = locate(services)
    ids = cells(services, "service_id")
    coverage = cells(services, "coverage_of_area")
    coverage = np.where(coverage == "", "unknown", coverage)
    made: list[pd.DataFrame] = []

    located: dict[str, pd.DataFrame] = {}
    east = services["easting"].to_numpy(float)
    north = services["northing"].to_numpy(float)
    for level in dict.fromkeys(areas["level"]):
        stands = points_in_areas(
            east, north, areas[areas["level"] == level], snap_metres=snap_metres
        )
        located[level] = stands
        here = np.flatnonzero(stands["area_code"] != "")
        off = stands["snapped_metres"].to_numpy()[here]
        nearest = "{:,.0f} m off the shore; taken to be in it."
        if not outlined(areas[areas["level"] == level]):
            nearest = "Known by its postcodes; the nearest is {:,.0f} m away."
        made.append(
            pd.DataFrame(
                {
                    "row": services.index[here],
                    "service_id": ids[here],
                    "level": level,
                    "area_code": stands["area_code"].to_numpy()[here],
                    "basis": "located",
                    "coverage": "",
                    "note": [nearest.format(metres) if metres else "" for metres in off],
                }
            )
        )

    stated = claims(
        services, areas, service_areas=service_areas, catchments=catchments, people=people
    )
    known = stated[stated["area_code"] != ""]
    spots = services.index.get_indexer(known["row"])
    own = known["coverage"].to_numpy(object)
    made.append(
        pd.DataFrame(
            {
                "row": known["row"].to_numpy(),
                "service_id": ids[spots],
                "level": known["level"].to_numpy(),
                "area_code": known["area_code"].to_numpy(),
                "basis": "served",
                "coverage": np.where(own == "", coverage[spots], own),
                "note": known["note"].to_numpy(),
                "within": known["within"].to_numpy(),
            }
        )
    )

    # A row that states nothing serves where it stands; one whose claim was not understood has
    # stated something, and must not be taken to serve more than it said.
    silent = np.ones(len(services), bool)
    silent[services.index.get_indexer(stated["row"].unique())] = False
    for level, stands in located.items():
        here = np.flatnonzero(silent & (stands["area_code"] != "").to_numpy())
        made.append(
            pd.DataFrame(
                {
                    "row": services.index[here],
                    "service_id": ids[here],
                    "level": level,
                    "area_code": stands["area_code"].to_numpy()[here],
                    "basis": "inferred",
                    "coverage": coverage[here],
                    "note": "",
                }
            )
        )
    links = pd.concat([part for part in made if len(part)] or made[:1], ignore_index=True)
    links["within"] = links["within"].fillna("") if "within" in links else ""
    rank = {row: place for place, row in enumerate(services.index)}
    basis = {"located": 0, "served": 1, "inferred": 2}
    order = np.lexsort(
        (
            links["area_code"].to_numpy(str),
            links["basis"].map(basis).to_numpy(),
            links["row"].map(rank).to_numpy(),
        )
    )
    return links.iloc[order].reset_index(drop=True)[list(LINK_COLUMNS)]


def claims(
    services: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    *,
    service_areas: pd.DataFrame | None = None,
    catchments: pd.DataFrame | None = None,
    people: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every area that a service says it serves, resolved; nested claims told once.

    Parameters
    ----------
    services
        Column serves; service_id to match ``service_areas``; optional geometry and catchment
        (polygons as text).
    areas
        Columns code, name, level.
    service_areas
        Further claims: service_id, area_code, optional coverage.
    catchments, people
        As for ``join``.

    Returns
    -------
    pandas.DataFrame
        row, claim, area_code ("" where none matched), level, coverage, note, within.
    """
    ids = cells(services, "service_id")
    shapes = polygons(services, catchments)
    rows: list[tuple[object, str, str]] = []
    for index, cell in zip(services.index, cells(services, "serves"), strict=True):
        rows += [(index, part.strip(), "") for part in cell.split(";") if part.strip()]
    if service_areas is not None and len(service_areas):
        where: dict[str, list[object]] = {}
        for index, service in zip(services.index, ids, strict=True):
            where.setdefault(service, []).append(index)
        extent = cells(service_areas, "coverage")
        for service, area, part in zip(
            cells(service_areas, "service_id"),
            cells(service_areas, "area_code"),
            extent,
            strict=True,
        ):
            rows += [(index, area, part) for index in where.get(service, []) if area]
    rows = [row for row in rows if row[0] not in shapes]
    by_postcode: dict[Any, tuple[str, ...]] = {}
    plain = []
    for row in rows:
        parts = postcode_parts(row[1])
        if parts:
            by_postcode[row[0]] = tuple(dict.fromkeys((*by_postcode.get(row[0], ()), *parts)))
        else:
            plain.append(row)
    found = resolve([claim for _, claim, _ in plain], areas)
    frame = pd.DataFrame(plain, columns=["row", "claim", "coverage"])
    for column in ("area_code", "level", "note"):
        frame[column] = [found[column].get(claim.strip(), "") for claim in frame["claim"]]
    # The later word wins on the same area: a linked table knows the extent that a cell cannot.
    keep = (frame["area_code"] == "") | ~frame.duplicated(["row", "area_code"], keep="last")
    frame = frame[keep].assign(within="")
    frame = frame[~_nested(frame, areas)]
    if by_postcode or shapes:
        more = _of_catchments(by_postcode, shapes, ids, services.index, areas, people)
        frame = _beside_claims(frame, more, areas)
    return frame.reset_index(drop=True)[_CLAIMS]


def polygons(services: pd.DataFrame, catchments: pd.DataFrame | None = None) -> dict[Any, Any]:
    """The polygon that each row serves, where it has one: from a table, else from its own cells.

    Parameters
    ----------
    services
        service_id; optional geometry and catchment, polygons as WKT or GeoJSON.
    catchments
        service_id, geometry.

    Returns
    -------
    dict
        Row -> polygon, in metres (EPSG:27700). Several of one service are joined.
    """
    import shapely

    texts: dict[str, list[object]] = {}
    if catchments is not None and len(catchments):
        for service, text in zip(
            cells(catchments, "service_id"), cells(catchments, "geometry"), strict=True
        ):
            shape = shape_of(text)
            if shape is not None:
                texts.setdefault(service, []).append(shape)
    found: dict[Any, Any] = {}
    own = [name for name in ("geometry", "catchment") if name in services.columns]
    held = [cells(services, name) for name in own if services[name].dtype != "geometry"]
    for place, (index, service) in enumerate(
        zip(services.index, cells(services, "service_id"), strict=True)
    ):
        shapes = texts.get(service, [])
        if not shapes:
            shapes = [
                shape for column in held if column[place]
                if (shape := shape_of(column[place])) is not None
            ]  # fmt: skip
        if shapes:
            found[index] = shapely.union_all(shapes)
    return found


def _of_catchments(
    by_postcode: dict[Any, tuple[str, ...]],
    shapes: dict[Any, Any],
    ids: np.ndarray,
    index: pd.Index,
    areas: gpd.GeoDataFrame,
    people: pd.DataFrame | None,
) -> pd.DataFrame:
    """Claims of catchments as claims to the areas in which their postcodes lie."""
    points = points_of(people)
    found = touched(by_postcode, shapes, areas, points)
    service = dict(zip(index, ids, strict=True))
    rows = []
    for row in dict.fromkeys([*by_postcode, *shapes]):
        parts = by_postcode.get(row, ())
        within = ";".join([*parts, *([polygon_name(service[row])] if row in shapes else [])])
        claim = ", ".join(parts) or "its polygon"
        mine = found[found["row"] == row]
        for part in unknown_parts(parts, points):
            note = f'No live postcode begins with "{part}".'
            rows.append((row, part, "", "", "", note, ""))
        if row in shapes and mine.empty:
            note = "No live postcode lies in its polygon: is it in the sea, or in another system?"
            rows.append((row, claim, "", "", "", note, ""))
        for one in mine.itertuples():
            whole = one.here == one.of
            note = f"By {claim}: {one.here:,} of the {one.of:,} live postcodes there."
            rows.append(
                (row, claim, one.area_code, one.level, "" if whole else "part", note, within)
            )
    return pd.DataFrame(rows, columns=_CLAIMS)


def named_polygons(study: Study) -> dict[str, Any]:
    """The polygons that a study's services serve, by the names that links know them by."""
    found = polygons(study.services, study.table("catchments"))
    ids = study.services["service_id"]
    return {polygon_name(str(ids[row])): shape for row, shape in found.items()}


def polygon_name(service_id: str) -> str:
    """The name by which a service's polygon is known in links and in people's columns."""
    return f"polygon {service_id.replace(';', ',')}"


def _beside_claims(
    frame: pd.DataFrame, more: pd.DataFrame, areas: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Claims to areas with those of catchments, but for what lies in an area that is claimed."""
    around = containers(areas)
    claimed = {
        row: set(group)
        for row, group in frame[frame["coverage"] != "part"].groupby("row")["area_code"]
    }
    spare = [
        bool(claimed.get(row, set()) & around.get(code, frozenset({code})))
        for row, code in zip(more["row"], more["area_code"], strict=True)
    ]
    return pd.concat([frame, more[~np.array(spare, bool)]], ignore_index=True)


def _nested(frame: pd.DataFrame, areas: gpd.GeoDataFrame) -> np.ndarray:
    """True for a claim that lies inside another claim of the same service."""
    within = councils_within(areas)
    inner = np.zeros(len(frame), bool)
    for _, group in frame.groupby("row", sort=False):
        if len(group) < 2:
            continue
        sets = {code: within.get(code, frozenset()) for code in group["area_code"] if code}
        for position, code, part in zip(
            frame.index.get_indexer(group.index),
            group["area_code"],
            group["coverage"],
            strict=True,
        ):
            if not code or part:  # an extent of its own is worth keeping
                continue
            mine = sets[code]
            inner[position] = any(
                code != other and (other == SCOTLAND or (mine and mine < theirs))
                for other, theirs in sets.items()
            )
    return inner


def place(
    services: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    *,
    postcodes: pd.DataFrame | None = None,
    uprns: pd.DataFrame | None = None,
    snap_metres: float = 500.0,
    disagree_metres: float = 1000.0,
) -> pd.DataFrame:
    """Locate every service and name the area of each level in which it stands.

    Parameters
    ----------
    services
        As for ``locate``.
    areas
        As for ``join``.
    postcodes, uprns, disagree_metres
        As for ``locate``.
    snap_metres
        As for ``join``.

    Returns
    -------
    pandas.DataFrame
        What ``locate`` returns, and for every level of the areas a column ``<level>_code`` (""
        where it stands in none) and snapped_metres. A point that stands in no area has outcome
        ``unplaced`` (or ``area_only`` if it states an area), with the distance in its reason; its
        coordinates stay.
    """
    placed = locate(services, postcodes=postcodes, uprns=uprns, disagree_metres=disagree_metres)
    east, north = placed["easting"].to_numpy(), placed["northing"].to_numpy()
    outside = ~np.isnan(east)
    off = np.zeros(len(placed))
    snapped = np.full(len(placed), np.nan)
    for level in dict.fromkeys(areas["level"]):
        of_level = areas[areas["level"] == level]
        found = points_in_areas(east, north, of_level, snap_metres=snap_metres)
        placed[f"{level}_code"] = found["area_code"].to_numpy(object)
        if not outlined(of_level):
            continue
        inside = (found["area_code"] != "").to_numpy()
        fresh = inside & np.isnan(snapped)
        snapped[fresh] = found["snapped_metres"].to_numpy()[fresh]
        outside &= ~inside
        off = np.where(inside, off, found["nearest_metres"].to_numpy())
    placed["snapped_metres"] = snapped.round(0)
    states = bool(len(placed)) and cells(placed, "serves") != ""
    outcome = np.where(outside, np.where(states, "area_only", "unplaced"), placed["outcome"])
    reasons = []
    for said, out, distance, shore in zip(placed["reason"], outside, off, snapped, strict=True):
        if out:
            said += (
                f" It stands {distance / 1000:,.1f} km from the nearest area: in the sea, over the "
                "border, or wrong."
            )
        elif shore > 0:
            said += f" It stands {shore:,.0f} m off the shore and was taken to be in that area."
        reasons.append(said.strip())
    placed["outcome"], placed["reason"] = outcome.astype(object), reasons
    return placed


def people_with_areas(
    people: pd.DataFrame, areas: gpd.GeoDataFrame, *, snap_metres: float = 500.0
) -> pd.DataFrame:
    """People points with the code of the area of every level that each lies in.

    A code that the table brings is kept. A union of councils is known by the council; any other
    area by the point.

    Parameters
    ----------
    people
        easting, northing (EPSG:27700) and, if known, ``<level>_code`` columns.
    areas
        Columns code, level, geometry and, on councils, board_code, hscp_code.
    snap_metres
        How far off a shore still counts.

    Returns
    -------
    pandas.DataFrame
        A copy with a column ``<level>_code`` for every level; "" for a point in no area.

    Examples
    --------
    >>> import gapmap as gm
    >>> study = gm.scotland()
    >>> people_with_areas(study.people, study.areas).loc["KW15 1AX", "board_code"]
    'S08000025'
    """
    coded = people.copy()
    levels = list(dict.fromkeys(areas["level"]))
    councils = areas[areas["level"] == "council"].set_index("code")
    # Without councils (a study of boards alone) nothing says which council is in which board.
    told = [name for name in councils if len(councils) and (councils[name].fillna("") != "").all()]
    for level in sorted(levels, key=lambda level: level != "council"):
        column = f"{level}_code"
        if column in coded and (coded[column].fillna("") != "").all():
            continue
        if level != "council" and column in told:
            found = coded["council_code"].map(councils[column]).fillna("").to_numpy(object)
        else:
            east = coded["easting"].to_numpy(float)
            north = coded["northing"].to_numpy(float)
            of_level = areas[areas["level"] == level]
            where = points_in_areas(east, north, of_level, snap_metres=snap_metres)
            found = where["area_code"].to_numpy(object)
        if column in coded:
            said = coded[column].fillna("").to_numpy(object)
            found = np.where(said != "", said, found)
        coded[column] = found
    return coded
