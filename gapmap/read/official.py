"""Official files: the list of what publishers give, and the fetching of one of them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from gapmap.errors import FileError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from gapmap.read.fetch import Manners

#: The list itself, which is data: a new edition of a file is a new line, not new code.
LIST = Path(__file__).with_name("official.csv")

#: In the folder of the files: where each came from, when, and its checksum.
RECORD = "official-files.csv"

_RECORDED = (
    "name", "file", "address", "bytes", "sha256", "fetched", "licence", "attribution",
)  # fmt: skip


def official_files(path: str | Path = LIST) -> pd.DataFrame:
    """The official files that gapmap knows of.

    Parameters
    ----------
    path
        A list of the same columns; by default the one that ships with gapmap.

    Returns
    -------
    pandas.DataFrame
        Text, indexed by name: what, publisher, licence, attribution (to be printed on products),
        address, address_certain (``no``: publishers move such files with each edition), page
        (where a person finds it), file (its name here), format, megabytes (about), sha256 ("" where
        not known before the first download), use (what gapmap does with it), setting (the line of
        study.toml that uses it).

    Examples
    --------
    >>> official_files().at["boards", "publisher"]
    'Scottish Government'
    """
    from gapmap.read.tabular import read_table

    return read_table(path).set_index("name")


@dataclass(frozen=True)
class Got:
    """An official file that is here.

    Parameters
    ----------
    path
        The file.
    sha256
        Its checksum.
    news
        What there is to say of it, in sentences.
    fetched
        Whether the network was used.
    """

    path: Path
    sha256: str
    news: tuple[str, ...]
    fetched: bool


def get(
    name: str,
    folder: str | Path = ".",
    *,
    address: str = "",
    again: bool = False,
    manners: Manners | None = None,
    progress: Callable[[int, int], None] | None = None,
    files: pd.DataFrame | None = None,
) -> Got:
    """Fetch an official file into a folder, or check the one that is there.

    Its checksum is compared with the list's; where the list has none, it is recorded in the
    folder (``official-files.csv``) at the first download, and a later one is compared with that.

    Parameters
    ----------
    name
        As the list has it.
    folder
        Where to put it.
    address
        Another address, where the publisher has moved the file.
    again
        Fetch it although it is there.
    manners
        As for `gapmap.read.fetch.download`.
    progress
        As for `gapmap.read.fetch.download`.
    files
        As `official_files` gives them.

    Raises
    ------
    InputError
        If the list has no such name.
    FileError
        If it cannot be fetched; the message says which address to open in a browser on another
        machine, and where to put the file.

    Examples
    --------
    >>> get("boards", "official")  # doctest: +SKIP
    """
    from gapmap.read.fetch import download

    known = official_files() if files is None else files
    if name not in known.index:
        raise InputError(
            f'There is no official file "{name[:80]}" in the list.{_near(name, known)}'
        )
    entry = known.loc[name]
    folder = Path(folder)
    target = folder / entry["file"]
    url = address or entry["address"]
    before = _recorded(folder).get(name, {})
    if target.is_file() and not again:
        return _here(name, target, entry, before)
    try:
        came = download(
            url, target, manners, sha256="" if address else entry["sha256"], progress=progress
        )
    except FileError as error:
        raise FileError(f"{error}\n{_by_hand(name, url, entry, target)}") from None
    if _is_page(target) and not entry["format"].startswith("HTML"):
        target.unlink()
        raise FileError(
            f"{url} answers with a web page, not with the file.\n"
            f"{_by_hand(name, url, entry, target)}"
        )
    news = []
    if came.resumed:
        news.append(f"Went on where an earlier try broke off ({came.resumed / 1e6:,.1f} MB).")
    if entry["sha256"] and not address:
        news.append("Its checksum is the one in the list.")
    elif before and before["sha256"] != came.sha256:
        news.append(
            f"It differs from the one fetched on {before['fetched']}: the publisher has "
            "changed it since."
        )
    elif not before:
        news.append(
            f"The list has no checksum for it. The one it has now, {came.sha256[:12]}..., is noted "
            f"in {folder / RECORD}: a later download is compared with it."
        )
    _record(folder, name, entry, url, target, came.sha256)
    return Got(target, came.sha256, tuple(news), True)


def _here(name: str, target: Path, entry: pd.Series, before: dict[str, str]) -> Got:
    """A file that is there already: it may have been carried over from another machine."""
    import hashlib

    with target.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    expected = entry["sha256"] or before.get("sha256", "")
    if entry["sha256"] and found != entry["sha256"]:
        raise FileError(
            f"{target} is there, but is not the file that the list has: its checksum is "
            f"{found[:12]}..., not {entry['sha256'][:12]}.... Fetch it again with --again."
        )
    news = [f"{target} is there already. To fetch it anew: gapmap data get {name} --again"]
    if not expected:
        _record(target.parent, name, entry, "put there by hand", target, found)
        news.append(f"Its checksum, {found[:12]}..., is noted in {target.parent / RECORD}.")
    elif found != expected:
        news.append(f"It has changed since {before['fetched']}, when its checksum was noted.")
    return Got(target, found, tuple(news), False)


def _by_hand(name: str, url: str, entry: pd.Series, target: Path) -> str:
    sure = "" if entry["address_certain"] == "yes" else (
        " This address changes with each edition; if it is gone, look on the page for the newest "
        f"and give it: gapmap data get {name} --address ADDRESS."
    )  # fmt: skip
    return (
        "On a computer with a network, open this address in a browser:\n"
        f"  {url}\n(its page: {entry['page']}).{sure}\n"
        f"Save the file as {target.absolute()}, then run: gapmap data get {name} "
        f'--to "{target.parent}"'
    )


def _is_page(path: Path) -> bool:
    """Whether a file is a web page: what a log-in or a filter sends in place of the file."""
    with path.open("rb") as content:
        head = content.read(400).lstrip().lower()
    return head.startswith((b"<!doctype html", b"<html"))


def _near(name: str, known: pd.DataFrame) -> str:
    from rapidfuzz import fuzz, process

    best = process.extractOne(name, known.index.tolist(), scorer=fuzz.WRatio, score_cutoff=60)
    hint = f' Did you mean "{best[0]}"?' if best else ""
    return f"{hint} See them all with: gapmap data list"


def _recorded(folder: Path) -> dict[str, dict[str, str]]:
    try:
        with (folder / RECORD).open(encoding="utf-8-sig", newline="") as text:
            return {
                row["name"]: {key: row.get(key) or "" for key in _RECORDED}
                for row in csv.DictReader(text)
                if row.get("name")
            }
    except (OSError, UnicodeDecodeError, csv.Error):
        return {}


def _record(folder: Path, name: str, entry: pd.Series, url: str, target: Path, sha256: str) -> None:
    rows = _recorded(folder)
    rows[name] = {
        "name": name,
        "file": target.name,
        "address": url,
        "bytes": str(target.stat().st_size),
        "sha256": sha256,
        "fetched": date.today().isoformat(),
        "licence": entry["licence"],
        "attribution": entry["attribution"],
    }
    fresh = folder / f"{RECORD}.new"
    try:
        with fresh.open("w", encoding="utf-8", newline="") as text:
            table = csv.DictWriter(text, _RECORDED, lineterminator="\n")
            table.writeheader()
            table.writerows(rows[key] for key in sorted(rows))
        fresh.replace(folder / RECORD)
    except OSError as error:
        raise FileError(
            f"{folder / RECORD} could not be written: {error.strerror or error}. If it is open in "
            "another program, close it there."
        ) from None
