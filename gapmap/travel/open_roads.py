"""Owns reading OS Open Roads: its GeoPackage becomes a `Network` of true roads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gapmap.errors import FileError, InputError
from gapmap.travel.network import Network
from gapmap.travel.roads import DUAL_KMH, ROUNDABOUT_KMH, check_bounds

KMH = {
    "motorway": 100.0,
    "a road": 65.0,
    "b road": 60.0,
    "minor road": 45.0,
    "local road": 25.0,
    "local access road": 15.0,
    "restricted local access road": 15.0,
    "secondary access road": 12.0,
}
"""Speeds in practice by road function; starting points for Scotland, km/h."""

FORMS_KMH = {"roundabout": ROUNDABOUT_KMH, "traffic island link": 30.0,
             "traffic island link at junction": 30.0, "slip road": 50.0,
             "guided busway": np.nan, "enclosed traffic area": 15.0}  # fmt: skip
"""The most that the form of way allows, whatever its function; blank where cars may not go."""

FIELDS = {
    "start": ("start_node", "startNode"),
    "end": ("end_node", "endNode"),
    "form": ("form_of_way", "formOfWay"),
    "function": ("road_function", "roadFunction", "function"),
    "length": ("length",),
}
LAYERS = {"links": ("road_link", "RoadLink"), "nodes": ("road_node", "RoadNode")}


def read_open_roads(
    path: str | Path, *, bounds: tuple[float, float, float, float] | None = None
) -> Network:
    """Read the road links and nodes of an OS Open Roads GeoPackage.

    The data knows neither one-way streets nor ferries, so every link goes both ways and islands
    are reached by bridge only: add ferries with `Network(nodes, pd.concat([edges, ferries]))`.
    Speeds follow road function and form of way (`KMH`, `FORMS_KMH`, dual A roads `DUAL_KMH`).

    Parameters
    ----------
    path
        The .gpkg, with layers road_link and road_node (or RoadLink and RoadNode).
    bounds
        West, south, east, north in metres (EPSG:27700): only links that touch them.

    Returns
    -------
    Network
        Nodes labelled by their id; edges with from, to, minutes, km (the length as stated),
        road_function and geometry. Contains OS data (c) Crown copyright and database right.

    Raises
    ------
    FileError
        The file is not there or is no GeoPackage.
    InputError
        A layer or column is missing, bounds that are none, or no road lies within them.

    Examples
    --------
    >>> import tempfile
    >>> import geopandas as gpd
    >>> from shapely import LineString, Point
    >>> nodes = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=[Point(0, 0), Point(650, 0)],
    ...                          crs=27700)
    >>> link = gpd.GeoDataFrame({"start_node": ["a"], "end_node": ["b"], "length": [650],
    ...     "form_of_way": ["Single Carriageway"], "road_function": ["A Road"]},
    ...     geometry=[LineString([(0, 0), (650, 0)])], crs=27700)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "roads.gpkg"
    ...     nodes.to_file(file, layer="road_node")
    ...     link.to_file(file, layer="road_link")
    ...     read_open_roads(file).edges["minutes"].round(6).tolist()
    [0.6]
    """
    import pyogrio

    path, bounds = Path(path), check_bounds(bounds)
    if not path.exists():
        raise FileError(f"{path} is not there.")
    try:
        known = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    except pyogrio.errors.DataSourceError as error:
        raise FileError(f"{path} is not a GeoPackage that can be read: {error}.") from error
    frames = {}
    for what, names in LAYERS.items():
        layer = next((name for name in names if name in known), None)
        if layer is None:
            raise InputError(
                f"{path} has no layer {' or '.join(names)}; it has {', '.join(known) or 'none'}."
            )
        frames[what] = pyogrio.read_dataframe(
            path, layer=layer, bbox=bounds if what == "links" else None
        )
    links, points = frames["links"], frames["nodes"]
    columns = {name: _column(links, names, path) for name, names in FIELDS.items()}
    speed = _speeds(columns["form"], columns["function"])
    open_to_cars = np.isfinite(speed)
    if not open_to_cars.any():
        raise InputError(f"{path} has no road (within the bounds, metres of EPSG:27700).")
    km = columns["length"].to_numpy(dtype=float) / 1000
    edges = (
        links[["geometry"]]
        .assign(
            **{
                "from": columns["start"].to_numpy(),
                "to": columns["end"].to_numpy(),
                "minutes": km / speed * 60,
                "km": km,
                "road_function": columns["function"].to_numpy(),
            }
        )[open_to_cars]
        .reset_index(drop=True)
    )
    used = pd.Index(pd.unique(pd.concat([edges["from"], edges["to"]])))
    ids = _column(points, ("id", "identifier", "fid"), path)
    places = pd.DataFrame({"x": points.geometry.x.to_numpy(), "y": points.geometry.y.to_numpy()},
                          index=pd.Index(ids.to_numpy()))  # fmt: skip
    nodes = places[places.index.isin(used)]
    return Network(
        nodes,
        edges,
        label="by car on OS Open Roads (no one-way streets, ferries, traffic or waits; contains OS "
        "data (c) Crown copyright and database right)",
    )


def _column(frame: pd.DataFrame, names: tuple[str, ...], path: Path) -> pd.Series[Any]:
    """Return the first column of several names that the product has had."""
    for name in names:
        if name in frame.columns:
            return frame[name]
    raise InputError(
        f"{path}: no column {' or '.join(names)}; found are {', '.join(map(str, frame.columns))}."
    )


def _speeds(
    form: pd.Series[Any], function: pd.Series[Any]
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return each link's speed; blank where cars may not go."""
    form, function = form.fillna("").str.lower(), function.fillna("").str.lower()
    speed = function.map(KMH).to_numpy(dtype=float, na_value=20.0)
    dual = form.str.contains("dual") & function.isin(["a road", "b road"])
    speed = np.where(dual, DUAL_KMH, speed)
    most = form.map(FORMS_KMH).to_numpy(dtype=float, na_value=np.nan)
    return np.where(form.isin(list(FORMS_KMH)), np.minimum(speed, most), speed)
