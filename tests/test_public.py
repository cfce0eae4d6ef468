"""A public run, proven clean: marks in every text of every table, looked for in every file."""

from __future__ import annotations

import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import gapmap as gm
from gapmap.read.values import typed
from gapmap.report.correction_sheet import write_correction_sheet
from gapmap.report.held import held
from gapmap.report.start import write_start
from gapmap.vocabulary import LINKED, TABLES

#: What no public product may hold, however it got into the data.
EMAIL = "marker.person@example.org"
PHONE = "0131 496 0123"
PEOPLE = f" {EMAIL} {PHONE}"

#: Columns that hold a code, an id or an area, where a mark would only make the row unusable.
KEYS = frozenset({"service_id", "location_id", "team_id", "area_code", "postcode", "intervention",
                  "column", "report", "question", "indicator", "level", "uprn", "grid_ref",
                  "rule", "measure", "section", "value", "low", "high", "numerator"})  # fmt: skip


def marked_text(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Each text column with an e-mail address and a telephone number behind what it says."""
    return frame.assign(**{
        name: frame[name].astype(str) + PEOPLE for name in names if name in frame
    })  # fmt: skip


@pytest.fixture
def planted(toy):
    """The toy town with marks in every text column of every table, old and new."""
    texts = [c.name for c in TABLES["services"] if c.kind == "text" and c.name not in KEYS]
    services = marked_text(toy.services, [t for t in texts if t not in ("address", "town")])
    services = services.assign(
        notes="MARK-NOTE", funder="MARK-FUNDER", consent_to_publish="",
        interventions="peep" + PEOPLE,
    )  # fmt: skip
    refuge = services["service_id"] == "T10"
    services.loc[refuge, ["address", "town", "postcode"]] = ["MARK-ADDRESS", "MARK-TOWN", "ZA3 6AA"]
    refused = services["service_id"] == "T3"
    services.loc[refused, "consent_to_publish"] = "no"
    services.loc[refused, ["name", "organisation"]] = ["MARK-REFUSED", "MARK-REFUSED-BODY"]
    tables = {}
    for name, columns in LINKED.items():
        row = {}
        for column in columns:
            if column.private:
                row[column.name] = "2020-01" if column.kind == "date" else f"MARK-{column.name}"
            elif column.kind == "area":
                row[column.name] = "S12000901"
            elif column.kind == "date":
                row[column.name] = "2019-12"
            elif column.kind in ("number", "integer"):
                row[column.name] = "12"
            elif column.allowed:
                row[column.name] = next(iter(column.allowed))
            elif column.name == "service_id":
                row[column.name] = "T1"
            elif column.name in KEYS:
                row[column.name] = "peep" if column.name == "intervention" else "name"
            else:
                row[column.name] = "Words" + PEOPLE
        tables[name] = pd.DataFrame([row, {**row, "service_id": "T3"}] if "service_id" in row
                                    else [row], dtype="str")  # fmt: skip
    tables["contacts"] = tables["contacts"].assign(respondent_name="MARK-NAME")
    tables["comments"] = tables["comments"].assign(report="national")
    study = replace(toy, services=services, tables=tables).with_settings(public=True)
    # And a person's own list over it, whose other side must not come out either.
    hers = typed(pd.DataFrame([
        {"service_id": "T1", "name": "Infant help" + PEOPLE, "funder": "MARK-HER-FUNDER",
         "notes": "MARK-HER-NOTE"},
        {"service_id": "T10", "address": "MARK-HER-ADDRESS", "postcode": "ZA4 6AA"},
    ]).fillna(""))  # fmt: skip
    return study.with_services(hers)


def everything_in(folder: Path) -> dict[str, str]:
    """All text of every file: archives, databases and Parquet opened."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        name = path.relative_to(folder).as_posix()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for inner in archive.namelist():
                    found[f"{name}/{inner}"] = archive.read(inner).decode("utf-8", "replace")
        elif path.suffix == ".parquet":
            found[name] = pd.read_parquet(path).to_csv()
        else:
            data = path.read_bytes()
            found[name] = data.decode("utf-8", "replace") + data.decode("utf-16-le", "replace")
    return found


def leaks(folder: Path) -> list[str]:
    marks = re.compile(rf"MARK-[A-Za-z_-]+|{re.escape(EMAIL)}|{re.escape(PHONE)}")
    return sorted({
        f"{name}: {mark}" for name, text in everything_in(folder).items()
        for mark in marks.findall(text)
    })  # fmt: skip


@pytest.mark.slow
def test_a_public_run_is_clean_in_every_format(planted, tmp_path) -> None:
    formats = ("html", "docx", "pdf", "xlsx")
    results = gm.run(planted, tmp_path / "out", formats=formats)
    assert leaks(results.folder) == []
    kinds = {Path(name).suffix for name in results.files}
    assert kinds >= {
        ".html",
        ".docx",
        ".pdf",
        ".xlsx",
        ".gpkg",
        ".parquet",
        ".csv",
        ".svg",
        ".json",
    }
    told = (results.folder / "report.html").read_text(encoding="utf-8")
    assert "did not agree to be published" in told
    fields = pd.read_csv(results.folder / "tables" / "field_sources.csv")
    assert len(fields)
    assert not {"funder", "notes"} & set(fields["field"])
    assert "T3" not in set(fields["service_id"])


@pytest.mark.slow
def test_the_paper_of_a_public_study_is_clean(planted, tmp_path) -> None:
    from gapmap.report.paper import write_paper

    results = gm.run(planted, tmp_path / "out")
    from gapmap.run import work_out

    worked = work_out(planted)
    maps = {path.stem: path for path in sorted((results.folder / "maps").glob("*.png"))}
    write_paper(tmp_path / "paper", worked.study, worked.tables, maps, area="South Board")
    shutil.rmtree(tmp_path / "out")
    assert leaks(tmp_path) == []


def test_a_public_workbook_and_correction_sheet_are_clean(planted, tmp_path) -> None:
    from gapmap.check.linked import settled

    study, _ = settled(planted)
    known = held(study, "South Board")
    write_start(tmp_path / "start.xlsx", study, known)
    write_correction_sheet(tmp_path / "sheet", study, known)
    assert leaks(tmp_path) == []
    assert any("Infant help" in text for text in everything_in(tmp_path).values())


def test_the_marks_would_be_found(planted, tmp_path) -> None:
    planted.services.to_csv(tmp_path / "a.csv")
    planted.table("contacts").to_parquet(tmp_path / "b.parquet")
    found = " ".join(leaks(tmp_path))
    for mark in ("MARK-NOTE", "MARK-NAME", "MARK-HER-ADDRESS", "MARK-REFUSED", EMAIL, PHONE):
        assert mark in found
