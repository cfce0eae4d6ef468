"""A study and its tables with only what one area holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from gapmap.place.geography import area_named, containers
from gapmap.vocabulary import SCOTLAND

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gapmap.study import Study

#: Tables of which some rows are told of a board only.
_TOLD_OF_WHOLES = frozenset(["gaps", "leads_and_routes", "levels", "new_links", "pathways"])


def limit(
    study: Study, tables: Mapping[str, pd.DataFrame], area: str
) -> tuple[Study, dict[str, pd.DataFrame]]:
    """What a run's products show when they are limited to one area.

    Travel is not worked out again: a family may still go over the border of the area.

    Parameters
    ----------
    study
        The study.
    tables
        The tables of its run, by name; those with an area_code are cut to the area and what lies
        in it, services to those that stand in it or serve it.
    area
        Code or name.

    Returns
    -------
    tuple of Study and tables

    Raises
    ------
    InputError
        If no area has that code or name, with the nearest.

    Examples
    --------
    >>> import gapmap as gm
    >>> from gapmap.provision.coverage import provision
    >>> from gapmap.provision.tables import service_tables
    >>> study = gm.scotland()
    >>> known = provision(study)
    >>> services, locations = service_tables(known)
    >>> tables = {"services": services, "locations": locations, "links": known.links}
    >>> fife, _ = limit(study, tables, "Fife")
    >>> sorted(fife.areas["level"])
    ['board', 'council', 'hscp']
    """
    code = area_named(area, study.areas)
    around = containers(study.areas)
    keep = {one for one, inside in around.items() if code in inside} | {code}
    # An area of another level with the same councils is the same place.
    areas = study.areas[study.areas["code"].isin(keep)]
    limited = {
        name: table[table["area_code"].isin(keep)].reset_index(drop=True)
        if "area_code" in table and name != "links"
        else table
        for name, table in tables.items()
    }
    # What is only told of the board that contains a council holds for the council too.
    above = around.get(code, frozenset()) - keep - {SCOTLAND}
    for name in _TOLD_OF_WHOLES & limited.keys():
        more = tables[name][tables[name]["area_code"].isin(above)]
        limited[name] = pd.concat([limited[name], more], ignore_index=True)
    codes = [f"{level}_code" for level in dict.fromkeys(areas["level"])]
    services = limited["services"]
    near = [column for column in codes if column in services]
    links = tables["links"]
    links = links[links["basis"] != "located"]
    reaching = set(around.get(code, ())) | keep
    serves = set(links.loc[links["area_code"].isin(reaching), "service_id"])
    stands = services[near].isin(keep).any(axis=1)
    chosen = services[stands | services["service_id"].isin(serves)]
    limited["services"] = chosen.reset_index(drop=True)
    of_chosen = set(chosen["service_id"])
    limited["locations"] = limited["locations"][
        limited["locations"]["service_id"].isin(of_chosen)
    ].reset_index(drop=True)
    for name in ("field_sources", "disagreements"):
        if name in limited:
            mine = limited[name]["service_id"].isin(of_chosen)
            limited[name] = limited[name][mine].reset_index(drop=True)
    own = study.services[study.services["service_id"].isin(of_chosen)]
    people = study.people
    for column in codes:
        if column in people and people[column].isin(keep).any():
            people = people[people[column].isin(keep)]
            break
    if "journeys" in limited:
        roads = tables["journeys"]
        limited["journeys"] = roads[roads["postcode"].isin(people.index)].reset_index(drop=True)
    if "nearest" in limited:
        near_here = limited["nearest"]["postcode"].isin(people.index)
        here = limited["nearest"][near_here].reset_index(drop=True)
        if isinstance(here["postcode"].dtype, pd.CategoricalDtype):
            # Its file would name every postcode of the country besides.
            here["postcode"] = here["postcode"].cat.remove_unused_categories()
        limited["nearest"] = here
    return replace(study, areas=areas, services=own, people=people), limited
