"""Owns reading an OpenStreetMap extract: an .osm.pbf becomes a `Network` of true roads."""

from __future__ import annotations

import hashlib
import json
import os
import re
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gapmap.errors import FileError, InputError, MissingDependency
from gapmap.travel.answer import Bools, Floats, Ints, metric_crs, number_fault
from gapmap.travel.network import Network
from gapmap.travel.roads import DUAL_KMH, ROUNDABOUT_KMH, check_bounds
from gapmap.words import count_in_words

ENDINGS = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
"""How the names of extracts end, for whoever has to tell them from other files."""

MPH = 1.609344

CAR_KMH = {
    "motorway": 100.0,
    "motorway_link": 60.0,
    "trunk": 75.0,
    "trunk_link": 45.0,
    "primary": 65.0,
    "primary_link": 45.0,
    "secondary": 60.0,
    "secondary_link": 40.0,
    "tertiary": 50.0,
    "tertiary_link": 35.0,
    "unclassified": 40.0,
    "residential": 25.0,
    "living_street": 10.0,
    "service": 15.0,
    "road": 30.0,
}
"""Speeds in practice on open stretches in Scotland, by class of road; starting points, km/h."""

SINGLE_TRACK_KMH = 42.0
UNPAVED_KMH = 20.0
TOWN_LIMIT_KMH = 40 * MPH + 0.1
TOWN_SHARE = 0.75
"""In a limit of 40 mph or less, the share of it that is driven, junctions and parking included."""

FOOT_KMH = 4.8
STEPS_KMH = 3.0
FERRY_KMH = 25.0
"""Where a ferry does not say how long it takes."""

ON_FOOT = {*CAR_KMH, "track", "path", "footway", "pedestrian", "cycleway", "bridleway", "steps",
           "corridor", "platform"} - {"motorway", "motorway_link"}  # fmt: skip

CLOSED = {
    "no",
    "private",
    "agricultural",
    "forestry",
    "military",
    "emergency",
    "permit",
    "use_sidepath",
}
PRIVATE_SERVICE = {"driveway", "parking_aisle", "emergency_access", "drive-through"}
ROUNDABOUTS = {"roundabout", "circular"}
UNPAVED = {"unpaved", "dirt", "earth", "grass", "ground", "mud", "sand", "gravel", "pebblestone"}
CAR_PASSES = {"cattle_grid", "gate", "lift_gate", "swing_gate", "toll_booth", "border_control",
              "entrance", "height_restrictor", "no", "kerb", "sally_port", "arch"}  # fmt: skip
FOOT_STOPS = {"fence", "wall", "hedge", "ditch", "city_wall"}

ACCESS = {"car": ("motorcar", "motor_vehicle", "vehicle", "access"), "foot": ("foot", "access")}
"""The tags that let a mode in or keep it out, the most particular first."""
OTHER_THINGS = {"highway", "route", "man_made", "railway", "public_transport", "building",
                "amenity", "area"}  # fmt: skip
"""A member of a ferry's route that has one of these is what it says, not the crossing."""

FORMAT = 3

Progress = Callable[[str], None]


