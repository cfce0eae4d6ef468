"""Fragility: what rests on money that ends, month by month, at best and at worst."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from gapmap.dates import first_day, last_day, months_before
from gapmap.place.geography import base_level, councils_within
from gapmap.provision.bounds import true_state
from gapmap.provision.coverage import Provision, of_value, people_of, provision, reach
from gapmap.vocabulary import columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gapmap.study import Study


def lapses(funding: str, funding_ends: str, as_of: date) -> tuple[date | None, date | None]:
    """When a service's money lapses at best and at worst; None for never.

    Permanent money never lapses. Money that ends on a day after ``as_of`` lapses after that day,
    at best and at worst. Fixed-term money without such a day, or whose day has passed though the
    service still counts, is renewed at best and gone at once at worst; so is partly fixed-term
    money, and money of which nothing is known.

    Parameters
    ----------
    funding
        permanent, fixed_term, mixed, unknown or "".
    funding_ends
        Full or partial date; a partial date means its last day. "" for unknown.
    as_of
        The date from which one looks.

    Returns
    -------
    tuple of two dates or None
        The last day of money at best, at worst.

    Examples
    --------
    >>> lapses("fixed_term", "2021-03", date(2020, 2, 1))
    (datetime.date(2021, 3, 31), datetime.date(2021, 3, 31))
    >>> lapses("unknown", "", date(2020, 2, 1))
    (None, datetime.date(2020, 2, 1))
    >>> lapses("mixed", "2021-03", date(2020, 2, 1))
    (None, datetime.date(2021, 3, 31))
    """
    if funding == "permanent":
        return None, None
    ends = last_day(funding_ends)
    if ends is None or ends <= as_of:
        return None, as_of
    return (None if funding == "mixed" else ends), ends


def fragility(
    study: Study, *, level: str = "board", by: str = "category", known: Provision | None = None
) -> pd.DataFrame:
    """Count what rests on fixed-term money (indicator 7).

    Parameters
    ----------
    study
        The study.
    level
        Kind of area.
    by
        category or tier.
    known
        What ``provision`` returned for this study.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["fragility"]``, one row per area and value that has
        a counting service: services (teams once) by kind of funding, the least and most share on
        fixed-term money (unknown and partly fixed-term money both ways), those ending within 12
        months, and the name of a sole provider on fixed-term money.

    Examples
    --------
    >>> import gapmap as gm
    >>> table = fragility(gm.scotland())
    >>> (table["share_fixed_least"] <= table["share_fixed_most"]).all()
    np.True_
    """
    known = provision(study) if known is None else known
    as_of = study.settings.as_of
    year_on = months_before(as_of, -12)
    reached = reach(study, known, level).merge(of_value(study, by), on="row")
    services = study.services
    unit = services["team_id"].where(services["team_id"] != "", services["service_id"]).to_dict()
    names = dict(zip(study.areas["code"], study.areas["name"], strict=True))
    money = {
        row: (funding if funding in ("permanent", "fixed_term", "mixed") else "unknown", ends)
        for row, funding, ends in zip(
            services.index, services["funding"], services["funding_ends"], strict=True
        )
    }
    rows = []
    for (code, value), group in reached.groupby(["area_code", "value"])["row"]:
        # A team of several rows is known by the row that tells most of its money.
        teams: dict[str, tuple[str, str]] = {}
        for row in group:
            held = teams.get(unit[row], ("unknown", ""))
            teams[unit[row]] = money[row] if held[0] == "unknown" else held
        kinds = [funding for funding, _ in teams.values()]
        soon = [
            ends
            for funding, ends in teams.values()
            if funding != "permanent" and (day := last_day(ends)) and as_of < day <= year_on
        ]
        sole = len(teams) == 1 and kinds[0] in ("fixed_term", "mixed")
        total = len(teams)
        rows.append(
            {
                "level": level,
                "area_code": code,
                "area_name": names[code],
                "dimension": by,
                "value": value,
                "services": total,
                "permanent": kinds.count("permanent"),
                "fixed_term": kinds.count("fixed_term"),
                "mixed": kinds.count("mixed"),
                "funding_unknown": kinds.count("unknown"),
                "share_fixed_least": kinds.count("fixed_term") / total,
                "share_fixed_most": 1 - kinds.count("permanent") / total,
                "ending_within_12_months": len(soon),
                "sole_provider": services.at[group.iloc[0], "name"] if sole else "",
            }
        )
    return pd.DataFrame(rows, columns=columns("fragility"))


def month_ends(as_of: date, months: int) -> list[date]:
    """The day itself and the last day of each month after it.

    Examples
    --------
    >>> [day.isoformat() for day in month_ends(date(2020, 2, 1), 2)]
    ['2020-02-01', '2020-02-29', '2020-03-31']
    """
    first = date(as_of.year, as_of.month, 1)
    ends = (last_day(months_before(first, -n).isoformat()[:7]) for n in range(months))
    return [as_of, *(day for day in ends if day is not None and day > as_of)]


def calendar(
    study: Study,
    *,
    level: str = "board",
    by: str = "category",
    months: int = 60,
    days: Sequence[date] | None = None,
    known: Provision | None = None,
) -> pd.DataFrame:
    """Tell month by month what survives if fixed-term money lapses (indicator 19).

    Only the money moves: everything else stays as it is known at the study's date.

    Parameters
    ----------
    study
        The study.
    level
        Kind of area.
    by
        category or tier.
    months
        How many month ends to look ahead.
    days
        These days instead; a map at each 31 March needs only those.
    known
        What ``provision`` returned for this study.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["calendar"]``: date, level, area, dimension, value,
        services and state at best and at worst; rows where there is a counting service at
        ``as_of``.

    Examples
    --------
    >>> import gapmap as gm
    >>> ahead = calendar(gm.scotland(), months=12)
    >>> (ahead["services_worst"] <= ahead["services_best"]).all()
    np.True_
    """
    known = provision(study) if known is None else known
    rows = _rows(study, level, by, known)
    names = dict(zip(study.areas["code"], study.areas["name"], strict=True))
    within = councils_within(study.areas)
    told = []
    for day in month_ends(study.settings.as_of, months) if days is None else days:
        for (code, value), held in rows.items():
            mine = within[code] or frozenset({code})
            best = [row for row in held if row[4] is None or row[4] >= day]
            worst = [row for row in held if row[5] is None or row[5] >= day]
            told.append(
                {
                    "date": day.isoformat(),
                    "level": level,
                    "area_code": code,
                    "area_name": names[code],
                    "dimension": by,
                    "value": value,
                    "services_best": len({row[0] for row in best}),
                    "services_worst": len({row[0] for row in worst}),
                    "state_best": _survives(best, mine),
                    "state_worst": _survives(worst, mine),
                }
            )
    return pd.DataFrame(told, columns=columns("calendar"))


_Row = tuple[str, frozenset[str], bool, bool, "date | None", "date | None"]


def _survives(rows: Iterable[_Row], mine: frozenset[str]) -> str:
    """The state that is left; an area whose known services are gone is not yet known."""
    state = true_state([(parts, whole, narrow) for _, parts, whole, narrow, *_ in rows], mine)
    return "not_known" if state == "none_found" else state


def _rows(study: Study, level: str, by: str, known: Provision) -> dict[tuple[str, str], list[_Row]]:
    """Per area and value the counting rows: team, parts, whole, narrow, lapse best and worst."""
    services = study.services
    unit = services["team_id"].where(services["team_id"] != "", services["service_id"]).to_dict()
    narrow = (services["eligibility_narrow"] == "yes").to_dict()
    lapse = {
        row: lapses(funding, ends, study.settings.as_of)
        for row, funding, ends in zip(
            services.index, services["funding"], services["funding_ends"], strict=True
        )
    }
    reached = reach(study, known, level).merge(of_value(study, by), on="row")
    rows: dict[tuple[str, str], list[_Row]] = {}
    for row, code, value, parts, part in zip(
        reached["row"],
        reached["area_code"],
        reached["value"],
        reached["parts"],
        reached["part"],
        strict=True,
    ):
        rows.setdefault((code, value), []).append(
            (unit[row], parts, not part, narrow[row], *lapse[row])
        )
    return dict(sorted(rows.items()))


def calendar_of_all(
    study: Study, *, months: int = 60, known: Provision | None = None
) -> pd.DataFrame:
    """Tell month by month how many services and children are left in the whole study.

    Parameters
    ----------
    study
        The study.
    months
        How many month ends to look ahead.
    known
        What ``provision`` returned for this study.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["calendar_months"]``: date, category, services and
        children (of councils with any of it) at best and at worst.

    Examples
    --------
    >>> import gapmap as gm
    >>> calendar_of_all(gm.scotland(), months=1)["date"].nunique()
    2
    """
    known = provision(study) if known is None else known
    base = base_level(study.areas)
    rows = _rows(study, base, "category", known)
    people = people_of(study, base)
    values = list(dict.fromkeys(value for _, value in rows))
    told = []
    for day in month_ends(study.settings.as_of, months):
        for value in sorted(values):
            record: dict[str, object] = {"date": day.isoformat(), "category": value}
            for case, at in (("best", 4), ("worst", 5)):
                units, children = set(), 0.0
                for (code, of), held in rows.items():
                    if of != value:
                        continue
                    left = {
                        row[0]
                        for row in held
                        if (lapse := row[at]) is None or (isinstance(lapse, date) and lapse >= day)
                    }
                    units |= left
                    children += people.get(code, 0.0) if left else 0.0
                record[f"services_{case}"] = len(units)
                record[f"people_{case}"] = children
            told.append(record)
    return pd.DataFrame(told, columns=columns("calendar_months"))


def renewals(study: Study, *, known: Provision | None = None) -> pd.DataFrame:
    """Tell what one renewal saves: the children who lose all of a category if it lapses.

    Parameters
    ----------
    study
        The study.
    known
        What ``provision`` returned for this study.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["renewals"]``, one row per team on fixed-term or
        partly fixed-term money, the most children first: team, name, category, when the money
        ends, councils where it is the only provider we know, their children.

    Examples
    --------
    >>> import gapmap as gm
    >>> renewals(gm.scotland())["people"].is_monotonic_decreasing
    True
    """
    known = provision(study) if known is None else known
    base = base_level(study.areas)
    rows = _rows(study, base, "category", known)
    people = people_of(study, base)
    names = dict(zip(study.areas["code"], study.areas["name"], strict=True))
    services = study.services
    unit = services["team_id"].where(services["team_id"] != "", services["service_id"])
    at_risk = services[
        services["funding"].isin(["fixed_term", "mixed"]) & known.counting["counts"].to_numpy()
    ]
    told = []
    for team in dict.fromkeys(unit[at_risk.index]):
        first = services.loc[unit[unit == team].index[0]]
        alone = [
            code
            for (code, value), held in rows.items()
            if value == first["category"] and {row[0] for row in held} == {team}
        ]
        ends = first["funding_ends"]
        told.append(
            {
                "service_id": first["service_id"],
                "name": first["name"],
                "category": first["category"],
                "funding": first["funding"],
                "funding_ends": ends if first_day(ends) else "",
                "councils": ";".join(names[code] for code in alone),
                "people": float(sum(people.get(code, 0.0) for code in alone)),
            }
        )
    table = pd.DataFrame(told, columns=columns("renewals"))
    return table.sort_values(
        ["people", "service_id"], ascending=[False, True], kind="stable", ignore_index=True
    )
