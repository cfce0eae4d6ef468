"""Work that another Python does while this one goes on: saving maps, writing the workbook."""

from __future__ import annotations

import copyreg
import os
import pickle
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def aside(*, worth_it: bool = True) -> Iterator[Callable[..., None]]:
    """Have calls done by another Python while this one goes on; all are done at the end.

    The other is a process of its own rather than a copy of this one, so that it starts the same
    way on every system. What it did not do, for whatever reason, is done here at the end, so that
    an error is raised here as it would have been.

    Parameters
    ----------
    worth_it
        False does everything here at once: starting another Python takes as long as saving a few
        maps. So does a machine with one processor.

    Yields
    ------
    callable
        Takes a function of a module and its arguments, and returns at once; what the function
        returns is not told.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> with aside() as do:
    ...     do(Path.write_text, folder / "a.txt", "done")
    >>> (folder / "a.txt").read_text()
    'done'
    """
    if not worth_it or (os.cpu_count() or 1) < 2 or not sys.executable:
        yield _here
        return
    with tempfile.TemporaryDirectory() as folder:
        other = subprocess.Popen(
            [sys.executable, "-c", "from gapmap.report.aside import work; work()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert other.stdin is not None  # a pipe was asked for
        calls: dict[Path, tuple[Callable[..., object], tuple[Any, ...]]] = {}

        def do(function: Callable[..., object], *arguments: Any) -> None:
            sent = Path(folder, f"{len(calls)}.pickle")
            try:
                with sent.open("wb") as file:
                    _Pickler(file).dump((function, arguments))
                calls[sent] = (function, arguments)
                print(sent, file=other.stdin, flush=True)
            except OSError:
                # It has ended, or the disk is full.
                calls.pop(sent, None)
                _here(function, *arguments)

        try:
            yield do
            with suppress(OSError):
                other.stdin.close()
            other.wait()
        finally:
            other.kill()
            other.wait()
            # Closed before the wait where all went well; a broken pipe is no trouble of ours.
            with suppress(OSError):
                other.stdin.close()
        for sent, (function, arguments) in calls.items():
            if sent.exists():
                _here(function, *arguments)


def work() -> None:
    """Do what comes in by standard input, a file a line, and delete what is done; for ``aside``."""
    for line in sys.stdin:
        sent = Path(line.rstrip("\n"))
        with sent.open("rb") as file:
            function, arguments = pickle.load(file)
        function(*arguments)
        sent.unlink()


def _here(function: Callable[..., object], *arguments: Any) -> None:
    function(*arguments)


class _Pickler(pickle.Pickler):
    """Knows the read-only mappings of a study's settings, which pickle alone does not."""

    dispatch_table = copyreg.dispatch_table.copy()
    dispatch_table[MappingProxyType] = lambda mapping: (_read_only, (dict(mapping),))


def _read_only(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)