def read_osm(
    path: str | Path,
    *,
    mode: str = "car",
    bounds: tuple[float, float, float, float] | None = None,
    crs: object = "EPSG:27700",
    spacing_m: float = 250.0,
    least_nodes: int = 20,
    cache: bool = True,
    progress: Progress | None = None,
) -> Network:
    """Read roads, paths and ferries from an OpenStreetMap extract.

    Tags are filtered by the osmium library before Python sees a road. Speeds are the lower of
    what the class of road allows in practice (`CAR_KMH`, at most 30 km/h on a roundabout) and
    what the limit allows (three quarters of it in towns). One-way streets, roundabouts, access
    rights and barriers are kept; stretches between junctions become one edge, with a node at
    least every `spacing_m` where points can join.

    A ferry takes what its ``duration`` says (or that of the route of which it is part, shared out
    by length), and boarding counts 10 minutes (30 where the crossing takes an hour or more), half
    at each shore. Whom it takes is said by its way, or else by its route; a line that only a
    ferry's route has, with no tags of its own, is a ferry too. On foot, a ferry with ``foot=no``
    is not used; by car, one without cars is, marked foot_only.

    Where the file lacks nodes of a way (at the edge of a cut), the parts that have theirs are
    kept; the network's label tells how many ways were cut short or lost.

    Parameters
    ----------
    path
        An .osm.pbf (or .osm, or either packed with gzip or bzip2) file.
    mode
        ``car`` or ``foot``.
    bounds
        West, south, east, north in metres of `crs`: only stretches with an end inside.
    crs
        Reference system of the network, in metres.
    spacing_m
        Stretches are merged up to about this length.
    least_nodes
        A point does not join a part of the network that has fewer nodes than this and no way
        out (a car park, a closed estate).
    cache
        Keep the network beside the file, in a folder of its name with ``.gapmap`` added, and
        read it from there next time; a changed file or option makes a new one. Where that folder
        cannot be written, the network is kept in the user's own cache folder; `progress` says
        where, or that it could not be kept at all.
    progress
        Called with a few words at each step.

    Returns
    -------
    Network
        Nodes labelled by OpenStreetMap id (negative where a barrier cuts a way in two), with
        columns x, y, snap and component (0 the largest); edges with from, to, minutes, km, ferry,
        oneway, boarding_minutes, foot_only and highway. Data (c) OpenStreetMap contributors,
        Open Database Licence: say so wherever it shows.

    Raises
    ------
    MissingDependency
        The library osmium is not installed (``pip install "gapmap[osm]"``).
    FileError
        The file is not there or is no such extract.
    InputError
        An unknown mode, bounds or lengths that are none, or no road in the file (or within the
        bounds).
    CRSError
        `crs` is not in metres.

    Examples
    --------
    >>> town = '<osm version="0.6"><node id="1" lat="55.95" lon="-3.2"/><node id="2" lat="55.96" '
    >>> town += 'lon="-3.2"/><way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" '
    >>> town += 'v="primary"/></way></osm>'
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "town.osm"
    ...     size = file.write_text(town)
    ...     network = read_osm(file)
    >>> network.edges[["from", "to", "highway"]].to_numpy().tolist()
    [[1, 2, 'primary']]
    """
    path = Path(path)
    if mode not in ACCESS:
        raise InputError(f'mode must be "car" or "foot", not {mode!r}.')
    bounds, crs = check_bounds(bounds), metric_crs(crs)
    faults = (
        number_fault("spacing_m", spacing_m, "metres", above=True),
        number_fault("least_nodes", least_nodes, "nodes"),
    )
    if any(faults):
        raise InputError(" ".join(filter(None, faults)))
    tell = progress or (lambda words: None)
    try:
        checksum = _checksum(path)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from error
    options = {
        "format": FORMAT, "mode": mode, "bounds": bounds, "crs": crs,
        "spacing_m": spacing_m, "least_nodes": least_nodes,
    }  # fmt: skip
    key = hashlib.sha256((checksum + json.dumps(options, sort_keys=True)).encode()).hexdigest()
    homes = (path.with_name(path.name + ".gapmap") / key[:16], _user_cache() / key[:16])
    for kept in homes if cache else ():
        if (kept / "network.json").is_file():
            network = Network.load(kept)
            tell(f"reading the network kept in {kept}: {network.label}")
            return network
    ways = _read_ways(path, mode, tell)
    tell(f"{len(ways.highway):,} ways: measuring and merging;{ways.lacking}".rstrip(";"))
    nodes, edges = _network(ways, mode, bounds, crs, spacing_m, least_nodes)
    what = "car" if mode == "car" else "foot"
    network = Network(
        nodes, edges, crs=crs, access_kmh=20.0 if mode == "car" else FOOT_KMH,
        label=f"by {what} and ferry on the roads of OpenStreetMap (no traffic, no wait for a "
        f"ferry;{ways.lacking} (c) OpenStreetMap contributors)",
    )  # fmt: skip
    if cache:
        _keep(network, homes, tell)
    return network


def _user_cache() -> Path:
    """Where a user may keep what takes long to make."""
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        if os.environ.get(name):
            return Path(os.environ[name]) / "gapmap" / "networks"
    return Path.home() / ".cache" / "gapmap" / "networks"


