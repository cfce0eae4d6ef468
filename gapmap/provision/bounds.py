"""Bounds under silence: the least and the most that can be true, whatever is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from gapmap.place.geography import base_level, containers, councils_within
from gapmap.provision.coverage import Provision, coverage, of_value, people_of, provision, reach
from gapmap.provision.evidence import evidence, study_categories
from gapmap.provision.presence import NO, POSSIBLE, SURE, presence
from gapmap.vocabulary import CATEGORIES, TIERS, category_words, columns
from gapmap.words import list_in_words, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gapmap.study import Study

#: States that a place can truly be in, the least first. Not known is none of them.
TRUE_STATES = ("none_found", "partly", "provided")
_RANK = {state: rank for rank, state in enumerate(TRUE_STATES)}


class Claim(NamedTuple):
    """What one service row may do for one area, with what is not known left open.

    Parameters
    ----------
    row
        The service's row.
    unit
        The team, or the service: counted once.
    parts
        Councils of the area (or the area itself, if smaller) that it serves.
    wider
        Whether it serves a wider area than this one.
    presence
        sure or possible.
    extent
        whole, part or unknown: how much of the parts.
    narrow
        yes, no or unknown: whether for some families only.
    stated
        False where the service does not say whom it serves and might serve this area.
    """

    row: object
    unit: str
    parts: frozenset[str]
    wider: bool
    presence: str
    extent: str
    narrow: str
    stated: bool


class Unknowns(NamedTuple):
    """Everything that is and is not known of the areas of one level.

    Parameters
    ----------
    mine
        Per area the councils (or itself) that it is made of.
    claims
        Per area and value the rows that serve it or might.
    silent
        Per value the parts where something may be that nobody has looked for.
    """

    mine: dict[str, frozenset[str]]
    claims: dict[tuple[str, str], list[Claim]]
    silent: dict[str, frozenset[str]]


class Silence(NamedTuple):
    """Where more may be than we hold, and where a search found none.

    Parameters
    ----------
    open_
        Per category the base areas where nobody looked, or where a search found what we do not
        hold.
    barren
        Pairs of base area and category that were searched, and nothing found or held.
    """

    open_: dict[str, frozenset[str]]
    barren: frozenset[tuple[str, str]]


def unknowns(
    study: Study,
    *,
    level: str = "board",
    by: str = "category",
    known: Provision | None = None,
    quiet: Silence | None = None,
) -> Unknowns:
    """Gather what is not known of every area and value: what a filling of all silence decides.

    Four kinds of fact can be unknown, each independent of the others:

    - whether a *possible* service runs (see ``presence``);
    - whether a service serves the whole of its area (coverage unknown, or area not stated);
    - whether it is for some families only (eligibility_narrow blank);
    - in a council where nobody looked for a value: whether something is there that no row holds.

    A search closes a council: what is held is then all there is. It does not where it found
    something that we do not hold. A service that states no area surely serves the council in
    which it stands and might serve any other.

    Parameters
    ----------
    study
        The study.
    level
        Kind of area.
    by
        category or tier; of an intervention, a sector or a way of delivery nobody has looked
        for the absence.
    known
        What ``provision`` returned for this study.
    quiet
        What ``silence`` returned for it.

    Returns
    -------
    Unknowns
        By area and value.

    Examples
    --------
    >>> import gapmap as gm
    >>> open_ = unknowns(gm.scotland(as_of="2020-02-01"))
    >>> len(open_.silent["mother_baby_unit"]), len(open_.silent["play_therapy"])
    (0, 32)
    """
    known = provision(study) if known is None else known
    settings, services = study.settings, study.services
    running = presence(services, settings.as_of, stale_years=settings.stale_years)
    might = known._replace(counting=known.counting.assign(counts=(running != NO).to_numpy()))
    within = councils_within(study.areas)
    mine = {code: within[code] or frozenset({code}) for code in study.level(level)["code"]}
    values = of_value(study, by)
    quiet = silence(study, known) if quiet is None else quiet
    barren = quiet.barren
    # Services that the model does not count, though some paper of some date tells of them.
    dated = services[["opened", "open_by", "source_date", "read_on"]].ne("").any(axis=1)
    outweighed = (dated & (running == POSSIBLE) & ~known.counting["counts"]).to_dict()
    kind = services["category"].to_dict()

    team = services["team_id"].where(services["team_id"] != "", services["service_id"])
    unit = team.to_dict()
    told = services["eligibility_narrow"].isin(["yes", "no"])
    narrow = services["eligibility_narrow"].where(told, "unknown").to_dict()
    runs = running.to_dict()
    reached = reach(study, might, level).merge(values, on="row")
    claims: dict[tuple[str, str], list[Claim]] = {}
    for row, code, value, wider, parts, part, assumed in zip(
        reached["row"],
        reached["area_code"],
        reached["value"],
        reached["wider"],
        reached["parts"],
        reached["part"],
        reached["assumed"],
        strict=True,
    ):
        if outweighed[row]:
            parts = frozenset(part for part in parts if (part, kind[row]) not in barren)
        extent = "part" if part else "unknown" if assumed else "whole"
        if parts:
            claims.setdefault((code, value), []).append(
                Claim(row, unit[row], parts, bool(wider), runs[row], extent, narrow[row], True)
            )
    links = known.links
    stated = set(links.loc[links["basis"] == "served", "row"])
    loose = values[~values["row"].isin(stated) & (running.loc[values["row"]] != NO).to_numpy()]
    for row, value in zip(loose["row"], loose["value"], strict=True):
        for code, parts in mine.items():
            held = claims.setdefault((code, value), [])
            rest = parts - frozenset().union(*(claim.parts for claim in held if claim.row == row))
            if outweighed[row]:
                rest = frozenset(part for part in rest if (part, kind[row]) not in barren)
            if rest:
                held.append(
                    Claim(row, unit[row], rest, True, POSSIBLE, "unknown", narrow[row], False)
                )
    return Unknowns(mine, claims, _silent(study, by, quiet))


def _listed(study: Study, by: str) -> list[str]:
    if by == "category":
        return study_categories(study)
    if by == "tier":
        return list(TIERS)
    return sorted(set(of_value(study, by)["value"]))


def silence(study: Study, known: Provision, *, looked: pd.DataFrame | None = None) -> Silence:
    """Find the base areas and categories in which nobody looked.

    Parameters
    ----------
    study
        The study.
    known
        What ``provision`` returned for it.
    looked
        Rows of ``evidence`` of every level; worked out here by default.

    Examples
    --------
    >>> import gapmap as gm
    >>> then = gm.scotland(as_of="2020-02-01")
    >>> len(silence(then, provision(then)).open_["play_therapy"])
    32
    """
    base = base_level(study.areas)
    if looked is None:
        levels = dict.fromkeys(study.areas["level"])
        looked = pd.concat([evidence(study, level=level) for level in levels], ignore_index=True)
    threshold = study.settings.completeness_threshold
    around = containers(study.areas)
    complete = looked[looked["completeness"] >= threshold]
    enough = set(zip(complete["area_code"], complete["category"], strict=True))
    holds = reach(study, known, base).merge(of_value(study, "category"), on="row")
    held = set(zip(holds["area_code"], holds["value"], strict=True))
    small = looked[looked["level"] == base]
    open_: dict[str, set[str]] = {}
    barren: set[tuple[str, str]] = set()
    for code, category, valid, found in zip(
        small["area_code"], small["category"], small["search_valid"], small["found"], strict=True
    ):
        closed = valid or any((area, category) in enough for area in around[code])
        holding = (code, category) in held
        if not closed or (found == "yes" and not holding):
            open_.setdefault(category, set()).add(code)
        elif not holding:
            barren.add((code, category))
    return Silence({kind: frozenset(codes) for kind, codes in open_.items()}, frozenset(barren))


def _silent(study: Study, by: str, quiet: Silence) -> dict[str, frozenset[str]]:
    """Per value the base areas where more may be than we hold."""
    named = _listed(study, by)
    if by == "category":
        return {category: quiet.open_.get(category, frozenset()) for category in named}
    if by == "tier":
        tiers = {kind: CATEGORIES[kind].tier for kind in quiet.open_ if kind in CATEGORIES}
        return {
            tier: frozenset().union(
                *(quiet.open_[kind] for kind, of in tiers.items() if of == tier)
            )
            for tier in named
        }
    return dict.fromkeys(named, frozenset(study.level(base_level(study.areas))["code"]))


def true_state(claims: Iterable[tuple[frozenset[str], bool, bool]], mine: frozenset[str]) -> str:
    """The state of an area when nothing is unknown any more.

    Parameters
    ----------
    claims
        Of each service that runs: the parts of the area that it serves, whether it serves the
        whole of them, whether it is for some families only.
    mine
        The parts of the area.

    Examples
    --------
    >>> true_state([(frozenset("AB"), True, False)], frozenset("AB"))
    'provided'
    >>> true_state([(frozenset("A"), True, False)], frozenset("AB"))
    'partly'
    >>> true_state([], frozenset("AB"))
    'none_found'
    """
    running = list(claims)
    if not running:
        return "none_found"
    whole = frozenset().union(*(parts for parts, all_of_it, _ in running if all_of_it))
    if mine <= whole and not all(narrow for *_, narrow in running):
        return "provided"
    return "partly"


def least_and_most(open_: Unknowns, code: str, value: str) -> tuple[str, str]:
    """The least and the most that an area can truly have of a value.

    Exact: more services, wholly served parts and open doors never make a state worse, so the
    least is the state when every unknown is answered with no, the most with yes.

    Examples
    --------
    >>> nothing = Unknowns({"A": frozenset("A")}, {}, {"play": frozenset("A")})
    >>> least_and_most(nothing, "A", "play")
    ('none_found', 'provided')
    """
    mine = open_.mine[code]
    claims = open_.claims.get((code, value), [])
    least = true_state(
        [(c.parts, c.extent == "whole", c.narrow != "no") for c in claims if c.presence == SURE],
        mine,
    )
    best = [(c.parts, c.extent != "part", c.narrow == "yes") for c in claims]
    best += [
        (frozenset({part}), True, False) for part in mine & open_.silent.get(value, frozenset())
    ]
    return least, true_state(best, mine)


def bounds(
    study: Study,
    *,
    level: str = "board",
    by: str = "category",
    known: Provision | None = None,
    covered: pd.DataFrame | None = None,
    quiet: Silence | None = None,
) -> pd.DataFrame:
    """Tell of every cell the least and the most that can be true, and what would settle it.

    *Least* answers every unknown with no, *most* with yes; nothing outside them can be true
    (indicator 18). Services are those that we hold: where nobody looked there may be more, and
    ``open_ended`` says so. Children covered: at least those of councils that surely have it
    across the area, at most those of councils that may have it at all.

    Parameters
    ----------
    study
        The study.
    level
        Kind of area.
    by
        category or tier.
    known
        What ``provision`` returned for this study.
    covered
        Rows of ``coverage`` of at least this level and dimension, to save working them out.
    quiet
        What ``silence`` returned for this study.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["bounds"]``, one row per area and value.

    Examples
    --------
    >>> import gapmap as gm
    >>> then = bounds(gm.scotland(as_of="2020-02-01"))
    >>> imh = then[then["value"] == "infant_mental_health"]
    >>> (imh["most"] == "none_found").sum(), (imh["settled"] == "yes").sum()
    (np.int64(13), np.int64(13))
    """
    known = provision(study) if known is None else known
    quiet = silence(study, known) if quiet is None else quiet
    open_ = unknowns(study, level=level, by=by, known=known, quiet=quiet)
    base = base_level(study.areas)
    if not any(code in parts for code, parts in open_.mine.items()):
        small = unknowns(study, level=base, by=by, known=known, quiet=quiet)
    else:
        base, small = level, open_  # councils, and areas smaller than one, are their own parts
    part_states = {
        (part, value): least_and_most(small, part, value)
        for part in small.mine
        for value in open_.silent
    }
    of_parts = people_of(study, base)
    names = {row: shown(name, longest=60) for row, name in study.services["name"].items()}
    table = coverage(study, level=level, by=by, known=known) if covered is None else covered
    table = table[(table["level"] == level) & (table["dimension"] == by)]
    rows = []
    for record in table.to_dict("records"):
        code, value = record["area_code"], record["value"]
        least, most = least_and_most(open_, code, value)
        claims = [c for c in open_.claims.get((code, value), []) if c.stated and not c.wider]
        low = len({c.unit for c in claims if c.presence == SURE})
        high = len({c.unit for c in claims})
        people = record["people"]
        parts = sorted(open_.mine[code])
        if parts == [code]:
            # An area that is not made of councils, such as a locality, is its own and only part.
            part_states.setdefault((code, value), (least, most))
            of_parts.setdefault(code, people)
        rows.append(
            {
                "level": level,
                "area_code": code,
                "area_name": record["area_name"],
                "dimension": by,
                "value": value,
                "state": record["state"],
                "least": least,
                "most": most,
                "settled": "yes" if least == most else "no",
                "services_least": low,
                "services_most": high,
                "open_ended": "yes" if open_.mine[code] & open_.silent[value] else "no",
                "people": people,
                "people_least": _children(parts, value, part_states, of_parts, 0, "provided"),
                "people_most": _children(parts, value, part_states, of_parts, 1, "partly"),
                "settled_by": _settled_by(open_, code, value, least, most, names),
            }
        )
    return pd.DataFrame(rows, columns=columns("bounds"))


def _children(
    parts: list[str],
    value: str,
    states: dict[tuple[str, str], tuple[str, str]],
    people: dict[str, float],
    end: int,
    enough: str,
) -> float:
    """People of the parts whose least (end 0) or most (end 1) reaches a state."""
    if not people:
        return float("nan")
    return float(
        sum(
            people.get(part, 0.0)
            for part in parts
            if _RANK[states[part, value][end]] >= _RANK[enough]
        )
    )


def _settled_by(
    open_: Unknowns, code: str, value: str, least: str, most: str, names: dict[object, str]
) -> str:
    """What would settle a cell, in words; "" where it is settled."""
    if least == most:
        return ""
    asks: dict[str, list[str]] = {}
    for claim in open_.claims.get((code, value), []):
        name = names[claim.row]
        if not claim.stated:
            asks.setdefault("whether it serves them", []).append(name)
            continue
        if claim.presence == POSSIBLE:
            asks.setdefault("whether it still runs", []).append(name)
        if claim.extent == "unknown":
            asks.setdefault("which part it serves", []).append(name)
        if claim.narrow == "unknown":
            asks.setdefault("whether all families may come", []).append(name)
    silent = bool(open_.mine[code] & open_.silent[value])
    what = f"{TIERS[value].lower()} services" if value in TIERS else category_words(value)
    said = [f"Look for {what} there."] if silent else []
    # Where a search is due it also tells whether a service that says nothing comes here.
    order = ["whether it still runs", "which part it serves", "whether all families may come"]
    order += [] if silent else ["whether it serves them"]
    said += [
        f"Ask {list_in_words(sorted(set(asks[question])), limit=3)} {question}."
        for question in order
        if question in asks
    ]
    return " ".join(said)


def shares(bounded: pd.DataFrame) -> pd.DataFrame:
    """Count the areas and the children that have it, at least and at most (indicators 4 and 18).

    Parameters
    ----------
    bounded
        Rows of ``bounds``, of one or more levels and dimensions.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["shares"]``, one row per level, dimension and
        value: areas that have any of it and that have it throughout (least, as far as we know,
        most), areas not known, children covered.

    Examples
    --------
    >>> import gapmap as gm
    >>> then = gm.scotland(as_of="2020-02-01")
    >>> row = shares(bounds(then)).set_index("value").loc["infant_mental_health"]
    >>> [int(row[name]) for name in ("any_least", "any_most", "areas")]
    [0, 1, 14]
    """
    rank = bounded.replace({"least": _RANK, "most": _RANK}).infer_objects()
    frame = pd.DataFrame(
        {
            "level": bounded["level"],
            "dimension": bounded["dimension"],
            "value": bounded["value"],
            "areas": 1,
            "any_least": (rank["least"] >= 1).astype(int),
            "any_known": bounded["state"].isin(["partly", "provided"]).astype(int),
            "any_most": (rank["most"] >= 1).astype(int),
            "whole_least": (rank["least"] == 2).astype(int),
            "whole_known": (bounded["state"] == "provided").astype(int),
            "whole_most": (rank["most"] == 2).astype(int),
            "not_known": (bounded["state"] == "not_known").astype(int),
            "people": bounded["people"],
            "people_least": bounded["people_least"],
            "people_most": bounded["people_most"],
        }
    )
    table = frame.groupby(["level", "dimension", "value"], sort=False, as_index=False).sum(
        min_count=1
    )
    return table[columns("shares")]
