"""What a workbook or folder that gapmap itself made tells beside its services."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gapmap.vocabulary import LINKED

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

#: Titles of the sheets that ``gapmap start`` makes, in order.
SHEETS = (
    "How to use this",
    "Services",
    "What we hold",
    "What we do not know",
    "Searches",
    "Contacts",
    "Referral routes",
    "Correction sheet",
    "Lists",
)
#: Sheets of help that ``gapmap new`` and ``gapmap convert`` make beside the services.
HELP_SHEETS = ("Columns", "Lists", "choices")

#: Columns of the sheet of services that are there to be read by people, and are not read back.
OWN_COLUMNS = ("here_because",)

#: Sheet -> the linked table that a person may fill in there, and the columns of which one at
#: least must be filled for a row to say anything.
TO_FILL: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Searches": ("searches", ("category", "date")),
    "Contacts": ("contacts", ("organisation", "date", "outcome")),
    "Referral routes": ("referrals", ("service_id", "category")),
}
#: Column of the sheet of lists with the ids that the workbook was made with.
GIVEN = "service_id as given"

#: Tables that stand beside services.csv in a folder of returned forms.
BESIDE = (
    "service_areas",
    "service_interventions",
    "searches",
    "contacts",
    "referrals",
    "training",
    "barriers",
    "plans",
)


class OwnTables(NamedTuple):
    """What stands beside the services.

    Parameters
    ----------
    tables
        Linked tables by name, only those with rows.
    given
        Ids of the services that the workbook was made with.
    """

    tables: dict[str, pd.DataFrame]
    given: list[str]


def is_own(names: list[str]) -> bool:
    """Whether a workbook's sheets are those that ``gapmap start`` makes.

    Examples
    --------
    >>> is_own(["Services", "Searches", "Lists"]), is_own(["Services", "Costs"])
    (True, False)
    """
    return "Services" in names and len(names) > 1 and set(names) <= set(SHEETS)


def own_tables(source: str | Path) -> OwnTables:
    """The linked tables of a workbook of ``gapmap start``, or of a folder of returned forms.

    Parameters
    ----------
    source
        A file or folder; of any other file there are none.

    Returns
    -------
    OwnTables
        Cells as found (``gapmap.check.linked.settled`` reads their words); a row in which nothing
        that is needed was filled in is not one.

    Examples
    --------
    >>> own_tables("my-services.csv")
    OwnTables(tables={}, given=[])
    """
    path = Path(source)
    if path.is_dir():
        return OwnTables(_of_folder(path), [])
    if path.suffix.lower() not in (".xlsx", ".xlsm", ".ods") or not path.is_file():
        return OwnTables({}, [])
    from gapmap.read.tabular import Sheet, frame_of, read_sheets

    sheets, kind = read_sheets(path)
    if not is_own(list(sheets)):
        return OwnTables({}, [])
    tables = {}
    for title, (name, needed) in TO_FILL.items():
        if title not in sheets:
            continue
        names = [column.name for column in LINKED[name]]
        found = frame_of(Sheet(sheets[title], kind), names.__contains__)
        found = found[[column for column in found.columns if column in names]]
        filled = [column for column in needed if column in found]
        kept = found[(found[filled] != "").any(axis=1)] if filled else found[:0]
        if len(kept):
            tables[name] = kept.reset_index(drop=True)
    given: list[str] = []
    for row in sheets.get("Lists", [])[:1]:
        if GIVEN in row:
            at = row.index(GIVEN)
            given = [cells[at] for cells in sheets["Lists"][1:] if cells[at]]
    return OwnTables(tables, given)


def _of_folder(folder: Path) -> dict[str, pd.DataFrame]:
    from gapmap.read.tabular import read_table

    tables = {}
    for name in BESIDE:
        file = folder / f"{name}.csv"
        if file.is_file():
            table = read_table(file)
            if len(table):
                tables[name] = table.reset_index(drop=True)
    return tables