def _keep(network: Network, homes: tuple[Path, ...], tell: Progress) -> None:
    """Keep a network in the first folder that can be written, and say where."""
    refused = ""
    for kept in homes:
        try:
            network.save(kept)
        except FileError as error:
            refused = str(error)
        else:
            tell(f"the network is kept in {kept}")
            return
    tell(f"the network is not kept for next time: {refused}")


def kmh(tags: Mapping[str, str], *, mode: str = "car") -> float | None:
    """Return the speed on a way, or None where the mode may not use it.

    Parameters
    ----------
    tags
        The way's tags.
    mode
        ``car`` or ``foot``.

    Examples
    --------
    >>> kmh({"highway": "primary"}), kmh({"highway": "primary", "maxspeed": "20 mph"})
    (65.0, 24.14016)
    >>> kmh({"highway": "footway"}) is None, kmh({"highway": "footway"}, mode="foot")
    (True, 4.8)
    """
    highway = tags.get("highway", "")
    if not _allowed(tags, mode):
        return None
    if mode == "foot":
        if highway not in ON_FOOT and tags.get("foot") not in ("yes", "designated"):
            return None
        return STEPS_KMH if highway == "steps" else FOOT_KMH
    speed = CAR_KMH.get(highway)
    if speed is None or tags.get("service") in PRIVATE_SERVICE or tags.get("area") == "yes":
        return None
    limit = limit_kmh(tags.get("maxspeed", ""))
    dual = tags.get("dual_carriageway") == "yes" or tags.get("oneway") == "yes"
    if highway in ("trunk", "primary") and dual and "junction" not in tags:
        speed = DUAL_KMH if limit is None or limit > 50 * MPH else speed
    if tags.get("lanes") == "1" and tags.get("oneway") != "yes":
        speed = min(speed, SINGLE_TRACK_KMH)
    if tags.get("junction") in ROUNDABOUTS:
        speed = min(speed, ROUNDABOUT_KMH)
    if tags.get("surface") in UNPAVED:
        speed = min(speed, UNPAVED_KMH)
    if limit is not None:
        speed = min(speed, limit * TOWN_SHARE if limit <= TOWN_LIMIT_KMH else limit)
    return speed


def limit_kmh(text: str) -> float | None:
    """Read a speed limit; None where it says none, or nothing that can be read.

    Examples
    --------
    >>> limit_kmh("30 mph"), limit_kmh("50"), limit_kmh("GB:nsl_single"), limit_kmh("signals")
    (48.28032, 50.0, 96.56064, None)
    """
    words = {"nsl_single": 60 * MPH, "nsl_dual": 70 * MPH, "nsl_restricted": 30 * MPH,
             "motorway": 70 * MPH, "national": 60 * MPH, "walk": 6.0}  # fmt: skip
    name = text.split(":")[-1].strip()
    if name in words:
        return words[name]
    found = re.match(r"\s*(\d+(?:\.\d+)?)\s*(mph|km/h|kmh|knots)?", text)
    if not found or float(found[1]) <= 0:
        return None
    return float(found[1]) * {"mph": MPH, "knots": 1.852}.get(found[2] or "", 1.0)


def direction(tags: Mapping[str, str], *, mode: str = "car") -> int:
    """Return 1 for one way along the line, -1 for one way against it, 0 for both.

    Examples
    --------
    >>> direction({"oneway": "-1"}), direction({"junction": "roundabout"}), direction({})
    (-1, 1, 0)
    """
    if mode == "foot":
        return {"yes": 1, "-1": -1}.get(tags.get("oneway:foot", ""), 0)
    stated = tags.get("oneway", "")
    if stated in ("yes", "true", "1"):
        return 1
    if stated in ("-1", "reverse"):
        return -1
    implied = tags.get("junction") in ROUNDABOUTS
    implied |= tags.get("highway") in ("motorway", "motorway_link")
    return int(implied and stated not in ("no", "false", "0"))


