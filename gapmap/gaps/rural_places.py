"""Remote and island places beyond reach of help that does not come to them: the rural gap list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gapmap.errors import InputError
from gapmap.vocabulary import MEASURED_STATUSES, WEIGHTS, category_words
from gapmap.words import minutes_in_words, number_in_words, roughly

if TYPE_CHECKING:
    from collections.abc import Sequence

#: 6-fold classes that are remote: remote small towns and remote country.
REMOTE = frozenset({4, 6})

_NO_WAY = ("unreachable", "off_network")

#: Columns of the list.
RURAL_COLUMNS = (
    "place",
    "near",
    "area_code",
    "area_name",
    "board_code",
    "easting",
    "northing",
    "urban_rural",
    "category",
    "minutes",
    "threshold",
    "by_ferry",
    "ferry_minutes",
    "service_id",
    "service_name",
    "people",
    "status",
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
    categories: Sequence[str] | None = None,
    exact_people: bool = False,
) -> pd.DataFrame:
    """List the remote and island places whose families are too far from a kind of service.

    A place is a settlement or, outside one, a postcode sector, or the neighbourhood that the
    people's own ``place`` names (of data zones). It is listed for a category when at
    least half of its people have a known nearest base beyond the threshold, or no way there at
    all, and no service that serves them comes to the family. People for whom no base is known
    are no gap: nobody knows how far they are.

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
        name, easting, northing of known places; the nearest within 6 km says where a postcode
        sector is.
    categories
        Which; all by default.
    exact_people
        The people are counts, not estimates: told without "roughly".

    Returns
    -------
    pandas.DataFrame
        ``RURAL_COLUMNS``, those with no way there first, then by minutes, longest first. minutes is
        the people-weighted median over those with a way (NaN where nobody has one); people is an
        estimate and never ranks; easting and northing are of the postcode nearest to its middle.

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
    place, area = _places(people), people["council_code"].astype(object).to_numpy()
    everyone = pd.Series(people[weight].to_numpy(float)).groupby([place, area]).sum()

    # Rows are weeded by their numbers first: the texts of millions of rows are dear to touch.
    status = nearest["status"].astype("category")
    code = status.cat.codes.to_numpy()
    coded = {name: number for number, name in enumerate(status.cat.categories)}
    minutes = nearest["minutes"].to_numpy(float)
    cut_off = np.isin(code, [coded[one] for one in _NO_WAY if one in coded])
    measured = np.isin(code, [coded[one] for one in MEASURED_STATUSES if one in coded])
    stays = ~nearest["comes_to_family"].to_numpy(bool) & (nearest["rank"].to_numpy() == 1)
    chosen = nearest[stays & (cut_off | (measured & (minutes > threshold)))]
    if categories is not None:
        chosen = chosen[chosen["category"].isin(list(categories))]
    at = people.index.get_indexer(chosen["postcode"])
    ferry = (chosen["status"] == "by_ferry").to_numpy()
    eligible = (at >= 0) & (people["urban_rural"].isin(REMOTE).to_numpy()[at] | ferry)
    chosen, at, ferry = chosen[eligible], at[eligible], ferry[eligible]
    if not len(chosen):
        return pd.DataFrame(columns=list(RURAL_COLUMNS))

    weights = people[weight].to_numpy(float)[at]
    no_way = chosen["status"].isin(_NO_WAY).to_numpy()
    rows = pd.DataFrame(
        {
            "place": place[at],
            "area_code": area[at],
            "category": chosen["category"].astype(object).to_numpy(),
            "beyond": weights,
            "cut_off": weights * no_way,
            "aboard": weights * ferry,
            "minutes": chosen["minutes"].to_numpy(float),
            "ferry_minutes": chosen["ferry_minutes"].to_numpy(float),
            "service_id": chosen["service_id"].astype(object).to_numpy(),
            "urban_rural": people["urban_rural"].to_numpy()[at],
            "board_code": people["board_code"].astype(object).to_numpy()[at]
            if "board_code" in people
            else "",
            "x": people["easting"].to_numpy(float)[at],
            "y": people["northing"].to_numpy(float)[at],
        }
    )
    keys = ["place", "area_code", "category"]
    sums = rows.groupby(keys, sort=True)[["beyond", "cut_off", "aboard"]].sum()
    sums["weight"] = everyone.reindex(sums.index.droplevel("category")).to_numpy()
    listed = sums[(sums["beyond"] * 2 >= sums["weight"]) & (sums["beyond"] > 0)]
    members = rows.merge(listed[[]].reset_index(), on=keys).sort_values(keys, kind="stable")
    # Plain arrays: there are hundreds of places, and a frame of each would take a second or two.
    of = {str(name): members[name].to_numpy() for name in members}
    place_of = members.groupby(keys, sort=True).ngroup().to_numpy()
    starts = np.flatnonzero(np.diff(place_of, prepend=-1))
    found = []
    for here in map(slice, starts, np.append(starts[1:], len(members))):
        key = tuple(of[name][here.start] for name in keys)
        total = listed.loc[key].to_dict()
        minutes, beyond = of["minutes"][here], of["beyond"][here]
        middle = _median_row(minutes, beyond)
        ways = total["cut_off"] * 2 < total["weight"] and middle is not None
        row = here.start + middle if ways and middle is not None else -1
        x, y = _middle(of["x"][here], of["y"][here], beyond)
        # A point of people: the middle itself may lie in the sea.
        at_middle = here.start + int(np.hypot(of["x"][here] - x, of["y"][here] - y).argmin())
        service = of["service_id"][row] if ways else ""
        classes, how_many = np.unique(of["urban_rural"][here], return_counts=True)
        found.append(
            {
                "place": key[0],
                "near": _near(x, y, place_names) if place_names is not None else "",
                "area_code": key[1],
                "area_name": area_names.get(key[1], "") if area_names is not None else "",
                "board_code": of["board_code"][here.start],
                "easting": of["x"][at_middle],
                "northing": of["y"][at_middle],
                "urban_rural": int(classes[how_many.argmax()]),
                "category": key[2],
                "minutes": of["minutes"][row] if ways else float("nan"),
                "threshold": threshold,
                "by_ferry": "yes" if total["aboard"] * 2 >= total["weight"] else "no",
                "ferry_minutes": of["ferry_minutes"][row] if ways else float("nan"),
                "service_id": service,
                "service_name": ""
                if not ways or service_names is None
                else service_names.get(service, ""),
                "people": round(float(total["weight"]), 1),
                "status": "beyond" if ways else "unreachable",
            }
        )
    table = pd.DataFrame(found, columns=[*RURAL_COLUMNS[:-1]])
    table["reason"] = [_reason(row, weight, exact=exact_people) for row in table.to_dict("records")]
    table["_cut"] = table["minutes"].isna()
    table = table.sort_values(
        ["_cut", "minutes", "place", "category"],
        ascending=[False, False, True, True],
        kind="stable",
    )
    return table[list(RURAL_COLUMNS)].reset_index(drop=True)


