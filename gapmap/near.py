"""What serves one postcode: how far, by what means, what comes to the family, what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gapmap.errors import InputError

if TYPE_CHECKING:
    from gapmap.study import Study


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
        The place, then one line per kind of service.

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
    from gapmap.place.catchments import with_catchments
    from gapmap.place.join import named_polygons, people_with_areas
    from gapmap.provision.coverage import coverage, provision
    from gapmap.provision.evidence import study_categories
    from gapmap.travel.access import nearest_services
    from gapmap.travel.choose import choose_network
    from gapmap.travel.serving import serving
    from gapmap.vocabulary import MEASURED_STATUSES, STATES, TRAVEL_STATUSES, category_label
    from gapmap.words import date_in_words, minutes_in_words, shown

    code = known_postcode(study, postcode)
    person = people_with_areas(study.people.loc[[code]], study.areas)
    known = provision(study)
    sites, services = serving(known.placed, known.links, known.counting)
    network = choose_network(
        study.settings.travel_method, tolerance_metres=study.settings.network_tolerance
    )
    among = with_catchments(person, known.links, named_polygons(study))
    found = nearest_services(
        among, sites, services, network, categories=study_categories(study)
    ).set_index("category")
    names = dict(zip(study.services["service_id"], study.services["name"], strict=True))
    areas = dict(zip(study.areas["code"], study.areas["name"], strict=True))
    council = person["council_code"].iat[0]
    cells = coverage(study, level="council", known=known)
    cells = cells[cells["area_code"] == council].set_index("value")
    where = ", ".join(
        areas[person[column].iat[0]]
        for column in ("council_code", "board_code")
        if person[column].iat[0] in areas
    )
    lines = [
        f"{code} ({where}), on {date_in_words(study.settings.as_of)}",
        "By car, roughly: no traffic, no wait for a ferry. A partial directory.",
        "",
    ]
    for category in study_categories(study):
        row = found.loc[category]
        label = category_label(category)
        if row["status"] in MEASURED_STATUSES:
            way = (
                minutes_in_words(row["minutes"])
                if row["minutes"] == row["minutes"]
                else (f"{row['km']:.1f} km in a straight line")
            )
            ferry = (
                f", of it {minutes_in_words(row['ferry_minutes'])} aboard a ferry"
                if (row["status"] == "by_ferry" and row["ferry_minutes"] > 0)
                else ""
            )
            said = f"{shown(names[row['service_id']])}, {way}{ferry}"
            if row["comes_to_family"]:
                said += "; help at home or from afar too"
        else:
            said = TRAVEL_STATUSES[row["status"]]
        state = STATES[cells["state"][category]]
        lines.append(f"{label}: {said}. In {areas.get(council, 'the council')}: {state.lower()}.")
    return lines


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
    from gapmap.words import date_in_words

    settings = study.settings
    code = known_postcode(study, postcode)
    network = choose_network(settings.travel_method, tolerance_metres=settings.network_tolerance)
    lines = journey(study, code, network, age_from=age)["sentence"].tolist()
    return [
        f"{code}, from {age_in_words(age)} to 5 years, on {date_in_words(settings.as_of)}",
        "By car, roughly: no traffic, no wait for a ferry. A partial directory.",
        "",
        *lines,
    ]


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
        raise InputError(
            f'"{text[:40]}" is not shaped like a postcode, such as EH1 3DG.{_at_place(study, text)}'
        )
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
    from rapidfuzz import fuzz, process, utils

    from gapmap.travel.names import place_names

    names, people = place_names(), study.people
    found = process.extract(
        text,
        names["name"].drop_duplicates(),
        scorer=fuzz.ratio,
        processor=utils.default_process,
        score_cutoff=85,
        limit=3,
    )
    told = []
    for name, _, at in found if len(people) else ():
        x, y = names.loc[at, ["easting", "northing"]].astype(float)
        off = np.hypot(people["easting"] - x, people["northing"] - y).to_numpy()
        # A place of which the study has nobody within 5 km is none of its places.
        if off.min() <= 5_000:
            told.append(f" For {name} try {people.index[int(off.argmin())]}.")
    return "".join(told)