def minutes_of(text: str) -> float | None:
    """Read how long a ferry takes: minutes, hours and minutes, in words, or ISO 8601.

    Examples
    --------
    >>> minutes_of("0:35"), minutes_of("01:10:00"), minutes_of("20"), minutes_of("PT1H5M")
    (35.0, 70.0, 20.0, 65.0)
    >>> minutes_of("45 min"), minutes_of("1h 20")
    (45.0, None)
    """
    text = text.strip()
    parts = text.split(":")
    if len(parts) in (2, 3) and all(part.isdigit() for part in parts):
        seconds = float(parts[2]) if len(parts) == 3 else 0.0
        return 60.0 * float(parts[0]) + float(parts[1]) + seconds / 60 or None
    if text.isdigit():
        return float(text) or None
    words = re.fullmatch(r"(?:(\d+) *h[a-z]*)? *(?:(\d+) *m[a-z]*)?", text, re.IGNORECASE)
    if words:
        hours, minutes = (float(part or 0) for part in words.groups())
        return 60.0 * hours + minutes or None
    iso = re.fullmatch(r"P(?:(\d+)D)?T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", text)
    if iso:
        days, hours, minutes, seconds = (float(part or 0) for part in iso.groups())
        return days * 1440 + hours * 60 + minutes + seconds / 60 or None
    return None


def _allowed(tags: Mapping[str, str], mode: str) -> bool:
    """Whether the law (as tagged) lets the mode in; the most particular tag decides."""
    for name in ACCESS[mode]:
        if name in tags:
            return tags[name] not in CLOSED
    return True


def _stops(tags: Mapping[str, str], mode: str) -> bool:
    """Whether a barrier on a way ends it for the mode."""
    for name in ACCESS[mode]:
        if name in tags:
            return tags[name] in CLOSED
    barrier = tags.get("barrier", "no")
    return barrier not in CAR_PASSES if mode == "car" else barrier in FOOT_STOPS


_Fact = tuple[str, float, float, int, bool, bool]
"""Class, speed, stated minutes, direction, ferry and foot only of a way in use."""


@dataclass(frozen=True)
class _Ways:
    """Ways as flat arrays: way i has the nodes `start[i]:start[i + 1]`.

    A way that lacks nodes stands once for every part that has them; `lacking` tells of those.
    """

    start: Ints
    ref: Ints
    lon: Floats
    lat: Floats
    highway: list[str]
    kmh: Floats
    minutes: Floats
    way: Ints
    ferry: Bools
    foot_only: Bools
    cut: Ints
    lacking: str


@dataclass(frozen=True)
class _Route:
    """A ferry's route: what it says of whom it takes and how long, and its ways."""

    tags: dict[str, str]
    minutes: float | None
    ways: list[int]


class _Gathered:
    """What is gathered while the file is read: a row for each run of known nodes of a way.

    And in `cut` the nodes where a barrier ends the ways.
    """

    def __init__(self, locations: Any) -> None:
        import osmium

        self.locations = locations
        self.cut: list[int] = []
        self.refs = array("q")
        self.size = array("q")
        self.shapes: list[str] = []
        self.facts: list[_Fact] = []
        self.ferries: dict[int, list[int]] = {}
        self.cut_ferries: list[tuple[float, list[int]]] = []
        self.shortened = self.lost = 0
        self._lines = osmium.geom.WKBFactory()
        self._all = osmium.geom.use_nodes.ALL
        self._lacking = (osmium.InvalidLocationError, RuntimeError)

    def add(self, way: Any, fact: _Fact | None) -> None:
        """Take a way, if it is in use, whole or in the parts whose nodes the file has."""
        if fact is None or len(way.nodes) < 2:
            return
        refs = [node.ref for node in way.nodes]
        try:
            runs = [(refs, self._lines.create_linestring(way, self._all))]
        except self._lacking:
            runs = list(self._runs(refs))
            kept = sum(len(run) for run, _ in runs)
            self.lost += not kept
            self.shortened += 0 < kept < len(refs)
            if kept < len(refs) and np.isfinite(fact[2]):
                # What it states is shared among its parts, as a route's is among its ways.
                self.cut_ferries.append((fact[2], [way.id]))
                fact = (*fact[:2], np.nan, *fact[3:])
        for run, shape in runs:
            if fact[4]:
                self.ferries.setdefault(way.id, []).append(len(self.facts))
            self.refs.extend(run)
            self.size.append(len(run))
            self.shapes.append(shape)
            self.facts.append(fact)

    def _runs(self, refs: list[int]) -> Iterator[tuple[list[int], str]]:
        """Yield each run of at least two nodes that the file has, and its line."""
        import shapely

        spots = [(ref, self._spot(ref)) for ref in refs]
        for known, part in groupby(spots, key=lambda node: node[1] is not None):
            run = list(part)
            if known and len(run) > 1:
                yield [ref for ref, _ in run], shapely.LineString([at for _, at in run]).wkb_hex

    def _spot(self, ref: int) -> tuple[float, float] | None:
        """Return where a node is; None where the file does not say."""
        try:
            at = self.locations.get(ref)
        except KeyError:
            return None
        return (at.lon, at.lat) if at.valid() else None

    def lacking(self) -> str:
        """Tell of the ways whose nodes the file lacks; nothing where it has all."""
        told = [
            f"{count_in_words(number, 'road')} {what}"
            for number, what in ((self.shortened, "cut short"), (self.lost, "left out"))
            if number
        ]
        return f" {' and '.join(told)}, as the file lacks their nodes;" if told else ""


