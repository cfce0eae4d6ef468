"""Owns what travel means for families: one status per place and category, summarised by area."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from gapmap.errors import InputError
from gapmap.place.confidential import is_confidential
from gapmap.travel.answer import (
    BY_FERRY,
    Answer,
    Bools,
    Floats,
    Places,
    check_k,
    number_fault,
)

STATUSES = (
    "reachable",
    "by_ferry",
    "comes_to_family",
    "site_not_known",
    "no_known_service",
    "unreachable",
    "off_network",
)
"""Every travel status, in the order in which tables show them."""

SCOTLAND = "S92000003"
KEYS = ["level", "area_code", "category"]
"""What a row of a summary stands for."""
MEASURED = ("site", "postcode")
"""How well a base must be known before minutes to it are told."""


class Measure(Protocol):
    """What `nearest_services` needs of a network: `Network` and `StraightLine` both have it."""

    label: str

    def place(self, points: pd.DataFrame | Places, *, what: str = ...) -> Places:
        """Join points to the network."""

    def answer(
        self,
        origins: pd.DataFrame | Places,
        destinations: pd.DataFrame | Places,
        *,
        k: int = ...,
        limit: float | None = ...,
    ) -> Answer:
        """Find the k nearest destinations of every origin."""


def nearest_services(
    people: pd.DataFrame,
    sites: pd.DataFrame,
    services: pd.DataFrame,
    network: Measure,
    *,
    categories: Iterable[str] | None = None,
    k: int = 1,
) -> pd.DataFrame:
    """Find, for every people point and category, the nearest services that serve it.

    Only a stated ``serves`` restricts who may use a service. Where no base that is known well
    enough can be reached, the status says why, by the first of these that holds:

    1. ``comes_to_family``: a service that is stated (or, failing that, inferred) to serve the
       place visits at home, reaches out, or works online or by telephone;
    2. ``site_not_known``: a service serves the place, but its base is not recorded to a site or
       postcode, so there is nothing to measure to;
    3. ``no_known_service``: no known service serves the place;
    4. ``off_network``: the place is farther from every road than the network's tolerance;
    5. ``unreachable``: no road or ferry of the network leads there.

    A place with a base in reach is ``reachable`` or ``by_ferry`` even when a service would also
    come; the column comes_to_family tells of both.

    Parameters
    ----------
    people
        One row per place: index its id (a postcode), easting and northing in metres; every column
        whose name ends in ``_code`` holds codes of areas that the place lies in.
    sites
        One row per location: service_id, easting, northing (blank where not known), precision
        (``site``, ``postcode``, ``town``, ``area``); optional location_confidential (bool: such a
        base is not measured to).
    services
        One row per service and category: service_id, category, serves_codes (a collection of area
        codes, ``S92000003`` for all; blank or empty where not stated), comes_to_family (bool);
        optional inferred_codes (the areas it stands in, used only where serves is not stated and
        only to say whom a service without a measured base serves); optional part_codes (the areas
        among serves_codes of which it serves a part only). Where neither is known, a
        service without a base counts as serving everyone, and comes to nobody.
    network
        `Network` or `StraightLine`.
    categories
        Which, in this order; those of the services, sorted, by default. The column category may
        hold any other grouping (a tier, say).
    k
        How many distinct services. Ranks beyond the services that serve a place say
        ``no_known_service``.

    Returns
    -------
    pandas.DataFrame
        One row per category, place and rank, in that order of precedence: postcode (the index of
        `people`), category, rank, minutes, km (by road), ferry_minutes (aboard),
        boarding_minutes, foot_ferry, status, service_id, comes_to_family, comes_in_part (what comes
        serves a part of an area only, so that it may not come to all of them). Numbers and
        service_id are blank where there is no way to a known base.

    Raises
    ------
    InputError
        Missing columns (all are named), or people without coordinates.

    Examples
    --------
    >>> from gapmap.travel.straight import StraightLine
    >>> people = pd.DataFrame({"easting": [0, 9000], "northing": [0, 0],
    ...                        "council_code": ["S12000001", "S12000002"]}, index=["P1", "P2"])
    >>> sites = pd.DataFrame({"service_id": ["s"], "easting": [3000], "northing": [4000],
    ...                       "precision": ["site"]})
    >>> services = pd.DataFrame({"service_id": ["s"], "category": ["befriending"],
    ...                          "serves_codes": [("S12000001",)], "comes_to_family": [False]})
    >>> nearest_services(people, sites, services, StraightLine())[["postcode", "km", "status"]]
      postcode   km            status
    0       P1  5.0         reachable
    1       P2  NaN  no_known_service
    """
    k = check_k(k)
    if isinstance(categories, str):
        raise InputError(f"categories: give a list, such as [{categories!r}].")
    _require(people, ("easting", "northing"), "people")
    _require(sites, ("service_id", "easting", "northing", "precision"), "sites")
    _require(services, ("service_id", "category", "serves_codes", "comes_to_family"), "services")
    if people.index.has_duplicates:
        twice = people.index[people.index.duplicated()].unique()
        raise InputError(f"people: ids on more than one row: {', '.join(map(str, twice[:5]))}.")
    wanted = sorted(services["category"].dropna().unique()) if categories is None else categories
    names = list(dict.fromkeys(wanted))
    services = _with_flags(services)
    ids = pd.Index(services["service_id"].unique()).sort_values()
    places = network.place(people, what="people")
    areas = _Areas(people)
    measured = _measured(sites)
    blocks = []
    for name in names:
        own = services[services["category"] == name]
        blocks.append(_one_category(own, measured, ids, places, areas, network, k))
    return _stack(blocks, names, people.index, ids, k)


@dataclass(frozen=True)
class _Block:
    """The answers for one category: places by ranks."""

    minutes: Floats
    km: Floats
    ferry: Floats
    boarding: Floats
    foot: Bools
    service: npt.NDArray[np.int64]
    status: npt.NDArray[np.int8]
    comes: Bools
    in_part: Bools


class _Areas:
    """Which places lie in which areas; each distinct set of codes is worked out once."""

    def __init__(self, people: pd.DataFrame) -> None:
        self._rows = len(people)
        self._columns = [
            pd.Categorical(people[name]) for name in people.columns if str(name).endswith("_code")
        ]
        self._known: dict[frozenset[str], Bools] = {}

    def inside(self, codes: frozenset[str]) -> Bools:
        """Return whether each place lies in one of the areas."""
        if codes not in self._known:
            inside = np.full(self._rows, SCOTLAND in codes)
            for column in self._columns:
                hit = np.append(column.categories.isin(list(codes)), False)
                inside |= hit[column.codes]
            self._known[codes] = inside
        return self._known[codes]

    def everywhere(self) -> Bools:
        """Return true for every place."""
        return np.ones(self._rows, dtype=bool)


def _require(frame: pd.DataFrame, columns: Sequence[str], what: str) -> None:
    """Refuse what is no frame, or one that lacks columns, naming them all."""
    if not isinstance(frame, pd.DataFrame):
        raise InputError(
            f"{what}: expected a pandas DataFrame with the columns {', '.join(columns)}, but got "
            f"{type(frame).__name__}."
        )
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise InputError(
            f"{what}: the columns {', '.join(missing)} are missing; found are "
            f"{', '.join(map(str, frame.columns)) or '(none)'}."
        )


def _measured(sites: pd.DataFrame) -> pd.DataFrame:
    """Return the locations that minutes are told to, with the service as label."""
    known = sites["precision"].isin(MEASURED)
    for name in ("easting", "northing"):
        known &= pd.to_numeric(sites[name], errors="coerce").notna()
    known &= ~is_confidential(sites)
    kept = sites.loc[known, ["service_id", "easting", "northing"]]
    return kept.astype({"easting": float, "northing": float}).set_index("service_id")


def _codes(value: Any) -> frozenset[str]:
    """Return the area codes in a cell; a blank one holds none."""
    if value is None or (not isinstance(value, str) and np.ndim(value) == 0 and pd.isna(value)):
        return frozenset()
    several = [value] if isinstance(value, str) else value
    return frozenset(one for one in several if isinstance(one, str) and one)


def _one_category(
    services: pd.DataFrame,
    measured: pd.DataFrame,
    ids: pd.Index,
    places: Places,
    areas: _Areas,
    network: Measure,
    k: int,
) -> _Block:
    """Answer for one category: the nearest bases, then why there is none."""
    rows = len(places)
    best = _Best(rows, k)
    comes = np.zeros(rows, dtype=bool)
    throughout = np.zeros(rows, dtype=bool)
    no_base = np.zeros(rows, dtype=bool)
    serving = np.zeros(rows, dtype=np.int64)
    groups: dict[frozenset[str], list[Any]] = {}
    for service, codes, told, whole, comes_here in _claims(services, areas):
        if comes_here:
            comes |= told
            throughout |= whole
        if service in measured.index:
            groups.setdefault(codes, []).append(service)
            serving += areas.inside(codes) if codes else 1
        else:
            no_base |= told
            serving += told
    for codes in sorted(groups, key=sorted):
        here = np.flatnonzero(areas.inside(codes)) if codes else np.arange(rows)
        if len(here):
            bases = measured[measured.index.isin(groups[codes])]
            origins = places if len(here) == rows else places.subset(here)
            best.merge(here, network.answer(origins, bases, k=k), ids)
    status = np.full((rows, k), STATUSES.index("unreachable"), dtype=np.int8)
    status[places.node < 0] = STATUSES.index("off_network")
    status[serving[:, None] <= np.arange(k)] = STATUSES.index("no_known_service")
    more = serving[:, None] > np.arange(k)
    status[no_base[:, None] & more] = STATUSES.index("site_not_known")
    status[comes[:, None] & more] = STATUSES.index("comes_to_family")
    there = best.service >= 0
    status[there] = np.where(best.ferried, STATUSES.index("by_ferry"), 0)[there]
    return _Block(
        best.minutes,
        best.km,
        best.ferry,
        best.boarding,
        best.foot,
        best.service,
        status,
        comes,
        comes & ~throughout,
    )


def _with_flags(services: pd.DataFrame) -> pd.DataFrame:
    """Services whose comes_to_family is true or false; what is neither is told, not guessed."""
    said = services["comes_to_family"].astype(object)
    flags = {True: True, False: False, "yes": True, "no": False}
    # 1 and 1.0 would pass for true in a mapping.
    known = [flags.get(one) if isinstance(one, bool | np.bool_ | str) else None for one in said]
    faults = [
        f'service {service} (category {category}): comes_to_family is {one!r}; write True or False'
        for service, category, one, flag in zip(
            services["service_id"], services["category"], said, known, strict=True
        )
        if flag is None
    ]  # fmt: skip
    for column in ("service_id", "category"):
        blank = services[column].isna() | (services[column].astype(object) == "")
        faults += [f"row {row}: {column} is blank" for row in services.index[blank]]
    if faults:
        more = f"; and {len(faults) - 20} more" if len(faults) > 20 else ""
        raise InputError(f"services: {'; '.join(faults[:20])}{more}.")
    return services.assign(comes_to_family=np.array(known, dtype=bool))


class _Claim(NamedTuple):
    """Whom a service says that it serves."""

    service: Any
    codes: frozenset[str]  # the areas that it states
    told: Bools  # the places that it serves
    throughout: Bools  # those where it serves not only a part of the area
    comes: bool  # whether it comes to them


def _claims(services: pd.DataFrame, areas: _Areas) -> Iterator[_Claim]:
    """Each service's claim."""
    inferred, parts = (services.get(name) for name in ("inferred_codes", "part_codes"))
    for i, (service, stated, comes) in enumerate(
        zip(
            services["service_id"],
            services["serves_codes"],
            services["comes_to_family"],
            strict=True,
        )
    ):
        codes = _codes(stated)
        stands = codes or (_codes(inferred.iloc[i]) if inferred is not None else frozenset())
        part = _codes(parts.iloc[i]) if parts is not None else frozenset()
        told = areas.inside(stands) if stands else areas.everywhere()
        throughout = areas.inside(stands - part) if part else told
        yield _Claim(service, codes, told, throughout, bool(comes) and bool(stands))


