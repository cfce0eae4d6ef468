"""Which piece of land a point stands on: islands told apart by the coast of the study's areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt


def land_of(areas: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    """The pieces of land that areas stand on, each apart from the others by water.

    Parameters
    ----------
    areas
        Areas with outlines, in metres; those without (known by their points) bring no land.

    Returns
    -------
    numpy.ndarray
        Polygons; empty where no area has an outline.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> two = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1), box(5, 0, 6, 1)])
    >>> len(land_of(two))
    2
    """
    shapes = areas.geometry[areas.geometry.geom_type.isin(["Polygon", "MultiPolygon"])].to_numpy()
    if not len(shapes):
        return np.empty(0, dtype=object)
    valid = shapely.make_valid(shapes)
    parts = shapely.get_parts(shapely.union_all(valid))
    return np.asarray(parts[shapely.get_dimensions(parts) == 2], dtype=object)


def piece_of(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], land: npt.NDArray[np.object_]
) -> npt.NDArray[np.int64]:
    """Number of the piece of land that each point stands on; off the coast, of the nearest.

    Parameters
    ----------
    x, y
        Points, in the metres of the land.
    land
        What ``land_of`` returns.

    Returns
    -------
    numpy.ndarray
        One number for each point; 0 for all where there is no land to tell apart.

    Examples
    --------
    >>> from shapely import box
    >>> land = np.array([box(0, 0, 10, 10), box(90, 0, 95, 10)])
    >>> piece_of(np.array([5.0, 92.0, 88.0]), np.array([5.0, 5.0, 5.0]), land).tolist()
    [0, 1, 1]
    """
    out = np.full(len(x), -1 if len(land) else 0, dtype=np.int64)
    for number, (left, bottom, right, top) in enumerate(shapely.bounds(land)):
        here = np.flatnonzero((out < 0) & (x >= left) & (x <= right) & (y >= bottom) & (y <= top))
        if len(here):
            shapely.prepare(land[number])
            out[here[shapely.contains_xy(land[number], x[here], y[here])]] = number
    off = np.flatnonzero(out < 0)
    if len(off):
        points = shapely.points(x[off], y[off])
        which, piece = shapely.STRtree(land).query_nearest(points, all_matches=False)
        out[off[which]] = piece
    return out