def _read_ways(path: Path, mode: str, tell: Progress) -> _Ways:
    """Read the ways that the mode may use, and the barriers on them."""
    try:
        import osmium
    except ImportError as error:
        raise MissingDependency("osmium", "osm", "Reading an OpenStreetMap extract") from error
    import shapely

    tell(f"reading {path.name}")
    # The ending in small letters: osmium knows no file by one in capitals.
    ending = next((end for end in ENDINGS if path.name.lower().endswith(end)), "")
    try:
        file = osmium.io.File(str(path), ending.removeprefix("."))
        routes = _ferry_routes(file)
        gathered = _gather(file, mode, routes, tell)
    except RuntimeError as error:
        raise FileError(
            f"{path} is not an OpenStreetMap extract that can be read: {str(error).rstrip('.')}."
        ) from error
    if not gathered.facts:
        raise InputError(f"{path} has no road that a {mode} may use.{gathered.lacking()}")
    highway, speed, minutes, heading, ferry, foot_only = zip(*gathered.facts, strict=True)
    start = np.zeros(len(gathered.size) + 1, dtype=np.int64)
    np.cumsum(gathered.size, out=start[1:])
    lonlat = shapely.get_coordinates(shapely.from_wkb(gathered.shapes))
    taken = np.array(minutes, dtype=float)
    stated = [(route.minutes, route.ways) for route in routes if route.minutes is not None]
    for whole, members in (*gathered.cut_ferries, *stated):
        rows = [row for way in members for row in gathered.ferries.get(way, ())]
        _share_out(whole, rows, taken, start, lonlat)
    return _Ways(
        start,
        np.array(gathered.refs, dtype=np.int64),
        lonlat[:, 0],
        lonlat[:, 1],
        list(highway),
        np.array(speed),
        taken,
        np.array(heading, dtype=np.int64),
        np.array(ferry),
        np.array(foot_only),
        np.array(gathered.cut, dtype=np.int64),
        gathered.lacking(),
    )


def _gather(file: Any, mode: str, routes: list[_Route], tell: Progress) -> _Gathered:
    """Go through the file's nodes and ways."""
    import osmium

    member_of: dict[int, list[dict[str, str]]] = {}
    for route in routes:
        for way in route.ways:
            member_of.setdefault(way, []).append(route.tags)
    reader = (
        osmium.FileProcessor(file, osmium.osm.NODE | osmium.osm.WAY)
        .with_locations()
        .with_filter(osmium.filter.KeyFilter("barrier").enable_for(osmium.osm.NODE))
        .with_filter(osmium.filter.KeyFilter("highway", "route").enable_for(osmium.osm.WAY))
    )
    gathered = _Gathered(reader.node_location_storage)
    told = 0
    for thing in reader:
        tags = dict(thing.tags)
        if thing.is_node():
            if _stops(tags, mode):
                gathered.cut.append(thing.id)
            continue
        gathered.add(thing, _facts(tags, mode, member_of.get(thing.id, ())))
        if len(gathered.facts) >= told + 100_000:
            told = len(gathered.facts)
            tell(f"{told:,} ways read")
    if not member_of:
        return gathered
    # A crossing that only its route calls a ferry has no tag to be found by.
    members = osmium.filter.IdFilter(member_of)
    for thing in osmium.FileProcessor(file, osmium.osm.WAY).with_filter(members):
        tags = dict(thing.tags)
        if not OTHER_THINGS & tags.keys():
            gathered.add(thing, _facts({"route": "ferry"} | tags, mode, member_of[thing.id]))
    return gathered


