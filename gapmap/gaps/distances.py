"""Where provision and travel meet: how far families live from what serves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from gapmap.errors import InputError
from gapmap.gaps.rural_places import rural_places
from gapmap.place.catchments import with_catchments
from gapmap.place.geography import base_level
from gapmap.place.join import named_polygons, people_with_areas
from gapmap.place.land import land_of
from gapmap.provision.evidence import study_categories
from gapmap.travel.access import access, nearest_services
from gapmap.travel.names import island_points, place_names
from gapmap.travel.rural import with_classes
from gapmap.travel.serving import serving
from gapmap.vocabulary import columns

if TYPE_CHECKING:
    from gapmap.provision.coverage import Provision
    from gapmap.study import Study
    from gapmap.travel.access import Measure


def distances(study: Study, known: Provision, network: Measure) -> dict[str, pd.DataFrame]:
    """Work out for every postcode the nearest of every kind, and sum it up.

    Parameters
    ----------
    study
        The study.
    known
        What ``provision`` returned for it.
    network
        What minutes and kilometres are measured on.

    Returns
    -------
    dict of str to pandas.DataFrame
        nearest (a row for each people point, category and rank), travel (each level's areas) and
        rural (remote and island places beyond reach of what does not come to them), as
        ``gapmap.vocabulary.TABLES`` describes them.

    Raises
    ------
    InputError
        If no place where people live is near the network.

    Examples
    --------
    >>> import gapmap as gm
    >>> from gapmap.provision.coverage import provision
    >>> from gapmap.travel.straight import StraightLine
    >>> study = gm.scotland()
    >>> sorted(distances(study, provision(study), StraightLine()))
    ['nearest', 'rural', 'travel']
    """
    settings = study.settings
    people = people_with_areas(study.people, study.areas, snap_metres=settings.snap_metres)
    sites, services = serving(known.placed, known.links, known.counting)
    _refuse_roads_of_elsewhere(people, network)
    among = with_catchments(people, known.links, named_polygons(study))
    nearest = nearest_services(among, sites, services, network, categories=study_categories(study))
    return {
        "nearest": nearest,
        "travel": _travel(study, people, nearest),
        "rural": _rural(study, people, nearest),
    }


def _refuse_roads_of_elsewhere(people: pd.DataFrame, network: Measure) -> None:
    """Stop where the roads come near nobody: all would be off them, and read as far from help."""
    # A few tell at once, in most studies.
    near = any(
        (network.place(some).node >= 0).any() for some in (people.iloc[::100], people) if len(some)
    )
    if len(people) and not near:
        raise InputError(
            f"Nobody of the study lives near the network ({network.label}): all {len(people):,} "
            "places are too far from it. Is it the extract of another country, or a study in "
            "another system of coordinates? Give the roads of the study's own area."
        )


def _travel(study: Study, people: pd.DataFrame, nearest: pd.DataFrame) -> pd.DataFrame:
    """Travel of every level's areas, with their names."""
    settings = study.settings
    # The usual minutes are always there, since others rely on them; a study adds its own.
    usual = {int(name.rsplit("_", 1)[1]) for name in columns("travel") if "_within_" in name}
    names = dict(zip(study.areas["code"], study.areas["name"], strict=True))
    parts = []
    for level in dict.fromkeys(study.areas["level"]):
        table = access(
            people,
            nearest,
            by=f"{level}_code",
            weights=settings.weight,
            thresholds=sorted(usual | set(settings.thresholds)),
        )
        table["level"] = level
        table["area_name"] = table["area_code"].map(names)
        # People in no area of a level belong to none of its rows; the counts in run.json tell.
        parts.append(table[table["area_name"].notna()])
    travel = pd.concat(parts, ignore_index=True)
    first = ["level", "area_code", "area_name", "category"]
    return travel[first + [column for column in travel if column not in first]]


def _rural(study: Study, people: pd.DataFrame, nearest: pd.DataFrame) -> pd.DataFrame:
    """Remote and island places beyond reach of what does not come to them."""
    services = study.services.drop_duplicates("service_id").set_index("service_id")
    # The people may be those of all Scotland; places elsewhere are not this study's.
    codes = [f"{level}_code" for level in dict.fromkeys(study.areas["level"])]
    people = people[people[codes].isin(set(study.areas["code"])).any(axis=1)]
    base = f"{base_level(study.areas)}_code"
    return rural_places(
        with_classes(people.assign(council_code=people[base])),
        nearest,
        threshold=study.settings.rural_minutes,
        weight=study.settings.weight,
        service_names=services["name"],
        area_names=study.areas.set_index("code")["name"],
        place_names=place_names(),
        land=land_of(study.areas),
        islands=island_points(),
        exact_people=study.settings.exact_people,
    )
