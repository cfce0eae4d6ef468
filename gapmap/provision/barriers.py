"""Barriers other than distance: what keeps families away from what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from gapmap.dates import first_day
from gapmap.place.geography import councils_within
from gapmap.provision.coverage import Provision, provision, reach
from gapmap.read.values import number
from gapmap.vocabulary import BARRIERS, COMES_TO_FAMILY, columns, label

if TYPE_CHECKING:
    from gapmap.study import Study

#: A wait longer than this is told as a barrier, in weeks.
LONG_WAIT = 12.0


def barriers(study: Study, *, level: str = "board", known: Provision | None = None) -> pd.DataFrame:
    """Tell of every area and category what keeps families away, other than distance.

    Parameters
    ----------
    study
        Its services (delivery, taking_referrals, waiting_weeks) and its table barriers
        (area_code, service_id, category, type, what).
    level
        Kind of area.
    known
        What ``provision`` returned for this study.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["barriers"]``, one row per area and category with a
        counting service, or of which somebody told a barrier ("" for every kind). groups_only and
        comes_to_none are yes only where the delivery of every service is known; unknown where it
        is not and they may be; not_taking_referrals and long_waits count services that say so;
        said are the barriers that people told of, of the area or a council in it.

    Examples
    --------
    >>> import gapmap as gm
    >>> set(barriers(gm.scotland())["groups_only"]) <= {"yes", "no", "unknown"}
    True
    """
    known = provision(study) if known is None else known
    services = study.services
    delivery = {
        row: frozenset(part.strip() for part in cell.split(";") if part.strip())
        for row, cell in services["delivery"].items()
    }
    waits = services["waiting_weeks"].to_dict()
    taking = services["taking_referrals"].to_dict()
    told = study.table("barriers").reindex(
        columns=["service_id", "area_code", "category", "type", "what", "date"], fill_value=""
    )
    spoken = [
        (service, area, of_kind, label(barrier, BARRIERS), what)
        for service, area, of_kind, barrier, what, written in told.fillna("").itertuples(
            index=False, name=None
        )
        if (day := first_day(written)) is None or day <= study.settings.as_of
    ]
    ids = services["service_id"].to_dict()
    category_of = services["category"].to_dict()
    names = dict(zip(study.areas["code"], study.areas["name"], strict=True))
    reached = reach(study, known, level)[["row", "area_code"]].drop_duplicates()
    held: dict[tuple[str, str], list[object]] = {}
    for row, code in zip(reached["row"], reached["area_code"], strict=True):
        held.setdefault((code, category_of[row]), []).append(row)
    within = councils_within(study.areas)

    def inside(code: str) -> frozenset[str]:
        """An area and the councils that it is made of: what is told of these is told of it."""
        return within.get(code, frozenset()) | {code}

    # What people told of a place where we hold no such service is told all the same.
    for code in study.level(level)["code"]:
        for service, area, of_kind, *_ in spoken:
            kinds = {category for place, category in held if place == code}
            if (
                not service
                and area in inside(code)
                and not (of_kind in kinds or (kinds and not of_kind))
            ):
                held.setdefault((code, of_kind), [])
    rows = []
    for (code, category), of in sorted(held.items()):
        ways = [delivery[row] for row in of]
        all_known = bool(ways) and all(ways)
        other = any(way - {"group"} for way in ways)
        comes = any(way & COMES_TO_FAMILY for way in ways)
        mine = {ids[row] for row in of}
        said = [
            f"{barrier}: {what}" if what else barrier
            for service, area, of_kind, barrier, what in spoken
            if service in mine
            or (not service and area in inside(code) and of_kind in (category, ""))
        ]
        rows.append(
            {
                "level": level,
                "area_code": code,
                "area_name": names[code],
                "category": category,
                "services": len(mine),
                "groups_only": "no" if other else "yes" if all_known else "unknown",
                "comes_to_none": "no" if comes else "yes" if all_known else "unknown",
                "not_taking_referrals": sum(taking[row] == "no" for row in of),
                "long_waits": sum(waits[row] > LONG_WAIT for row in of),
                "longest_wait_weeks": max(
                    (waits[row] for row in of if waits[row] == waits[row]), default=float("nan")
                ),
                "said": "; ".join(said),
            }
        )
    return pd.DataFrame(rows, columns=columns("barriers"))


def beyond_reach(barred: pd.DataFrame, travel: pd.DataFrame, *, minutes: int = 60) -> pd.DataFrame:
    """Set beside each barrier the people who have no base within reach.

    Parameters
    ----------
    barred
        Rows of ``barriers``.
    travel
        The travel table: area_code, category, people, ``share_within_<minutes>``.
    minutes
        What reach means.

    Returns
    -------
    pandas.DataFrame
        The rows with people_beyond: people farther than that from any base that we can measure
        to, or with no way there; NaN where travel has no such row.

    Examples
    --------
    >>> barred = pd.DataFrame({"area_code": ["A"], "category": ["befriending"]})
    >>> travel = pd.DataFrame({"area_code": ["A"], "category": ["befriending"],
    ...                        "people": [100.0], "share_within_60": [0.75]})
    >>> beyond_reach(barred, travel)["people_beyond"].tolist()
    [25.0]
    """
    far = travel["people"] * (1 - travel[f"share_within_{minutes}"])
    known = dict(zip(zip(travel["area_code"], travel["category"], strict=True), far, strict=True))
    cells = zip(barred["area_code"], barred["category"], strict=True)
    return barred.assign(people_beyond=[known.get(cell, float("nan")) for cell in cells])


def beside_need(study: Study, covered: pd.DataFrame) -> pd.DataFrame:
    """Set need beside provision, never merged into an index.

    Parameters
    ----------
    study
        Its table area_facts: children in poverty, developmental concern at 27 to 30 months.
    covered
        Rows of ``coverage`` by tier, of the same level as the facts.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["need"]``: per council the two shares with their
        dates (NaN where not known) and the state of each tier.

    Examples
    --------
    >>> import gapmap as gm
    >>> study = gm.scotland()
    >>> beside_need(study, gm.coverage(study, level="council", by="tier"))["poverty"].notna().all()
    np.True_
    """
    from gapmap.provision.measures import dated_facts, ladder

    rungs = ladder(covered)
    facts = {
        "poverty": dated_facts(study, "child_poverty_ahc_pct"),
        "concern": dated_facts(study, "developmental_concern_27_30_months_pct"),
    }
    table = rungs[["level", "area_code", "area_name", "universal", "targeted", "specialist"]].copy()
    for name, found in facts.items():
        values = [found.get(code, ("", "")) for code in table["area_code"]]
        table[name] = [number(value) for value, _ in values]
        table[f"{name}_as_of"] = [as_of for _, as_of in values]
    return table[columns("need")]
