"""What is right and what is wrong with an installation, in plain words."""

from __future__ import annotations

import hashlib
import importlib
import os
import platform
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from gapmap.errors import GapmapError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gapmap.study import Study

#: What each extra is for, in the order in which a person would want them.
EXTRAS = {
    "documents": "Word, PDF and slides (--formats docx,pdf; gapmap paper)",
    "fast": "quicker searches for the nearest service; without it runs take longer",
    "lab": "the notebooks (gapmap lab)",
    "osm": "true roads and places from OpenStreetMap",
    "ods": "OpenDocument spreadsheets (.ods)",
}

#: Name of a distribution -> what is imported, where these differ.
_IMPORTED = {
    "pillow": "PIL",
    "xstatic-leaflet": "xstatic.pkg.leaflet",
    "python-docx": "docx",
    "python-pptx": "pptx",
    "odfpy": "odf",
}

_OLDEST = (3, 11)
_ROOM_MB = 500
_ROW = re.compile(r"^\| `(?P<file>[^`]+)` \|.*\| `(?P<sha>[0-9a-f]{64})` ?\|")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    state
        ``right``; ``note`` (something is missing that gapmap can do without); ``wrong``.
    what
        What was found, in a sentence.
    remedy
        What to do about it; "" where nothing is to be done.
    """

    state: str
    what: str
    remedy: str = ""


def examine(
    folder: str | Path = ".",
    *,
    quick: bool = False,
    progress: Callable[[str], None] | None = None,
) -> list[Finding]:
    """Look at everything that gapmap needs.

    Parameters
    ----------
    folder
        Where results would be written.
    quick
        Leave out the tiny run from end to end.
    progress
        Is told each step in words.

    Returns
    -------
    list of Finding
        The core works if none is ``wrong``.

    Examples
    --------
    >>> found = examine(quick=True)
    >>> found[0].what.startswith("Python 3.")
    True
    """
    tell = progress or (lambda step: None)
    found: list[Finding] = []
    steps: list[tuple[str, Callable[[], Iterable[Finding]]]] = [
        ("Looking at Python", _python),
        ("Looking at the libraries", _libraries),
        ("Adding up the bundled data", _data),
        ("Trying to write", lambda: _folders(Path(folder))),
        ("Looking at the console and the network", _surroundings),
    ]
    for words, step in steps:
        tell(words)
        found += step()
    if not quick:
        tell("Working out a toy town from end to end")
        found.append(_toy_run())
    return found


def _python() -> Iterator[Finding]:
    version = platform.python_version()
    what = f"Python {version}, {platform.architecture()[0][:2]} bit, on {platform.platform()}."
    if sys.version_info < _OLDEST:
        yield Finding("wrong", what, "gapmap needs Python 3.11 or newer: python.org/downloads")
    else:
        yield Finding("right", what)
    yield Finding("right", f"gapmap {metadata_version('gapmap')} in {Path(__file__).parent}.")


def metadata_version(name: str) -> str:
    """The version of an installed distribution; "not installed as a package" if it is none."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "(not installed as a package)"


# -- libraries ------------------------------------------------------------------------------------


def _libraries() -> Iterator[Finding]:
    try:
        required = metadata.requires("gapmap") or []
    except metadata.PackageNotFoundError:
        yield Finding(
            "note",
            "gapmap is not installed as a package, so that its libraries are not listed.",
            "In the folder of its source: pip install -e .",
        )
        return
    core, extras = _by_extra(required)
    missing = {name: why for name in core if (why := _broken(name))}
    for name, why in missing.items():
        yield Finding("wrong", f"{name} {why}.", f"pip install --force-reinstall --no-deps {name}")
    if not missing:
        yield Finding("right", f"All {len(core)} libraries that gapmap always needs are there.")
    for line in _too_old(core):
        yield Finding("note", line, "pip install --upgrade gapmap")
    for extra, purpose in EXTRAS.items():
        absent = [name for name in extras.get(extra, ()) if _broken(name)]
        command = f'pip install "gapmap[{extra}]"'
        if absent:
            words = "is" if len(absent) == 1 else "are"
            yield Finding(
                "note",
                f"Not installed: {extra}, for {purpose}. {', '.join(absent)} {words} missing.",
                command,
            )
        else:
            yield Finding("right", f"Installed: {extra}, for {purpose}.")


