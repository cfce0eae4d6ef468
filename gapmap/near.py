"""What serves one postcode: how far, by what means, what comes to the family, what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gapmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from gapmap.study import Settings, Study

#: Services of one kind that a line names before it counts the rest.
_NAMES = 3


def near(study: Study, postcode: str) -> list[str]:
    """Lines that tell a person what serves a place.

    Parameters
    ----------
    study
        The study.
    postcode
        As a person types it.

    Returns
    -------
    list of str
        The place and how distance was measured, then one line per kind of service: which is
        nearest and how far, which come to the family, which serve some families only.

    Raises
    ------
    InputError
        If the postcode is not one of the study's, with the nearest that are.

    Examples
    --------
    >>> import gapmap as gm
    >>> near(gm.scotland(), "kw151ax")[0].startswith("KW15 1AX")
    True
    """
    from gapmap.gaps.journey import in_part
    from gapmap.place.catchments import with_catchments
    from gapmap.place.geography import base_level
    from gapmap.place.join import named_polygons, people_with_areas
    from gapmap.provision.coverage import coverage, provision
    from gapmap.provision.evidence import study_categories
    from gapmap.travel.access import nearest_services, who_serves
    from gapmap.travel.choose import choose_network
    from gapmap.travel.serving import serving
    from gapmap.vocabulary import FOOT_FERRY_NOTE, STATES, category_label
    from gapmap.words import date_in_words

    settings = study.settings
    code = known_postcode(study, postcode)
    person = people_with_areas(study.people.loc[[code]], study.areas)
    known = provision(study)
    sites, services = serving(known.placed, known.links, known.counting)
    network = choose_network(settings.travel_method, tolerance_metres=settings.network_tolerance)
    among = with_catchments(person, known.links, named_polygons(study))
    found = nearest_services(
        among, sites, services, network, categories=study_categories(study)
    ).set_index("category")
    serve = who_serves(among, sites, services)
    areas = dict(zip(study.areas["code"], study.areas["name"], strict=True))
    part = {service: areas.get(area, "") for (_, service), area in in_part(known, among).items()}
    named = _named(study, part)
    base = base_level(study.areas)
    home = person[f"{base}_code"].iat[0]
    cells = coverage(study, level=base, known=known)
    cells = cells[cells["area_code"] == home].set_index("value")
    around = dict.fromkeys(f"{level}_code" for level in (base, "board"))
    codes = [person[column].iat[0] for column in around if column in person]
    where = ", ".join(areas[one] for one in codes if one in areas)
    place = f"{code} ({where})" if where else code
    lines = [f"{place}, on {date_in_words(settings.as_of)}", *_measured(settings)]
    if found["foot_ferry"].any():
        lines.append(FOOT_FERRY_NOTE)
    lines.append("")
    for category in study_categories(study):
        said = _said(found.loc[category], serve[serve["category"] == category], named)
        told = f"{category_label(category)}: {said}."
        # A place outside every area of the study has no state to tell.
        if category in cells.index:
            told += f" In {areas[home]}: {STATES[cells['state'][category]].lower()}."
        lines.append(told)
    return lines


def _measured(settings: Settings) -> list[str]:
    """How distance was measured and how far off it is, and that the directory is partial."""
    from gapmap.travel.method import how_far_off, how_measured

    far_off = how_far_off(settings)
    return [f"{how_measured(settings)} A partial directory.", *([far_off] if far_off else [])]


def _named(study: Study, part: Mapping[str, str]) -> dict[str, tuple[str, bool]]:
    """Each service's name, with whom it is not for, and whether it is for some families only."""
    from gapmap.words import shown

    services = study.services.drop_duplicates("service_id")
    named = {}
    for service, name, narrow in zip(
        services["service_id"], services["name"], services["eligibility_narrow"], strict=True
    ):
        limits = [
            *(["for some families only"] if narrow == "yes" else []),
            *([f"in part of {part[service] or 'the area'} only"] if service in part else []),
        ]
        told = f" ({', '.join(limits)})" if limits else ""
        named[service] = (f"{shown(name)}{told}", bool(limits))
    return named


def _said(row: pd.Series[Any], serve: pd.DataFrame, named: Mapping[str, tuple[str, bool]]) -> str:
    """What one line tells of a kind of service."""
    from gapmap.vocabulary import FOOT_FERRY, FOR_SOME, MEASURED_STATUSES, TRAVEL_STATUSES
    from gapmap.words import minutes_in_words

    status = str(row["status"])
    come = serve.loc[serve["comes_to_family"], "service_id"].tolist()
    if status in MEASURED_STATUSES:
        # A straight line has no minutes.
        timed = row["minutes"] == row["minutes"]
        way = minutes_in_words(row["minutes"]) if timed else f"{row['km']:.1f} km away"
        if status == "by_ferry" and row["ferry_minutes"] > 0:
            way += f", of it {minutes_in_words(row['ferry_minutes'])} aboard a ferry"
            way += f", with {FOOT_FERRY} on the way" if row["foot_ferry"] else ""
        said = f"{named[row['service_id']][0]}, {way}"
        if come == [row["service_id"]]:
            return f"{said}, or it comes to the family"
        return f"{said}; comes to the family: {_list(come, named)}" if come else said
    if status == "comes_to_family":
        of = come
    elif status == "site_not_known":
        of = serve.loc[~serve["base_known"], "service_id"].tolist()
    else:
        return TRAVEL_STATUSES[status]
    some = all(named[service][1] for service in of)
    return f"{(FOR_SOME if some else TRAVEL_STATUSES)[status]}: {_list(of, named)}"


