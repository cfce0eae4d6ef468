"""Remote and island places beyond reach of help that does not come to them: the rural gap list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from gapmap.errors import InputError
from gapmap.place.land import piece_of
from gapmap.vocabulary import FOOT_FERRY, WEIGHTS, category_words
from gapmap.words import minutes_in_words, number_in_words, roughly

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Texts = npt.NDArray[np.object_]
    Ints = npt.NDArray[np.int64]

#: 6-fold classes that are remote: remote small towns and remote country.
REMOTE = frozenset({4, 6})

#: Ways to a base, and none: people of one place who go different ways are told apart.
_WAYS = ("road", "ferry", "foot", "unreachable", "off_network")
_ROAD, _FERRY, _FOOT, _UNREACHABLE, _OFF_NETWORK = range(len(_WAYS))

#: What all people of a row have in common.
_TOLD = ("place", "near", "island", "area_code", "board_code")

#: A place is listed from this share of its people on; one with fewer, by those of its
#: neighbourhoods that have as many.
_ENOUGH = 0.5
#: A known place names what is at most so far from it, in metres.
_NEAR_A_NAME = 6_000.0
#: And is true of a place if half of its people live this near to it, in metres.
_NEAR_MOST = 10_000.0

#: A known place this far off a shore is still on it, in metres.
_OFF_SHORE = 1_000.0

#: Columns of the list.
RURAL_COLUMNS = (
    "place",
    "near",
    "island",
    "area_code",
    "area_name",
    "board_code",
    "postcode",
    "easting",
    "northing",
    "urban_rural",
    "category",
    "minutes",
    "threshold",
    "by_ferry",
    "foot_ferry",
    "ferry_minutes",
    "service_id",
    "service_name",
    "people",
    "status",
    "comes_in_part",
    "reason",
)


def rural_places(
    people: pd.DataFrame,
    nearest: pd.DataFrame,
    *,
    threshold: float = 60.0,
    weight: str = "under_5",
    service_names: pd.Series | None = None,
    area_names: pd.Series | None = None,
    place_names: pd.DataFrame | None = None,
    land: Texts | None = None,
    islands: pd.DataFrame | None = None,
    categories: Sequence[str] | None = None,
    exact_people: bool = False,
) -> pd.DataFrame:
    """List the remote and island places whose families are too far from a kind of service.

    A place is a settlement or, outside one, what lies of a postcode sector on one piece of land,
    or the neighbourhood that the people's own ``place`` names (of data zones). Those of its people
    who drive all the way, who take a ferry, who take a boat that carries no cars, and who have no
    way at all are looked at apart: half an island's people with a road and half without are not
    told one thing. A place is listed for a category where its people have a known nearest base
    beyond the threshold, or no way there at all, and no service that serves them comes to the
    family, if that holds for at least half of them; of other places, and of people with no way at
    all, those neighbourhoods (what lies around one known place) where it holds for at least half.
    A service that comes to families in a part of its area only takes no place off the list, but is
    told. People for whom no base is known are no gap: nobody knows how far they are.

    Parameters
    ----------
    people
        Index postcode; easting, northing, council_code, board_code, urban_rural (6-fold class),
        the weight and, if known, settlement ("" outside one).
    nearest
        As ``gapmap.travel.access.nearest_services`` returns it; rank 1 is looked at.
    threshold
        Minutes.
    weight
        Column of people.
    service_names, area_names
        Names by service_id and by council code.
    place_names
        name, easting, northing of known places; the nearest within 6 km on the same island says
        where a postcode sector or a part of it is.
    land
        Pieces of land, as ``gapmap.place.land.land_of`` returns them; without it islands are told
        apart only by the ferry.
    islands
        name, easting, northing of places on the islands whose names are known; of islands that the
        land draws as one, the nearest place tells.
    categories
        Which; all by default.
    exact_people
        The people are counts, not estimates: told without "roughly".

    Returns
    -------
    pandas.DataFrame
        ``RURAL_COLUMNS``, those with no way there first, then by minutes, longest first. minutes is
        the people-weighted median of those listed (NaN where they have no way); people is an
        estimate and never ranks; postcode, easting and northing are of the point of people nearest
        to its middle. No two rows have the same postcode and category.

    Raises
    ------
    InputError
        If the people have no urban-rural class.

    Examples
    --------
    >>> people = pd.DataFrame({"easting": [0.0], "northing": [0.0], "council_code": ["C"],
    ...     "board_code": ["B"], "urban_rural": [6], "under_5": [8.0]}, index=["IV27 4AA"])
    >>> nearest = pd.DataFrame({"postcode": ["IV27 4AA"], "category": "maternity_unit", "rank": 1,
    ...     "minutes": 130.0, "km": 120.0, "ferry_minutes": 0.0, "status": "reachable",
    ...     "service_id": "R", "comes_to_family": False})
    >>> rural_places(people, nearest)[["place", "minutes", "status"]].values.tolist()
    [['IV27 4', 130.0, 'beyond']]
    """
    if "urban_rural" not in people:
        raise InputError(
            "The people have no column urban_rural. Add it with: "
            "people['urban_rural'] = gapmap.urban_rural(people)"
        )
    rows = _rows(people, nearest, categories)
    beyond = _beyond(people, nearest, rows, threshold)
    if not beyond.any():
        return pd.DataFrame(columns=list(RURAL_COLUMNS))
    units = _Units(people, np.unique(rows["at"].to_numpy()[beyond]), place_names, land, islands)
    rows = rows.assign(beyond=beyond)[units.coarse[rows["at"].to_numpy()] >= 0]
    rows["weight"] = people[weight].to_numpy(float)[rows["at"].to_numpy()]
    listed = _listed(rows, units)
    if listed.empty:
        return pd.DataFrame(columns=list(RURAL_COLUMNS))
    told = nearest[["minutes", "ferry_minutes", "service_id"]].take(listed.index)
    members = listed.join(told.set_axis(listed.index))
    members["comes_in_part"] = _in_part(nearest)[members.index]
    at = members["at"].to_numpy()
    members["postcode"] = people.index.to_numpy(object)[at]
    members["x"], members["y"] = units.x[at], units.y[at]
    members["place"], members["area_code"] = units.place[at], units.area[at]
    members["urban_rural"] = people["urban_rural"].to_numpy()[at]
    members["board_code"] = (
        people["board_code"].astype(object).to_numpy()[at] if "board_code" in people else ""
    )
    members["island"] = units.island_of(at)
    members["near"] = _named(members, units)
    everyone = pd.Series(people[weight].to_numpy(float)).groupby([units.place, units.area]).sum()
    found = _places_of(members, everyone)
    table = pd.DataFrame(found)
    table["threshold"] = threshold
    for column, names, code in (
        ("area_name", area_names, "area_code"),
        ("service_name", service_names, "service_id"),
    ):
        known = {} if names is None else names.to_dict()
        table[column] = [known.get(one, "") for one in table[code]]
    table["reason"] = [_reason(row, weight, exact=exact_people) for row in table.to_dict("records")]
    table["_cut"] = table["minutes"].isna()
    table = table.sort_values(
        ["_cut", "minutes", "place", "near", "category"],
        ascending=[False, False, True, True, True],
        kind="stable",
    )
    return table[list(RURAL_COLUMNS)].reset_index(drop=True)


def _rows(
    people: pd.DataFrame, nearest: pd.DataFrame, categories: Sequence[str] | None
) -> pd.DataFrame:
    """The answers that count, as numbers: the texts of millions of rows are dear to touch.

    Index: position in ``nearest``; at (position in people), category and way (-1: none measured).
    """
    postcode, kind = pd.Categorical(nearest["postcode"]), pd.Categorical(nearest["category"])
    status = pd.Categorical(nearest["status"])
    ways = {"reachable": _ROAD, "by_ferry": _FERRY, **{w: _WAYS.index(w) for w in _WAYS[3:]}}
    way_of = np.array([ways.get(str(one), -1) for one in status.categories] + [-1], dtype=np.int8)
    way = way_of[status.codes]
    if "foot_ferry" in nearest:
        on_foot = nearest["foot_ferry"].isin([True, "yes"]).to_numpy(bool)
        way = np.where((way == _FERRY) & on_foot, np.int8(_FOOT), way)
    at = np.append(people.index.get_indexer(postcode.categories), -1)[postcode.codes]
    wanted = (nearest["rank"].to_numpy() == 1) & (at >= 0)
    if categories is not None:
        wanted &= np.append(kind.categories.isin(list(categories)), False)[kind.codes]
    kept = np.flatnonzero(wanted)
    return pd.DataFrame(
        {
            "at": at[kept],
            "category": pd.Categorical.from_codes(kind.codes[kept], categories=kind.categories),
            "way": way[kept],
        },
        index=kept,
    )


def _beyond(
    people: pd.DataFrame, nearest: pd.DataFrame, rows: pd.DataFrame, threshold: float
) -> npt.NDArray[np.bool_]:
    """Which of the answers are of remote or island people, too far, and nothing comes to them."""
    way = rows["way"].to_numpy()
    minutes = nearest["minutes"].to_numpy(float)[rows.index]
    comes = nearest["comes_to_family"].to_numpy(bool)[rows.index]
    comes &= ~_in_part(nearest)[rows.index]
    far = (way >= _UNREACHABLE) | ((way >= 0) & (minutes > threshold))
    remote = people["urban_rural"].isin(REMOTE).to_numpy()[rows["at"].to_numpy()]
    return np.asarray(far & ~comes & (remote | (way == _FERRY) | (way == _FOOT)), dtype=np.bool_)


def _in_part(nearest: pd.DataFrame) -> npt.NDArray[np.bool_]:
    if "comes_in_part" not in nearest:
        return np.zeros(len(nearest), dtype=np.bool_)
    return np.asarray(nearest["comes_in_part"].isin([True, "yes"]).to_numpy(bool))


class _Units:
    """Where people live, coarse and fine, as numbers; only where some are too far.

    Coarse is a settlement or what lies of a sector on one piece of land, fine a part of that
    around one known place; -1 elsewhere.
    """

    def __init__(
        self,
        people: pd.DataFrame,
        far: Ints,
        place_names: pd.DataFrame | None,
        land: Texts | None,
        islands: pd.DataFrame | None,
    ) -> None:
        self.place, whole = _places(people)
        self.area = people["council_code"].astype(object).to_numpy()
        self.x, self.y = (people[c].to_numpy(float) for c in ("easting", "northing"))
        self._land = np.empty(0, dtype=object) if land is None else land
        self._islands = islands
        self._names = place_names
        if place_names is not None:
            x, y = (place_names[c].to_numpy(float) for c in ("easting", "northing"))
            self._names = place_names.assign(
                piece=piece_of(x, y, self._land), island=self._islands_at(x, y)
            )
        inside, _ = pd.factorize(pd.MultiIndex.from_arrays([self.place, self.area]))
        some = np.flatnonzero(np.isin(inside, np.unique(inside[far])))
        self.piece = np.zeros(len(people), dtype=np.int64)
        # A settlement, or a neighbourhood that is a point already, is not divided.
        loose = some[~whole[some]]
        self.piece[loose] = piece_of(self.x[loose], self.y[loose], self._land)
        self._divided = ~whole
        cell = np.full(len(people), -1, dtype=np.int64)
        cell[loose] = self._cells(loose)
        self.cell = cell
        self.coarse, self.fine = (np.full(len(people), -1, dtype=np.int64) for _ in range(2))
        self.coarse[some], _ = pd.factorize(
            pd.MultiIndex.from_arrays([inside[some], self.piece[some]])
        )
        self.fine[some], _ = pd.factorize(
            pd.MultiIndex.from_arrays([self.coarse[some], cell[some]])
        )

    def _cells(self, rows: Ints) -> Ints:
        """The known place that each point is around: the nearest on its piece of land."""
        from scipy.spatial import cKDTree

        out = np.full(len(rows), -1, dtype=np.int64)
        if self._names is None:
            return out
        xy = self._names[["easting", "northing"]].to_numpy(float)
        # Of two islands that the land draws as one, a name of the other says nothing.
        here_of = _together(self.piece[rows], self.island_of(rows))
        names_of = _together(self._names["piece"].to_numpy(), self._names["island"].to_numpy())
        for ground, here in here_of.items():
            names = names_of.get(ground)
            if names is None:
                continue
            points = np.column_stack((self.x[rows[here]], self.y[rows[here]]))
            off, nearest = cKDTree(xy[names]).query(points)
            out[here] = np.where(off <= _NEAR_A_NAME, names[nearest], -1)
        return out

    def name_of_cell(self, cell: int) -> str:
        """Its known place; "" where there is none."""
        return "" if cell < 0 or self._names is None else str(self._names["name"].iat[cell])

    def island_of(self, at: Ints) -> Texts:
        """Name of the island that each point stands on; "" on the largest piece of land."""
        points, number = np.unique(at, return_inverse=True)
        names = self._islands_at(self.x[points], self.y[points])
        return np.asarray(names[number], dtype=object)

    def _islands_at(self, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> Texts:
        names = np.full(len(x), "", dtype=object)
        if self._islands is None or len(self._land) < 2:
            return names
        largest = int(shapely.area(self._land).argmax())
        east, north = (self._islands[c].to_numpy(float) for c in ("easting", "northing"))
        islands = self._islands.assign(piece=piece_of(east, north, self._land))
        # Piers stand a little off the shore; the islands of elsewhere stand on none of this land.
        off = shapely.distance(self._land[islands["piece"]], shapely.points(east, north))
        islands = islands[off <= _OFF_SHORE]
        pieces = piece_of(x, y, self._land)
        for piece, of in islands[islands["piece"] != largest].groupby("piece"):
            here = np.flatnonzero(pieces == piece)
            # A coastline draws some as one, such as Lewis and Harris.
            off = np.hypot(
                x[here, None] - of["easting"].to_numpy(), y[here, None] - of["northing"].to_numpy()
            )
            names[here] = of["name"].to_numpy(object)[off.argmin(axis=1)]
        return names

    def name_near(
        self,
        x: npt.NDArray[np.float64],
        y: npt.NDArray[np.float64],
        weight: npt.NDArray[Any],
        at: Ints,
        island: str,
    ) -> str:
        """The known place nearest to the middle of a group, on its island and near half of it.

        A settlement and a neighbourhood have names already. Where people live far apart, what is
        near their middle may be near none of them: then the place around which most of them live.
        """
        if self._names is None or not self._divided[at[0]]:
            return ""
        of = (self._names["piece"] == self.piece[at[0]]) & (self._names["island"] == island)
        names = self._names[of]
        if names.empty:
            return ""
        east, north = (names[c].to_numpy(float) for c in ("easting", "northing"))
        middle = _middle(x, y, weight)
        best = int(np.hypot(east - middle[0], north - middle[1]).argmin())
        off = np.hypot(middle[0] - east[best], middle[1] - north[best])
        near = np.hypot(x - east[best], y - north[best]) <= _NEAR_MOST
        if off <= _NEAR_A_NAME and weight[near].sum() >= _ENOUGH * weight.sum():
            return str(names["name"].iat[best])
        cells = self.cell[at]
        most = np.bincount(cells[cells >= 0], weight[cells >= 0])
        return self.name_of_cell(int(most.argmax())) if most.any() else ""


def _listed(rows: pd.DataFrame, units: _Units) -> pd.DataFrame:
    """The people who are too far and whose place is listed, each with the group it is listed in.

    Adds ``whole`` (listed with its whole place) and ``group`` (people who are told of together).
    """
    at, way = rows["at"].to_numpy(), rows["way"].to_numpy().astype(np.int64)
    kind = rows["category"].cat.codes.to_numpy().astype(np.int64)
    weights, beyond = rows["weight"].to_numpy(), rows["beyond"].to_numpy()

    def share(unit: Ints) -> tuple[npt.NDArray[np.float64], Ints]:
        """Share of those of the same place, way and category who are beyond; and their group."""
        group = (kind * (unit.max() + 1) + unit) * (len(_WAYS) + 1) + way + 1
        every = np.bincount(group, weights)
        far = np.bincount(group, weights * beyond)
        return np.divide(far, every, out=np.zeros_like(far), where=every > 0)[group], group

    coarse, by_place = share(units.coarse[at])
    fine, by_part = share(units.fine[at])
    # Of people without any way, those in two corners of a sector have nothing in common.
    whole = (coarse >= _ENOUGH) & (way < _UNREACHABLE)
    kept = beyond & (whole | (fine >= _ENOUGH)) & (np.where(whole, coarse, fine) > 0)
    # Numbers of wholes and of parts do not meet.
    group = np.where(whole, 2 * by_place, 2 * by_part + 1)
    return rows[kept].assign(whole=whole[kept], group=group[kept])


def _named(members: pd.DataFrame, units: _Units) -> Texts:
    """Where each group is: around which known place."""
    near = np.full(len(members), "", dtype=object)
    at, whole = members["at"].to_numpy(), members["whole"].to_numpy()
    x, y, weight = (members[c].to_numpy(float) for c in ("x", "y", "weight"))
    island = members["island"].to_numpy()
    group, _ = pd.factorize(pd.MultiIndex.from_arrays([members["group"], island]))
    for here in _runs(group):
        first = here[0]
        if whole[first]:
            near[here] = units.name_near(x[here], y[here], weight[here], at[here], island[first])
        else:
            near[here] = units.name_of_cell(int(units.cell[at[first]]))
    return near


def _together(piece: Ints, island: Texts) -> dict[tuple[int, str], Ints]:
    """Positions of what stands on the same piece of land and island."""
    frame = pd.DataFrame({"piece": piece, "island": island})
    return {
        key: np.asarray(rows) for key, rows in frame.groupby(["piece", "island"]).indices.items()
    }


def _runs(group: Ints) -> list[Ints]:
    """Positions of the members of each group."""
    order = np.argsort(group, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(group[order])) + 1)


def _places_of(members: pd.DataFrame, everyone: pd.Series) -> list[dict[str, object]]:
    """A row for each place of the list, without the names that others know."""
    # Groups that would be told of in the same words are one.
    keys = ["place", "near", "island", "area_code", "category", "way"]
    told = members.groupby(keys, sort=True, observed=True).ngroup().to_numpy()
    # Plain arrays: there are hundreds of places, and a frame of each would take a second or two.
    of = {str(name): members[name].to_numpy() for name in members}
    of["category"] = members["category"].astype(object).to_numpy()
    of["service_id"] = members["service_id"].astype(object).to_numpy()
    of["all"] = everyone.reindex(pd.MultiIndex.from_arrays([of["place"], of["area_code"]]))
    of["all"] = of["all"].to_numpy()
    found: list[dict[str, object]] = []
    for here in _runs(told):
        first = here[0]
        minutes, weight = of["minutes"][here].astype(float), of["weight"][here]
        middle = _median_row(minutes, weight)
        row = -1 if middle is None else here[middle]
        x, y = _middle(of["x"][here], of["y"][here], weight)
        # A point of people: the middle itself may lie in the sea.
        at_middle = here[np.hypot(of["x"][here] - x, of["y"][here] - y).argmin()]
        classes, how_many = np.unique(of["urban_rural"][here], return_counts=True)
        way = int(of["way"][first])
        found.append(
            {
                **{name: of[name][first] for name in _TOLD},
                "postcode": of["postcode"][at_middle],
                "easting": of["x"][at_middle],
                "northing": of["y"][at_middle],
                "urban_rural": int(classes[how_many.argmax()]),
                "category": of["category"][first],
                "minutes": of["minutes"][row] if row >= 0 else float("nan"),
                "by_ferry": "yes" if way in (_FERRY, _FOOT) else "no",
                "foot_ferry": "yes" if way == _FOOT else "no",
                "ferry_minutes": of["ferry_minutes"][row] if row >= 0 else float("nan"),
                "service_id": of["service_id"][row] if row >= 0 else "",
                "people": round(float(weight.sum()), 1),
                "status": _WAYS[way] if way in (_UNREACHABLE, _OFF_NETWORK) else "beyond",
                "comes_in_part": "yes"
                if 2 * weight @ of["comes_in_part"][here] >= weight.sum()
                else "no",
                "_part": weight.sum() < 0.995 * of["all"][first],
            }
        )
    return found


def _places(people: pd.DataFrame) -> tuple[Texts, npt.NDArray[np.bool_]]:
    """Settlement of each point or, outside one, its neighbourhood or its postcode sector.

    With it whether that is a place of its own, which is not divided further.
    """
    place = np.array([str(code)[:-2] for code in people.index], dtype=object)
    whole = np.zeros(len(people), dtype=np.bool_)
    if "place" in people:
        named = people["place"].astype(object).fillna("").to_numpy(object)
        place = np.where(named == "", people.index.to_numpy(object), named)
        whole[:] = True
    if "settlement" in people:
        settlement = people["settlement"].astype(object).fillna("").to_numpy(object)
        inside = settlement != ""
        place, whole = np.where(inside, settlement, place), whole | inside
    return place, whole


def _median_row(minutes: np.ndarray, beyond: np.ndarray) -> int | None:
    """The row at the people-weighted median of those beyond the threshold that have minutes."""
    timed = np.flatnonzero(~np.isnan(minutes))
    if not len(timed):
        return None
    timed = timed[np.argsort(minutes[timed], kind="stable")]
    running = np.cumsum(beyond[timed])
    return int(timed[np.searchsorted(running, running[-1] / 2)])


def _middle(x: np.ndarray, y: np.ndarray, beyond: np.ndarray) -> tuple[float, float]:
    """Middle of a group's people."""
    weights = beyond if beyond.sum() > 0 else None
    return float(np.average(x, weights=weights)), float(np.average(y, weights=weights))


