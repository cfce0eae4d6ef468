"""Every report in every format that was asked for, each document's content made once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gapmap.errors import FileError, InputError
from gapmap.place.confidential import protect
from gapmap.report.about import with_about
from gapmap.report.area import area_document, area_name_of_file, links_of
from gapmap.report.comments import with_comments
from gapmap.report.content import Facts
from gapmap.report.html import render_html
from gapmap.report.national import national_document
from gapmap.report.word import render_word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from gapmap.report.content import Document
    from gapmap.report.pictures import Maps
    from gapmap.study import Study

#: Formats of documents; ``xlsx`` is the workbook, which every run writes.
FORMATS = ("html", "docx", "pdf", "xlsx")


def write_documents(
    folder: Path,
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    maps: Maps,
    *,
    formats: Sequence[str] = ("html",),
    level: str | Sequence[str] = "board",
    areas: Sequence[str] | None = None,
    national: bool = True,
    every_pdf: bool = False,
    template: Path | None = None,
) -> list[Path]:
    """Write the national report and one for each area, in each format.

    Parameters
    ----------
    folder
        ``report.html`` (.docx, .pdf) is written in it, the areas' reports in its folder
        ``boards`` (``councils``, ``hscps``...).
    study, tables
        A study and the tables of its run, by name.
    maps
        Pictures of the run, by name.
    formats
        Any of ``FORMATS``; html is always written.
    level
        Kind of area, or several.
    areas
        Codes; all of the level if not given.
    national
        Whether the national report is written.
    every_pdf
        With format pdf: the areas' reports as PDF too, not the national one alone.
    template
        An organisation's ``.docx`` for the Word files.

    Returns
    -------
    list of Path
        The files: national first, then by code.

    Raises
    ------
    InputError
        If a format or the level is not known.
    MissingDependency
        If a format needs a library that is not installed.
    FileError
        If a file cannot be written, or a map or the template read.
    """
    wrong = [one for one in formats if one not in FORMATS]
    if wrong:
        raise InputError(
            f"There is no format {', '.join(wrong)}. Choose from {', '.join(FORMATS)}."
        )
    folder.mkdir(parents=True, exist_ok=True)
    study = replace(study, services=protect(study.services))
    tables = {**with_about(study, tables), "links": links_of(study, tables)}
    facts = Facts(tables, public=study.settings.public)
    files: list[Path] = []
    if national:
        whole = with_comments(national_document(study, tables, maps), study, "national")
        files += _write(folder / "report", whole, study, formats, template)
    of_areas = formats if every_pdf else [one for one in formats if one != "pdf"]
    for one in [level] if isinstance(level, str) else level:
        of_level = study.level(one)
        inside = folder / f"{one}s"
        inside.mkdir(exist_ok=True)
        for code in [c for c in of_level["code"] if areas is None or c in areas]:
            document = area_document(study, tables, maps, level=one, code=code, facts=facts)
            name = area_name_of_file(code, str(of_level.at[code, "name"]))
            commented = with_comments(document, study, code)
            files += _write(inside / name, commented, study, of_areas, template)
    return files


def _write(
    stem: Path, document: Document, study: Study, formats: Sequence[str], template: Path | None
) -> list[Path]:
    as_of = study.settings.as_of
    files = [save(Path(f"{stem}.html"), render_html(document).encode("utf-8"))]
    if "docx" in formats:
        data = render_word(document, as_of=as_of, template=template)
        files.append(save(Path(f"{stem}.docx"), data))
    if "pdf" in formats:
        from gapmap.report.pdf import render_pdf

        files.append(save(Path(f"{stem}.pdf"), render_pdf(document, as_of)))
    return files


def save(path: Path, data: bytes) -> Path:
    """Write a file, or say which one could not be written and why.

    Raises
    ------
    FileError
        If it cannot be written, as when Word holds it open.
    """
    try:
        path.write_bytes(data)
    except OSError as problem:
        raise FileError(
            f"{path} could not be written ({problem}). Close it if another program has it open."
        ) from problem
    return path
