"""Work that another Python does while this one goes on: saving maps, writing the workbook."""

from __future__ import annotations

import copyreg
import gc
import importlib
import os
import pickle
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Aside:
    """Hands calls over to another Python; ``aside`` makes one.

    Parameters
    ----------
    other
        The other Python, which runs ``work``.
    folder
        Where the calls are written.
    """

    def __init__(self, other: subprocess.Popen[str], folder: Path) -> None:
        self._other = other
        self._folder = folder
        self._calls: dict[Path, tuple[Callable[..., object], tuple[Any, ...]]] = {}
        self._number = 0

    def __call__(self, function: Callable[..., object], *arguments: Any) -> None:
        """Have a function of a module called with its arguments; what it returns is not told."""
        sent = self._folder / f"{self._number}{_WAITING}"
        self._number += 1
        self._calls[sent] = (function, arguments)
        # Where the other has ended or the disk is full, it is done at the end.
        with suppress(OSError):
            with sent.open("wb") as file:
                _Pickler(file).dump((function, arguments))
            print(sent, file=self._other.stdin, flush=True)

    def settle(self) -> None:
        """Return when everything handed over is done; this Python takes a share of what is left."""
        calls, self._calls = self._calls, {}
        # From the end, since the other goes from the beginning.
        for sent in reversed(calls):
            if _taken(sent, _HERE):
                function, arguments = calls[sent]
                function(*arguments)
                sent.with_suffix(_HERE).rename(sent.with_suffix(_DONE))
        for sent, (function, arguments) in calls.items():
            done = sent.with_suffix(_DONE)
            while not done.exists() and self._other.poll() is None:
                time.sleep(0.01)
            if not done.exists():
                function(*arguments)


class AtOnce:
    """Does what ``Aside`` would hand over, here and at once."""

    def __call__(self, function: Callable[..., object], *arguments: Any) -> None:
        """Call a function."""
        function(*arguments)

    def settle(self) -> None:
        """Everything is done already."""


@contextmanager
def aside(*, worth_it: bool = True) -> Iterator[Aside | AtOnce]:
    """Have calls done by another Python while this one goes on; all are done at the end.

    The other is a process of its own rather than a copy of this one, so that it starts the same
    way on every system. What it does not do, for whatever reason, is done here at the end, so that
    an error is raised here as it would have been.

    Parameters
    ----------
    worth_it
        False does everything here at once: starting another Python takes as long as saving a few
        maps. So does a machine with one processor.

    Yields
    ------
    Aside or AtOnce
        Takes a function of a module and its arguments, and returns at once.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> with aside() as do:
    ...     do(Path.write_text, folder / "a.txt", "done")
    >>> (folder / "a.txt").read_text()
    'done'
    """
    if not worth_it or (os.cpu_count() or 1) < 2 or not sys.executable:
        yield AtOnce()
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
        try:
            do = Aside(other, Path(folder))
            yield do
            do.settle()
        finally:
            other.kill()
            other.wait()
            # A broken pipe is no trouble of ours.
            with suppress(OSError):
                other.stdin.close()


#: What the file of a call is called as it goes on.
_WAITING, _THERE, _HERE, _DONE = ".waiting", ".there", ".here", ".done"


def work() -> None:
    """Do what comes in by standard input, a file a line; for ``aside``, in the other Python."""
    gc.set_threshold(100_000, 20, 100)  # as in the command line
    # What it is to call takes seconds to import: done by when it is asked.
    importlib.import_module("gapmap.report.results")
    for line in sys.stdin:
        sent = Path(line.rstrip("\n"))
        if _taken(sent, _THERE):
            with sent.with_suffix(_THERE).open("rb") as file:
                function, arguments = pickle.load(file)
            function(*arguments)
            sent.with_suffix(_THERE).rename(sent.with_suffix(_DONE))


def _taken(sent: Path, by: str) -> bool:
    """Whether a call that waits could be taken before anybody else took it."""
    try:
        sent.rename(sent.with_suffix(by))
    except OSError:
        return False
    return True


class _Pickler(pickle.Pickler):
    """Knows the read-only mappings of a study's settings, which pickle alone does not."""

    dispatch_table = copyreg.dispatch_table.copy()
    dispatch_table[MappingProxyType] = lambda mapping: (_read_only, (dict(mapping),))


def _read_only(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)