def _reason(row: dict[str, object], weight: str, *, exact: bool) -> str:
    where = place_in_words(
        *(str(row[name]) for name in ("place", "near", "island")), part=bool(row["_part"])
    )
    if row["_part"] and not row["near"] and not row["island"]:
        where += f", at {row['postcode']}"
    if row["area_name"]:
        # Settlements of one name are told apart by their council, which is said anyway.
        where = where.replace(f" ({row['area_name']})", "") + f", {row['area_name']}"
    kind = category_words(str(row["category"]))
    if row["status"] == "unreachable":
        said = f"no way by car or ferry to any {kind} whose place we know"
    elif row["status"] == "off_network":
        said = f"too far from any road that we hold to say how far the nearest {kind} is"
    else:
        name = f", {row['service_name']}," if row["service_name"] else ""
        far = minutes_in_words(float(str(row["minutes"])))
        said = f"the nearest {kind} we know{name} is {far} away"
        if row["foot_ferry"] == "yes":
            said += f", with {FOOT_FERRY}"
        elif row["by_ferry"] == "yes":
            said += ", ferry included"
    number = float(str(row["people"]))
    some = number_in_words(number) if exact else roughly(number)
    told = f"{where}: {said}. {some[0].upper()}{some[1:]} {WEIGHTS.get(weight, weight)} live there."
    if row["comes_in_part"] == "yes":
        told += " One that comes to families in a part of the area may come here: ask it."
    return told


def place_in_words(place: str, near: str = "", island: str = "", *, part: bool = False) -> str:
    """A place of the list as a sentence calls it.

    Parameters
    ----------
    place, near, island
        As the list has them; "" where there is none.
    part
        Whether it is a part of the settlement or sector.

    Examples
    --------
    >>> place_in_words("IV27 4", "Lochinver"), place_in_words("Bowmore", "", "Islay")
    ('Around Lochinver (IV27 4)', 'Bowmore, Islay')
    >>> place_in_words("ZE2 9", "Houbie", "Fetlar", part=True), place_in_words("PA76 6", "", "Iona")
    ('Around Houbie, Fetlar (part of ZE2 9)', 'Iona (PA76 6)')
    """
    sector = f" ({'part of ' if part else ''}{place})"
    if island and (near in ("", island)) and any(c.isdigit() for c in place):
        return island + sector
    on = f", {island}" if island and island not in (near, place) else ""
    if not near or near == place:
        return ("Part of " if part else "") + place + on
    return f"Around {near}{on}{sector}"