def who_serves(people: pd.DataFrame, sites: pd.DataFrame, services: pd.DataFrame) -> pd.DataFrame:
    """Name the services on which the statuses of `nearest_services` rest.

    Parameters
    ----------
    people, sites, services
        As for `nearest_services`.

    Returns
    -------
    pandas.DataFrame
        One row per place and service that serves it: postcode (the index of `people`), category,
        service_id, comes_to_family (bool), base_known (bool: minutes can be told to it).

    Examples
    --------
    >>> people = pd.DataFrame({"council_code": ["S12000001", "S12000002"]}, index=["P1", "P2"])
    >>> sites = pd.DataFrame({"service_id": [], "easting": [], "northing": [], "precision": []})
    >>> services = pd.DataFrame({"service_id": ["s"], "category": ["befriending"],
    ...                          "serves_codes": [("S12000001",)], "comes_to_family": [True]})
    >>> who_serves(people, sites, services)["postcode"].tolist()
    ['P1']
    """
    _require(sites, ("service_id", "easting", "northing", "precision"), "sites")
    _require(services, ("service_id", "category", "serves_codes", "comes_to_family"), "services")
    services = _with_flags(services)
    areas, based = _Areas(people), set(_measured(sites).index)
    rows = [
        (place, category, claim.service, claim.comes, claim.service in based)
        for category, claim in zip(services["category"], _claims(services, areas), strict=True)
        for place in people.index[claim.told]
    ]
    return pd.DataFrame(
        rows, columns=["postcode", "category", "service_id", "comes_to_family", "base_known"]
    )


