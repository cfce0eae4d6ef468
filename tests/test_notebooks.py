"""The notebooks: committed clean, and each runs whole in a kernel of its own without internet."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from gapmap.bundled import notebooks_folder

nbformat = pytest.importorskip("nbformat")

NOTEBOOKS = sorted(notebooks_folder().glob("*.ipynb"))
every = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

#: Put before a notebook's first cell: whoever asks for another computer is refused.
NO_INTERNET = """
import sys

def _refuse(event, args):
    if event == "socket.getaddrinfo" and args[0] not in ("localhost", "127.0.0.1", "::1", None):
        raise RuntimeError(f"The notebook asked for the internet: {args[0]}")
    if event == "socket.connect" and isinstance(args[1], tuple):
        if args[1][0] not in ("127.0.0.1", "::1"):
            raise RuntimeError(f"The notebook asked for the internet: {args[1]}")

sys.addaudithook(_refuse)
"""

#: A folder of somebody's computer.
ABSOLUTE = re.compile(
    r"""(^|[\s"'(=])(/(home|root|tmp|var|usr|opt|mnt|Users|work)/|[A-Za-z]:[\\/])"""
)


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def code(notebook: Any) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_they_are_numbered_without_a_hole() -> None:
    assert [path.stem[:2] for path in NOTEBOOKS] == [f"{n + 1:02}" for n in range(len(NOTEBOOKS))]
    assert len(NOTEBOOKS) >= 2


@every
def test_committed_clean(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert '"nbformat": 4' in text
    assert '"nbformat_minor": 5' in text
    notebook = read(path)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
        assert cell.metadata == {}
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert notebook.metadata.kernelspec.name == "python3"


@every
def test_short_with_numbered_headings(path: Path) -> None:
    notebook = read(path)
    assert len(notebook.cells) <= 26
    number = int(path.stem[:2])
    lines = [
        line
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
    ]
    heads = [line for line in lines if line.startswith("#")]
    assert heads[0].startswith(f"# {number}. ")
    assert [head.split()[1] for head in heads[1:]] == [
        f"{number}.{n + 1}" for n in range(len(heads) - 1)
    ]
    for linked in re.findall(r"\]\((\w+\.ipynb)\)", "\n".join(lines)):
        assert (path.parent / linked).is_file(), linked


@every
def test_code_is_for_reading(path: Path) -> None:
    cells = code(read(path))
    trees = [ast.parse(cell) for cell in cells]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    assert not [node for node in nodes if isinstance(node, functions)]
    assert sum(isinstance(node, ast.Assert) for node in nodes) >= 3
    assert max(len(line) for cell in cells for line in cell.splitlines()) <= 110
    for cell in cells:
        assert not ABSOLUTE.search(cell), cell


@pytest.mark.slow
@every
# The kernel's own libraries warn of their plans; a failing cell is an error all the same.
@pytest.mark.filterwarnings("default")
def test_runs_from_top_to_bottom(path: Path, tmp_path: Path) -> None:
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook = read(path)
    guard = nbformat.v4.new_code_cell(NO_INTERNET)
    notebook.cells.insert(0, guard)
    client = nbclient.NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.execute()
    ran = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in ran if cell.source.strip())
    outputs = [output for cell in ran for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    said = [output.text for output in outputs if output.get("name") == "stderr"]
    assert not said, said
