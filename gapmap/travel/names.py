"""Names of places along the bundled roads, for saying where a point is."""

from __future__ import annotations

import re
from functools import lru_cache

import pandas as pd

from gapmap.bundled import data_folder

#: Two rows of one name nearer to each other than this, in metres, are one place.
_SAME_PLACE = 8_000.0

#: What a name is of, in the order in which one of several places of a name is taken.
ISLAND, PLACE, PIER = "island", "place", "pier"

#: Waypoints that are points of a road, not places: numbered, between two others, junctions.
_NO_PLACE = re.compile(
    r"[#~\d/]| - |\b(?:turn|junction|roundabout|border|slip|road end|bridge|summit)\b",
    re.IGNORECASE,
)


def place_names() -> pd.DataFrame:
    """Known places of Scotland with their coordinates.

    Returns
    -------
    pandas.DataFrame
        name, easting, northing (EPSG:27700), one row per name and place, by name. They are the
        waypoints of the bundled roads (GeoNames, CC BY 4.0, and placed by hand), so a place off
        the main roads may be missing.

    Examples
    --------
    >>> "Lochinver" in set(place_names()["name"])
    True
    """
    return _names().copy()


def known_places() -> pd.DataFrame:
    """Every place that a person may look for by name: islands, places on the roads, piers.

    Returns
    -------
    pandas.DataFrame
        name, kind (island, place, pier: in this order), easting, northing (EPSG:27700), at (the
        place on an island that its point is; "" for others). A name may stand on several rows: two
        places of one name, or a place and its pier.

    Examples
    --------
    >>> {"Foula", "Lochinver", "Fionnphort"} <= set(known_places()["name"])
    True
    """
    return _known().copy()


def same_place(x: float, y: float, held: list[tuple[float, float]]) -> bool:
    """Whether a row is of a place that is held already under its name; if not, hold it.

    There is a Tarbert in Harris, in Argyll and on Jura; a place and its pier are one.

    Examples
    --------
    >>> held = []
    >>> [same_place(x, 0.0, held) for x in (0.0, 500.0, 90_000.0)]
    [False, True, False]
    """
    if any((x - a) ** 2 + (y - b) ** 2 < _SAME_PLACE**2 for a, b in held):
        return True
    held.append((x, y))
    return False


@lru_cache(maxsize=1)
def _names() -> pd.DataFrame:
    points = pd.read_csv(
        data_folder() / "travel" / "corridors.csv", usecols=["place", "lat", "lon"]
    )
    places = _on_grid(points[~points["place"].astype(str).str.contains(_NO_PLACE)])
    # "Mid Yell E" is the east end of Mid Yell.
    places["name"] = places["name"].str.replace(r"\s[NESW]{1,2}$", "", regex=True)
    # Places that no road reaches have names as well.
    off_road = pd.read_csv(data_folder() / "travel" / "roadless.csv")
    off_road["name"] = off_road["name"].str.replace(r"\s*\(.*\)$", "", regex=True)
    every = pd.concat([places, off_road[["name", "easting", "northing"]]], ignore_index=True)
    return every.sort_values(["name", "easting"], ignore_index=True)


def islands() -> pd.DataFrame:
    """Inhabited islands of Scotland by name, each with a point where people live on it.

    Returns
    -------
    pandas.DataFrame
        name, easting, northing (EPSG:27700), at (the place of that point), by name.

    Examples
    --------
    >>> islands().set_index("name").loc["Fetlar", "at"]
    'Houbie'
    """
    known = _known()
    return known[known["kind"] == ISLAND].drop(columns="kind").reset_index(drop=True)


def island_points() -> pd.DataFrame:
    """Points of which it is known on which island they lie, for telling where another point is.

    Returns
    -------
    pandas.DataFrame
        name (of the island, "" for the main one of Orkney), easting, northing (EPSG:27700). Beside
        `islands`, places of islands that a coastline draws as one, such as Lewis and Harris: there
        the nearest point tells.

    Examples
    --------
    >>> points = island_points()
    >>> bool((points["name"] == "Lewis").sum() > 30)
    True
    """
    joined = pd.read_csv(data_folder() / "people" / "joined_islands.csv", keep_default_na=False)
    joined = joined.rename(columns={"island": "name"})
    columns = ["name", "easting", "northing"]
    return pd.concat([islands()[columns], joined[columns]], ignore_index=True)


@lru_cache(maxsize=1)
def _known() -> pd.DataFrame:
    islands = pd.read_csv(data_folder() / "people" / "islands.csv").drop(columns="file")
    islands = islands.rename(columns={"island": "name"}).assign(kind=ISLAND)
    ferries = pd.read_csv(data_folder() / "travel" / "ferries.csv")
    ends = [
        ferries[[f"{end}_name", f"{end}_lat", f"{end}_lon"]].set_axis(
            ["place", "lat", "lon"], axis=1
        )
        for end in ("from", "to")
    ]
    piers = _on_grid(pd.concat(ends))
    names = pd.concat(
        [islands, _names().assign(kind=PLACE), piers.assign(kind=PIER)], ignore_index=True
    )
    return names[["name", "kind", "easting", "northing", "at"]].fillna({"at": ""})


def _on_grid(points: pd.DataFrame) -> pd.DataFrame:
    """Places with lat and lon as names with easting and northing, without what is in brackets."""
    from gapmap.place.locate import to_grid

    names = points["place"].str.replace(r"\s*\(.*\)$", "", regex=True).str.strip()
    points = points.assign(name=names).drop_duplicates(["name", "lat", "lon"])
    x, y = to_grid().transform(points["lon"].to_numpy(), points["lat"].to_numpy())
    found = pd.DataFrame({"name": points["name"].to_numpy(), "easting": x, "northing": y})
    return found[found["name"] != ""].sort_values(["name", "easting"], ignore_index=True)