def _ferry_routes(file: Any) -> list[_Route]:
    """Read the routes of ferries, which stand in the file after the ways that they speak of."""
    import osmium

    reader = osmium.FileProcessor(file, osmium.osm.RELATION).with_filter(
        osmium.filter.TagFilter(("route", "ferry"))
    )
    routes = []
    for thing in reader:
        tags = dict(thing.tags)
        ways = [
            member.ref
            for member in thing.members
            if member.type == "w" and not member.role.startswith(("platform", "stop"))
        ]
        routes.append(_Route(tags, minutes_of(tags.get("duration", "")), ways))
    return routes


def _share_out(
    stated: float, rows: list[int], minutes: Floats, start: Ints, lonlat: Floats
) -> None:
    """Share a ferry route's minutes among those of its ways that state none, by their length."""
    rest = stated - float(np.nansum(minutes[rows])) if rows else 0.0
    blank = [row for row in rows if np.isnan(minutes[row])]
    if not blank or rest <= 0:
        return
    lengths = []
    for row in blank:
        points = lonlat[start[row] : start[row + 1]]
        east, north = np.diff(points, axis=0).T
        lengths.append(float(np.hypot(east * np.cos(np.radians(points[0, 1])), north).sum()))
    minutes[blank] = rest * np.array(lengths) / max(sum(lengths), 1e-12)


def _facts(
    tags: Mapping[str, str], mode: str, routes: Sequence[Mapping[str, str]] = ()
) -> _Fact | None:
    """Return what a way in use is to the mode; None where the mode may not use it.

    Whom a ferry takes is said by its way, or else by a route that it is part of; of several
    routes, one that takes cars decides.
    """
    if tags.get("route") != "ferry":
        speed = kmh(tags, mode=mode)
        if speed is None:
            return None
        return tags["highway"], speed, np.nan, direction(tags, mode=mode), False, False
    said = [
        {name: route[name] for name in {*ACCESS["car"], *ACCESS["foot"]} if name in route}
        for route in routes or ({},)
    ]
    cars = any(_allowed({**route, **tags}, "car") for route in said)
    feet = any(_allowed({**route, **tags}, "foot") for route in said)
    if not feet and (mode == "foot" or not cars):
        return None
    minutes = minutes_of(tags.get("duration", ""))
    one = direction({"oneway": tags.get("oneway", "")})
    return "ferry", FERRY_KMH, np.nan if minutes is None else minutes, one, True, not cars


