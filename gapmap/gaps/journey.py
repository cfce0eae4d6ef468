"""A family's road: what is open to it from conception to five, and where the road breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gapmap.place.catchments import with_catchments
from gapmap.place.join import named_polygons, people_with_areas
from gapmap.provision.ages import FIRST, LAST, age_in_words, months_served, stretches
from gapmap.provision.coverage import Provision, provision
from gapmap.provision.pathways import routes
from gapmap.travel.rural import with_classes
from gapmap.travel.serving import serving
from gapmap.vocabulary import (
    FOOT_FERRY,
    MEASURED_STATUSES,
    PRECISE,
    ROLES,
    SCOTLAND,
    TIERS,
    TRAVEL_STATUSES,
    columns,
)
from gapmap.words import list_in_words, minutes_in_words, shown

if TYPE_CHECKING:
    from gapmap.study import Study

#: What a family of each urban-rural class (Scottish Government, 6-fold) is called.
CLASSES = {
    1: "A large city",
    2: "A town",
    3: "A small town near others",
    4: "A remote small town",
    5: "Countryside near towns",
    6: "Remote countryside",
}

#: How many stock families a board has.
FAMILIES = 6


def stock_families(study: Study, nearest: pd.DataFrame, *, level: str = "board") -> pd.DataFrame:
    """Choose up to six families of every area that stand for how people live there.

    One on an island, if some need a ferry to give birth; one of each urban-rural class; then
    ones near, half-way and far from the nearest maternity unit. Each is the place at the weighted
    median of its kind's minutes to a maternity unit, so that it is neither the best nor the worst.

    Parameters
    ----------
    study
        Its people, with the study's weight and, if known, urban_rural (1 to 6; else gapmap's own).
    nearest
        Rows of ``nearest_services`` of every place: postcode, category, rank, minutes, status.
    level
        Kind of area that each family lives in.

    Returns
    -------
    pandas.DataFrame
        area_code, family (1 to 6), family_label, postcode; no postcode twice in an area.

    Examples
    --------
    >>> import pandas as pd, gapmap as gm
    >>> none = pd.DataFrame(columns=["postcode", "category", "rank", "minutes", "status"])
    >>> stock_families(gm.scotland(), none)["area_code"].nunique()
    14
    """
    people = people_with_areas(study.people, study.areas, snap_metres=study.settings.snap_metres)
    births = nearest[(nearest["category"] == "maternity_unit") & (nearest["rank"] == 1)]
    births = births.set_index(births["postcode"].astype(object))[["minutes", "status"]]
    weight = study.settings.weight
    frame = pd.DataFrame(
        {
            "area": people[f"{level}_code"].to_numpy(object),
            "weight": people[weight].to_numpy(float) if weight in people else 1.0,
            "class": with_classes(people)["urban_rural"].to_numpy(float),
            "minutes": births["minutes"].reindex(people.index).to_numpy(float),
            "ferry": (births["status"].reindex(people.index) == "by_ferry").to_numpy(),
        },
        index=people.index,
    )
    # Sorted once: every choice below is the first place at some share of the people so far.
    frame = frame[frame["weight"] > 0]
    frame = frame.assign(code=frame.index).sort_values(
        ["minutes", "code"], kind="stable", na_position="last"
    )
    of_area = dict(iter(frame.groupby("area", sort=False)))
    rows = []
    for code in study.level(level)["code"]:
        here = of_area.get(code, frame.iloc[:0])
        kinds = [("An island or a ferry away", here[here["ferry"]], 0.5)]
        kinds += [(words, here[here["class"] == one], 0.5) for one, words in CLASSES.items()]
        kinds += [("Near a maternity unit", here, 0.1), ("Half-way", here, 0.5)]
        kinds += [("Far from a maternity unit", here, 0.9), ("Farthest of all", here, 1.0)]
        chosen: dict[str, str] = {}
        for words, of_kind, share in kinds:
            postcode = _at_share(of_kind, share)
            if postcode and postcode not in chosen and len(chosen) < FAMILIES:
                chosen[postcode] = words
        rows += [
            {"area_code": code, "family": n, "family_label": words, "postcode": postcode}
            for n, (postcode, words) in enumerate(chosen.items(), start=1)
        ]
    return pd.DataFrame(rows, columns=["area_code", "family", "family_label", "postcode"])


def _at_share(ordered: pd.DataFrame, share: float) -> str:
    """The place below which a share of the people of a sorted frame are nearer; "" for none."""
    if ordered.empty:
        return ""
    so_far = ordered["weight"].to_numpy().cumsum()
    return str(ordered.index[int((so_far >= share * so_far[-1] - 1e-9).argmax())])


def journeys(
    study: Study,
    places: pd.DataFrame,
    network: Any,
    *,
    age_from: int = FIRST,
    age_to: int = LAST,
    known: Provision | None = None,
    said: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Tell for families at some places what is open to them at every age (indicator 20).

    Parameters
    ----------
    study
        The study.
    places
        As ``stock_families`` returns them.
    network
        Whatever travel is measured on: ``gm.indicative_network()``, ``gm.StraightLine()``...
    age_from, age_to
        Months of age, the upper exclusive; conception is -9.
    known, said
        What ``provision`` and ``gapmap.provision.pathways.routes`` returned for this study.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["journeys"]``. A row of kind *open* is one service:
        the months in which it takes the child, how it is reached, who is known to be able to
        refer. A row of kind *break* is a stretch of months in which no service of a tier is known
        to be open to any family there: one for some families only ends no break, nor does one
        whose ages are not known (ages_known is no where there is such a one).

    Examples
    --------
    >>> import gapmap as gm
    >>> place = pd.DataFrame({"area_code": ["S08000025"], "family": [1],
    ...                       "family_label": ["Kirkwall"], "postcode": ["KW15 1AX"]})
    >>> road = journeys(gm.scotland(), place, gm.StraightLine())
    >>> sorted(set(road["kind"]))
    ['break', 'open']
    """
    known = provision(study) if known is None else known
    said = routes(study, known=known) if said is None else said
    people = people_with_areas(
        study.people.loc[places["postcode"].unique()],
        study.areas,
        snap_metres=study.settings.snap_metres,
    )
    people = with_catchments(people, known.links, named_polygons(study))
    sites, services = serving(known.placed, known.links, known.counting)
    found = _reached(people, sites, services, network)
    parts = in_part(known, people)
    by_place = dict(iter(found.groupby("postcode", observed=True)))
    about = study.services.drop_duplicates("service_id").set_index("service_id")
    about = about[
        ["name", "category", "tier", "age_from_months", "age_to_months", "eligibility_narrow"]
    ]
    facts = about.to_dict("index")
    agreed = said[(said["route"] == "confirmed") & (said["from_role"] != "")]
    refers = agreed.groupby("service_id")["from_role"].agg(";".join).to_dict()
    rows: list[dict[str, object]] = []
    for code, family, words, postcode in places[
        ["area_code", "family", "family_label", "postcode"]
    ].itertuples(index=False, name=None):
        who = {
            "area_code": code,
            "family": family,
            "family_label": words,
            "postcode": postcode,
        }
        here = by_place.get(postcode, found.iloc[:0])
        spans: dict[str, list[tuple[float, float]]] = {tier: [] for tier in TIERS}
        open_ = []
        for service, status, minutes, comes, foot in zip(
            here["service_id"],
            here["status"],
            here["minutes"],
            here["comes_to_family"],
            here["foot_ferry"],
            strict=True,
        ):
            fact = facts[str(service)]
            start, end = fact["age_from_months"], fact["age_to_months"]
            first = age_from if start != start else max(age_from, int(start))
            last = age_to if end != end else min(age_to, int(end))
            if first >= last:
                continue
            narrow = fact["eligibility_narrow"] == "yes"
            if fact["tier"] in spans and not narrow:
                spans[fact["tier"]].append((start, end))
            open_.append(
                who
                | {
                    "kind": "open",
                    "from_months": first,
                    "to_months": last,
                    "category": fact["category"],
                    "tier": fact["tier"],
                    "service_id": str(service),
                    "name": fact["name"],
                    "status": str(status),
                    "minutes": float(minutes),
                    "foot_ferry": bool(foot),
                    "comes_to_family": "yes" if comes else "no",
                    "ages_known": "yes" if start == start and end == end else "no",
                    "who_refers": refers.get(str(service), ""),
                    "for_some_only": "yes" if narrow else "no",
                    "part_of_area": "yes" if (postcode, str(service)) in parts else "no",
                }
            )
        rows += sorted(open_, key=_order)
        for tier in TIERS:
            sure, maybe = months_served(spans[tier])
            for first, last in stretches(set(range(age_from, age_to)) - sure):
                rows.append(
                    who
                    | {
                        "kind": "break",
                        "from_months": first,
                        "to_months": last,
                        "category": "",
                        "tier": tier,
                        "service_id": "",
                        "name": "",
                        "status": "no_known_service",
                        "minutes": float("nan"),
                        "comes_to_family": "",
                        "ages_known": "no" if maybe & set(range(first, last)) else "yes",
                        "who_refers": "",
                        "for_some_only": "",
                        "part_of_area": "",
                    }
                )
    for row in rows:
        row["sentence"] = _sentence(row)
    return pd.DataFrame(rows, columns=columns("journeys"))