class _Best:
    """The k best answers so far of every place, kept in order of minutes, then of service id."""

    def __init__(self, rows: int, k: int) -> None:
        self.k = k
        shape = (rows, k)
        self.key = np.full(shape, np.inf)
        self.service = np.full(shape, -1, dtype=np.int64)
        self.minutes, self.km, self.ferry, self.boarding = (
            np.full(shape, np.nan) for _ in range(4)
        )
        self.foot, self.ferried = (np.zeros(shape, dtype=bool) for _ in range(2))

    def merge(self, here: npt.NDArray[np.int64], found: Answer, ids: pd.Index) -> None:
        """Put the answers of some places among those that they have."""
        k = self.k
        codes = np.append(ids.get_indexer(found.names), -1)
        # A straight line without a speed has no minutes; its kilometres order it as well.
        key = np.where(np.isnan(found.minutes), found.km, found.minutes)
        new = {
            "key": np.where(np.isnan(key), np.inf, key),
            "service": codes[found.code],
            "minutes": found.minutes,
            "km": found.km,
            "ferry": found.ferry_minutes,
            "boarding": found.boarding_minutes,
            "foot": found.foot_ferry,
            "ferried": found.status == BY_FERRY,
        }
        new = {name: values.reshape(-1, k) for name, values in new.items()}
        if (self.service[here] < 0).all():
            for name, values in new.items():
                getattr(self, name)[here] = values
            return
        # Only where its best comes before the last that is kept does anything change.
        key, last = new["key"][:, 0], self.key[here, -1]
        better = (key < last) | ((key == last) & (new["service"][:, 0] < self.service[here, -1]))
        here = here[better]
        both = {
            name: np.concatenate((getattr(self, name)[here], values[better]), axis=1)
            for name, values in new.items()
        }
        # Sorted by id first, then, without disturbing that, by time; no answer has endless time.
        order = np.argsort(both["service"], axis=1, kind="stable")
        key = np.take_along_axis(both["key"], order, axis=1)
        second = np.argsort(key, axis=1, kind="stable")[:, :k]
        order = np.take_along_axis(order, second, axis=1)
        for name, values in both.items():
            getattr(self, name)[here] = np.take_along_axis(values, order, axis=1)


