"""The wheel and the source package: what they hold; the wheel works away from its source."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from gapmap.bundled import data_folder, notebooks_folder

ROOT = Path(__file__).resolve().parents[1]
LARGEST = 5_000_000

pytestmark = pytest.mark.slow


def run(*command: str, cwd: Path, **more: str) -> str:
    """What a command says; what it complains of is told where it fails."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **more},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the source package, built once."""
    missing = [name for name in ("build", "hatchling") if importlib.util.find_spec(name) is None]
    if missing:
        why = f"{' and '.join(missing)} not installed: pip install -e '.[dev]'"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    out = tmp_path_factory.mktemp("dist")
    # The wheel is built from the source package, as it would be by somebody who has only that.
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT), cwd=out)
    (wheel,) = out.glob("gapmap-*.whl")
    (source,) = out.glob("gapmap-*.tar.gz")
    return wheel, source


@pytest.fixture(scope="module")
def installed(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel installs and nothing else."""
    target = tmp_path_factory.mktemp("site")
    run(
        *(sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index"),
        *("--disable-pip-version-check", "--target", str(target), str(built[0])),
        cwd=target,
    )
    return target


def test_wheel_holds_the_data_and_the_notebooks(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[0]) as wheel:
        sizes = {one.filename: one.file_size for one in wheel.infolist()}
    assert "gapmap/data/study.toml" in sizes
    assert "gapmap/py.typed" in sizes
    assert {name for name in sizes if name.endswith(".ipynb")} == {
        f"gapmap/notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")
    }
    for folder in ("boundaries", "people", "services", "travel"):
        here = {
            path.relative_to(ROOT / "data").as_posix()
            for path in (ROOT / "data" / folder).rglob("*")
            if path.is_file()
        }
        assert here, folder
        assert {f"gapmap/data/{name}" for name in here} <= set(sizes)
    assert any(name.endswith("licenses/LICENSE") for name in sizes)
    assert any(name.endswith("LICENCE-DATA.md") for name in sizes)


def test_wheel_holds_nothing_else(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[0]) as wheel:
        sizes = {one.filename: one.file_size for one in wheel.infolist()}
    tops = {name.split("/")[0] for name in sizes}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"gapmap"}
    for name in sizes:
        parts = Path(name).parts
        assert "tests" not in parts, name
        assert "build" not in parts, name
        assert not set(parts) & {"__pycache__", ".ipynb_checkpoints", "results"}, name
    largest = max(sizes, key=lambda name: sizes[name])
    assert sizes[largest] <= LARGEST, f"{largest}: {sizes[largest]:,} bytes"


def test_every_module_and_page_of_the_source_is_in_the_wheel(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[0]) as wheel:
        names = set(wheel.namelist())
    source = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "gapmap").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert source <= names


def test_source_package_can_be_tested(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[1]) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    for needed in (
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "data/study.toml",
        "tests/conftest.py",
    ):
        assert needed in names
    assert not [name for name in names if name.startswith((".ci", ".github", ".venv", "results"))]


def test_wheel_finds_its_own_data(installed: Path, tmp_path: Path) -> None:
    code = (
        "from gapmap.bundled import data_folder, notebooks_folder; "
        "print(data_folder()); print(notebooks_folder())"
    )
    said = run(sys.executable, "-c", code, cwd=tmp_path, PYTHONPATH=str(installed)).splitlines()
    assert [Path(line) for line in said] == [
        installed.resolve() / "gapmap" / "data",
        installed.resolve() / "gapmap" / "notebooks",
    ]


def test_wheel_answers_from_anywhere(installed: Path, tmp_path: Path) -> None:
    command = (sys.executable, "-m", "gapmap", "near", "KW15 1AX")
    said = run(*command, cwd=tmp_path, PYTHONPATH=str(installed), PYTHONIOENCODING="utf-8")
    assert said.splitlines()[0].startswith("KW15 1AX (Orkney Islands, NHS Orkney)")
    assert "Maternity unit: " in said


def test_source_tree_finds_its_own_data() -> None:
    """What an editable install is: the package in the source tree, the data beside it."""
    assert data_folder() == ROOT / "data"
    assert notebooks_folder() == ROOT / "notebooks"
