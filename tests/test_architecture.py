"""The rules of the house, read from the source with the standard library alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import gapmap

PACKAGE = Path(gapmap.__file__).parent

#: The sentence that the package performs; a module imports only from rooms before its own.
#: provision and travel stand side by side and know nothing of each other.
ORDER = {
    "errors": 0,
    "vocabulary": 0,
    "dates": 0,
    "words": 0,
    "study": 0,
    "provenance": 0,
    "read": 1,
    "bundled": 2,
    "place": 3,
    "check": 4,
    "provision": 5,
    "travel": 5,
    "gaps": 6,
    "show": 7,
    "report": 8,
    "run": 9,
    "near": 9,
    "own_list": 9,
    "doctor": 10,
    "cli": 11,
    "__main__": 12,
}

#: Library -> the only rooms or modules that may import it.
HOMES = {
    "matplotlib": {"show"},
    "folium": {"show"},
    "branca": {"show"},
    "mapclassify": {"show"},
    "docx": {"report"},
    "pptx": {"report"},
    "typst": {"report"},
    "jinja2": {"report", "show"},
    "osmium": {"travel/osm.py", "read/osm_points.py"},
    "openpyxl": {"read", "check", "report"},
    "xlsxwriter": {"read", "check", "report"},
    "odf": {"read", "report"},
    "typer": {"cli.py"},
    "urllib.request": {"read/fetch.py"},
    "http.client": {"read/fetch.py"},
    "http": {"read/fetch.py"},
    "socket": {"read/fetch.py"},
    "requests": {"read/fetch.py"},
    "httpx": {"read/fetch.py"},
    "urllib3": {"read/fetch.py"},
}

#: Libraries of extras, and heavy ones: imported where they are used, never with the module.
#: (rooms that are themselves only imported when drawing or compiling may do so at the top)
LATE = {"osmium", "docx", "pptx", "typst", "odf", "jupyterlab"}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "data" not in path.parts[-3:-1])


def room(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> list[tuple[str, int, bool]]:
    """Every import of a module: full name, line, whether at the top of the module."""
    found = []

    def walk(node: ast.AST, top: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found.extend((alias.name, child.lineno, top) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{path}:{child.lineno} imports by dots"
                module = child.module or ""
                found.append((module, child.lineno, top))
                if module == "gapmap":
                    found.extend((f"gapmap.{a.name}", child.lineno, top) for a in child.names)
            elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                for other in child.orelse:
                    walk(other, top)
            else:
                inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                walk(child, top and not inside)

    walk(ast.parse(path.read_text(encoding="utf-8")), True)
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_imports_only_from_rooms_before_its_own(path: Path) -> None:
    own = room(path)
    if own == "__init__":
        return
    for name, line, _ in imports(path):
        if not name.startswith("gapmap."):
            continue
        other = name.split(".")[1]
        if other not in ORDER:
            continue  # a public name of the package, such as __version__
        where = f"{path.relative_to(PACKAGE)}:{line} imports {name}"
        assert other == own or ORDER[other] < ORDER[own] or ORDER[own] == 0 == ORDER[other], where


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_libraries_stay_in_their_homes(path: Path) -> None:
    inside = path.relative_to(PACKAGE).as_posix()
    for name, line, top in imports(path):
        for library, homes in HOMES.items():
            if name == library or name.startswith(library + "."):
                allowed = room(path) in homes or inside in homes
                assert allowed, f"{inside}:{line} imports {name}; its home is {sorted(homes)}"
        if name.split(".")[0] in LATE:
            assert not top, f"{inside}:{line} imports {name} with the module, not where it is used"


def test_every_room_is_in_the_sentence() -> None:
    rooms = {room(path) for path in modules()} - {"__init__"}
    assert rooms <= set(ORDER)


def test_no_module_is_called_utils() -> None:
    assert not [path for path in modules() if path.stem in ("utils", "helpers", "misc", "common")]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_begins_with_a_sentence_on_what_it_owns(path: Path) -> None:
    if path.name == "__main__.py":
        return
    words = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert words
    assert words.splitlines()[0].rstrip().endswith((".", ":"))


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = ("matplotlib", "folium", "scipy", "numba", "geopandas", "typer", "openpyxl")
    code = f"import sys, gapmap; print([name for name in {heavy!r} if name in sys.modules])"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert out.strip() == "[]"


#: What the design promises to scripts of others (its section on what outside checks rely on).
PROMISED = [
    "scotland",
    "open_study",
    "read_services",
    "check_services",
    "locate",
    "join",
    "coverage",
    "run",
    "choropleth",
    "interactive_map",
    "Network",
    "indicative_network",
    "read_osm",
    "access",
    "urban_rural",
    "GapmapError",
    "write_services",
    "flag",
    "explain",
]


def test_every_promised_name_is_public() -> None:
    assert set(PROMISED) <= set(gapmap.__all__)
    assert callable(gapmap.read_osm)
    for name in ("nearest", "matrix", "pairs"):
        assert callable(getattr(gapmap.Network, name))


def test_every_public_name_is_in_the_reference() -> None:
    page = Path(__file__).parents[1] / "docs" / "reference" / "python.md"
    told = {line.split("::")[1].strip() for line in page.read_text().splitlines() if "::" in line}
    assert told - {"gapmap"} == set(gapmap.__all__) - {"__version__", "vocabulary"}


def test_every_public_name_is_there_and_documented() -> None:
    for name in gapmap.__all__:
        thing = getattr(gapmap, name)
        if callable(thing):
            assert thing.__doc__, name
