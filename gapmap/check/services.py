"""The check of a sheet of services: every fault of every row at once."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from gapmap.check.cells import check_cells
from gapmap.check.faults import FaultList, Rows
from gapmap.check.values import gather, row_numbers
from gapmap.check.whereabouts import check_whereabouts
from gapmap.read.areas import read_areas
from gapmap.read.own_workbook import HELP_SHEETS
from gapmap.read.services import flat, named
from gapmap.read.synonyms import proposal
from gapmap.read.values import typed
from gapmap.vocabulary import TABLES
from gapmap.words import count_in_words

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from gapmap.study import Settings


def check_services(
    services: pd.DataFrame,
    *,
    postcodes: pd.DataFrame | None = None,
    areas: gpd.GeoDataFrame | None = None,
    settings: Settings | None = None,
) -> pd.DataFrame:
    """List every fault of a sheet of services.

    Parameters
    ----------
    services
        As `gapmap.read.services.read_services` gives them; any frame with such columns will do.
        It is not changed.
    postcodes
        Columns postcode, easting, northing, live; by default all Scottish ones.
    areas
        Columns code, name, level, geometry (EPSG:27700) and, on councils, board_code; by default
        the bundled ones.
    settings
        The study's, for its date and limits; by default today and the usual limits.

    Returns
    -------
    pandas.DataFrame
        One row per fault, by row then column: row (as a spreadsheet numbers it; 0 is the whole
        file), column, found, problem, remedy, severity (error, warning, note). Empty if there is
        none. The kinds are listed in ``docs/faults.md``.

    Examples
    --------
    >>> import pandas as pd
    >>> sheet = pd.DataFrame(
    ...     {"name": ["Tea Club"], "category": ["Befreinding"], "postcode": ["EH1 3DG"]}
    ... )
    >>> faults = check_services(sheet)
    >>> faults.loc[faults["severity"] == "error", ["row", "column", "remedy"]].values.tolist()
    [[2, 'category', 'Did you mean "befriending"?']]
    """
    services = flat(services)
    if "renamed" not in services.attrs:
        services = named(services)
    labels = row_numbers(services)
    gathered = FaultList(labels)
    _file(services, gathered)
    if len(services) == 0:
        return gathered.frame()
    # What the reader noted of the file is told; pandas would copy it at every step from here on.
    services = services.copy(deep=False)
    services.attrs = {}
    rows = Rows(
        found=services,
        typed=typed(services),
        today=settings.as_of if settings else date.today(),
        stale_years=settings.stale_years if settings else 7,
        labels=labels,
    )
    gather(services, gathered)
    check_cells(rows, gathered)
    check_whereabouts(
        rows,
        gathered,
        areas=bundled_areas() if areas is None else areas,
        postcodes=postcodes,
        snap_metres=settings.snap_metres if settings else 500.0,
        disagree_metres=settings.disagree_metres if settings else 1000.0,
    )
    return gathered.frame()


def bundled_areas() -> gpd.GeoDataFrame:
    """Councils, boards and partnerships of the bundled study, by code.

    Examples
    --------
    >>> len(bundled_areas())
    77
    """
    import geopandas as gpd
    import pandas as pd

    from gapmap.bundled import data_folder

    folder = data_folder() / "boundaries"
    levels = (("councils", "council"), ("boards", "board"), ("hscps", "hscp"))
    parts = [read_areas(folder / f"{name}.geojson", level=level) for name, level in levels]
    return gpd.GeoDataFrame(pd.concat(parts), crs="EPSG:27700")


def _file(services: pd.DataFrame, gathered: FaultList) -> None:
    proposed: dict[str, str] = services.attrs.get("proposed", {})
    for column in TABLES["services"]:
        if column.required and column.name not in services.columns:
            near = [found for found, ours in proposed.items() if ours == column.name]
            near += [
                str(name)
                for name in services.columns
                if name not in proposed and proposal(str(name)) == column.name
            ]
            hint = f'; "{near[0]}" may be it' if near else _columns_there(services)
            gathered.add_file("column_missing", column.name, "", hint)
    for found, ours in proposed.items():
        gathered.add_file("column_proposed", found, found, ours)
    for name in services.attrs.get("unrecognised", []):
        gathered.add_file("column_unknown", str(name), name)
    if services.attrs.get("replaced"):
        gathered.add_file("characters_lost", "", f"{services.attrs['replaced']} characters")
    for row, lines in services.attrs.get("swallowed", {}).items():
        # A mark in a title or the header is a fault of the whole file.
        own = row if row in services.index else 0
        gathered.add_row("quote_open", own, _further(lines - 1))
    others = [one for one in services.attrs.get("other_sheets", ()) if one not in HELP_SHEETS]
    if others:
        gathered.add_file("other_sheets", "", ", ".join(others))
    if len(services) == 0:
        gathered.add_file("no_rows", "", "")


def _further(lines: int) -> str:
    return f"{count_in_words(lines, 'further line')} {'is' if lines == 1 else 'are'} in this row"


def _columns_there(services: pd.DataFrame) -> str:
    names = ", ".join(f'"{name}"' for name in list(services.columns)[:12])
    return f" (the sheet has {names})" if names else ""