def _network(
    ways: _Ways,
    mode: str,
    bounds: tuple[float, float, float, float] | None,
    crs: object,
    spacing_m: float,
    least_nodes: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Turn ways into nodes and edges."""
    from pyproj import Geod, Transformer

    count = np.diff(ways.start)
    way = np.repeat(np.arange(len(count)), count)
    inner = np.ones(len(way), dtype=bool)
    inner[ways.start[1:] - 1] = False
    left = np.flatnonzero(inner)
    right = left + 1
    metres = np.asarray(
        Geod(ellps="WGS84").inv(ways.lon[left], ways.lat[left], ways.lon[right], ways.lat[right])[2]
    )
    segment_way = way[left]
    minutes = metres / 1000 / ways.kmh[segment_way] * 60
    whole = np.bincount(segment_way, weights=metres, minlength=len(count))
    stated = np.isfinite(ways.minutes[segment_way]) & (whole[segment_way] > 0)
    minutes[stated] = (ways.minutes[segment_way] * metres / np.maximum(whole[segment_way], 1e-9))[
        stated
    ]
    crossing = np.bincount(segment_way, weights=minutes, minlength=len(count)).astype(float)

    x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(ways.lon, ways.lat)
    # A barrier ends a way: what lies on either side of it gets an end of its own.
    ends = np.column_stack((ways.ref[left], ways.ref[right]))
    stop = np.isin(ends, ways.cut)
    ends[stop] = -np.arange(1, int(stop.sum()) + 1)
    ends_x, ends_y = (np.column_stack((v[left], v[right])) for v in (x, y))

    keep = ends[:, 0] != ends[:, 1]
    if bounds is not None:
        west, south, east, north = bounds
        inside = (ends_x >= west) & (ends_x <= east) & (ends_y >= south) & (ends_y <= north)
        keep &= inside.any(axis=1)
    if not keep.any():
        raise InputError("No road lies within the bounds; they are in metres of the network's crs.")
    stretch = _Stretches(
        *(a[keep] for a in (ends[:, 0], ends[:, 1], minutes, metres / 1000, segment_way))
    )
    spots = pd.DataFrame({"x": ends_x[keep].ravel(), "y": ends_y[keep].ravel()})
    spots = spots.groupby(ends[keep].ravel(), sort=True).first()
    merged = _merge(stretch, ways, spacing_m)
    return _frames(merged, ways, crossing, spots, least_nodes)


@dataclass(frozen=True)
class _Stretches:
    """Pieces of way between two nodes, in the ways' order."""

    tail: Ints
    head: Ints
    minutes: Floats
    km: Floats
    way: Ints


def _merge(pieces: _Stretches, ways: _Ways, spacing_m: float) -> _Stretches:
    """Join pieces where exactly two meet that are alike, up to `spacing_m` of length.

    Pieces of one way follow one another in the list, so they join first; then whole chains whose
    ends lie in different ways.
    """
    alike = _joints(pieces, ways)
    follows = np.zeros(len(pieces.tail), dtype=bool)
    follows[1:] = (pieces.way[1:] == pieces.way[:-1]) & (pieces.tail[1:] == pieces.head[:-1])
    follows[1:] &= np.isin(pieces.tail[1:], alike)
    # Along an unbroken run, a new edge begins each time the length passes the spacing.
    run = np.cumsum(~follows) - 1
    first = np.flatnonzero(~follows)
    far = np.cumsum(pieces.km) * 1000
    along = far - (far[first] - pieces.km[first] * 1000)[run]
    total = np.maximum(np.maximum.reduceat(along, first), 1e-9)
    # Evenly spaced: as many parts as the length needs.
    parts = np.maximum(np.ceil(total / spacing_m), 1)[run]
    middle = along - pieces.km * 500
    part = np.minimum(np.floor(middle / total[run] * parts), parts - 1)
    fresh = ~follows
    fresh[1:] |= part[1:] != part[:-1]
    at = np.flatnonzero(fresh)
    last = np.append(at[1:], len(fresh)) - 1
    joined = _Stretches(
        pieces.tail[at],
        pieces.head[last],
        np.add.reduceat(pieces.minutes, at),
        np.add.reduceat(pieces.km, at),
        pieces.way[at],
    )
    return _join_chains(joined, ways, spacing_m)


def _joints(pieces: _Stretches, ways: _Ways) -> Ints:
    """Return nodes where exactly two pieces meet that one may drive through as one."""
    node = np.concatenate((pieces.tail, pieces.head))
    order = np.argsort(node, kind="stable")
    names, first, count = np.unique(node[order], return_index=True, return_counts=True)
    two = count == 2
    a, b = order[first[two]], order[first[two] + 1]
    n = len(pieces.tail)
    way_a, way_b = pieces.way[a % n], pieces.way[b % n]
    same = (ways.ferry[way_a] == ways.ferry[way_b]) & (
        ways.foot_only[way_a] == ways.foot_only[way_b]
    )
    # A ferry's boarding belongs to its own shores, so ferries join within one way only.
    same &= ~ways.ferry[way_a] | (way_a == way_b)
    # +1 where travel along the line leads away from the node, -1 where towards it, 0 for both.
    out_a = ways.way[way_a] * np.where(a < n, 1, -1)
    out_b = ways.way[way_b] * np.where(b < n, 1, -1)
    return np.asarray(names[two][same & (out_a == -out_b) & (a % n != b % n)])


def _join_chains(edges: _Stretches, ways: _Ways, spacing_m: float) -> _Stretches:
    """Join whole chains of edges that together are no longer than the spacing."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(edges.tail)
    joint = _joints(edges, ways)
    node = np.concatenate((edges.tail, edges.head))
    at = np.flatnonzero(np.isin(node, joint))
    at = at[np.argsort(node[at], kind="stable")]
    a, b = at[0::2] % n, at[1::2] % n
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(n, n))
    chain = connected_components(graph, directed=False)[1]
    length = np.bincount(chain, weights=edges.km)
    size = np.bincount(chain)
    # A ring of joints alone has as many joints as edges, and no end to begin at.
    rings = np.bincount(chain[a], minlength=len(size)) == size
    joins = (size > 1) & (length * 1000 <= spacing_m) & ~rings
    rows = np.flatnonzero(joins[chain])
    if not len(rows):
        return edges
    end_node = np.concatenate((edges.tail[rows], edges.head[rows]))
    end_chain = np.tile(chain[rows], 2)
    outer = ~np.isin(end_node, joint)
    order = np.lexsort((np.flatnonzero(outer), end_chain[outer]))
    ends = np.flatnonzero(outer)[order].reshape(-1, 2)
    # Travel starts at an end that it leaves; the way of the first end's edge stands for the chain,
    # so the chain must lie as that way is drawn.
    first, second = ends[:, 0], ends[:, 1]
    name, way = end_chain[first], edges.way[rows[first % len(rows)]]
    leaves = ways.way[way] * np.where(first < len(rows), 1, -1) >= 0
    begin = np.where(leaves, end_node[first], end_node[second])
    finish = np.where(leaves, end_node[second], end_node[first])
    drawn = ways.way[way] >= 0
    tail, head = np.where(drawn, begin, finish), np.where(drawn, finish, begin)
    minutes = np.bincount(chain, weights=edges.minutes)
    alone = np.flatnonzero(~joins[chain])
    return _Stretches(
        np.concatenate((edges.tail[alone], tail)),
        np.concatenate((edges.head[alone], head)),
        np.concatenate((edges.minutes[alone], minutes[name])),
        np.concatenate((edges.km[alone], length[name])),
        np.concatenate((edges.way[alone], way)),
    )


def _frames(
    edges: _Stretches, ways: _Ways, crossing: Floats, spots: pd.DataFrame, least_nodes: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lay out nodes and edges, with boarding, components and where points may join."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ferry = ways.ferry[edges.way]
    heading = ways.way[edges.way]
    labels = np.unique(np.concatenate((edges.tail, edges.head)))
    tail, head = np.searchsorted(labels, edges.tail), np.searchsorted(labels, edges.head)
    n = len(labels)
    degree = np.bincount(tail, minlength=n) + np.bincount(head, minlength=n)
    on_land = np.zeros(n, dtype=bool)
    on_land[tail[~ferry]] = True
    on_land[head[~ferry]] = True
    shore = on_land | (degree == 1)
    full = np.where(crossing[edges.way] >= 60, 30.0, 10.0)
    boarding = np.where(ferry, full / 2 * (shore[tail].astype(int) + shore[head]), 0.0)

    graph = coo_array((np.ones(len(tail)), (tail, head)), shape=(n, n))
    component = connected_components(graph, directed=False)[1]
    size = np.bincount(component)
    rank = np.empty(len(size), dtype=np.int64)
    rank[np.argsort(-size, kind="stable")] = np.arange(len(size))
    highway = np.array(ways.highway, dtype=object)[edges.way]
    fast = np.isin(highway, ("motorway", "motorway_link"))
    joinable = np.zeros(n, dtype=bool)
    joinable[tail[~fast & ~ferry]] = True
    joinable[head[~fast & ~ferry]] = True
    joinable |= shore & ~on_land
    joinable &= (size[component] >= least_nodes) | (size[component] == size.max())

    back = heading < 0
    nodes = spots.loc[labels].assign(snap=joinable, component=rank[component])
    nodes.index.name = None
    frame = pd.DataFrame(
        {
            "from": np.where(back, edges.head, edges.tail),
            "to": np.where(back, edges.tail, edges.head),
            "minutes": edges.minutes + boarding,
            "km": edges.km,
            "ferry": ferry,
            "oneway": heading != 0,
            "boarding_minutes": boarding,
            "foot_only": ways.foot_only[edges.way],
            "highway": highway,
        }
    )
    return nodes, frame


def _checksum(path: Path) -> str:
    """Return the file's SHA-256."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