def _stack(
    blocks: list[_Block], names: list[str], index: pd.Index, ids: pd.Index, k: int
) -> pd.DataFrame:
    """Put the categories' answers one under another."""
    rows = len(index) * k

    def flat(name: str) -> npt.NDArray[Any]:
        parts = [getattr(block, name).reshape(-1) for block in blocks]
        return np.concatenate(parts) if parts else np.empty(0)

    place = np.tile(np.repeat(np.arange(len(index)), k), len(names))
    service = flat("service").astype(np.int64)

    def each(name: str) -> Bools:
        parts = [np.repeat(getattr(block, name), k) for block in blocks]
        return np.concatenate(parts) if parts else np.empty(0, dtype=bool)

    return pd.DataFrame(
        {
            # Millions of rows share the same texts.
            "postcode": pd.Categorical.from_codes(place, categories=index),
            "category": pd.Categorical.from_codes(
                np.repeat(np.arange(len(names)), rows), categories=names
            ),
            "rank": np.tile(np.arange(1, k + 1), len(index) * len(names)),
            "minutes": flat("minutes").astype(float),
            "km": flat("km").astype(float),
            "ferry_minutes": flat("ferry").astype(float),
            "boarding_minutes": flat("boarding").astype(float),
            "foot_ferry": flat("foot").astype(bool),
            "status": pd.Categorical.from_codes(
                flat("status").astype(np.int8), categories=list(STATUSES)
            ),
            "service_id": pd.Categorical.from_codes(service, categories=ids),
            "comes_to_family": each("comes"),
            "comes_in_part": each("in_part"),
        },
        copy=False,
    )


