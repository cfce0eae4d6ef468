"""Explain: the rows behind a numbered sentence, a gap or a cell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from gapmap.errors import FileError, InputError
from gapmap.place.geography import plain
from gapmap.vocabulary import CATEGORIES, STATES, TIERS, category_label, category_words
from gapmap.words import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

_GAP = re.compile(r"^(?:gap\s*|g)(\d+)$", re.IGNORECASE)
_NUMBER = re.compile(r"^(?:finding\s*|sentence\s*|theme\s*)?(\d+)$", re.IGNORECASE)


class Explanation(NamedTuple):
    """What something says, how sure that is, and the rows that it rests on.

    Parameters
    ----------
    title
        What is explained.
    words
        Sentences.
    rows
        The rows behind it, by the table that they are of.
    """

    title: str
    words: tuple[str, ...]
    rows: Mapping[str, pd.DataFrame]


def tables_of(folder: Path | str) -> dict[str, pd.DataFrame]:
    """Read the tables of a folder of results, as text; numbers of sentences and gaps as numbers.

    Parameters
    ----------
    folder
        What ``gapmap run`` wrote.

    Raises
    ------
    FileError
        If it is no whole run.
    """
    home = Path(folder)
    if not (home / "run.json").is_file() or not (home / "tables").is_dir():
        raise FileError(
            f'{home} is not a whole folder of results. Make one with: gapmap run --out "{home}"'
        )
    tables = {}
    for path in sorted((home / "tables").glob("*.csv")):
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        if "number" in table:
            table["number"] = table["number"].astype(int)
        tables[path.stem] = table
    return tables


def chosen(table: pd.DataFrame, where: str) -> pd.DataFrame:
    """The rows of a table that a finding names.

    Parameters
    ----------
    table
        Any table.
    where
        ``column=value`` parted by ``;``; several values parted by ``|``; "" for all rows.

    Raises
    ------
    InputError
        If a column is not there.

    Examples
    --------
    >>> table = pd.DataFrame({"level": ["board", "council"], "n": [1, 2]})
    >>> chosen(table, "level=board")["n"].tolist()
    [1]
    """
    rows = table
    for part in where.split(";") if where else []:
        column, _, values = part.partition("=")
        if column not in rows:
            raise InputError(f'There is no column "{column}" to choose rows by.')
        rows = rows[rows[column].astype(str).isin(values.split("|"))]
    return rows


def explain(what: str | int, tables: Mapping[str, pd.DataFrame]) -> Explanation:
    """Show the rows behind a sentence, a gap or a cell.

    Parameters
    ----------
    what
        ``14`` or ``finding 14``: sentence 14 of the key themes. ``gap 14`` or ``G14``: gap 14.
        ``NHS Fife: befriending`` or ``S08000029 befriending``: a cell, or ``NHS Fife`` for all
        cells of an area.
    tables
        A run's tables: findings, gaps, coverage, bounds, links, services.

    Returns
    -------
    Explanation
        Words and rows.

    Raises
    ------
    InputError
        If there is no such thing; the message says what there is.

    Examples
    --------
    >>> findings = pd.DataFrame({"number": [1], "theme_name": ["Ways in"], "sentence": ["So."],
    ...                          "sureness": ["Sure."], "rows_of": ["gaps"], "rows_where": [""]})
    >>> gaps = pd.DataFrame({"number": [1], "reason": ["None there."]})
    >>> explain(1, {"findings": findings, "gaps": gaps}).words
    ('So.', 'Sure.')
    """
    text = str(what).strip()
    if match := _GAP.match(text):
        return _gap(int(match[1]), tables)
    if match := _NUMBER.match(text):
        return _finding(int(match[1]), tables)
    return _cell(text, tables)


def _finding(number: int, tables: Mapping[str, pd.DataFrame]) -> Explanation:
    said = tables["findings"]
    found = said[said["number"] == number]
    if found.empty:
        gaps = len(tables.get("gaps", ()))
        raise InputError(
            f"There is no sentence {number}: the key themes have 1 to {len(said)}. "
            f"For a gap write: gap {number} (there are {gaps:,})."
        )
    one = found.iloc[0]
    rows = chosen(tables[one["rows_of"]], one["rows_where"])
    return Explanation(
        f"Sentence {number}: {one['theme_name']}",
        (str(one["sentence"]), str(one["sureness"])),
        {str(one["rows_of"]): rows},
    )


def _gap(number: int, tables: Mapping[str, pd.DataFrame]) -> Explanation:
    gaps = tables["gaps"]
    found = gaps[gaps["number"] == number]
    if found.empty:
        raise InputError(f"There is no gap {number}: gaps have the numbers 1 to {len(gaps):,}.")
    one = found.iloc[0]
    words = [str(one["reason"]), str(one["evidence"])]
    if one.get("certainty"):
        words.append(
            "Settled: it stands whatever is not known."
            if one["certainty"] == "settled"
            else f"Could change. {one['settled_by']}".strip()
        )
    if one.get("decision"):
        words.append(f"Decided: {one['decision']} ({one['decided_by']}).")
    rows = {"gaps": found} | _behind(str(one["area_code"]), str(one["category"]), tables)
    return Explanation(f"Gap {number}: {one['area_name']}", tuple(words), rows)


def _cell(text: str, tables: Mapping[str, pd.DataFrame]) -> Explanation:
    covered = tables["coverage"]
    areas = covered.drop_duplicates("area_code")[["area_code", "area_name"]]
    wanted = plain(text)
    kinds = {plain(code.replace("_", " ")): code for code in (*CATEGORIES, *TIERS)}
    kinds |= {plain(category_label(code)): code for code in CATEGORIES}
    value = ""
    for kind in sorted(kinds, key=len, reverse=True):
        if wanted.endswith(kind):
            value, wanted = kinds[kind], wanted[: -len(kind)].strip()
            break
    names = [(plain(name), code) for code, name in areas.itertuples(index=False, name=None)]
    codes = [code for name, code in names if wanted in (name, code.lower())]
    codes = codes or [code for name, code in names if wanted and wanted in name]
    if not codes:
        raise InputError(
            f'"{shown(text)}" was not understood. Write the number of a sentence (14), a gap (gap '
            "14), or a cell: the name or code of an area, and a kind of service (NHS Fife: "
            "befriending)."
        )
    code = codes[0]
    name = str(areas.loc[areas["area_code"] == code, "area_name"].iloc[0])
    rows = covered[covered["area_code"] == code]
    rows = rows[rows["value"] == value] if value else rows[rows["dimension"] == "category"]
    words = [
        f"{category_label(row['value'])}: {STATES[row['state']].lower()}. {row['why']}"
        for row in rows.to_dict("records")
    ]
    bounded = tables.get("bounds")
    if value and bounded is not None:
        for row in bounded[(bounded["area_code"] == code) & (bounded["value"] == value)].to_dict(
            "records"
        ):
            words.append(
                f"Whatever is not known, between {STATES[row['least']].lower()} and "
                f"{STATES[row['most']].lower()}. {row['settled_by']}".strip()
            )
    title = f"{name}: {category_words(value)}" if value else name
    return Explanation(title, tuple(words), {"coverage": rows} | _behind(code, value, tables))


def _behind(
    code: str, category: str, tables: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """The bounds of a cell and the services linked with its area."""
    found = {}
    if "bounds" in tables:
        bounded = tables["bounds"]
        rows = bounded[bounded["area_code"] == code]
        found["bounds"] = rows[rows["value"] == category] if category else rows.iloc[:0]
    if "links" in tables and "services" in tables:
        linked = set(tables["links"].loc[tables["links"]["area_code"] == code, "service_id"])
        services = tables["services"]
        mine = services[services["service_id"].isin(linked)]
        if category in TIERS:
            mine = mine[mine["tier"] == category]
        elif category:
            mine = mine[mine["category"] == category]
        found["services"] = mine
    return {name: rows for name, rows in found.items() if len(rows)}