def _reached(
    people: pd.DataFrame, sites: pd.DataFrame, services: pd.DataFrame, network: Any
) -> pd.DataFrame:
    """Every service that is open to each place, and how it is reached.

    Of the services open to whoever comes, only the nearest of each category.
    """
    based = sites[sites["precision"].isin(PRECISE)].reset_index(drop=True)
    minutes: dict[tuple[str, str], tuple[float, str, bool]] = {}
    start, end = network.place(people), network.place(based)
    at = based["service_id"].to_numpy(object)
    whole = services.set_index("service_id")
    open_to_all = ~whole["serves_codes"].map(len).astype(bool)
    # One question for each service that states its areas, and one for each category of those
    # that are open to whoever comes: of these only the nearest matters.
    asked = ["nearest " + str(whole.at[one, "category"]) if open_to_all[one] else one for one in at]
    for question in dict.fromkeys(asked):
        rows_of = np.flatnonzero(np.array(asked, dtype=object) == question)
        ways = network.nearest(start, end.subset(rows_of))
        ways = ways[ways["status"].isin(MEASURED_STATUSES)]
        for place, base, time, status, foot in zip(
            ways["origin"],
            ways["destination"],
            ways["minutes"],
            ways["status"],
            ways["foot_ferry"],
            strict=True,
        ):
            minutes[place, at[base]] = (time, str(status), bool(foot))
    bases = set(based["service_id"])
    codes = [column for column in people if str(column).endswith("_code")]
    rows: list[tuple[object, ...]] = []
    for place, lies_in in zip(people.index, people[codes].itertuples(index=False), strict=True):
        around = {SCOTLAND, *lies_in}
        nearest: dict[str, tuple[float, str, str, bool, bool]] = {}
        for service, category, serves, comes in zip(
            services["service_id"],
            services["category"],
            services["serves_codes"],
            services["comes_to_family"],
            strict=True,
        ):
            time, status, foot = minutes.get((place, service), (float("nan"), "", False))
            if not serves:
                held = nearest.get(category)
                if status and (held is None or not time >= held[0]):
                    nearest[category] = (time, status, service, comes, foot)
                continue
            if around.isdisjoint(serves):
                continue
            if not status:
                status = "comes_to_family" if comes else ""
            if not status and service not in bases:
                status = "site_not_known"
            if status:
                rows.append((place, service, status, time, comes, foot))
        rows += [(place, one[2], one[1], one[0], *one[3:]) for one in nearest.values()]
    return pd.DataFrame(
        rows,
        columns=["postcode", "service_id", "status", "minutes", "comes_to_family", "foot_ferry"],
    )


