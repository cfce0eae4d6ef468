"""A folder of results: staged beside its place and swapped in whole, or not at all."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gapmap.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The file that marks a folder as one of gapmap's.
MARK = "run.json"


@contextmanager
def staged(out: Path | str) -> Iterator[Path]:
    """A new folder to write in, that takes the place of ``out`` when all went well.

    Parameters
    ----------
    out
        Where the results go. An earlier run's folder is replaced; any other folder that is not
        empty is refused.

    Yields
    ------
    pathlib.Path
        The folder to write in, beside ``out``.

    Raises
    ------
    FileError
        If ``out`` holds something that is not a run, or a file in it is held open by another
        program. What was there before is still there.

    Examples
    --------
    >>> import tempfile
    >>> out = Path(tempfile.mkdtemp()) / "results"
    >>> with staged(out) as folder:
    ...     _ = (folder / "run.json").write_text("{}")
    >>> (out / "run.json").exists()
    True
    """
    target = Path(out).expanduser().absolute()
    if target.is_file():
        raise FileError(f"{target} is a file. Give a folder for the results, such as {target}-run.")
    if target.is_dir() and any(target.iterdir()) and not (target / MARK).is_file():
        raise FileError(
            f"{target} is not empty and holds no earlier run of gapmap (no {MARK}), so nothing was "
            "written. Give another folder, or empty this one yourself."
        )
    fresh = target.with_name(f".{target.name}.unfinished")
    old = target.with_name(f".{target.name}.previous")
    try:
        for leftover in (fresh, old):
            if leftover.exists():
                shutil.rmtree(leftover)
        fresh.mkdir(parents=True)
    except OSError as problem:
        raise FileError(f"{target.parent} cannot be written to: {problem}.") from problem
    try:
        yield fresh
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    try:
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    except OSError as problem:
        if old.exists() and not target.exists():
            old.rename(target)
        held = getattr(problem, "filename", None) or target
        raise FileError(
            f"The earlier results in {target} cannot be replaced: {held} is open in another "
            f"program. Close it and run again. The new results are in {fresh}."
        ) from problem
    shutil.rmtree(old, ignore_errors=True)