def _by_extra(required: Iterable[str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Names of the libraries that are always needed, with what is asked of each, and by extra."""
    core: dict[str, str] = {}
    extras: dict[str, list[str]] = {}
    for line in required:
        match = re.match(r"([A-Za-z0-9._-]+)(\[[^]]*\])?\s*([^;]*)", line)
        if match is None:
            continue
        name, asked = match[1].lower(), match[3].strip()
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)", line)
        if extra is None:
            core[name] = asked
        elif match[2] is None:
            extras.setdefault(extra[1], []).append(name)
    return core, extras


def _broken(name: str) -> str:
    """Why a library cannot be used; "" if it can."""
    module = _IMPORTED.get(name, name.replace("-", "_"))
    try:
        importlib.import_module(module)
    except ImportError as error:
        if getattr(error, "name", None) == module.split(".")[0]:
            return "is not installed"
        return f"is there but does not load ({_short(error)})"
    except Exception as error:  # a damaged library fails in any way
        return f"is there but does not load ({_short(error)})"
    return ""


def _too_old(core: dict[str, str]) -> Iterator[str]:
    for name, asked in core.items():
        least = re.search(r">=\s*([\d.]+)", asked)
        try:
            here = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue  # told of already
        if least and _numbers(here) < _numbers(least[1]):
            yield f"{name} {here} is older than the {least[1]} that gapmap asks for."


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+")[0])[:3])


def _short(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return (text[0] if text else type(error).__name__)[:160]


# -- data -----------------------------------------------------------------------------------------


def _data() -> Iterator[Finding]:
    from gapmap.bundled import data_folder

    again = "pip install --force-reinstall --no-deps gapmap"
    try:
        folder = data_folder()
        text = (folder / "README.md").read_text(encoding="utf-8")
    except (GapmapError, OSError, UnicodeDecodeError) as error:
        yield Finding("wrong", f"The bundled data is not there: {_short(error)}", again)
        return
    listed = {row["file"]: row["sha"] for line in text.splitlines() if (row := _ROW.match(line))}
    gone, changed = [], []
    for name, sha in listed.items():
        try:
            content = (folder / name).read_bytes()
        except OSError:
            gone.append(name)
            continue
        if hashlib.sha256(content).hexdigest() != sha:
            changed.append(name)
    for names, words in ((gone, "missing"), (changed, "not as it was made")):
        if names:
            yield Finding("wrong", f"Bundled data {words}: {', '.join(names)}.", again)
    if not listed:
        yield Finding("wrong", f"{folder / 'README.md'} lists no data.", again)
    elif not gone and not changed:
        yield Finding("right", f"All {len(listed)} files of bundled data are whole.")


# -- folders --------------------------------------------------------------------------------------


def _folders(folder: Path) -> Iterator[Finding]:
    from gapmap.read.fetch import cache_folder

    where = folder.absolute()
    why = _unwritable(where)
    if why:
        yield Finding(
            "note",
            f"Results cannot be written to {where} ({why}).",
            "Go to a folder of your own, such as Documents, or name one: --out FOLDER",
        )
    else:
        yield Finding("right", f"Results can be written to {where}.")
        there = next(part for part in (where, *where.parents) if part.exists())
        free = shutil.disk_usage(there).free / 1e6
        if free < _ROOM_MB:
            yield Finding(
                "note",
                f"Only {free:,.0f} MB are free there; a run needs about 100.",
                "Make room, or choose another folder.",
            )
    temporary = Path(tempfile.gettempdir())
    why = _unwritable(temporary)
    if why:
        yield Finding(
            "wrong",
            f"Nothing can be written to the folder for temporary files, {temporary} ({why}).",
            "Set the variable TMPDIR (Windows: TEMP) to a folder of your own.",
        )
    else:
        yield Finding("right", f"Temporary files can be written to {temporary}.")
    cache = cache_folder()
    why = _unwritable(cache)
    if why:
        yield Finding(
            "note",
            f"Nothing can be kept in {cache} ({why}): feeds that break off start over.",
            "Set XDG_CACHE_HOME (Windows: LOCALAPPDATA) to a folder of your own.",
        )
    yield from _compiled_cache()


def _unwritable(folder: Path) -> str:
    """Why no file can be written into a folder; "" if one can. What did not exist is removed."""
    made = [part for part in (folder, *folder.parents) if not part.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"gapmap")
    except OSError as error:
        return error.strerror or str(error)
    finally:
        for part in made:
            if part.is_dir():
                part.rmdir()
    return ""


def _compiled_cache() -> Iterator[Finding]:
    """Whether compiled searches are kept, so that only the first run waits for them."""
    if _broken("numba"):
        return
    try:
        importlib.import_module("gapmap.travel._compiled")
    except Exception as error:  # numba finds no place for its cache, or is damaged
        yield Finding(
            "wrong",
            f"The quick searches do not load ({_short(error)}).",
            "Set NUMBA_CACHE_DIR to a folder of your own, or: pip uninstall numba",
        )
        return
    home = os.environ.get("NUMBA_CACHE_DIR")
    beside = Path(home) if home else Path(__file__).parent / "travel" / "__pycache__"
    if _unwritable(beside):
        yield Finding("note", "Compiled searches are kept in your own cache, not in the package.")
    else:
        yield Finding("right", "Compiled searches are kept: only the first run waits for them.")


# -- surroundings ---------------------------------------------------------------------------------


def _surroundings() -> Iterator[Finding]:
    from gapmap.read.fetch import proxies

    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    try:
        "Dùn Èideann – £ ½ ● →".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        yield Finding(
            "note",
            f"This console ({encoding}) cannot show every letter; files have them right.",
            "Set the variable PYTHONUTF8 to 1, or use Windows Terminal.",
        )
    else:
        yield Finding("right", f"The console ({encoding}) can show every letter.")
    known = proxies()
    if known:
        listed = ", ".join(f"{scheme}: {address}" for scheme, address in known.items())
        yield Finding("right", f"Addresses that you give are fetched through a proxy ({listed}).")
    else:
        yield Finding("right", "No proxy is set; addresses that you give are fetched directly.")
    yield Finding(
        "right",
        "No network and no browser are needed: maps and reports are files that any browser opens.",
    )


# -- from end to end ------------------------------------------------------------------------------


def _toy_run() -> Finding:
    """A town of two squares, two services and eight families, from reading to reports."""
    import time

    begun = time.monotonic()
    try:
        from gapmap.run import run

        with tempfile.TemporaryDirectory(prefix="gapmap-doctor-") as folder:
            results = run(_toy_town(), Path(folder) / "results")
            made = {path for path in results.files if path.endswith((".html", ".csv", ".png"))}
    except Exception as error:  # whatever it is, the person is told what and where
        return Finding(
            "wrong",
            f"A toy town could not be worked out: {type(error).__name__}: {_short(error)}",
            "Mend what is wrong above first. If nothing is, report this with the whole of "
            "gapmap doctor's answer.",
        )
    state = results.tables["coverage"].set_index(["area_code", "value"])["state"]
    expected = {("S12000901", "befriending"): "provided", ("S12000902", "befriending"): "not_known"}
    wrong = [key for key, word in expected.items() if state.get(key) != word]
    if wrong or "report.html" not in made:
        return Finding(
            "wrong",
            "A toy town was worked out, but its answers are not the right ones "
            f"({', '.join(code for code, _ in wrong) or 'no report'}).",
            "pip install --force-reinstall gapmap",
        )
    return Finding(
        "right",
        f"A toy town was worked out from end to end in {time.monotonic() - begun:.0f} seconds, "
        "and its answers are right.",
    )


def _toy_town() -> Study:
    from datetime import date

    import geopandas as gpd
    import pandas as pd
    from shapely.geometry import box

    from gapmap.read.values import typed
    from gapmap.study import Settings, Study

    west, south, side = 320_000, 670_000, 6_000
    codes = {"S12000901": "Aldertown", "S12000902": "Birchfield"}
    squares = [box(west + n * side, south, west + (n + 1) * side, south + side) for n in range(2)]
    areas = gpd.GeoDataFrame(
        {"code": list(codes), "name": list(codes.values()), "level": "council"}
        | {"board_code": "", "hscp_code": ""},
        geometry=squares,
        crs="EPSG:27700",
        index=pd.Index(list(codes), name="area_code"),
    )
    people = pd.DataFrame(
        [
            {
                "easting": west + 1500.0 + 3000 * n,
                "northing": south + 1500.0 + 3000 * row,
                "council_code": list(codes)[n // 2],
                "under_5": 10.0,
                "urban_rural": 1,
            }
            for n in range(4)
            for row in range(2)
        ],
        index=pd.Index([f"ZA1 {n}AA" for n in range(8)], name="postcode"),
    )
    services = pd.DataFrame(
        {
            "service_id": ["A", "B"],
            "name": ["Alder Friends", "Birch Unit"],
            "category": ["befriending", "maternity_unit"],
            "easting": [str(west + 3000), str(west + 9000)],
            "northing": [str(south + 3000)] * 2,
            "precision": ["site"] * 2,
            "serves": ["S12000901", "Scotland"],
            "coverage_of_area": ["whole"] * 2,
            "status": ["open"] * 2,
            "source": ["Toy"] * 2,
            "source_date": ["2020-01"] * 2,
        },
        index=pd.RangeIndex(2, 4, name="row"),
    )
    return Study(
        settings=Settings(name="Toy town", as_of=date(2020, 2, 1)),
        services=typed(services),
        areas=areas,
        people=people,
    )


def in_words(found: Iterable[Finding]) -> list[str]:
    """The findings as lines: what is right, what can be done without, what is wrong.

    Examples
    --------
    >>> in_words([Finding("wrong", "scipy is not installed.", "pip install scipy")])[:2]
    ['WRONG  scipy is not installed.', '       What to do: pip install scipy']
    """
    found = list(found)
    marks = {"right": "ok     ", "note": "note   ", "wrong": "WRONG  "}
    lines = []
    for one in found:
        lines.append(f"{marks[one.state]}{one.what}")
        if one.remedy:
            lines.append(f"       What to do: {one.remedy}")
    wrong = sum(one.state == "wrong" for one in found)
    notes = sum(one.state == "note" for one in found)
    lines.append("")
    if wrong:
        things = "thing is" if wrong == 1 else "things are"
        lines.append(f"{wrong} {things} wrong. Mend from the top, then run gapmap doctor again.")
    else:
        rest = f" {notes} thing{'s' if notes > 1 else ''} to know, above." if notes else ""
        lines.append(f"Everything that gapmap needs works.{rest}")
    return lines
