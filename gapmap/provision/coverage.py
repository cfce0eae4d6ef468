"""What is provided where: counts before rates, and a state with its reason for every cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from gapmap.errors import InputError
from gapmap.place.geography import containers, councils_within
from gapmap.place.join import join, people_with_areas, place
from gapmap.provision.counting import counts
from gapmap.provision.evidence import evidence, study_categories
from gapmap.vocabulary import (
    DELIVERY,
    DIMENSIONS,
    SCOTLAND,
    SECTORS,
    TIERS,
    category_words,
    columns,
)
from gapmap.words import date_in_words, list_in_words

if TYPE_CHECKING:
    from gapmap.study import Study

#: Longest name of a service in a sentence.
_NAME_LENGTH = 80


class Provision(NamedTuple):
    """What placing and counting say of a study's services, worked out once for every table.

    Parameters
    ----------
    placed
        Rows as ``gapmap.place.join.place`` returns them.
    links
        As ``gapmap.place.join.join`` returns them.
    counting
        As ``gapmap.provision.counting.counts`` returns them.
    """

    placed: pd.DataFrame
    links: pd.DataFrame
    counting: pd.DataFrame


def provision(study: Study, *, postcodes: pd.DataFrame | None = None) -> Provision:
    """Place, link and count the services of a study.

    Parameters
    ----------
    study
        The study.
    postcodes
        As for ``locate``; by default the bundled ones.

    Returns
    -------
    Provision
        Three frames on the services' rows.

    Examples
    --------
    >>> import gapmap as gm
    >>> study = gm.scotland()
    >>> len(provision(study).placed) == len(study.services)
    True
    """
    settings = study.settings
    placed = place(
        study.services,
        study.areas,
        postcodes=postcodes,
        snap_metres=settings.snap_metres,
        disagree_metres=settings.disagree_metres,
    )
    links = join(
        placed,
        study.areas,
        service_areas=study.table("service_areas"),
        catchments=study.table("catchments"),
        people=study.people,
        snap_metres=settings.snap_metres,
    )
    counting = counts(study.services, settings.as_of, stale_years=settings.stale_years)
    return Provision(placed, links, counting)


def coverage(
    study: Study,
    *,
    level: str = "board",
    by: str = "category",
    known: Provision | None = None,
    looked: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What every area has of every category, tier, sector, intervention or way of delivery.

    A service that states an area serves the whole of that area unless ``coverage`` says part;
    one that states none is taken to serve the council in which it stands. ``services`` counts
    those whose claim lies within the area, ``services_wider`` those whose claim is wider than
    it; rows of one team count once. The states are those of ``gapmap.vocabulary.STATES``:

    - *provided*: the counting services together serve every council of the area, and at least
      one is open to anyone of its age;
    - *partly*: some councils or part of the area only, or narrow eligibility only;
    - *none_found*: no counting service, and the area (or one that contains it) was searched for
      it within the study's months, or the evidence is as complete as the study asks. A tier needs
      this of each of its categories;
    - *not_known*: anything else.

    Parameters
    ----------
    study
        The study.
    level
        Kind of area: board, council, hscp or one of the study's own.
    by
        category, tier, sector, intervention or delivery.
    known
        What ``provision`` returned for this study; worked out here by default.
    looked
        Rows of ``evidence`` of this study, of this level among others; worked out here by default.

    Returns
    -------
    pandas.DataFrame
        One row per area and value, by code and in the vocabulary's order: level, area_code,
        area_name, dimension, value, services, services_wider, people (of the study's weight, NaN
        if unknown), per_1000 (services of the area itself per 1,000 of them), state, last_known,
        stale (yes, no or ""), why.

    Raises
    ------
    InputError
        If the level or the dimension is not there.

    Examples
    --------
    >>> import gapmap as gm
    >>> then = gm.coverage(gm.scotland(as_of="2020-02-01"))
    >>> imh = then[then["value"] == "infant_mental_health"].set_index("area_code")["state"]
    >>> imh["S08000031"], (imh == "none_found").sum()
    ('partly', np.int64(13))
    """
    if by not in DIMENSIONS:
        raise InputError(f'There is no dimension "{by}". Use one of: {", ".join(DIMENSIONS)}.')
    areas = study.level(level)
    known = provision(study) if known is None else known
    values = _values(study, by)
    reached = reach(study, known, level)
    pairs = reached.merge(of_value(study, by), on="row", how="inner")
    summary = _summarise(pairs, study, known)
    absences = _absences(study, level, by, looked)
    people = people_of(study, level)

    rows = []
    for code, name in zip(areas["code"], areas["name"], strict=True):
        for value in values:
            found = summary.get((code, value))
            state, why = _state(found, absences.get((code, value)), by)
            weight = people.get(code, float("nan"))
            own = found.own if found else 0
            rows.append(
                {
                    "level": level,
                    "area_code": code,
                    "area_name": name,
                    "dimension": by,
                    "value": value,
                    "services": own,
                    "services_wider": found.wider if found else 0,
                    "people": weight,
                    # No service that we hold, where nobody looked, is no rate of nought.
                    "per_1000": own / weight * 1000
                    if weight > 0 and not (own == 0 and state == "not_known")
                    else float("nan"),
                    "state": state,
                    "last_known": found.last_known if found else "",
                    "stale": ("yes" if found.stale else "no") if found else "",
                    "why": why,
                }
            )
    return pd.DataFrame(rows, columns=columns("coverage"))