def access(
    people: pd.DataFrame,
    nearest: pd.DataFrame,
    *,
    by: str | Sequence[str] | None = None,
    weights: str = "under_5",
    thresholds: Sequence[float] = (15, 30, 60, 120),
    rank: int = 1,
) -> pd.DataFrame:
    """Summarise travel for the people of every area, by category.

    Means and percentiles are over those with a known way (``reachable`` or ``by_ferry``) and
    blank where there are none; shares are of everybody, so that nothing hides in the blank.
    A percentile is the least number of minutes within which at least that share of them arrive.

    Parameters
    ----------
    people
        As for `nearest_services`, with the column of `weights`.
    nearest
        What `nearest_services` gave for them.
    by
        Column or columns of `people` with the areas or classes to summarise for
        (``board_code``, ``urban_rural``); all people together by default. People with a blank
        there are kept, under a blank code.
    weights
        Column of `people`: how many people each place stands for.
    thresholds
        Minutes t for the columns share_within_t.
    rank
        1 for the nearest service, 2 for the second, ...

    Returns
    -------
    pandas.DataFrame
        Columns level (the column of `by`, without ``_code``), area_code, category, people,
        mean_minutes, median_minutes, p90_minutes, mean_km, share_within_t for each threshold, and
        share_s for each status s, which add up to exactly 1 (blank where an area has no people).
        Sorted by level as given, area code and category as in `nearest`.

    Raises
    ------
    InputError
        Missing columns, weights that are blank or negative, places in one frame but not in the
        other, or a rank that `nearest` does not have.

    Examples
    --------
    >>> people = pd.DataFrame({"board_code": ["S08", "S08"], "under_5": [30, 10]}, index=["a", "b"])
    >>> nearest = pd.DataFrame({"postcode": ["a", "b"], "category": "befriending", "rank": 1,
    ...                         "minutes": [10.0, None], "km": [8.0, None],
    ...                         "status": ["reachable", "unreachable"]})
    >>> row = access(people, nearest, by="board_code").iloc[0]
    >>> (float(row.mean_minutes), float(row.share_within_15), float(row.share_unreachable))
    (10.0, 0.75, 0.25)
    """
    weight = _weights(people, weights)
    levels = _levels(people, by)
    thresholds = _several("thresholds", thresholds)
    parts = []
    answers = _by_category(people, nearest, rank)
    for level, (codes, areas) in levels.items():
        for order, (category, rows) in enumerate(answers):
            part = _summary(rows, codes, len(areas), weight, thresholds)
            for at, (name, value) in enumerate(zip(KEYS, (level, areas, category), strict=True)):
                part.insert(at, name, value)
            parts.append(part.assign(_order=order, _area=np.arange(len(areas))))
    if not parts:
        none = _summary(nearest.iloc[:0], np.empty(0, dtype=np.int64), 0, weight[:0], thresholds)
        keys = pd.DataFrame({}, index=none.index, columns=KEYS, dtype=object)
        return pd.concat([keys, none], axis=1)
    table = pd.concat(parts, ignore_index=True)
    place = {level: i for i, level in enumerate(levels)}
    table["_level"] = table["level"].map(place)
    table = table.sort_values(["_level", "_area", "_order"], kind="stable", ignore_index=True)
    return table.drop(columns=["_level", "_area", "_order"])


