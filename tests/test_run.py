"""The whole recipe: what comes out, that nothing is lost, harmful or told that must not be."""

from __future__ import annotations

import hashlib
import json
import random
import re
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import gapmap as gm
from gapmap.errors import FileError, InputError
from gapmap.place.limit import limit
from gapmap.read.values import typed
from gapmap.report.folder import staged
from gapmap.run import work_out
from gapmap.vocabulary import TRAVEL_STATUSES, columns

ROOT_FILES = {"run.json", "report.html", "map.html", "gapmap.xlsx", "gapmap.gpkg"}


def everything_in(folder: Path) -> str:
    """All text of a run, archives and databases included."""
    parts = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        if path.suffix in (".xlsx", ".docx", ".pptx"):
            with zipfile.ZipFile(path) as archive:
                parts += [
                    archive.read(name).decode("utf-8", "replace") for name in archive.namelist()
                ]
        elif path.suffix == ".parquet":
            parts.append(pd.read_parquet(path).to_csv())
        else:
            parts.append(path.read_bytes().decode("utf-8", "replace"))
    return "\n".join(parts)


@pytest.fixture(scope="module")
def toy_run(toy_to_read, tmp_path_factory):
    """One run of the toy town, shared by the tests that only read it."""
    return toy_to_read, gm.run(toy_to_read, tmp_path_factory.mktemp("toy") / "out")


def test_a_run_writes_what_the_design_names(toy_run) -> None:
    _, results = toy_run
    there = set(results.files)
    assert there >= ROOT_FILES
    tables = {"services.csv", "locations.csv", "coverage.csv", "travel.csv", "gaps.csv"}
    assert {f"tables/{name}" for name in tables} | {"tables/nearest.parquet"} <= there
    assert len([name for name in there if name.startswith("boards/")]) == 2
    pictures = {name for name in there if name.startswith("maps/")}
    assert {name.removesuffix(".png") for name in pictures if name.endswith(".png")} == {
        name.removesuffix(".svg") for name in pictures if name.endswith(".svg")
    }
    beside = {name.removesuffix(".csv") for name in pictures if name.endswith(".csv")}
    assert {"maps/tiers-by-council", "maps/services"} <= beside


@pytest.mark.parametrize(
    ("file", "table"),
    [("services", "placed_services"), ("coverage", "coverage"), ("gaps", "gaps")],
)
def test_tables_have_the_columns_that_outside_checks_rely_on(
    toy_run, file: str, table: str
) -> None:
    _, results = toy_run
    frame = pd.read_csv(results.folder / "tables" / f"{file}.csv")
    assert list(frame.columns)[: len(columns(table))] == columns(table)


def test_travel_and_nearest_have_theirs_too(toy_run) -> None:
    _, results = toy_run
    travel = pd.read_csv(results.folder / "tables" / "travel.csv")
    assert list(travel.columns)[:5] == columns("travel")[:5]
    assert set(columns("travel")) <= set(travel.columns)
    nearest = pd.read_parquet(results.folder / "tables" / "nearest.parquet")
    assert {
        "postcode",
        "category",
        "minutes",
        "km",
        "ferry_minutes",
        "status",
        "service_id",
    } <= set(nearest.columns)


def test_rows_made_one_or_not_to_be_published_are_counted_not_lost(toy) -> None:
    services = toy.services.copy()
    services["consent_to_publish"] = ["no" if one == "T3" else "" for one in services["service_id"]]
    same = pd.DataFrame({"service_a": ["T5"], "service_b": ["T6"], "decision": ["same"]})
    study = replace(toy, services=services).with_table("duplicates", same)
    counts = work_out(study.with_settings(public=True)).counts
    assert counts["service_rows_in"] == len(services)
    assert counts["service_rows_made_one"] == 1
    assert counts["service_rows_not_to_be_published"] == 1
    assert counts["services_out"] + counts["further_locations_out"] == len(services) - 2


def test_a_study_may_measure_by_other_minutes(toy) -> None:
    travel = work_out(toy.with_settings(thresholds=(10, 45))).tables["travel"]
    shares = [name for name in travel if name.startswith("share_within_")]
    assert shares == [f"share_within_{t}" for t in (10, 15, 30, 45, 60, 120)]
    told = travel.dropna(subset=["share_within_10"])
    assert (told["share_within_10"] <= told["share_within_15"]).all()