def in_part(known: Provision, people: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Services that may not serve a place: each claim that holds it is for a part of the area only.

    Parameters
    ----------
    known
        What ``provision`` returned.
    people
        Places; every column whose name ends in ``_code`` holds codes of areas that they lie in.

    Returns
    -------
    dict
        (place, service_id) and the area, a council first, of which the service serves a part. A
        catchment of postcodes or a polygon (``gapmap.place.catchments``) is no such part: it is
        known whether it holds the place.

    Examples
    --------
    >>> import gapmap as gm
    >>> study = gm.scotland()
    >>> place = people_with_areas(study.people.loc[["PH41 4PL"]], study.areas)
    >>> in_part(provision(study), place)["PH41 4PL", "S0094"]
    'S12000017'
    """
    served = known.links[known.links["basis"] == "served"]
    if "within" in served:
        # Of a catchment it is known which part: in it is in it.
        served = served[served["within"] == ""]
    extents: dict[str, dict[str, bool]] = {}
    for service, area, extent in zip(
        served["service_id"], served["area_code"], served["coverage"], strict=True
    ):
        extents.setdefault(service, {})[area] = extent == "part"
    codes = [column for column in people if str(column).endswith("_code")]
    codes.sort(key=lambda column: column != "council_code")
    found = {}
    for place, lies_in in zip(people.index, people[codes].itertuples(index=False), strict=True):
        around = (*lies_in, SCOTLAND)
        for service, claims in extents.items():
            holding = [area for area in around if area in claims]
            if holding and all(claims[area] for area in holding):
                found[place, service] = holding[0]
    return found


def _order(row: dict[str, object]) -> tuple[object, ...]:
    # A kind of service that the study added may have no tier: it comes last.
    tiers = [*TIERS, ""]
    return (row["from_months"], tiers.index(str(row["tier"])), row["category"], row["name"])


def _sentence(row: dict[str, object]) -> str:
    start, end = (age_in_words(int(str(row[name]))) for name in ("from_months", "to_months"))
    ages = f"{start[0].upper()}{start[1:]} to {end}"
    if row["kind"] == "break":
        tier = TIERS[str(row["tier"])].lower()
        doubt = "; one whose ages we do not know may be" if row["ages_known"] == "no" else ""
        return f"{ages}: no {tier} service is known to be open to any family there{doubt}."
    minutes = float(str(row["minutes"]))
    if row["status"] in MEASURED_STATUSES and minutes == minutes:
        how = minutes_in_words(minutes)
        if row["status"] == "by_ferry":
            how += f" with {FOOT_FERRY if row['foot_ferry'] else 'a ferry'}"
    else:
        how = TRAVEL_STATUSES[str(row["status"])].lower()
    if row["comes_to_family"] == "yes" and row["status"] != "comes_to_family":
        how += ", or it comes to them"
    roles = [ROLES[role] for role in str(row["who_refers"]).split(";") if role]
    way_in = (
        f"way in: {list_in_words([role if role == 'GP' else role.lower() for role in roles])}"
        if roles
        else "who can refer is not known"
    )
    unsure = " Its ages are not all known." if row["ages_known"] == "no" else ""
    if row["for_some_only"] == "yes":
        unsure += " For some families only."
    if row["part_of_area"] == "yes":
        unsure += " It serves a part of the area: ask whether this is in it."
    return f"{ages}: {shown(row['name'])}, {how}; {way_in}.{unsure}"


def journey(
    study: Study,
    postcode: str,
    network: Any,
    *,
    age_from: int = FIRST,
    age_to: int = LAST,
) -> pd.DataFrame:
    """Tell what is open to one family from an age on, and where its road breaks.

    Parameters
    ----------
    study
        The study.
    postcode
        One of the study's people points.
    network
        As for ``journeys``.
    age_from, age_to
        Months of age, the upper exclusive; conception is -9.

    Returns
    -------
    pandas.DataFrame
        As ``journeys`` returns them.

    Examples
    --------
    >>> import gapmap as gm
    >>> road = journey(gm.scotland(), "KW15 1AX", gm.StraightLine(), age_from=0, age_to=12)
    >>> road["from_months"].min(), road["to_months"].max()
    (np.int64(0), np.int64(12))
    """
    place = pd.DataFrame(
        {"area_code": [""], "family": [1], "family_label": [postcode], "postcode": [postcode]}
    )
    return journeys(study, place, network, age_from=age_from, age_to=age_to)
