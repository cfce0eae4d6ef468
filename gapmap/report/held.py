"""What a study holds of one area, what it does not know, and who was asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gapmap import vocabulary
from gapmap.place.confidential import protect, protect_fields
from gapmap.place.consent import publishable
from gapmap.place.geography import area_named, containers, resolve
from gapmap.place.personal import depersonalised, without_contacts
from gapmap.vocabulary import SCOTLAND

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd

    from gapmap.study import Study

#: Why a service is in the list of an area, nearest first, and what a person reads.
REACH: Mapping[str, str] = {
    "here": "Stands here",
    "serves": "Serves here",
    "wider": "Serves a wider area",
    "national": "National",
}

#: Fields that gaps rest on, and how a sentence says that one is not known.
WANTED: Mapping[str, str] = {
    "place": "where it is based",
    "serves": "which areas it serves",
    "coverage_of_area": "whether it serves all of them",
    "age_from_months": "from what age",
    "age_to_months": "to what age",
    "eligibility_narrow": "whether only some may come",
    "delivery": "how it is delivered",
    "taking_referrals": "whether it takes referrals now",
    "waiting_weeks": "how long the wait is",
    "funding": "how lasting its money is",
    "status": "whether it still runs",
}


@dataclass(frozen=True)
class Held:
    """What a study holds of one area.

    Parameters
    ----------
    code, name, level
        The area.
    services
        Services that stand in it, serve it or reach it, their confidential places protected, with
        a column ``reach`` (a key of ``REACH``); those that stand here first, then by category.
    states
        Rows of ``gapmap.coverage`` by category: of the area, then of its councils.
    councils
        Code and name of the councils in it.
    unknown
        One row per service of the area's own: service_id, name, fields (what is not known of it,
        as in ``WANTED``).
    searches, contacts
        Who looked for what, and who was asked, here or in an area around; the newest first.
        No name of a person is in them.
    fields
        Sources of single fields: ``vocabulary.TABLES["field_sources"]``.
    referrals
        Ways in of these services.
    """

    code: str
    name: str
    level: str
    services: pd.DataFrame
    states: pd.DataFrame
    councils: Mapping[str, str]
    unknown: pd.DataFrame
    searches: pd.DataFrame
    contacts: pd.DataFrame
    fields: pd.DataFrame
    referrals: pd.DataFrame


def held(study: Study, area: str) -> Held:
    """What a study holds of one area.

    Parameters
    ----------
    study
        A study whose linked tables are settled.
    area
        Code or name of a board, council, partnership or any other area of the study.

    Raises
    ------
    InputError
        If no area has that code or name, with the nearest.

    Examples
    --------
    >>> import gapmap as gm
    >>> orkney = held(gm.scotland(), "NHS Orkney")
    >>> orkney.name, "national" in set(orkney.services["reach"])
    ('NHS Orkney', True)
    """
    import pandas as pd

    from gapmap.provision.coverage import coverage, provision

    study = depersonalised(study)
    if study.settings.public:
        study = publishable(study)
    code = _code(study, area)
    row = study.areas.loc[code]
    around = containers(study.areas)
    inside = {one for one, whole in around.items() if code in whole}
    known = provision(study)
    services = _reaching(study, known.links, code, inside, around[code])
    names = study.areas[(study.areas["level"] == "council") & study.areas["code"].isin(inside)]
    councils = {one: str(name) for one, name in names["name"].items() if one != code}
    tables = [coverage(study, level=str(row["level"]), by="category", known=known)]
    if councils:
        tables.append(coverage(study, level="council", by="category", known=known))
    states = pd.concat(tables, ignore_index=True)
    states = states[states["area_code"].isin([code, *councils])].reset_index(drop=True)
    referrals = study.table("referrals")
    if len(referrals):
        referrals = referrals[referrals["service_id"].isin(set(services["service_id"]))]
    fields = protect_fields(study.field_sources(), study.services)
    return Held(
        code=code,
        name=str(row["name"]),
        level=str(row["level"]),
        services=services,
        states=states,
        councils=councils,
        unknown=_unknown(services),
        searches=_asked(study, "searches", ("category", "found", "source"), around[code], inside),
        contacts=_asked(study, "contacts", ("organisation", "outcome"), around[code], inside),
        fields=fields[fields["service_id"].isin(set(services["service_id"]))],
        referrals=referrals.reset_index(drop=True),
    )


def area_in_words(code: str, areas: gpd.GeoDataFrame) -> str:
    """The name by which an area is found again; its code where no name leads back to it.

    Examples
    --------
    >>> import gapmap as gm
    >>> areas = gm.scotland().areas
    >>> area_in_words("S08000020", areas), area_in_words("S37000001", areas)
    ('NHS Grampian', 'Aberdeen City HSCP')
    """
    if code in (SCOTLAND, "Scotland") or code not in areas.index:
        return "Scotland" if code == SCOTLAND else code
    name = str(areas.at[code, "name"])
    found = resolve([name, f"{name} HSCP"], areas)["area_code"]
    return next((words for words in (name, f"{name} HSCP") if found[words] == code), code)


def _code(study: Study, area: str) -> str:
    from gapmap.errors import InputError

    try:
        code = area_named(area, study.areas)
    except InputError as error:
        raise InputError(f"{error} {_some_names(study)}") from None
    if code == SCOTLAND:
        raise InputError(f"A list is made for one area, not for the country. {_some_names(study)}")
    return code


def _some_names(study: Study) -> str:
    boards = study.areas[study.areas["level"] == "board"]["name"]
    told = ", ".join(str(name) for name in boards)
    return f"Name a council, a partnership or a board: {told}." if told else ""


def _reaching(
    study: Study, links: pd.DataFrame, code: str, inside: set[str], whole: frozenset[str]
) -> pd.DataFrame:
    """The services of an area with why each is there, the nearest reason first."""
    place: dict[object, str] = {}
    order = list(REACH)
    for row, basis, area in zip(links["row"], links["basis"], links["area_code"], strict=True):
        if area in inside:
            reach = "here" if basis in ("located", "inferred") else "serves"
        elif basis == "served" and area == SCOTLAND:
            reach = "national"
        elif basis == "served" and area in whole:
            reach = "wider"
        else:
            continue
        place[row] = min(place.get(row, reach), reach, key=order.index)
    chosen = protect(study.services.loc[list(place)]).assign(reach=list(place.values()))
    kinds = {one: rank for rank, one in enumerate(vocabulary.CATEGORIES)}
    # A team that stands here but serves the nation is as near as it gets.
    ranks = chosen.assign(
        _reach=chosen["reach"].map(order.index),
        _kind=chosen["category"].map(kinds).fillna(len(kinds)),
    )
    in_order = ranks.sort_values(["_reach", "_kind", "name", "service_id", "location_id"])
    return chosen.loc[in_order.index].reset_index(drop=True)


def _unknown(services: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for service in services[services["reach"].isin(["here", "serves"])].to_dict("records"):
        if service["status"] == "closed":
            continue
        based = service["postcode"] or service["latitude"] == service["latitude"]
        based = based or service["easting"] == service["easting"] or service["grid_ref"]
        hidden = service["location_confidential"] == "yes"
        missing = [] if based or hidden else ["place"]
        for name in list(WANTED)[1:]:
            value = service[name]
            if value in ("", "unknown") or value != value:
                missing.append(name)
        if missing:
            rows.append((service["service_id"], service["name"], tuple(missing)))
    return pd.DataFrame(rows, columns=["service_id", "name", "fields"])


def _asked(
    study: Study, name: str, columns: tuple[str, ...], around: frozenset[str], inside: set[str]
) -> pd.DataFrame:
    """Rows of searches or contacts here or around, without columns that may name a person."""
    import pandas as pd

    table = study.table(name)
    wanted = ["area_code", "date", *columns]
    if table.empty or "area_code" not in table:
        return pd.DataFrame(columns=wanted, dtype="str")
    here = table[table["area_code"].isin(around | inside)].reindex(columns=wanted, fill_value="")
    newest = here.sort_values(["date", "area_code", *columns], ascending=False, kind="stable")
    # The table of contacts is the one that is not cleaned with the study.
    return newest.astype(str).map(without_contacts).reset_index(drop=True)