def test_nothing_is_lost(toy_run) -> None:
    study, results = toy_run
    services = pd.read_csv(results.folder / "tables" / "services.csv")
    assert sorted(services["service_id"]) == sorted(study.services["service_id"])
    nearest = pd.read_parquet(results.folder / "tables" / "nearest.parquet")
    assert (nearest.groupby("category").size() == len(study.people)).all()
    travel = pd.read_csv(results.folder / "tables" / "travel.csv")
    shares = travel[[f"share_{status}" for status in TRAVEL_STATUSES]].sum(axis=1)
    assert ((shares - 1).abs() < 1e-5).all()
    by_category = travel[travel["level"] == "council"].groupby("category")["people"].sum()
    assert (by_category == 1000).all()
    record = json.loads((results.folder / "run.json").read_text(encoding="utf-8"))
    assert record["counts"]["service_rows_in"] == len(study.services)
    assert record["counts"]["measured_on"].startswith("in a straight line")
    assert record["counts"]["services_out"] == len(study.services)


def test_a_second_run_gives_the_same_bytes_but_for_the_record(toy_run, tmp_path) -> None:
    study, first = toy_run
    second = gm.run(study, tmp_path / "again")
    assert first.files == second.files
    for name in first.files:
        if name == "run.json":
            continue
        one, two = ((run.folder / name).read_bytes() for run in (first, second))
        assert hashlib.sha256(one).digest() == hashlib.sha256(two).digest(), name


def test_a_confidential_place_is_in_no_output(toy_run) -> None:
    _, results = toy_run
    text = everything_in(results.folder)
    assert "Cedar House" in text
    services = pd.read_csv(results.folder / "tables" / "services.csv").set_index("service_id")
    assert services.loc["T10", ["easting", "northing", "placed_by"]].isna().all()
    # The toy's only number 303000 713000 is a people point too; as a pair it may not be a place.
    import geopandas as gpd

    points = gpd.read_file(results.folder / "gapmap.gpkg", layer="services")
    hidden = points[points["service_id"] == "T10"]
    assert hidden.geometry.isna().all() or hidden.geometry.is_empty.all() or hidden.empty


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=cmd|' /C calc'!A0",
    "../../x",
    "N" * 10_000,
    "\u202eevil\u2066",
    "a\x00b",
    "{{ 7*7 }} {people} %s",
    "$x^2$",
]


def test_hostile_names_do_no_harm_in_any_output(toy, tmp_path) -> None:
    rows = toy.services[toy.services["service_id"] == "T1"]
    more = pd.concat(
        [
            rows.assign(
                service_id=f"H{n}",
                name=name,
                organisation=name,
                eligibility=name,
                source=name,
                doubt=name,
                notes=name,
            )
            for n, name in enumerate(HOSTILE)
        ]
    )
    results = gm.run(toy.with_services(more), tmp_path / "out")
    for path in results.folder.rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        assert "<script>alert(1)" not in html, path
        assert "<img src=x" not in html, path
    for path in results.folder.rglob("*.svg"):
        assert "<script>" not in path.read_text(encoding="utf-8")
    for path in (results.folder / "tables").glob("*.csv"):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        for column in frame:
            text = frame[column][~frame[column].str.fullmatch(r"[+-]?[\d.]+(e[+-]?\d+)?")]
            assert not text.str.match(r"\s*[=+\-@]").any(), (path.name, column)
    assert {p.parent.parent for p in results.folder.rglob("*") if p.is_file()} <= {
        results.folder.parent,
        results.folder,
    }
    services = pd.read_csv(results.folder / "tables" / "services.csv")
    assert len(services) == len(toy.services) + len(HOSTILE)


def test_an_area_limits_the_products_and_not_the_reach(toy_run, tmp_path) -> None:
    toy, whole = toy_run
    south = gm.run(toy, tmp_path / "south", area="South Board")
    frame = pd.read_csv(south.folder / "tables" / "coverage.csv")
    assert set(frame["area_code"]) == {
        "S08000901",
        "S12000901",
        "S12000902",
        "S37000901",
        "S37000902",
    }
    near = pd.read_parquet(south.folder / "tables" / "nearest.parquet")
    assert near["postcode"].nunique() == 50
    every = pd.read_parquet(whole.folder / "tables" / "nearest.parquet")
    both = near.merge(every, on=["postcode", "category", "rank"])
    assert (both["km_x"].fillna(-1) == both["km_y"].fillna(-1)).all()
    shown = set(pd.read_csv(south.folder / "tables" / "services.csv")["service_id"])
    fields = pd.read_csv(south.folder / "tables" / "field_sources.csv")
    assert set(fields["service_id"]) == shown
    # The unit over the border of the board still serves it.
    assert "T2" in set(pd.read_csv(south.folder / "tables" / "services.csv")["service_id"])
    assert [name for name in south.files if name.startswith("boards/")] == [
        "boards/S08000901-south-board.html"
    ]