class _Found(NamedTuple):
    """The counting services of one value in one area."""

    own: int
    wider: int
    whole: bool
    open_to_all: bool
    served: tuple[str, ...]
    in_part: bool
    assumed: bool
    unconfirmed: bool
    eligibility: str
    names: tuple[str, ...]
    last_known: str
    stale: bool


def _values(study: Study, by: str) -> list[str]:
    if by == "category":
        return study_categories(study)
    fixed = {"tier": list(TIERS), "sector": list(SECTORS), "delivery": list(DELIVERY)}
    seen = sorted(set(of_value(study, by)["value"]))
    listed = fixed.get(by, [])
    return listed + [value for value in seen if value not in listed]


def of_value(study: Study, by: str) -> pd.DataFrame:
    """One row per service row and value that it has: row, value.

    Examples
    --------
    >>> import gapmap as gm
    >>> of_value(gm.scotland(), "tier").columns.tolist()
    ['row', 'value']
    """
    services = study.services
    if by in ("category", "tier", "sector"):
        frame = pd.DataFrame({"row": services.index, "value": services[by].to_numpy()})
    else:
        column = "delivery" if by == "delivery" else "interventions"
        frame = pd.DataFrame(
            {"row": services.index, "value": services[column].str.split(";").to_numpy()}
        ).explode("value")
        frame["value"] = frame["value"].fillna("").str.strip()
        linked = study.table("service_interventions")
        if by == "intervention" and len(linked):
            at = pd.DataFrame(
                {"service_id": services["service_id"].to_numpy(), "row": services.index}
            )
            more = linked.merge(at, on="service_id")[["row", "intervention"]]
            frame = pd.concat([frame, more.rename(columns={"intervention": "value"})])
    return frame[frame["value"] != ""].drop_duplicates(ignore_index=True)


