"""Owns the indicative network of Scotland that ships with the package."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from gapmap.bundled import data_folder
from gapmap.errors import FileError
from gapmap.travel.network import Network

LABEL = "by car, roughly; no traffic, no ferry wait"
ACCESS_KMH = 25.0
TOLERANCE_M = 2000.0


def travel_folder() -> Path:
    """Folder of the bundled network and the facts that it was built from.

    Examples
    --------
    >>> (travel_folder() / "ferries.csv").is_file()
    True
    """
    return data_folder() / "travel"


def indicative_network(*, engine: str = "auto") -> Network:
    """Load the bundled network of Scotland's main roads, local streets and ferries.

    It is made from facts, not surveyed: main roads as lines between named places, streets as
    straight lines between neighbouring clusters of live postcodes, ferries with their crossing
    and an allowance for boarding. `indicative_accuracy` says how far off it is. Times are by car
    without traffic and without the wait for a ferry; ferries that take no cars are used on foot
    and told apart. Ferries that sail in summer or in winter only are left out.

    Parameters
    ----------
    engine
        As for `Network`.

    Returns
    -------
    The network, in metres (EPSG:27700). Its nodes carry ``kind`` (road, junctionless, local,
    pier), its edges ``foot_only``.

    Raises
    ------
    FileError
        If the bundled files are not there.

    Examples
    --------
    From the south end of Corran ferry to the north one: half a kilometre of water.

    >>> network = indicative_network()
    >>> ends = pd.DataFrame({"easting": [202000, 201500], "northing": [763500, 763900]})
    >>> network.nearest(ends[:1], ends[1:])["status"].tolist()
    ['by_ferry']
    """
    folder = travel_folder()
    nodes = _read(folder / "nodes.parquet")
    edges = _read(folder / "edges.parquet")
    nodes["snap"] = nodes["kind"].astype("string") != "junctionless"
    return Network(
        nodes,
        edges,
        access_kmh=ACCESS_KMH,
        tolerance_m=TOLERANCE_M,
        join="around",
        label=LABEL,
        engine=engine,
    )


def indicative_accuracy() -> pd.DataFrame:
    """How far off the bundled network is, as measured on trips of known length and time.

    Returns
    -------
    One row per measure: ``measure``, ``value``, ``unit``, ``note``.

    Raises
    ------
    FileError
        If the bundled file is not there.

    Examples
    --------
    >>> accuracy = indicative_accuracy().set_index("measure")
    >>> bool(accuracy.loc["minutes_error_median", "value"] < 10)
    True
    """
    path = travel_folder() / "accuracy.csv"
    if not path.is_file():
        raise FileError(_lost(path))
    return pd.read_csv(path)


def _read(path: Path) -> pd.DataFrame:
    """Read one bundled table."""
    if not path.is_file():
        raise FileError(_lost(path))
    return pd.read_parquet(path)


def _lost(path: Path) -> str:
    return (
        f"{path} was not found, though it ships with gapmap. Install gapmap again: "
        "pip install --force-reinstall gapmap"
    )
