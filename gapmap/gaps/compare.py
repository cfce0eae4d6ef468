"""Change: two dates, studies or result folders side by side, and what only evidence changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from gapmap.dates import first_day
from gapmap.errors import FileError
from gapmap.place.geography import base_level, containers, level_label
from gapmap.provision.coverage import Provision, coverage, provision
from gapmap.vocabulary import WEIGHTS, category_label, columns
from gapmap.words import count_in_words, date_in_words, list_in_words, number_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from gapmap.study import Study

_RANK = {"none_found": 0, "partly": 1, "provided": 2}


class Side(NamedTuple):
    """One side of a comparison.

    Parameters
    ----------
    as_of
        Its date, ISO.
    weight
        The people that it counts.
    services
        service_id, name, category, counts (bool), opened, closed ("" for unknown).
    coverage
        Rows of ``coverage`` by category, of every level.
    base
        The level that children are counted at.
    reaching
        Pairs of a service and an area that it reaches, in whole or in part; None where a folder
        of results does not tell what lies in what.
    """

    as_of: str
    weight: str
    services: pd.DataFrame
    coverage: pd.DataFrame
    base: str
    reaching: frozenset[tuple[str, str]] | None = None


class Change(NamedTuple):
    """What changed between two sides.

    Parameters
    ----------
    services
        Columns of ``gapmap.vocabulary.TABLES["changed_services"]``.
    cells
        Columns of ``gapmap.vocabulary.TABLES["changed_cells"]``.
    people
        Columns of ``gapmap.vocabulary.TABLES["changed_people"]``.
    words
        The same in sentences.
    """

    services: pd.DataFrame
    cells: pd.DataFrame
    people: pd.DataFrame
    words: tuple[str, ...]


def side(
    source: Study | Path | str,
    *,
    known: Provision | None = None,
    covered: pd.DataFrame | None = None,
) -> Side:
    """Read one side: a study is worked out, a folder of results is read as it is.

    Parameters
    ----------
    source
        A study, or a folder that ``gapmap run`` wrote.
    known
        What ``provision`` returned for the study.
    covered
        What ``coverage`` found for every level of the study, by category among others.

    Raises
    ------
    FileError
        If the folder is no whole run.

    Examples
    --------
    >>> import gapmap as gm
    >>> side(gm.scotland(as_of="2020-02-01")).as_of
    '2020-02-01'
    """
    if isinstance(source, (str, Path)):
        return _folder(Path(source))
    known = provision(source) if known is None else known
    if covered is None:
        levels = dict.fromkeys(source.areas["level"])
        covered = pd.concat([coverage(source, level=level, known=known) for level in levels])
    services = source.services.assign(counts=known.counting["counts"])
    return Side(
        source.settings.as_of.isoformat(),
        source.settings.weight,
        services[["service_id", "name", "category", "counts", "opened", "closed"]],
        covered[covered["dimension"] == "category"],
        base_level(source.areas),
        _reaching(source, known),
    )


def _reaching(study: Study, known: Provision) -> frozenset[tuple[str, str]]:
    """Every pair of a service and an area that it serves, or serves a part or a whole of."""
    around = containers(study.areas)
    touching: dict[str, set[str]] = {}
    for code, whole in around.items():
        for one in whole:
            # What serves a part of an area reaches it, and so does what serves more than it.
            touching.setdefault(code, set()).add(one)
            touching.setdefault(one, set()).add(code)
    links = known.links[known.links["basis"].isin(["served", "inferred"])]
    return frozenset(
        (str(service), code)
        for service, area in zip(links["service_id"], links["area_code"], strict=True)
        for code in touching.get(area, ())
    )


def _folder(folder: Path) -> Side:
    import json

    try:
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        services = pd.read_csv(folder / "tables" / "services.csv", dtype=str, keep_default_na=False)
        covered = pd.read_csv(folder / "tables" / "coverage.csv", keep_default_na=False)
    except (OSError, ValueError) as problem:
        raise FileError(
            f"{folder} is not a whole folder of results ({problem}). "
            f'Make one with: gapmap run --out "{folder}"'
        ) from None
    settings: dict[str, Any] = record["settings"]
    held = services.assign(counts=services["counts_at_as_of"] == "yes")
    covered = covered[covered["dimension"] == "category"].copy()
    covered["people"] = pd.to_numeric(covered["people"], errors="coerce")
    base = "council" if (covered["level"] == "council").any() else str(covered["level"].iloc[0])
    return Side(
        str(settings["as_of"]),
        str(settings["weight"]),
        # A folder tells why a service counts, but keeps no day of opening of its own.
        held.reindex(
            columns=["service_id", "name", "category", "counts", "opened", "closed"]
        ).fillna(""),
        covered,
        base,
    )


def compare(a: Study | Path | str, b: Study | Path | str) -> Change:
    """Tell what changed between two dates, studies or folders (indicator 17).

    A service opened or closed between the dates only if a date says so; a service that merely
    appears, or is no longer confirmed, is a change of evidence. A cell is compared only if its
    state is known on both sides; cells of kinds that nobody looked for on one side are counted
    apart. A cell that moved though no service of its category opened or closed is a change of
    evidence too.

    Parameters
    ----------
    a, b
        The earlier and the later: studies, or folders of results.

    Returns
    -------
    Change
        Services, cells, people and sentences.

    Raises
    ------
    FileError
        If a folder is no whole run.

    Examples
    --------
    >>> import gapmap as gm
    >>> now = gm.scotland()
    >>> change = compare(now.at("2020-02-01"), now)
    >>> moved = change.cells.query("value == 'infant_mental_health' and level == 'board'")
    >>> int((moved["move"] == "better").sum()) >= 8
    True
    """
    return compare_sides(side(a), side(b))


def compare_sides(before: Side, after: Side) -> Change:
    """What ``compare`` tells, of two sides that are read already.

    Parameters
    ----------
    before, after
        The earlier and the later.

    Returns
    -------
    Change
        As ``compare`` returns it.

    Examples
    --------
    >>> import gapmap as gm
    >>> one = side(gm.scotland())
    >>> compare_sides(one, one).services.empty
    True
    """
    services = _services(before, after)
    cells = _cells(before, after, services)
    people = _people(before, after, cells)
    return Change(services, cells, people, tuple(_words(before, after, services, cells, people)))


def _services(before: Side, after: Side) -> pd.DataFrame:
    start, end = first_day(before.as_of), first_day(after.as_of)
    first = before.services.drop_duplicates("service_id").set_index("service_id")
    last = after.services.drop_duplicates("service_id").set_index("service_id")
    rows = []
    for service in sorted(set(first.index) | set(last.index)):
        ran = bool(first.at[service, "counts"]) if service in first.index else False
        runs = bool(last.at[service, "counts"]) if service in last.index else False
        if ran == runs:
            continue
        source = last if service in last.index else first
        opened = first_day(str(source.at[service, "opened"]))
        closed = first_day(str(source.at[service, "closed"]))
        if runs:
            real = _between(opened, start, end)
            kind = "opened" if real else "newly_known"
        else:
            real = _between(closed, start, end)
            kind = "closed" if real else "no_longer_known"
        rows.append(
            {
                "service_id": service,
                "name": source.at[service, "name"],
                "category": source.at[service, "category"],
                "change": kind,
                "date": str(source.at[service, "opened" if runs else "closed"]) if real else "",
            }
        )
    return pd.DataFrame(rows, columns=columns("changed_services"))


def _between(day: date | None, start: date | None, end: date | None) -> bool:
    return day is not None and start is not None and end is not None and start < day <= end


def _cells(before: Side, after: Side, services: pd.DataFrame) -> pd.DataFrame:
    keys = ["level", "area_code", "value"]
    both = before.coverage.merge(
        after.coverage, on=keys, suffixes=("_before", "_after"), how="inner"
    )
    real = services[services["change"].isin(["opened", "closed"])]
    kinds = set(real["category"])
    # Where it is known whom a service reaches, what opened elsewhere moves nothing here.
    pairs = after.reaching if after.reaching is not None else before.reaching
    category = dict(zip(real["service_id"], real["category"], strict=True))
    here = {(area, category[one]) for one, area in pairs or () if one in category}
    rows = []
    for record in both.to_dict("records"):
        was, now = record["state_before"], record["state_after"]
        if was == "not_known" or now == "not_known":
            move = "not_comparable" if was != now else "not_known"
        elif was == now:
            move = "same"
        else:
            move = "better" if _RANK[now] > _RANK[was] else "worse"
        because = ""
        if was != now:
            cell = (record["area_code"], record["value"])
            moved = record["value"] in kinds if pairs is None else cell in here
            because = "services" if moved else "evidence"
        rows.append(
            {
                "level": record["level"],
                "area_code": record["area_code"],
                "area_name": record["area_name_after"],
                "value": record["value"],
                "state_before": was,
                "state_after": now,
                "move": move,
                "because": because,
                "services_before": record["services_before"] + record["services_wider_before"],
                "services_after": record["services_after"] + record["services_wider_after"],
                "people": record["people_after"],
            }
        )
    return pd.DataFrame(rows, columns=columns("changed_cells"))


def _people(before: Side, after: Side, cells: pd.DataFrame) -> pd.DataFrame:
    base = cells[cells["level"] == after.base]
    has = {"partly": 1, "provided": 1}
    rows = []
    for value, group in base.groupby("value", sort=False):
        known = group[group["move"].isin(["same", "better", "worse"])]
        was = known["state_before"].map(has).fillna(0)
        now = known["state_after"].map(has).fillna(0)
        rows.append(
            {
                "value": value,
                "people_compared": float(known["people"].sum()),
                "people_gained": float(known.loc[(now > was).to_numpy(), "people"].sum()),
                "people_lost": float(known.loc[(now < was).to_numpy(), "people"].sum()),
                "people_not_comparable": float(
                    group.loc[~group.index.isin(known.index), "people"].sum()
                ),
            }
        )
    return pd.DataFrame(rows, columns=columns("changed_people"))


def _words(
    before: Side, after: Side, services: pd.DataFrame, cells: pd.DataFrame, people: pd.DataFrame
) -> list[str]:
    span = f"Between {date_in_words(before.as_of)} and {date_in_words(after.as_of)}"
    counted = {
        kind: int((services["change"] == kind).sum())
        for kind in ("opened", "closed", "newly_known", "no_longer_known")
    }
    said = [
        f"{span} {count_in_words(counted['opened'], 'service')} are known by a date to have opened "
        f"and {counted['closed'] or 'none'} to have closed. {_sentence_count(counted)}, which may "
        "be no change at all."
    ]
    level = "board" if (cells["level"] == "board").any() else after.base
    top = cells[cells["level"] == level]
    noun = WEIGHTS.get(after.weight, after.weight)
    areas = level_label(level).lower()
    for value, group in top.groupby("value", sort=False):
        known = group[group["move"].isin(["same", "better", "worse"])]
        better, worse = (group[group["move"] == move] for move in ("better", "worse"))
        if better.empty and worse.empty:
            continue
        parts = [
            f"{'all have' if len(rows) == len(known) > 1 else _have(len(rows))} {word} now "
            f"({list_in_words(rows['area_name'].tolist(), limit=4)})"
            for rows, word in ((better, "more"), (worse, "less"))
            if len(rows)
        ]
        line = (
            f"{category_label(str(value))}: of {count_in_words(len(known), areas)} known at both "
            f"dates {' and '.join(parts)}."
        )
        gained = people.loc[people["value"] == value, ["people_gained", "people_lost"]].sum()
        for column, words in (
            ("people_gained", "where there was none then and is some now"),
            ("people_lost", "where there was some then and is none now"),
        ):
            if gained[column] > 0:
                line += f" {number_in_words(gained[column])} {noun} live {words}."
        said.append(line)
    pairs = f"pair of {areas} and kind of service", f"pairs of {areas} and kind of service"
    unknown = int((top["move"] == "not_comparable").sum())
    if unknown:
        said.append(
            f"{count_in_words(unknown, *pairs)} cannot be compared: at one of the two dates it was "
            "not known what is there."
        )
    evidence = int((top["move"].isin(["better", "worse"]) & (top["because"] == "evidence")).sum())
    if evidence:
        said.append(
            f"{count_in_words(evidence, *pairs)} moved though no service of that kind is known by "
            "a date to have opened or closed there: what we know changed, perhaps not what is "
            "there."
        )
    return said


def _have(count: int) -> str:
    return f"{count} {'has' if count == 1 else 'have'}"


def _sentence_count(counted: Mapping[str, int]) -> str:
    """How many services are known only at one of the dates, without a date of their own."""
    new, gone = counted["newly_known"], counted["no_longer_known"]
    told = f"{count_in_words(new, 'more service')} {'is' if new == 1 else 'are'} known only now"
    told = told[0].upper() + told[1:]
    return f"{told} and {gone} no longer confirmed" if gone else told


def frames(change: Change) -> Mapping[str, pd.DataFrame]:
    """The tables of a change by name, for writing.

    Examples
    --------
    >>> import gapmap as gm
    >>> now = gm.scotland()
    >>> sorted(frames(compare(now, now)))
    ['changed_cells', 'changed_people', 'changed_services']
    """
    return {
        "changed_services": change.services,
        "changed_cells": change.cells,
        "changed_people": change.people,
    }
