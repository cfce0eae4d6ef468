"""Levels of provision as others publish them, beside ours and never in place of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from gapmap.dates import first_day
from gapmap.provision.counting import counts
from gapmap.provision.coverage import Provision, coverage, of_value, provision, reach
from gapmap.provision.measures import dated_facts
from gapmap.vocabulary import category_words, columns
from gapmap.words import count_in_words, date_in_words

if TYPE_CHECKING:
    from gapmap.study import Study


class Level(NamedTuple):
    """One step of an ordinal scheme: its code, its name, and the states of ours that agree."""

    code: str
    label: str
    agrees: tuple[str, ...]


#: Schemes that others publish, each from least to most. Not independently verified.
SCHEMES: dict[str, tuple[Level, ...]] = {
    # The tiers of the 2020 exercise: what an area reaches, not how much of it.
    "exercise_tier": (
        Level("universal", "Universal", ("partly", "provided")),
        Level("targeted", "Targeted", ("partly", "provided")),
        Level("specialist", "Specialist", ("partly", "provided")),
    ),
    # Maternal Mental Health Alliance, maps of specialist perinatal teams by board.
    "mmha_level": (
        Level("red", "None", ("none_found",)),
        Level("pink", "Minimal", ("partly",)),
        Level("amber", "Below the standard", ("partly", "provided")),
        Level("green", "Meets the standard", ("provided",)),
    ),
    # Delivering Effective Services, 2019: classes of community provision, most first.
    "des_class": (
        Level("d", "Class d", ("none_found", "partly")),
        Level("c", "Class c", ("partly", "provided")),
        Level("b", "Class b", ("partly", "provided")),
        Level("a", "Class a", ("provided",)),
    ),
    # Scottish Government, status of services funded since 2019.
    "government_status": (
        Level("in_development", "In development", ("none_found", "partly")),
        Level("new", "New", ("partly", "provided")),
        Level("expanded", "Expanded", ("partly", "provided")),
    ),
    # A plain yes or no about an area, such as that a service is delivered there.
    "yes_no": (
        Level("no", "No", ("none_found",)),
        Level("yes", "Yes", ("partly", "provided")),
    ),
}

#: Area facts that state a level: the indicator, its scheme, the category that it speaks of.
FACTS: dict[str, tuple[str, str]] = {
    "mmha_level": ("mmha_level", "perinatal_mental_health"),
    "des_class": ("des_class", "perinatal_mental_health"),
    "cpmht_status": ("government_status", "perinatal_mental_health"),
    "imh_status": ("government_status", "infant_mental_health"),
    "mnpi_status": ("government_status", "maternity_neonatal_psychology"),
    "fnp_delivered": ("yes_no", "family_nurse_partnership"),
}


def levels(
    study: Study, *, known: Provision | None = None, covered: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Hold the levels that others published of an area against our states.

    Parameters
    ----------
    study
        Its table area_facts, with indicators of ``FACTS``.
    known
        What ``provision`` returned for this study.
    covered
        Rows of ``coverage`` of every level, to save working them out.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["levels"]``, one row per area and published level:
        scheme, published, label, published_as_of, our state, and agreement: agrees, disagrees,
        or not_comparable where ours is not known.

    Examples
    --------
    >>> import gapmap as gm
    >>> set(levels(gm.scotland())["agreement"]) <= {"agrees", "disagrees", "not_comparable"}
    True
    """
    if covered is None:
        known = provision(study) if known is None else known
        of_levels = dict.fromkeys(study.areas["level"])
        covered = pd.concat([coverage(study, level=level, known=known) for level in of_levels])
    cells = covered[covered["dimension"] == "category"]
    ours = {
        (code, value): state
        for code, value, state in zip(
            cells["area_code"], cells["value"], cells["state"], strict=True
        )
    }
    level_of = dict(zip(study.areas["code"], study.areas["level"], strict=True))
    names = dict(zip(study.areas["code"], study.areas["name"], strict=True))
    rows = []
    for indicator, (scheme, category) in FACTS.items():
        steps = {step.code: step for step in SCHEMES[scheme]}
        for code, (value, as_of) in sorted(dated_facts(study, indicator).items()):
            state = ours.get((code, category))
            if value not in steps or state is None:
                continue
            agreement = (
                "not_comparable"
                if state == "not_known"
                else "agrees"
                if state in steps[value].agrees
                else "disagrees"
            )
            rows.append(
                {
                    "level": level_of[code],
                    "area_code": code,
                    "area_name": names[code],
                    "category": category,
                    "scheme": scheme,
                    "published": value,
                    "published_label": steps[value].label,
                    "published_as_of": as_of,
                    "state": state,
                    "agreement": agreement,
                }
            )
    return pd.DataFrame(rows, columns=columns("levels"))


