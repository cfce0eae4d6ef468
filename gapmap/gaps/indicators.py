"""Every indicator of a study as tables, in one call."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from gapmap.gaps.calls import calls, with_certainty
from gapmap.gaps.decisions import with_decisions
from gapmap.gaps.findings import findings
from gapmap.gaps.flag import flag
from gapmap.gaps.journey import journeys, stock_families
from gapmap.place.geography import base_level
from gapmap.provision.ages import ages
from gapmap.provision.barriers import barriers, beside_need, beyond_reach
from gapmap.provision.bounds import bounds, shares, silence
from gapmap.provision.disclosure import people_counts
from gapmap.provision.fragility import calendar, calendar_of_all, fragility, renewals
from gapmap.provision.levels import levels, published
from gapmap.provision.measures import (
    hidden_specialist,
    ladder,
    leads_and_routes,
    planning,
    rates,
    sectors,
    sureness,
    training,
    uniformity,
)
from gapmap.provision.pathways import new_links, pathways, routes
from gapmap.vocabulary import columns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gapmap.provision.coverage import Provision
    from gapmap.study import Study

#: How many years ahead the calendar of every area looks, at each 31 March.
YEARS_AHEAD = 5


def indicator_tables(
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    known: Provision,
    *,
    network: Any = None,
) -> dict[str, pd.DataFrame]:
    """Work out the tables of indicators 2 to 12 and 16 to 20.

    Parameters
    ----------
    study
        The study.
    tables
        What a run has already: coverage, evidence, travel, nearest, services.
    known
        What ``provision`` returned for this study.
    network
        What travel is measured on, for the roads of six families an area; without one there is
        no table of journeys.

    Returns
    -------
    dict of str to pandas.DataFrame
        By the names of ``gapmap.vocabulary.TABLES``; with the gaps that meet the study's rules,
        their certainty and decisions.

    Examples
    --------
    >>> import gapmap as gm
    >>> from gapmap.run import work_out
    >>> worked = work_out(gm.scotland())  # doctest: +SKIP
    >>> worked.tables["findings"]["sentence"].iloc[0]  # doctest: +SKIP
    """
    every = list(dict.fromkeys(study.areas["level"]))
    top = "board" if "board" in every else every[0]
    base = base_level(study.areas)
    looked, covered = tables["evidence"], tables["coverage"]
    quiet = silence(study, known, looked=looked)

    def of_levels(make: Callable[..., pd.DataFrame], **options: Any) -> pd.DataFrame:
        return pd.concat(
            [make(study, level=level, known=known, **options) for level in every],
            ignore_index=True,
        )

    def of_cells(make: Callable[..., pd.DataFrame], **options: Any) -> pd.DataFrame:
        return pd.concat(
            [of_levels(make, by=by, **options) for by in ("tier", "category")], ignore_index=True
        )

    made: dict[str, pd.DataFrame] = {}
    made["bounds"] = of_cells(bounds, covered=covered, quiet=quiet)
    made["shares"] = shares(made["bounds"])
    made["calls"] = calls(study, known=known, quiet=quiet)
    ranked = rates(covered)
    made["rates"] = ranked.loc[ranked["rank"].notna(), columns("rates")].reset_index(drop=True)
    made["uniformity"] = uniformity(covered)
    made["ladder"] = ladder(covered)
    made["ages"] = of_cells(ages)
    made["fragility"] = of_cells(fragility)
    made["calendar"] = of_cells(calendar, days=springs(study.settings.as_of))
    made["calendar_months"] = calendar_of_all(study, known=known)
    made["renewals"] = renewals(study, known=known)
    made["sectors"] = of_levels(sectors)
    made["sureness"] = of_levels(sureness, looked=looked)
    made["leads_and_routes"] = leads_and_routes(study, level=top, known=known)
    made["hidden_specialist"] = hidden_specialist(study, known=known)
    made["planning"] = planning(study, level=base)
    made["training"] = training(study)
    made["people_counts"] = people_counts(study)
    made["levels"] = levels(study, known=known, covered=covered)
    made["published"] = published(study, known=known)
    made["barriers"] = beyond_reach(of_levels(barriers), tables["travel"])
    made["need"] = beside_need(study, covered[covered["level"] == base])
    said = routes(study, known=known)
    made["referral_routes"] = said
    made["pathways"] = pathways(study, level=top, known=known, said=said)
    made["new_links"] = new_links(study, level=top, known=known, said=said)
    if network is not None:
        families = stock_families(study, tables["nearest"], level=top)
        made["journeys"] = journeys(study, families, network, known=known, said=said)
    # A rule may look at any of these, so gaps come when they are all there.
    rules, weight = study.settings.rules, study.settings.weight
    found = flag({**tables, **made}, rules, weight=weight)
    sure = with_certainty(found, made["bounds"], tables["travel"], rules=rules)
    made["gaps"] = with_decisions(sure, study.table("decisions"), as_of=study.settings.as_of)
    made["findings"] = findings(study, {**tables, **made})
    return made


def springs(as_of: date) -> list[date]:
    """Each 31 March in the years ahead: when most money ends.

    Examples
    --------
    >>> [day.isoformat() for day in springs(date(2020, 2, 1))][:2]
    ['2020-03-31', '2021-03-31']
    """
    first = as_of.year + (date(as_of.year, 3, 31) < as_of)
    return [date(first + n, 3, 31) for n in range(YEARS_AHEAD)]
