"""Names of places along the bundled roads, for saying where a point is."""

from __future__ import annotations

import re
from functools import lru_cache

import pandas as pd

from gapmap.bundled import data_folder

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
    every = pd.read_csv(data_folder() / "people" / "islands.csv")
    return every.rename(columns={"island": "name"}).drop(columns="file")


@lru_cache(maxsize=1)
def _names() -> pd.DataFrame:
    from pyproj import Transformer

    points = pd.read_csv(
        data_folder() / "travel" / "corridors.csv", usecols=["place", "lat", "lon"]
    )
    points = points[~points["place"].astype(str).str.contains(_NO_PLACE)]
    # "Mid Yell E" is the east end of Mid Yell.
    points["name"] = (
        points["place"].str.replace(r"\s*\(.*\)$|\s[NESW]{1,2}$", "", regex=True).str.strip()
    )
    points = points.drop_duplicates(["name", "lat", "lon"])
    to_grid = Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)
    x, y = to_grid.transform(points["lon"].to_numpy(), points["lat"].to_numpy())
    names = pd.DataFrame({"name": points["name"].to_numpy(), "easting": x, "northing": y})
    # Places that no road reaches have names as well.
    off_road = pd.read_csv(data_folder() / "travel" / "roadless.csv")
    off_road["name"] = off_road["name"].str.replace(r"\s*\(.*\)$", "", regex=True)
    names = pd.concat([names, off_road[["name", "easting", "northing"]]], ignore_index=True)
    return names[names["name"] != ""].sort_values(["name", "easting"], ignore_index=True)