def published(study: Study, *, known: Provision | None = None) -> pd.DataFrame:
    """Hold national totals that others published against what the directory has evidence for.

    A total is compared at its own date: the services that counted, or the areas with any of the
    category, on that day. It is never filled in.

    Parameters
    ----------
    study
        Its table published_totals: area_code, category, measure (services, boards...), state,
        value, as_of, source, usable.
    known
        What ``provision`` returned for this study.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["published"]``, one row per total at or before the
        study's date, and one for new and expanded together where both were published; held is
        NaN for a measure that the directory does not count.

    Examples
    --------
    >>> import gapmap as gm
    >>> table = published(gm.scotland())
    >>> both = table[(table["state"] == "new;expanded") & (table["measure"] == "services")]
    >>> both.set_index("category").loc["perinatal_mental_health", "value"]
    np.float64(14.0)
    """
    known = provision(study) if known is None else known
    totals = study.table("published_totals")
    if totals.empty:
        return pd.DataFrame(columns=columns("published"))
    totals = totals[totals["usable"] != "no"] if "usable" in totals else totals
    claims: dict[tuple[str, str, str, str], dict[str, float]] = {}
    for category, measure, state, value, as_of, source in totals[
        ["category", "measure", "state", "value", "as_of", "source"]
    ].itertuples(index=False, name=None):
        day = first_day(as_of)
        if day is None or day > study.settings.as_of:
            continue
        claims.setdefault((category, measure, as_of, source), {})[state] = float(value)
    services = study.services
    unit = services["team_id"].where(services["team_id"] != "", services["service_id"])
    kinds = of_value(study, "category")
    boards = (study.areas["level"] == "board").any()
    have: dict[str, dict[str, dict[str, int]]] = {}
    for as_of in sorted({key[2] for key in claims}):
        day = first_day(as_of)
        assert day is not None
        counting = counts(services, day, stale_years=study.settings.stale_years)
        running = services[counting["counts"]]
        have[as_of] = {
            "services": unit[running.index].groupby(running["category"]).nunique().to_dict()
        }
        if boards:
            reached = reach(study, known._replace(counting=counting), "board").merge(
                kinds, on="row"
            )
            have[as_of]["boards"] = reached.groupby("value")["area_code"].nunique().to_dict()
    rows = []
    for (category, measure, as_of, source), by_state in claims.items():
        told = dict(by_state)
        if {"new", "expanded"} <= set(told):
            told = {"new;expanded": told["new"] + told["expanded"], **told}
        for state, value in told.items():
            counted = have[as_of].get(measure)
            # What was new, or still being made, cannot be told apart in a directory.
            comparable = counted is not None and state in ("found", "functioning", "new;expanded")
            held = (
                float(counted.get(category, 0))
                if counted is not None and comparable
                else float("nan")
            )
            rows.append(
                {
                    "category": category,
                    "measure": measure,
                    "state": state,
                    "value": value,
                    "published_as_of": as_of,
                    "held": held,
                    "sentence": _sentence(category, measure, state, value, as_of, held),
                    "source": source,
                }
            )
    table = pd.DataFrame(rows, columns=columns("published"))
    return table.sort_values(
        ["category", "published_as_of", "measure", "state"], kind="stable", ignore_index=True
    )


def _sentence(
    category: str, measure: str, state: str, value: float, as_of: str, held: float
) -> str:
    noun = {"services": "service", "boards": "board"}.get(measure, measure.replace("_", " "))
    many = None if measure in ("services", "boards") else noun
    kind = {
        "found": "",
        "new;expanded": ", new or expanded",
        "no_access": ", without access",
    }.get(state, f", {state.replace('_', ' ')}")
    what = f"{count_in_words(value, noun, many)} of {category_words(category)}{kind}"
    said = f"Published: {what} in {date_in_words(as_of[:7])}"
    if held != held:
        return f"{said}."
    return f"{said}; we hold evidence for {round(held):,} on that date."
