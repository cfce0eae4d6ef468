"""What a study says at a further date, beside what it says at its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from gapmap.gaps.compare import compare_sides, side
from gapmap.provision.coverage import coverage, provision
from gapmap.study import full_date

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from gapmap.gaps.compare import Side
    from gapmap.provision.coverage import Provision
    from gapmap.study import Study


@dataclass(frozen=True)
class Earlier:
    """What a study says at a further date.

    Parameters
    ----------
    as_of
        The date.
    coverage
        As ``gapmap.coverage`` returns it, every level, by category and tier at least.
    counts
        By service_id: whether it counts then, and why.
    real
        Area code, dimension and value of the cells that a service reaches which is known to have
        opened or closed between then and the study's date; what else differs differs by evidence.
    words
        What changed between then and the study's date, in sentences.
    side
        The same as ``gapmap.gaps.compare`` reads it.
    """

    as_of: date
    coverage: pd.DataFrame
    counts: Mapping[str, tuple[bool, str]]
    real: frozenset[tuple[str, str, str]]
    words: tuple[str, ...]
    side: Side


def earlier(
    study: Study,
    day: date | str,
    *,
    levels: Sequence[str] | None = None,
    now: Side | None = None,
) -> Earlier:
    """Work a study out at a further date.

    Parameters
    ----------
    study
        The study, with confidential places in it: they count where they stand.
    day
        The further date; may be later than the study's.
    levels
        Kinds of area; all by default.
    now
        What ``gapmap.gaps.compare.side`` read of the study at its own date.

    Returns
    -------
    Earlier
    """
    then = study.at(day)
    every = list(levels) if levels is not None else list(dict.fromkeys(study.areas["level"]))
    known = provision(then)
    covered = coverage_of(then, every, known=known)
    after = side(study) if now is None else now
    before = there = side(then, known=known, covered=covered)
    if then.settings.as_of > study.settings.as_of:
        before, after = after, before
    change = compare_sides(before, after)
    moved = change.services[change.services["change"].isin(["opened", "closed"])]
    about = study.services.drop_duplicates("service_id").set_index("service_id")
    reached: dict[str, set[str]] = {}
    for service, code in after.reaching or frozenset():
        reached.setdefault(service, set()).add(code)
    real = {
        (code, dimension, str(about.at[service, dimension]))
        for service in moved["service_id"]
        for code in reached.get(service, ())
        for dimension in ("category", "tier")
    }
    first = ~then.services["service_id"].duplicated()
    counting = known.counting[first]
    counts = {
        str(one): (bool(yes), str(why))
        for one, yes, why in zip(
            then.services.loc[first, "service_id"],
            counting["counts"],
            counting["reason"],
            strict=True,
        )
    }
    return Earlier(full_date(day), covered, counts, frozenset(real), change.words, there)


def coverage_of(
    study: Study, levels: Sequence[str], *, known: Provision | None = None
) -> pd.DataFrame:
    """Coverage of several levels, by category and tier."""
    known = provision(study) if known is None else known
    return pd.concat(
        [
            coverage(study, level=level, by=by, known=known)
            for level in levels
            for by in ("category", "tier")
        ],
        ignore_index=True,
    )


def of_area(
    before: Sequence[Earlier], tables: Mapping[str, pd.DataFrame], level: str
) -> tuple[Earlier, ...]:
    """The further dates, with sentences of the limited area alone."""
    changed = tables.get("changes")
    if changed is None:
        return tuple(replace(one, words=()) for one in before)
    told = changed[changed["level"] == level]
    return tuple(
        replace(
            one,
            words=tuple(
                f"{area}: {reason}"
                for area, reason, since in zip(
                    told["area_name"], told["reason"], told["since"], strict=True
                )
                if since == one.as_of.isoformat()
            ),
        )
        for one in before
    )
