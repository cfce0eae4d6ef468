"""Measures of an area's provision: rates, uniformity, ladder, sectors, evidence, plans, routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gapmap.dates import first_day
from gapmap.place.geography import containers
from gapmap.provision.coverage import Provision, of_value, provision, reach
from gapmap.read.values import number
from gapmap.vocabulary import SCOTLAND, SECTORS, TIERS, columns, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gapmap.study import Study

#: A rate on fewer services than this is told, but never ranked alone (indicator 2).
FEWEST_RANKED = 5


def rates(covered: pd.DataFrame) -> pd.DataFrame:
    """Rank rates per 1,000, the count first, leaving out those on few services (indicator 2).

    Parameters
    ----------
    covered
        Rows of ``coverage``.

    Returns
    -------
    pandas.DataFrame
        A copy with a column rank: 1 for the highest rate of its level, dimension and value; NaN
        where the rate rests on fewer than 5 services, or there is none because it is not known.

    Examples
    --------
    >>> import pandas as pd
    >>> two = pd.DataFrame({"level": "council", "dimension": "tier", "value": "universal",
    ...                     "services": [9, 2], "per_1000": [1.0, 3.0], "state": "provided"})
    >>> rates(two)["rank"].tolist()
    [1.0, nan]
    """
    ranked = covered.copy()
    fit = (covered["services"] >= FEWEST_RANKED) & (covered["state"] != "not_known")
    ranked["rank"] = (
        covered["per_1000"]
        .where(fit)
        .groupby([covered["level"], covered["dimension"], covered["value"]])
        .rank(ascending=False, method="min")
    )
    return ranked


def gini(values: Sequence[float], weights: Sequence[float]) -> float:
    """Gini coefficient of values, weighted: 0 where all are equal.

    G = sum over i and j of w_i w_j |x_i - x_j| / (2 mean), weights summing to 1 (Dorfman 1979,
    "A formula for the Gini coefficient", in its discrete form).

    Parameters
    ----------
    values
        Not negative.
    weights
        Of the same length.

    Returns
    -------
    float
        NaN where there is no value, no weight, or all values are 0.

    Examples
    --------
    >>> gini([1, 1, 1], [1, 2, 3])
    0.0
    >>> round(gini([0, 0, 0, 1], [1, 1, 1, 1]), 6)
    0.75
    """
    x, w = np.asarray(values, float), np.asarray(weights, float)
    if len(x) == 0 or w.sum() <= 0 or (w * x).sum() <= 0:
        return float("nan")
    w = w / w.sum()
    mean = (w * x).sum()
    return float((w[:, None] * w[None, :] * np.abs(x[:, None] - x[None, :])).sum() / (2 * mean))


def uniformity(covered: pd.DataFrame) -> pd.DataFrame:
    """Tell how evenly provision is spread over the areas of a level (indicator 5).

    Unknown areas are counted apart and enter neither the Gini coefficient nor a share; ``shares``
    has their bounds.

    Parameters
    ----------
    covered
        Rows of ``coverage``.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["uniformity"]``: areas, areas_known,
        areas_with_one (of those), share_with_one of those known, gini of services (the area's
        own and wider) per child over those known, weighted by their children.

    Examples
    --------
    >>> import gapmap as gm
    >>> table = uniformity(gm.coverage(gm.scotland())).set_index("value")
    >>> float(table.loc["health_visiting", "share_with_one"])
    1.0
    """
    rows = []
    for (level, dimension, value), group in covered.groupby(
        ["level", "dimension", "value"], sort=False
    ):
        known = group[group["state"] != "not_known"]
        one = int(known["state"].isin(["provided", "partly"]).sum())
        counted = known[known["people"] > 0]
        per_head = (counted["services"] + counted["services_wider"]) / counted["people"]
        rows.append(
            {
                "level": level,
                "dimension": dimension,
                "value": value,
                "areas": len(group),
                "areas_known": len(known),
                "areas_with_one": one,
                "share_with_one": one / len(known) if len(known) else float("nan"),
                "gini": gini(per_head.tolist(), counted["people"].tolist())
                if len(counted) > 1
                else float("nan"),
            }
        )
    return pd.DataFrame(rows, columns=columns("uniformity"))


def ladder(covered: pd.DataFrame) -> pd.DataFrame:
    """Tell which rungs of the tier ladder an area has (indicator 6).

    Parameters
    ----------
    covered
        Rows of ``coverage`` by tier.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["ladder"]``: the state of each tier, the rungs that
        are missing (looked, found none), in part, or not known, and whole: yes, no, or unknown
        where no rung is known to be missing and one is not known.

    Examples
    --------
    >>> import gapmap as gm
    >>> rungs = ladder(gm.coverage(gm.scotland(), by="tier"))
    >>> rungs["universal"].unique().tolist()
    ['provided']
    """
    tiers = covered[covered["dimension"] == "tier"]
    rows = []
    for (level, code, name), group in tiers.groupby(
        ["level", "area_code", "area_name"], sort=False
    ):
        state = dict(zip(group["value"], group["state"], strict=True))
        of = {
            kind: [tier for tier in TIERS if state.get(tier, "not_known") == kind]
            for kind in ("none_found", "partly", "not_known")
        }
        whole = "no" if of["none_found"] else "unknown" if of["not_known"] else "yes"
        rows.append(
            {
                "level": level,
                "area_code": code,
                "area_name": name,
                **{tier: state.get(tier, "not_known") for tier in TIERS},
                "missing": ";".join(of["none_found"]),
                "in_part": ";".join(of["partly"]),
                "rungs_not_known": ";".join(of["not_known"]),
                "whole": whole,
            }
        )
    return pd.DataFrame(rows, columns=columns("ladder"))


def sectors(study: Study, *, level: str = "board", known: Provision | None = None) -> pd.DataFrame:
    """Count services by who runs them, and name what rests on one sector alone (indicator 8).

    Parameters
    ----------
    study
        The study.
    level
        Kind of area.
    known
        What ``provision`` returned for this study.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["sectors"]``: per area services (teams once), those
        of each sector, of an unknown one, and the categories that only the third sector offers.

    Examples
    --------
    >>> import gapmap as gm
    >>> table = sectors(gm.scotland())
    >>> mix = table[["nhs", "council", "hscp", "third_sector", "partnership", "private"]]
    >>> (mix.sum(axis=1) + table["sector_unknown"] == table["services"]).all()
    np.True_
    """
    known = provision(study) if known is None else known
    services = study.services
    unit = services["team_id"].where(services["team_id"] != "", services["service_id"])
    reached = reach(study, known, level)[["row", "area_code"]].drop_duplicates()
    frame = pd.DataFrame(
        {
            "area_code": reached["area_code"].to_numpy(),
            "unit": unit.loc[reached["row"]].to_numpy(),
            "sector": services["sector"].loc[reached["row"]].to_numpy(),
            "category": services["category"].loc[reached["row"]].to_numpy(),
        }
    )
    once = frame.drop_duplicates(["area_code", "unit"])
    areas = study.level(level)
    rows = []
    for code, name in zip(areas["code"], areas["name"], strict=True):
        mine = once[once["area_code"] == code]
        counted = mine["sector"].value_counts().to_dict()
        kinds = frame[frame["area_code"] == code].groupby("category")["sector"].agg(set)
        rows.append(
            {
                "level": level,
                "area_code": code,
                "area_name": name,
                "services": len(mine),
                **{sector: int(counted.get(sector, 0)) for sector in SECTORS},
                "sector_unknown": len(mine) - sum(counted.get(sector, 0) for sector in SECTORS),
                "third_sector_only": ";".join(
                    sorted(kind for kind, of in kinds.items() if of == {"third_sector"})
                ),
            }
        )
    return pd.DataFrame(rows, columns=columns("sectors"))


def sureness(
    study: Study,
    looked: pd.DataFrame,
    *,
    level: str = "board",
    known: Provision | None = None,
) -> pd.DataFrame:
    """Tell of every area how sure its picture is (indicator 9).

    Parameters
    ----------
    study
        The study.
    looked
        Rows of ``gapmap.provision.evidence.evidence``.
    level
        Kind of area.
    known
        What ``provision`` returned for this study.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["sureness"]``: contacts and the share that answered
        (NaN without contacts), services and the share known from a survey, median age of their
        evidence in years, categories searched within the study's months, mean completeness.

    Examples
    --------
    >>> import gapmap as gm
    >>> from gapmap.provision.evidence import evidence
    >>> then = gm.scotland(as_of="2020-02-01")
    >>> sureness(then, evidence(then))["searched"].min() >= 2
    np.True_
    """
    known = provision(study) if known is None else known
    services, as_of = study.services, study.settings.as_of
    age = {
        row: (as_of - day).days / 365.25
        for row, text in known.counting["last_known"].items()
        if (day := first_day(text)) is not None
    }
    survey = services["source_type"].str.startswith("survey").to_dict()
    reached = reach(study, known, level)[["row", "area_code"]].drop_duplicates()
    rows_of = reached.groupby("area_code")["row"].agg(list).to_dict()
    rows = []
    for (code, name), group in looked[looked["level"] == level].groupby(
        ["area_code", "area_name"], sort=False
    ):
        held = rows_of.get(code, [])
        ages = [age[row] for row in held if row in age]
        rows.append(
            {
                "level": level,
                "area_code": code,
                "area_name": name,
                "contacts": int(group["contacts"].iloc[0]),
                "response_rate": group["answered"].iloc[0],
                "services": len(held),
                "survey_share": sum(survey[row] for row in held) / len(held)
                if held
                else float("nan"),
                "median_age_years": round(float(np.median(ages)), 2) if ages else float("nan"),
                "searched": int(group["search_valid"].sum()),
                "categories": len(group),
                "completeness": round(float(group["completeness"].mean()), 4),
            }
        )
    return pd.DataFrame(rows, columns=columns("sureness"))


def leads_and_routes(
    study: Study, *, level: str = "board", known: Provision | None = None
) -> pd.DataFrame:
    """Hold areas against recommendations 10 and 17 of Delivering Effective Services (2019).

    Recommendation 10: the area's perinatal service names a parent-infant mental health lead, own
    or regional (area fact ``parent_infant_lead``: own, regional, none). Recommendation 17:
    parents know the third sector's help and how to reach it; as a proxy, the share of counting
    third-sector services with a public way in (a web page, or families may refer themselves).

    Parameters
    ----------
    study
        Its tables area_facts (area_code, indicator, value, as_of) and referrals.
    level
        Kind of area.
    known
        What ``provision`` returned for this study.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["leads_and_routes"]``: lead (own, regional, none,
        not_known), lead_as_of; third-sector services, with a known public route, with none
        known (which is not proof that there is none).

    Examples
    --------
    >>> import gapmap as gm
    >>> leads_and_routes(gm.scotland())["lead"].unique().tolist()
    ['not_known']
    """
    known = provision(study) if known is None else known
    services = study.services
    facts = dated_facts(study, "parent_infant_lead")
    routes = study.table("referrals")
    own = (
        set(
            routes.loc[
                (routes["from_role"] == "self") & (routes["accepted"] == "yes"), "service_id"
            ]
        )
        if len(routes)
        else set()
    )
    public = ((services["url"] != "") | services["service_id"].isin(own)).to_dict()
    third = services["sector"] == "third_sector"
    reached = reach(study, known, level)[["row", "area_code"]].drop_duplicates()
    reached = reached[third.loc[reached["row"]].to_numpy()] if len(reached) else reached
    areas = study.level(level)
    rows = []
    for code, name in zip(areas["code"], areas["name"], strict=True):
        held = reached.loc[reached["area_code"] == code, "row"].tolist()
        lead, as_of = facts.get(code, ("not_known", ""))
        rows.append(
            {
                "level": level,
                "area_code": code,
                "area_name": name,
                "lead": lead if lead in ("own", "regional", "none") else "not_known",
                "lead_as_of": as_of,
                "third_sector_services": len(held),
                "with_public_route": sum(public[row] for row in held),
                "route_not_known": sum(not public[row] for row in held),
            }
        )
    return pd.DataFrame(rows, columns=columns("leads_and_routes"))


def dated_facts(study: Study, indicator: str) -> dict[str, tuple[str, str]]:
    """The newest usable fact of an indicator at or before the study's date, per area.

    Returns
    -------
    dict
        Area code to the value and its date, as written.

    Examples
    --------
    >>> import gapmap as gm
    >>> dated_facts(gm.scotland(), "child_poverty_ahc_pct")["S12000049"]
    ('36.1', '2024-03')
    """
    facts = study.table("area_facts")
    if facts.empty:
        return {}
    rows = facts[facts["indicator"] == indicator]
    if "usable" in rows:
        rows = rows[rows["usable"] != "no"]
    newest: dict[str, tuple[str, str]] = {}
    for code, value, as_of in zip(rows["area_code"], rows["value"], rows["as_of"], strict=True):
        day = first_day(as_of)
        if day is None or day > study.settings.as_of:
            continue
        if code not in newest or as_of >= newest[code][1]:
            newest[code] = (value, as_of)
    return newest


def hidden_specialist(study: Study, *, known: Provision | None = None) -> pd.DataFrame:
    """List services of a lower tier that offer a specialist intervention (indicator 12).

    Parameters
    ----------
    study
        Its tables interventions (intervention, name, usual_tier) and service_interventions.
    known
        What ``provision`` returned for this study.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["hidden_specialist"]``, one row per counting service
        and specialist intervention that it offers.

    Examples
    --------
    >>> import gapmap as gm
    >>> "specialist" in set(hidden_specialist(gm.scotland())["tier"])
    False
    """
    known = provision(study) if known is None else known
    catalogue = study.table("interventions")
    if catalogue.empty:
        return pd.DataFrame(columns=columns("hidden_specialist"))
    special = catalogue[catalogue["usual_tier"] == "specialist"]
    names = dict(zip(special["intervention"], special["name"], strict=True))
    offered = of_value(study, "intervention")
    offered = offered[offered["value"].isin(names)]
    services = study.services.assign(counts=known.counting["counts"])
    frame = offered.merge(services, left_on="row", right_index=True)
    frame = frame[frame["counts"] & frame["tier"].isin(["universal", "targeted"])]
    frame["intervention_name"] = frame["value"].map(names)
    frame = frame.rename(columns={"value": "intervention"}).sort_values(
        ["service_id", "intervention"], kind="stable"
    )
    return (
        frame.drop_duplicates(["service_id", "intervention"])
        .reindex(columns=columns("hidden_specialist"))
        .reset_index(drop=True)
    )


def planning(study: Study, *, level: str = "council") -> pd.DataFrame:
    """Tell what each area's plans say: infants, their mental health, families' voice (16).

    The newest answer at or before the study's date; a plan without a date is taken as of the
    first year of its period. An area without an answer is not known, never no.

    Parameters
    ----------
    study
        Its table plans: area_code, document, period, question, answer (yes, no, unknown),
        source_date.
    level
        Kind of area.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["planning"]``, one row per area and question:
        answer (yes, no, not_known), document, period, dated.

    Examples
    --------
    >>> import gapmap as gm
    >>> table = planning(gm.scotland())
    >>> (table["question"] == "names_infants").sum()
    np.int64(32)
    """
    plans = study.table("plans")
    areas = study.level(level)
    around = containers(study.areas)
    usual = ["names_infants", "names_infant_mental_health", "names_perinatal", "families_voice"]
    asked = usual + sorted(set(plans["question"]) - set(usual)) if len(plans) else usual
    answers: dict[tuple[str, str], tuple[str, str, str, str]] = {}
    cells = ["area_code", "question", "answer", "document", "period", "source_date"]
    for code, question, answer, document, period, written in (
        plans.reindex(columns=cells, fill_value="").fillna("").itertuples(index=False, name=None)
        if len(plans)
        else ()
    ):
        when = written or period.removeprefix("to ")[:4]
        day = first_day(when)
        if day is None or day > study.settings.as_of:
            continue
        found = (when, answer, document, period)
        held = answers.get((code, question))
        # A plan that was read and settled outweighs a newer one that was not.
        if held is None or (answer in ("yes", "no"), when) > (held[1] in ("yes", "no"), held[0]):
            answers[code, question] = found
    rows = []
    for code, name in zip(areas["code"], areas["name"], strict=True):
        for question in asked:
            when, answer, document, period = next(
                (
                    answers[place, question]
                    for place in sorted(around[code])
                    if (place, question) in answers
                ),
                ("", "", "", ""),
            )
            rows.append(
                {
                    "level": level,
                    "area_code": code,
                    "area_name": name,
                    "question": question,
                    "answer": answer if answer in ("yes", "no") else "not_known",
                    "document": document,
                    "period": period,
                    "dated": when,
                }
            )
    return pd.DataFrame(rows, columns=columns("planning"))


def training(study: Study) -> pd.DataFrame:
    """Who was trained in what, where, by the study's date.

    Parameters
    ----------
    study
        Its tables training (area_code, course, staff_group, places, date, source) and
        interventions (intervention, name, usual_tier).

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["training"]``, one row per row of the study's table
        that is of an area and not later than its date; places are NaN where not known, never 0,
        and are not added up: that a course was given says nothing on who still works there.

    Examples
    --------
    >>> import gapmap as gm
    >>> sorted(set(training(gm.scotland())["course_name"]))[-1]
    'Solihull Approach'
    """
    given = study.table("training").reindex(
        columns=["area_code", "course", "staff_group", "places", "date", "source"], fill_value=""
    )
    given = given.fillna("").astype(str)
    catalogue = study.table("interventions").reindex(
        columns=["intervention", "name", "usual_tier"], fill_value=""
    )
    name_of = dict(zip(catalogue["intervention"], catalogue["name"], strict=True))
    tier_of = dict(zip(catalogue["intervention"], catalogue["usual_tier"], strict=True))
    names = dict(zip(study.areas["code"], study.areas["name"], strict=True)) | {
        SCOTLAND: "Scotland"
    }
    levels = dict(zip(study.areas["code"], study.areas["level"], strict=True))
    levels[SCOTLAND] = "country"
    days = [first_day(text) for text in given["date"]]
    known = np.array([code in names for code in given["area_code"]], dtype=bool)
    past = np.array([day is None or day <= study.settings.as_of for day in days], dtype=bool)
    given = given[known & past]
    made = pd.DataFrame(
        {
            "level": [levels[code] for code in given["area_code"]],
            "area_code": given["area_code"].to_numpy(),
            "area_name": [names[code] for code in given["area_code"]],
            "course": given["course"].to_numpy(),
            "course_name": [name_of.get(one) or label(one, {}) for one in given["course"]],
            "tier": [tier_of.get(course, "") for course in given["course"]],
            "staff_group": given["staff_group"].to_numpy(),
            "places": [number(text) for text in given["places"]],
            "date": given["date"].to_numpy(),
            "source": given["source"].to_numpy(),
        },
        columns=columns("training"),
    )
    order = ["level", "area_code", "course", "date"]
    return made.sort_values(order, kind="stable", ignore_index=True)