def _places(people: pd.DataFrame) -> np.ndarray:
    """Settlement of each point or, outside one, its neighbourhood or its postcode sector."""
    sector = np.array([str(code)[:-2] for code in people.index], dtype=object)
    if "place" in people:
        named = people["place"].astype(object).fillna("").to_numpy(object)
        sector = np.where(named == "", people.index.to_numpy(object), named)
    if "settlement" not in people:
        return sector
    settlement = people["settlement"].astype(object).fillna("").to_numpy(object)
    return np.where(settlement == "", sector, settlement)


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


def _near(x: float, y: float, names: pd.DataFrame) -> str:
    """The known place nearest to a point, within 6 km."""
    off = np.hypot(names["easting"].to_numpy() - x, names["northing"].to_numpy() - y)
    nearest = int(off.argmin())
    return str(names["name"].iat[nearest]) if off[nearest] <= 6_000 else ""


def _reason(row: dict[str, object], weight: str, *, exact: bool) -> str:
    where = str(row["place"])
    if row["near"] and row["near"] != row["place"]:
        where = f"Around {row['near']} ({row['place']})"
    if row["area_name"]:
        where += f", {row['area_name']}"
    kind = category_words(str(row["category"]))
    if row["status"] == "unreachable":
        said = f"no way by car or ferry to any {kind} whose place we know"
    else:
        ferry = ", ferry included," if row["by_ferry"] == "yes" else ""
        name = f", {row['service_name']}," if row["service_name"] else ""
        said = (
            f"the nearest {kind} we know{name} is {minutes_in_words(float(str(row['minutes'])))}"
            f"{ferry} away"
        )
    number = float(str(row["people"]))
    some = number_in_words(number) if exact else roughly(number)
    return f"{where}: {said}. {some[0].upper()}{some[1:]} {WEIGHTS.get(weight, weight)} live there."
