"""The commands as a person meets them: what they print, write and return."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest


def gapmap(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gapmap", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


GOOD = "name,category,postcode,serves\nCastle Group,universal_group,EH1 2NG,City of Edinburgh\n"
BAD = (
    "name,category,latitude,longitude,postcode\n"
    "Swapped,befriending,-3.19,55.95,\n"
    "Misspelt,befrending,,,EH1 2NG\n"
    "Nowhere,befriending,,,ZZ9 9ZZ\n"
    "Fine,befriending,55.9486,-3.1999,\n"
)


@pytest.mark.parametrize("command", ["run", "check", "locate", "near", "convert", "paper", "lab"])
def test_help_has_an_example(command: str, tmp_path) -> None:
    told = gapmap(command, "--help", cwd=tmp_path)
    assert told.returncode == 0
    assert f"Example: gapmap {command}" in told.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("no-such-command",),
        ("run", "--no-such-option"),
        ("check",),
        ("run", "--as-of", "yesterday"),
        ("run", "--formats", "gif"),
        ("run", "--replace"),
    ],
)
def test_wrong_usage_is_2_and_says_what_is_right(words: tuple[str, ...], tmp_path) -> None:
    told = gapmap(*words, cwd=tmp_path)
    assert told.returncode == 2
    assert "Traceback" not in told.stderr
    assert told.stderr.strip()


def test_check_of_a_good_file_is_0_and_of_a_bad_one_1_with_every_fault(tmp_path) -> None:
    (tmp_path / "good.csv").write_text(GOOD)
    assert gapmap("check", "good.csv", cwd=tmp_path).returncode == 0
    (tmp_path / "bad.csv").write_text(BAD)
    told = gapmap("check", "bad.csv", "--out", "faults.csv", cwd=tmp_path)
    assert told.returncode == 1
    faults = pd.read_csv(tmp_path / "faults.csv")
    assert list(faults.columns) == ["row", "column", "found", "problem", "remedy", "severity"]
    assert {2, 3, 4} <= set(faults["row"])
    assert 5 not in set(faults.loc[faults["severity"] == "error", "row"])
    assert "befriending" in faults.set_index("row").loc[[3], "remedy"].str.cat()


def test_locate_keeps_the_columns_and_writes_even_when_it_is_1(tmp_path) -> None:
    (tmp_path / "bad.csv").write_text(BAD)
    told = gapmap("locate", "bad.csv", "--out", "placed.csv", cwd=tmp_path)
    assert told.returncode == 1
    placed = pd.read_csv(tmp_path / "placed.csv", keep_default_na=False, dtype=str)
    assert placed["name"].tolist() == ["Swapped", "Misspelt", "Nowhere", "Fine"]
    assert placed["outcome"].tolist() == ["rejected", "used", "unplaced", "used"]
    assert placed["council_code"].tolist() == ["", "S12000036", "", "S12000036"]
    assert placed["board_code"].tolist() == ["", "S08000024", "", "S08000024"]
    assert "swapped" in placed["reason"].iat[0]


def test_locate_tells_no_confidential_place(tmp_path) -> None:
    (tmp_path / "refuge.csv").write_text(
        "name,category,postcode,location_confidential\nHouse,mother_child_recovery,EH1 2NG,yes\n"
    )
    assert gapmap("locate", "refuge.csv", "--out", "placed.csv", cwd=tmp_path).returncode == 0
    text = (tmp_path / "placed.csv").read_text()
    assert "EH1 2NG" not in text
    assert "S12000036" in text


def test_near_tells_a_place_and_mends_a_wrong_postcode(tmp_path) -> None:
    told = gapmap("near", "kw151ax", cwd=tmp_path)
    assert told.returncode == 0
    assert "KW15 1AX (Orkney Islands, NHS Orkney)" in told.stdout
    assert "none_found" not in told.stdout
    wrong = gapmap("near", "KW15 9QQ", cwd=tmp_path)
    assert wrong.returncode == 1
    assert "Postcodes like it: KW15" in wrong.stderr


def test_convert_writes_what_reads_back_the_same(tmp_path) -> None:
    import gapmap as gm
    from gapmap.read.values import typed

    (tmp_path / "good.csv").write_text(GOOD)
    told = gapmap("convert", "good.csv", "good.xlsx", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    one, two = (typed(gm.read_services(tmp_path / name)) for name in ("good.csv", "good.xlsx"))
    assert one["name"].tolist() == two["name"].tolist()
    assert one["serves"].tolist() == two["serves"].tolist()
    assert gapmap("convert", "good.csv", "good.doc", cwd=tmp_path).returncode == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.csv", None),
        ("empty.csv", b""),
        ("binary.csv", bytes(range(256)) * 20),
        ("picture.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(200)),
        ("nothing.geojson", b"{"),
        ("words.docx", b"hello"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_message(
    name: str, content: bytes | None, tmp_path
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    told = gapmap("check", name, cwd=tmp_path)
    assert told.returncode == 1
    assert "Traceback" not in told.stderr
    assert name in told.stderr + told.stdout


@pytest.mark.slow
def test_the_main_job_with_a_list_of_ones_own_for_one_area(tmp_path) -> None:
    (tmp_path / "mine.csv").write_text(GOOD + "Wrong,befriending,EH1 9ZZ,\n")
    told = gapmap(
        "run", "--services", "mine.csv", "--area", "City of Edinburgh", "--out", "out", cwd=tmp_path
    )
    assert told.returncode == 1, told.stderr
    assert "services of" in told.stdout
    assert "report.html" in told.stdout
    out = tmp_path / "out"
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["settings"]["as_of"] == "2026-11-22"
    services = pd.read_csv(out / "tables" / "services.csv")
    assert "Castle Group" in set(services["name"])
    assert (out / "faults.csv").exists()
    assert (out / "councils" / "S12000036-city-of-edinburgh.html").exists()
    coverage = pd.read_csv(out / "tables" / "coverage.csv")
    assert set(coverage["area_code"]) >= {"S12000036"}
    assert not set(coverage["area_code"]) & {"S12000049", "S08000031"}