def test_official_classes_decide_what_is_remote_and_products_say_so(toy, toy_run, tmp_path) -> None:
    """The people's file calls the north remote; the official lookup, all but one in the south."""
    for level in ("council", "board"):
        shapes = toy.level(level)[["code", "name", "geometry"]]
        shapes.to_file(tmp_path / f"{level}.geojson")
    toy.people.reset_index().to_csv(tmp_path / "people.csv", index=False)
    toy.services.to_csv(tmp_path / "services.csv", index=False)
    remote = toy.people["board_code"] == "S08000901"
    names = remote.map({True: "6 Remote Rural Areas", False: "1 Large Urban Areas"})
    lookup = pd.DataFrame({"Postcode": toy.people.index.str.lower(), "UR6_Name": names})
    lookup.iloc[:-1].to_csv(tmp_path / "classes of 2022.csv", index=False)
    study = """
        [study]
        name = "Toy town"
        as_of = 2020-02-01
        [limits]
        rural_minutes = 5
        [inputs]
        areas = [
          {level = "council", file = "council.geojson"}, {level = "board", file = "board.geojson"}
        ]
        services = "services.csv"
        people = "people.csv"
        [people]
        """
    (tmp_path / "study.toml").write_text(study, encoding="utf-8")
    own = work_out(gm.open_study(tmp_path)).tables
    assert set(own["rural"]["board_code"]) == {"S08000902"}
    official = 'urban_rural = "classes of 2022.csv"'
    (tmp_path / "study.toml").write_text(study + official, encoding="utf-8")
    told = gm.run(gm.open_study(tmp_path), tmp_path / "official")
    # The one place that the lookup lacks is north, and remote by the people's file.
    rural = told.tables["rural"]
    assert set(rural["board_code"]) == {"S08000901", "S08000902"}
    assert (rural["board_code"] == "S08000902").sum() <= rural["category"].nunique()
    said = "the official ones of the Scottish Government, from the file classes of 2022.csv"
    for file in ("report.html", "boards/S08000901-south-board.html", "map.html"):
        text = (told.folder / file).read_text(encoding="utf-8")
        assert said in text
        assert "1 place of 100 is not in it" in text
        assert said not in (toy_run[1].folder / file).read_text(encoding="utf-8")
    about = told.tables["about"].set_index("measure")
    assert about.at["official_class", "value"] == 99
    record = json.loads((told.folder / "run.json").read_text(encoding="utf-8"))
    assert record["counts"]["people_points_with_official_class"] == 99
    assert record["inputs"]["urban_rural"]["file"] == "classes of 2022.csv"
    south = limit(gm.open_study(tmp_path), told.tables, "South Board")[1]
    assert set(south["journeys"]["family_label"]) & {"Remote countryside"}
    with zipfile.ZipFile(told.folder / "gapmap.xlsx") as book:
        assert said in book.read("xl/sharedStrings.xml").decode()


def test_what_cannot_be_met_is_refused_before_the_work(toy, tmp_path, monkeypatch) -> None:
    with pytest.raises(InputError, match='no areas of level "parish"'):
        gm.run(toy, tmp_path / "out", reports=("parish",))
    with pytest.raises(FileError, match="There is no template"):
        gm.run(toy, tmp_path / "out", template=tmp_path / "none.docx")
    module = sys.modules["gapmap.run"]
    monkeypatch.setattr(module, "work_out", lambda *_, **__: pytest.fail("worked out first"))
    with pytest.raises(InputError, match="Atlantis"):
        gm.run(toy, tmp_path / "out", area="Atlantis")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("Dear all")
    with pytest.raises(FileError, match="holds no earlier run"):
        gm.run(toy, tmp_path / "mine")
    assert not (tmp_path / "out").exists()


def test_a_public_run_leaves_out_notes_and_funders(toy, tmp_path) -> None:
    services = toy.services.assign(notes="SECRET-NOTE", funder="SECRET-FUNDER")
    study = replace(toy, services=services).with_settings(public=True)
    results = gm.run(study, tmp_path / "public")
    assert "SECRET" not in everything_in(results.folder)