def travel_curve(
    people: pd.DataFrame,
    nearest: pd.DataFrame,
    *,
    by: str | Sequence[str] | None = None,
    weights: str = "under_5",
    minutes: Sequence[float] = tuple(range(0, 181, 5)),
    rank: int = 1,
) -> pd.DataFrame:
    """Return what share of all people is within t minutes of a service, for many t.

    Parameters
    ----------
    people, nearest, by, weights, rank
        As for `access`.
    minutes
        The t.

    Returns
    -------
    pandas.DataFrame
        Columns level, area_code, category, minutes, share (of everybody, with or without a way;
        blank where an area has no people).

    Raises
    ------
    InputError
        As for `access`.

    Examples
    --------
    >>> people = pd.DataFrame({"under_5": [30, 10]}, index=["a", "b"])
    >>> nearest = pd.DataFrame({"postcode": ["a", "b"], "category": "befriending", "rank": 1,
    ...                         "minutes": [10.0, 40.0], "km": [8.0, 30.0], "status": "reachable"})
    >>> travel_curve(people, nearest, minutes=(5, 10, 60))["share"].tolist()
    [0.0, 0.75, 1.0]
    """
    minutes = _several("minutes", minutes)
    table = access(people, nearest, by=by, weights=weights, thresholds=minutes, rank=rank)
    names = {f"share_within_{t:g}": t for t in minutes}
    long = table.melt(id_vars=KEYS, value_vars=list(names), var_name="t", value_name="share")
    long.insert(3, "minutes", long.pop("t").map(names))
    row = np.tile(np.arange(len(table)), len(names))
    return long.iloc[np.argsort(row, kind="stable")].reset_index(drop=True)


def _several(name: str, values: Sequence[float]) -> tuple[float, ...]:
    """Return a list of minutes when it is one, each a number; name every fault otherwise."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise InputError(f"{name} must be a list of minutes, such as [15, 30], not {values!r}.")
    listed = tuple(values)
    faults = [number_fault(f"each of {name}", value, "minutes") for value in listed]
    if any(faults):
        raise InputError(" ".join(filter(None, faults)))
    return listed


def _weights(people: pd.DataFrame, name: str) -> Floats:
    """Return the people at each place."""
    _require(people, (name,), "people")
    weight = np.asarray(pd.to_numeric(people[name], errors="coerce"), dtype=float)
    bad = ~(np.isfinite(weight) & (weight >= 0))
    if bad.any():
        raise InputError(
            f"people: {name} must be a number of at least 0 on every row; it is not at "
            f"{', '.join(map(str, people.index[bad][:5]))} ({int(bad.sum())} rows)."
        )
    return weight


def _levels(
    people: pd.DataFrame, by: str | Sequence[str] | None
) -> dict[str, tuple[npt.NDArray[np.int64], npt.NDArray[Any]]]:
    """Return, for each way of dividing the people, their division's number and its codes."""
    if by is None:
        return {"all": (np.zeros(len(people), dtype=np.int64), np.array(["all"], dtype=object))}
    columns = [by] if isinstance(by, str) else list(by)
    _require(people, columns, "people")
    levels = {}
    for name in columns:
        codes, areas = pd.factorize(people[name], sort=True, use_na_sentinel=True)
        values = np.asarray(areas, dtype=object)
        if (codes < 0).any():
            codes = np.where(codes < 0, len(values), codes)
            values = np.append(values, np.array([None], dtype=object))
        levels[str(name).removesuffix("_code")] = (codes.astype(np.int64), values)
    return levels


def _by_category(
    people: pd.DataFrame, nearest: pd.DataFrame, rank: int
) -> list[tuple[str, pd.DataFrame]]:
    """Split answers by category, each with one row per place in the people's order."""
    _require(nearest, ("postcode", "category", "rank", "minutes", "km", "status"), "nearest")
    if people.index.has_duplicates:
        raise InputError("people: an id stands on more than one row.")
    strange = [one for one in nearest["status"].unique() if one not in STATUSES]
    if strange:
        said = ", ".join("a blank" if pd.isna(one) else repr(one) for one in strange[:5])
        raise InputError(
            f"nearest: the column status holds {said}. Each row must have one of "
            f"{', '.join(STATUSES)}."
        )
    some = nearest[nearest["rank"] == rank]
    if len(nearest) and not len(some):
        raise InputError(f"nearest: there is no rank {rank}; ask nearest_services for k={rank}.")
    answers = []
    for category, rows in some.groupby("category", observed=True, sort=False):
        if not _same_order(rows["postcode"], people.index):
            rows = rows.set_index(rows["postcode"].astype(people.index.dtype))
            both = rows.index.symmetric_difference(people.index)
            if len(both) or rows.index.has_duplicates:
                raise InputError(
                    f"nearest: for {category} it must have each place of people once; "
                    f"{', '.join(map(str, both[:5])) or 'some'} do not match."
                )
            rows = rows.loc[people.index]
        answers.append((str(category), rows))
    return answers