def reach(study: Study, known: Provision, level: str) -> pd.DataFrame:
    """One row per counting service row and area of the level that it reaches.

    Columns: row, area_code, wider (the claim is wider than the area), parts (the councils, or
    the area itself if smaller, that the claim covers in it), part (of them only), assumed.

    Examples
    --------
    >>> import gapmap as gm
    >>> study = gm.scotland()
    >>> reach(study, provision(study), "board")["area_code"].nunique()
    14
    """
    links = known.links
    serving = links[links["basis"].isin(["served", "inferred"])]
    # Without councils a study's own areas stand for themselves; with them, a service that says
    # nothing is taken to serve its council and no more.
    base = "council" if (study.areas["level"] == "council").any() else level
    serving = serving[(serving["basis"] == "served") | (serving["level"] == base)]
    counting = known.counting["counts"]
    serving = serving[counting.loc[serving["row"]].to_numpy(bool)] if len(serving) else serving

    within = councils_within(study.areas)
    around = containers(study.areas)
    codes = study.level(level)["code"].tolist()
    spread = []
    for claim in serving["area_code"].unique():
        claimed = within.get(claim, frozenset())
        for code in codes:
            mine = within[code] or frozenset({code})
            if claim == SCOTLAND:
                covered, wider = mine, True
            elif within[code] and claimed:
                covered = mine & claimed
                wider = bool(mine < claimed)
            elif claim in around[code]:
                covered, wider = mine, claim != code
            elif code in around.get(claim, ()):
                covered, wider = frozenset({claim}), False  # the claim lies inside the area
            else:
                continue
            if covered:
                spread.append((claim, code, wider, covered))
    spreads = pd.DataFrame(spread, columns=["claim", "area_code", "wider", "parts"])
    frame = serving.rename(columns={"area_code": "claim"}).merge(spreads, on="claim")
    if "within" in frame:
        # A catchment says of each area how much of it lies there: nothing is left to be spread
        # down, and of areas smaller than a council nothing up.
        other = frame["claim"] != frame["area_code"]
        down = frame["wider"].astype(bool) | (other & (frame["level"] != base))
        frame = frame[(frame["within"] == "") | ~(other & down)]
    return pd.DataFrame(
        {
            "row": frame["row"],
            "area_code": frame["area_code"],
            "wider": frame["wider"].astype(bool),
            "parts": frame["parts"],
            "part": frame["coverage"] == "part",
            "assumed": (frame["coverage"] == "unknown") | (frame["basis"] == "inferred"),
        }
    )


def _summarise(
    pairs: pd.DataFrame, study: Study, known: Provision
) -> dict[tuple[str, str], _Found]:
    services, counting = study.services, known.counting
    within = councils_within(study.areas)
    names = dict(zip(study.areas["code"], study.areas["name"], strict=True))
    team = services["team_id"].where(services["team_id"] != "", services["service_id"])
    about = pd.DataFrame(
        {
            "row": services.index,
            "unit": team.to_numpy(),
            "name": services["name"].str.slice(0, _NAME_LENGTH).to_numpy(),
            "narrow": (services["eligibility_narrow"] == "yes").to_numpy(),
            "eligibility": services["eligibility"].to_numpy(),
            "unconfirmed": counting["unconfirmed"].to_numpy(),
            "last_known": counting["last_known"].to_numpy(),
            "stale": counting["stale"].to_numpy(),
        }
    )
    frame = pairs.merge(about, on="row")
    groups: dict[tuple[str, str], list[_Row]] = {}
    for code, value, *rest in frame[["area_code", "value", *_Row._fields]].itertuples(
        index=False, name=None
    ):
        groups.setdefault((code, value), []).append(_Row(*rest))
    return {
        (code, value): _found(rows, within[code] or frozenset({code}), names)
        for (code, value), rows in groups.items()
    }


class _Row(NamedTuple):
    """One counting service row that reaches an area."""

    wider: bool
    parts: frozenset[str]
    part: bool
    assumed: bool
    unit: str
    name: str
    narrow: bool
    eligibility: str
    unconfirmed: bool
    last_known: str
    stale: bool


def _found(rows: list[_Row], mine: frozenset[str], names: dict[str, str]) -> _Found:
    """What the rows that reach an area, made of the councils ``mine``, are together."""
    touched = frozenset().union(*(row.parts for row in rows))
    whole = frozenset().union(*(row.parts for row in rows if not row.part))
    # Whole by what a service said, not by what is assumed where it said nothing.
    sure = frozenset().union(*(row.parts for row in rows if not row.part and not row.assumed))
    own = {row.unit for row in rows if not row.wider}
    listed = dict.fromkeys(row.name for row in sorted(rows, key=lambda row: (row.wider, row.name)))
    return _Found(
        own=len(own),
        wider=len({row.unit for row in rows} - own),
        whole=mine <= whole,
        open_to_all=not all(row.narrow for row in rows),
        served=tuple(sorted(names.get(part, part) for part in touched)),
        in_part=not mine <= whole and mine <= touched,
        assumed=not mine <= sure,
        unconfirmed=all(row.unconfirmed for row in rows),
        eligibility=next((row.eligibility for row in rows if row.eligibility), ""),
        names=tuple(listed),
        last_known=max(row.last_known for row in rows),
        stale=all(row.stale for row in rows),
    )


