"""The doctor, with things made broken."""

from __future__ import annotations

import io
import shutil
import sys
import types

import pytest
from typer.testing import CliRunner

import gapmap.bundled
from gapmap import doctor
from gapmap.cli import app
from gapmap.doctor import Finding, examine, in_words


def said(found, state):
    return [one for one in found if one.state == state]


def test_a_whole_installation_is_right(tmp_path):
    found = examine(tmp_path, quick=True)
    assert said(found, "wrong") == []
    words = "\n".join(in_words(found))
    for part in ("Python 3", "bundled data are whole", "documents", "console", "proxy", "browser"):
        assert part in words
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_toy_town_comes_out_right():
    assert doctor._toy_run().state == "right"


def test_a_toy_town_that_fails_is_wrong_with_its_reason(monkeypatch):
    module = types.ModuleType("gapmap.run")

    def run(*_):
        raise RuntimeError("DLL load failed")

    module.run = run
    monkeypatch.setitem(sys.modules, "gapmap.run", module)
    found = doctor._toy_run()
    assert found.state == "wrong"
    assert "DLL load failed" in found.what


@pytest.mark.parametrize(
    ("module", "state", "what", "command"),
    [
        ("rapidfuzz", "wrong", "rapidfuzz is not installed", "pip install"),
        ("osmium", "note", "true roads", 'pip install "gapmap[osm]"'),
        ("docx", "note", "Word", 'pip install "gapmap[documents]"'),
    ],
)
def test_a_missing_library_is_named_with_its_command(monkeypatch, module, state, what, command):
    monkeypatch.setitem(sys.modules, module, None)
    (one,) = [one for one in doctor._libraries() if what in one.what]
    assert one.state == state
    assert command in one.remedy


def test_a_library_that_does_not_load_is_told_apart_from_one_that_is_missing(monkeypatch):
    real = doctor.importlib.import_module

    def load(name):
        if name == "pyogrio":
            raise OSError("libgdal.so.30: cannot open shared object file")
        return real(name)

    monkeypatch.setattr(doctor.importlib, "import_module", load)
    (one,) = said(doctor._libraries(), "wrong")
    assert "pyogrio is there but does not load (libgdal" in one.what


def test_an_old_library_is_told(monkeypatch):
    real = doctor.metadata.version
    monkeypatch.setattr(
        doctor.metadata, "version", lambda name: "1.1.9" if name == "pandas" else real(name)
    )
    (one,) = [one for one in doctor._libraries() if "older" in one.what]
    assert "pandas 1.1.9" in one.what


@pytest.fixture
def data(monkeypatch, tmp_path):
    """A copy of the bundled data that can be broken."""
    copy = tmp_path / "data"
    shutil.copytree(gapmap.bundled.data_folder(), copy, ignore=shutil.ignore_patterns("build"))
    monkeypatch.setattr(gapmap.bundled, "data_folder", lambda: copy)
    return copy


def test_missing_and_changed_data_are_named(data):
    (data / "people" / "councils.csv").unlink()
    (data / "services" / "services.csv").write_text("opened in Excel")
    missing, changed = said(doctor._data(), "wrong")
    assert "missing: people/councils.csv" in missing.what
    assert "not as it was made: services/services.csv" in changed.what
    assert "reinstall" in missing.remedy


def test_no_data_at_all_is_wrong(data):
    (data / "README.md").unlink()
    assert [one.state for one in doctor._data()] == ["wrong"]


def test_an_unwritable_folder_is_a_note_and_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    (one,) = [
        one for one in doctor._folders(tmp_path / "file" / "results") if "Results" in one.what
    ]
    assert one.state == "note"
    assert "--out" in one.remedy
    assert said(doctor._folders(tmp_path / "new" / "deep"), "wrong") == []
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_unwritable_temporary_folder_is_wrong(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(doctor.tempfile, "gettempdir", lambda: str(tmp_path / "file"))
    (one,) = said(doctor._folders(tmp_path), "wrong")
    assert "temporary" in one.what


def test_an_unwritable_cache_is_a_note(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    notes = said(doctor._folders(tmp_path), "note")
    assert any("start over" in one.what for one in notes)


def test_a_console_of_few_letters_is_a_note(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="cp850"))
    found = list(doctor._surroundings())
    assert "cp850" in said(found, "note")[0].what


def test_a_proxy_is_told_without_its_password(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://anna:secret@proxy.example.org:8080")
    (one,) = [one for one in doctor._surroundings() if "proxy" in one.what]
    assert "proxy.example.org:8080" in one.what
    assert "secret" not in one.what


@pytest.mark.parametrize(("state", "code"), [("right", 0), ("note", 0), ("wrong", 1)])
def test_it_exits_with_1_only_where_the_core_does_not_work(monkeypatch, state, code):
    monkeypatch.setattr(doctor, "examine", lambda *_, **__: [Finding(state, "This.", "Do that.")])
    told = CliRunner().invoke(app, ["doctor"])
    assert told.exit_code == code
    assert "Do that." in told.stdout