def _same_order(postcodes: pd.Series, index: pd.Index) -> bool:
    """Whether the answers stand in the people's order already."""
    if len(postcodes) != len(index):
        return False
    if isinstance(postcodes.dtype, pd.CategoricalDtype) and postcodes.cat.categories.equals(index):
        return np.array_equal(postcodes.cat.codes, np.arange(len(index)))
    return bool((postcodes.array == index.array).all())


def _summary(
    rows: pd.DataFrame,
    code: npt.NDArray[np.int64],
    areas: int,
    weight: Floats,
    thresholds: Sequence[float],
) -> pd.DataFrame:
    """Summarise one category for every area of one level."""
    minutes = np.asarray(rows["minutes"], dtype=float)
    km = np.asarray(rows["km"], dtype=float)
    status = pd.Categorical(rows["status"], categories=list(STATUSES)).codes

    def total(values: Floats) -> Floats:
        return np.bincount(code, weights=values, minlength=areas).astype(float)

    def share(mask: Bools) -> Floats:
        return _ratio(total(np.where(mask, weight, 0.0)), people)

    people = total(weight) if len(code) else np.zeros(areas)
    timed = np.isfinite(minutes)
    way = np.isfinite(km)
    median, p90 = _percentiles(minutes, weight, code, areas, (0.5, 0.9))
    table = {
        "people": people,
        "mean_minutes": _ratio(
            total(np.where(timed, minutes, 0) * weight), total(np.where(timed, weight, 0.0))
        ),
        "median_minutes": median,
        "p90_minutes": p90,
        "mean_km": _ratio(total(np.where(way, km, 0) * weight), total(np.where(way, weight, 0.0))),
    }
    # A way whose minutes nobody knows (a straight line without a speed) is neither within nor
    # beyond any of them.
    untimed = total((way & ~timed).astype(float)) > 0
    for t in thresholds:
        within = share(timed & (np.nan_to_num(minutes, nan=np.inf) <= t))
        table[f"share_within_{t:g}"] = np.where(untimed, np.nan, within)
    shares = np.column_stack([share(status == i) for i in range(len(STATUSES))])
    table |= dict(zip((f"share_{s}" for s in STATUSES), _exactly_one(shares).T, strict=True))
    return pd.DataFrame(table)


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Divide; blank where the whole is nothing."""
    out = np.full(len(part), np.nan)
    np.divide(part, whole, out=out, where=whole > 0)
    return out


def _percentiles(
    minutes: Floats,
    weight: Floats,
    code: npt.NDArray[np.int64],
    areas: int,
    shares: Sequence[float],
) -> list[Floats]:
    """Return the least minutes within which at least each share of the timed people arrive."""
    out = [np.full(areas, np.nan) for _ in shares]
    used = np.flatnonzero(np.isfinite(minutes) & (weight > 0))
    if not len(used):
        return out
    used = used[np.argsort(minutes[used], kind="stable")]
    # Few areas fit a short integer, which sorts in one pass.
    short = code[used].astype(np.uint16) if areas < 65536 else code[used]
    used = used[np.argsort(short, kind="stable")]
    area, running = code[used], np.cumsum(weight[used])
    first = np.flatnonzero(np.append(True, area[1:] != area[:-1]))
    last = np.append(first[1:], len(area)) - 1
    before = np.append(0.0, running)[first]
    for values, share in zip(out, shares, strict=True):
        # The tolerance keeps a share that is met exactly from being missed by rounding.
        goal = before + (running[last] - before) * share * (1 - 1e-12)
        at = np.minimum(np.maximum(np.searchsorted(running, goal), first), last)
        values[area[first]] = minutes[used][at]
    return out


def _exactly_one(shares: Floats) -> Floats:
    """Round shares to a power of two far below what shows, and give the largest what is missing.

    Such numbers add up without rounding, so the sum of a row is exactly 1 in any order.
    """
    if not shares.size:
        return shares
    parts = np.rint(shares * 2.0**52)
    row = np.arange(len(parts))
    parts[row, parts.argmax(axis=1)] += 2.0**52 - parts.sum(axis=1)
    return np.asarray(parts / 2.0**52)