def test_a_hidden_count_of_people_is_in_no_format_and_not_zero(toy, tmp_path) -> None:
    counts = pd.DataFrame(
        {
            "area_code": ["Aldertown", "Birchfield", "Cedarholm", "Dunmore"],
            "measure": "Families referred",
            "period": "2025/26",
            "people": ["98765", "200001", "300001", "400001"],
        }
    )
    study = replace(toy, tables={**toy.tables, "people_counts": counts})
    study = study.with_settings(suppress_below=100_000)
    results = gm.run(study, tmp_path / "out", formats=("html", "docx"))
    assert results.faults.empty
    text = everything_in(results.folder)
    for small in ("98765", "98,765", "200001", "200,001"):
        assert small not in text
    assert "700002" in text  # North, added up
    report = (results.folder / "boards" / "S08000901-south-board.html").read_text("utf-8")
    assert "Families referred" in report
    assert "It is not zero" in report
    table = pd.read_csv(results.folder / "tables" / "people_counts.csv", dtype=str)
    assert set(table.loc[table["people"] == "c", "per_1000"]) == {"c"}


def test_what_linked_tables_hold_that_means_nothing_is_told_by_the_run(toy, tmp_path) -> None:
    searches = toy.table("searches").copy()
    searches.loc[searches.index[0], "area_code"] = "Atlantis"
    study = replace(toy, tables={**toy.tables, "searches": searches})
    results = gm.run(study, tmp_path / "out")
    assert results.faults[["table", "found", "severity"]].values.tolist() == [
        ["searches", "Atlantis", "error"]
    ]
    record = json.loads((results.folder / "run.json").read_text("utf-8"))
    assert record["warnings"] == ["1 fault in the study's linked tables"]


#: What people write into cells.
ODD = ("", "?", "n/a", "yes", "-1", "1e9", "31/02/2020", "2020", "2031-05", "Scotland; Scotland")
ODD += ("Befrending", "toy library", "permanant", "S08000901", "EH1 3DG", "<b>", "=1+1", "é\u202e")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_whatever_cells_hold_a_study_runs_and_nothing_is_lost(toy, seed: int, tmp_path) -> None:
    draw = random.Random(seed)
    rows = toy.services.drop(columns=["tier"]).astype(object).where(toy.services.notna(), "")
    rows = rows.drop(columns=[name for name in rows if name not in columns("services")])
    for _ in range(25):
        rows.loc[draw.choice(rows.index), draw.choice(list(rows))] = draw.choice(ODD)
    rows = typed(rows.astype(str).replace({"nan": ""}))
    study = toy.with_services(rows, replace=True).at(draw.choice(["2020-02-01", "2026-11-22"]))
    worked = work_out(study)
    assert worked.counts["service_rows_in"] == len(rows)
    assert set(worked.tables["services"]["service_id"]) == set(rows["service_id"])
    limited, _ = limit(worked.study, worked.tables, "Dunmore")
    assert len(limited.areas)
    if seed < 3:
        results = gm.run(study, tmp_path / "out", formats=("html", "docx"))
        assert "report.docx" in results.files


# -- the folder -----------------------------------------------------------------------------------


def test_an_interrupted_run_leaves_the_last_good_result(tmp_path) -> None:
    out = tmp_path / "out"
    with staged(out) as folder:
        (folder / "run.json").write_text("first")

    def interrupted() -> None:
        with staged(out) as folder:
            (folder / "run.json").write_text("second")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert (out / "run.json").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_of_something_else_is_refused_and_kept(tmp_path) -> None:
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(FileError, match="not empty"), staged(tmp_path):
        pass
    assert (tmp_path / "thesis.docx").read_text() == "mine"


def test_a_file_in_the_way_is_told(tmp_path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(FileError, match="is a file"), staged(tmp_path / "out"):
        pass


# -- the bundled study ----------------------------------------------------------------------------


@pytest.mark.slow
def test_the_bundled_study_runs_whole(bundled_run) -> None:
    study, results = gm.scotland(), bundled_run
    reports = [name for name in results.files if name.startswith("boards/")]
    assert [sum(name.endswith(kind) for name in reports) for kind in ("html", "docx")] == [14, 14]
    travel = results.tables["travel"]
    boards = travel[travel["level"] == "board"].groupby("category", observed=True)["people"].sum()
    assert ((boards - study.people["under_5"].sum()).abs() < 1e-3).all()
    assert (results.folder / "map.html").stat().st_size < 6_000_000
    # A confidential base is in no file, however it is written.
    text = everything_in(results.folder)
    from gapmap.place.confidential import is_confidential

    hidden = study.services[is_confidential(study.services)]
    assert len(hidden)
    for row in hidden.itertuples():
        for cell in (row.address, row.postcode):
            assert not cell or cell not in text
    assert not re.search(
        r"https?://[^\"' ]*(unpkg|cdn|jsdelivr|googleapis)",
        (results.folder / "map.html").read_text(encoding="utf-8"),
    )
