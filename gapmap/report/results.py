"""The folder of a run: its tables, maps, pages and documents, written in their order."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gapmap.report.area import safe_code
from gapmap.report.documents import write_documents
from gapmap.report.geopackage import write_geopackage
from gapmap.report.record import write_record
from gapmap.report.tables import LONG_TABLES, published, write_csv, write_tables
from gapmap.report.workbook import write_workbook
from gapmap.show.area_map import area_map
from gapmap.show.figure import numbers, save_map
from gapmap.show.interactive import MAP_TABLES, interactive_map, save_interactive
from gapmap.show.standard import standard_maps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    import pandas as pd

    from gapmap.gaps.earlier import Earlier
    from gapmap.report.aside import Aside, AtOnce
    from gapmap.study import Study


def write_results(
    folder: Path,
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    counts: Mapping[str, Any],
    before: Sequence[Earlier],
    *,
    formats: Sequence[str],
    levels: Sequence[str],
    every_pdf: bool,
    template: Path | None,
    tell: Callable[[str], None],
    warnings: Sequence[str],
    do: Aside | AtOnce,
) -> None:
    """Everything that the folder holds; run.json last, since it marks a whole run."""
    public = study.settings.public
    # A level that is known by its postcodes has no outlines to draw; its tables are written.
    drawn = study.outlined()
    home = folder / "maps"
    home.mkdir()
    maps: dict[str, list[Path]] = {}
    codes = [(level, str(code)) for level in levels for code in study.level(level).index]
    do(write_workbook, folder / "gapmap.xlsx", study, tables)
    tell("Drawing maps")
    for name, figure in standard_maps(drawn, tables).items():
        do(save_map, figure, home / name)
        write_csv(published(numbers(figure), public=public), home / f"{name}.csv")
        maps[name] = _files(home / name)
    for level, code in codes:
        stem = home / safe_code(code)
        do(save_map, area_map(study, tables, level=level, code=code), stem)
        maps[code] = _files(stem)
    tell("Writing tables")
    write_tables(tables, folder / "tables", public=public)
    write_geopackage(folder / "gapmap.gpkg", drawn, tables)
    tell("Making the interactive map")
    page = interactive_map(
        drawn,
        **{name: tables[name] for name in MAP_TABLES},
        also_at=before,
    )
    save_interactive(page, folder / "map.html")

    # They hold the pictures.
    do.settle()
    tell("Writing reports")
    reports = partial(
        write_documents,
        folder,
        study,
        # The longest tables are in no report, and would take long to hand over.
        {name: table for name, table in tables.items() if name not in LONG_TABLES},
        maps,
        formats=formats,
        level=levels,
        every_pdf=every_pdf,
        template=template,
    )
    every = [code for _, code in codes]
    many = len(every) * 3 // 5
    do(partial(reports, areas=every[:many], national=False))
    reports(areas=every[many:])
    do.settle()
    write_record(folder, study, counts, warnings)


def _files(stem: Path) -> list[Path]:
    return [stem.with_name(f"{stem.name}.{ending}") for ending in ("png", "svg")]