def _absences(
    study: Study, level: str, by: str, looked: pd.DataFrame | None
) -> dict[tuple[str, str], tuple[bool, str]]:
    """Per area and value, whether an absence is one that somebody looked for, and why."""
    if by not in ("category", "tier"):
        return {}
    table = evidence(study, level=level) if looked is None else looked[looked["level"] == level]
    sure = table["search_valid"] | (table["completeness"] >= study.settings.completeness_threshold)
    # A search that found something is no evidence of nothing, though we hold no such service.
    absent = sure & (table["found"] != "yes")
    why = table["why"].where(
        table["found"] != "yes",
        "Published as there in " + table["searched_on"].map(date_in_words) + "; we hold none.",
    )
    of_category = {
        (code, category): (bool(gone), reason)
        for code, category, gone, reason in zip(
            table["area_code"], table["category"], absent, why, strict=True
        )
    }
    if by == "category":
        return of_category
    from gapmap.vocabulary import CATEGORIES

    absences = {}
    for code in table["area_code"].unique():
        for tier in TIERS:
            kinds = [kind.code for kind in CATEGORIES.values() if kind.tier == tier]
            kinds = [kind for kind in kinds if (code, kind) in of_category]
            open_kinds = [kind for kind in kinds if not of_category[(code, kind)][0]]
            listed = ", ".join(category_words(kind) for kind in open_kinds[:4])
            more = " and more" if len(open_kinds) > 4 else ""
            reason = f"Not looked for: {listed}{more}." if open_kinds else "Searched for each kind."
            absences[(code, tier)] = (bool(kinds) and not open_kinds, reason)
    return absences


def people_of(study: Study, level: str) -> dict[str, float]:
    """People of the study's weight in every area of a level; none where they are not known.

    Examples
    --------
    >>> import gapmap as gm
    >>> round(people_of(gm.scotland(), "board")["S08000025"]) > 900
    True
    """
    people, weight, column = study.people, study.settings.weight, f"{level}_code"
    if weight not in people:
        return {}
    if level != "council" and "council_code" in people:
        by_council = people.groupby("council_code", observed=True)[weight].sum()
        if set(by_council.index) - {""} <= set(study.areas["code"]):
            within = councils_within(study.areas)
            unions = [code for code in study.level(level)["code"] if within[code]]
            if len(unions) == len(study.level(level)):
                return {
                    code: float(by_council.reindex(sorted(within[code])).fillna(0).sum())
                    for code in unions
                }
    if column not in people:
        people = people_with_areas(people, study.areas, snap_metres=study.settings.snap_metres)
    sums = people.groupby(column, observed=True)[weight].sum()
    return {str(code): float(total) for code, total in sums.items() if code}


def _state(found: _Found | None, looked: tuple[bool, str] | None, by: str) -> tuple[str, str]:
    if found is None:
        if looked is None:
            return "not_known", "Nobody has looked yet."
        gone, reason = looked
        return ("none_found" if gone else "not_known"), reason
    first = found.names[0] + (f" and {len(found.names) - 1} more" if len(found.names) > 1 else "")
    said = [f"{first}."]
    if not found.open_to_all:
        state = "partly"
        said.append(
            f"Only for some: {_clip(found.eligibility)}."
            if found.eligibility
            else "Only for some families."
        )
    elif not found.whole:
        state = "partly"
        if found.in_part:
            said.append("Part of the area only.")
        else:
            said.append(f"In {list_in_words(found.served, limit=4)} only, as far as we know.")
    else:
        state = "provided"
        if found.assumed:
            said.append("That it covers the whole area is assumed.")
    if found.unconfirmed:
        said.append("Whether it still runs is not confirmed.")
    if found.stale:
        said.append(f"Last known {date_in_words(found.last_known)}.")
    return state, " ".join(said)


def _clip(text: str) -> str:
    short = text if len(text) <= 160 else text[:157].rsplit(" ", 1)[0] + "..."
    return short.rstrip(".")
