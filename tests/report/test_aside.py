"""What another Python does is what would have been done here, whoever does it in the end."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

import gapmap as gm
from gapmap.errors import FileError
from gapmap.report import aside as module
from gapmap.report.aside import aside
from gapmap.report.record import write_record
from gapmap.show.figure import page, save_map


@pytest.mark.parametrize("other", ["another Python", "no other Python", "a failing one"])
def test_many_maps_are_the_same_whoever_saves_them(
    other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.os, "cpu_count", lambda: 1 if other == "no other Python" else 2)
    if other == "a failing one":
        monkeypatch.setattr(module.sys, "executable", shutil.which("false") or sys.executable)
    figures = {
        tmp_path / name: page(f"Map {name}", "", [], body_height=20)[0] for name in ("a", "b", "c")
    }
    with aside() as do:
        for stem, one in figures.items():
            do(save_map, one, stem)
        (tmp_path / "meanwhile").write_text("done")
    for stem, one in figures.items():
        save_map(one, tmp_path / "alone")
        for ending in ("png", "svg"):
            assert (stem.with_suffix(f".{ending}")).read_bytes() == (
                tmp_path / f"alone.{ending}"
            ).read_bytes()


def test_it_is_another_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing is taken back, and none of these can be done twice.
    monkeypatch.setattr(module, "_taken", lambda *_: False)
    with aside() as do:
        do(Path.mkdir, tmp_path / "once")
        do(Path.write_text, tmp_path / "there", "done")
        # A study's settings hold read-only mappings, which pickle alone refuses.
        do(write_record, tmp_path, gm.scotland(), {}, [])
    assert (tmp_path / "there").read_text() == "done"
    assert (tmp_path / "run.json").is_file()


def test_each_is_done_once_however_they_are_shared_out(tmp_path: Path) -> None:
    with aside() as do:
        for number in range(300):
            do(Path.mkdir, tmp_path / str(number))
    assert len(list(tmp_path.iterdir())) == 300


def test_what_is_handed_over_after_a_settlement_is_done_too(tmp_path: Path) -> None:
    with aside() as do:
        do(Path.write_text, tmp_path / "first", "done")
        do.settle()
        assert (tmp_path / "first").read_text() == "done"
        do(Path.write_text, tmp_path / "second", "done")
    assert (tmp_path / "second").read_text() == "done"


def test_little_is_done_here_at_once(tmp_path: Path) -> None:
    with aside(worth_it=False) as do:
        do(Path.write_text, tmp_path / "here", "done")
        assert (tmp_path / "here").read_text() == "done"


def test_an_error_there_is_raised_here_as_it_would_have_been(tmp_path: Path) -> None:
    figure = page("Map", "", [], body_height=20)[0]
    work = aside()
    do = work.__enter__()
    do(save_map, figure, tmp_path / "no such folder" / "map")
    with pytest.raises(FileError, match="could not be written"):
        work.__exit__(None, None, None)


def test_an_error_here_is_raised_and_ends_the_other(tmp_path: Path) -> None:
    work = aside()
    work.__enter__()(Path.write_text, tmp_path / "there", "done")
    assert not work.__exit__(KeyError, KeyError("ours"), None)
