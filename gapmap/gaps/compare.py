"""Change: two dates, studies or result folders side by side, and what only evidence changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from gapmap.dates import first_day
from gapmap.errors import FileError
from gapmap.provision.bounds import base_level
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
    """

    as_of: str
    weight: str
    services: pd.DataFrame
    coverage: pd.DataFrame
    base: str


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


def side(source: Study | Path | str, *, known: Provision | None = None) -> Side:
    """Read one side: a study is worked out, a folder of results is read as it is.

    Parameters
    ----------
    source
        A study, or a folder that ``gapmap run`` wrote.
    known
        What ``provision`` returned for the study.

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
    levels = dict.fromkeys(source.areas["level"])
    services = source.services.assign(counts=known.counting["counts"])
    return Side(
        source.settings.as_of.isoformat(),
        source.settings.weight,
        services[["service_id", "name", "category", "counts", "opened", "closed"]],
        pd.concat([coverage(source, level=level, known=known) for level in levels]),
        base_level(source),
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
    before, after = side(a), side(b)
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
    real = set(services.loc[services["change"].isin(["opened", "closed"]), "category"])
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
            because = "services" if record["value"] in real else "evidence"
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
    counted = services["change"].value_counts()
    said = [
        f"{span}: {count_in_words(counted.get('opened', 0), 'service')} opened and "
        f"{number_in_words(counted.get('closed', 0))} closed, by a date that we hold; "
        f"{number_in_words(counted.get('newly_known', 0))} more are known only from later evidence "
        f"and {number_in_words(counted.get('no_longer_known', 0))} are no longer confirmed, which "
        "may be no change at all."
    ]
    level = "board" if (cells["level"] == "board").any() else after.base
    top = cells[cells["level"] == level]
    noun = WEIGHTS.get(after.weight, after.weight)
    for value, group in top.groupby("value", sort=False):
        known = group[group["move"].isin(["same", "better", "worse"])]
        if known.empty:
            continue
        better, worse = (group[group["move"] == move] for move in ("better", "worse"))
        if better.empty and worse.empty:
            continue
        parts = [
            f"{len(rows)} {'has' if len(rows) == 1 else 'have'} {word} "
            f"({list_in_words(rows['area_name'].tolist(), limit=4)})"
            for rows, word in ((better, "more"), (worse, "less"))
            if len(rows)
        ]
        gained = people.loc[people["value"] == value, ["people_gained", "people_lost"]].sum()
        line = (
            f"{category_label(str(value))}: of {len(known)} areas that were known at both dates "
            f"{' and '.join(parts)}."
        )
        for column, words in (
            ("people_gained", "some was gained"),
            ("people_lost", "all was lost"),
        ):
            if gained[column] > 0:
                line += f" {number_in_words(gained[column])} {noun} live where {words}."
        said.append(line)
    unknown = int((top["move"] == "not_comparable").sum())
    if unknown:
        said.append(
            f"{count_in_words(unknown, 'cell')} cannot be compared: at one of the dates nobody "
            "had looked."
        )
    evidence = int((top["move"].isin(["better", "worse"]) & (top["because"] == "evidence")).sum())
    if evidence:
        said.append(
            f"{count_in_words(evidence, 'cell')} moved only because the evidence did: no service "
            "of that kind is known to have opened or closed."
        )
    return said


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