def _list(services: Sequence[str], named: Mapping[str, tuple[str, bool]]) -> str:
    """Services by name, those for every family first; of many the first and how many more."""
    told = sorted((named[service] for service in services), key=lambda one: (one[1], one[0]))
    names = [name for name, _ in told]
    if len(names) > _NAMES + 1:
        names = [*names[:_NAMES], f"and {len(names) - _NAMES} more"]
    return "; ".join(names)


def road(study: Study, postcode: str, age: int) -> list[str]:
    """Lines that tell a family's road from an age on: what is open, who refers, where it breaks.

    Parameters
    ----------
    study
        The study.
    postcode
        As a person types it.
    age
        In months; conception is -9.

    Returns
    -------
    list of str
        The place, then one line per service and per break, in order of age.

    Raises
    ------
    InputError
        If the postcode is not one of the study's, with the nearest that are.

    Examples
    --------
    >>> import gapmap as gm
    >>> road(gm.scotland(), "kw151ax", 0)[0]
    'KW15 1AX, from birth to 5 years, on 22 November 2026'
    """
    from gapmap.gaps.journey import journey
    from gapmap.provision.ages import age_in_words
    from gapmap.travel.choose import choose_network
    from gapmap.vocabulary import FOOT_FERRY, FOOT_FERRY_NOTE
    from gapmap.words import date_in_words

    settings = study.settings
    code = known_postcode(study, postcode)
    network = choose_network(settings.travel_method, tolerance_metres=settings.network_tolerance)
    lines = journey(study, code, network, age_from=age)["sentence"].tolist()
    return [
        f"{code}, from {age_in_words(age)} to 5 years, on {date_in_words(settings.as_of)}",
        *_measured(settings),
        *([FOOT_FERRY_NOTE] if any(FOOT_FERRY in line for line in lines) else []),
        "",
        *lines,
    ]


def refuse_what_is_no_place(text: str) -> None:
    """Refuse, before any study is read, what is neither shaped like a postcode nor a known place.

    Parameters
    ----------
    text
        As a person types it.

    Raises
    ------
    InputError
        If it is neither, in the words of ``known_postcode``.

    Examples
    --------
    >>> refuse_what_is_no_place("rubbish")
    Traceback (most recent call last):
    gapmap.errors.InputError: "rubbish" is not shaped like a postcode, such as EH1 3DG.
    """
    from gapmap.place.locate import tidy_postcode

    if not tidy_postcode(text) and not _places_like(text):
        raise InputError(_no_postcode(text))


def _no_postcode(text: str) -> str:
    return f'"{text[:40]}" is not shaped like a postcode, such as EH1 3DG.'


def known_postcode(study: Study, text: str) -> str:
    """The study's postcode that a person means.

    Raises
    ------
    InputError
        If there is none; the message tells whether it is retired, and names like ones; of a
        place that is known by name it gives a postcode there.
    """
    from rapidfuzz import process

    from gapmap.place.locate import bundled_postcodes, tidy_postcode

    code = tidy_postcode(text)
    if code in study.people.index:
        return code
    if not code:
        raise InputError(f"{_no_postcode(text)}{_at_place(study, text)}")
    every = bundled_postcodes().set_index("postcode")
    if code in every.index:
        retired = " It is retired." if not every.at[code, "live"] else ""
        hint = f"{code} is a Scottish postcode, but no families are placed there.{retired}"
    else:
        hint = f"{code} is not a Scottish postcode."
    area = [one for one in study.people.index if one.startswith(code.split(" ")[0] + " ")]
    like = process.extract(code, area or list(study.people.index), limit=3)
    names = ", ".join(match[0] for match in like)
    raise InputError(f"{hint} Postcodes like it: {names}.")


def _at_place(study: Study, text: str) -> str:
    """Postcodes near the middle of the places that a person may mean by a name."""
    import numpy as np

    people = study.people
    found = []
    for name, x, y in _places_like(text) if len(people) else ():
        off = np.hypot(people["easting"] - x, people["northing"] - y).to_numpy()
        # A place of which the study has nobody within 5 km is none of its places.
        if off.min() <= 5_000:
            found.append((name, str(people.index[int(off.argmin())])))
    names = [name for name, _ in found]
    areas = dict(zip(study.areas["code"], study.areas["name"], strict=True))
    told = []
    for name, code in found:
        council = areas.get(people.get("council_code", people.index.to_series())[code], "")
        where = f" ({council})" if names.count(name) > 1 and council else ""
        told.append(f" For {name}{where} try {code}.")
    return "".join(told)


def _places_like(text: str) -> list[tuple[str, float, float]]:
    """Places that a person may mean by a name: name, easting, northing; the likeliest first."""
    from rapidfuzz import fuzz, process, utils

    from gapmap.travel.names import known_places, same_place

    # Of several rows of one place an island comes first, then a place, then a pier.
    names = known_places()
    like = process.extract(
        text,
        names["name"].unique().tolist(),
        scorer=fuzz.ratio,
        processor=utils.default_process,
        score_cutoff=85,
        limit=3,
    )
    found: list[tuple[str, float, float]] = []
    for name, _, _ in like:
        held: list[tuple[float, float]] = []
        rows = names.loc[names["name"] == name, ["easting", "northing"]].astype(float)
        for x, y in rows.itertuples(index=False, name=None):
            if not same_place(x, y, held):
                found.append((name, x, y))
    return found
