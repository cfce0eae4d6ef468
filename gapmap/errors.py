"""The exceptions of gapmap: one base, each child also a familiar built-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


class GapmapError(Exception):
    """Base of every error that gapmap raises on purpose.

    Examples
    --------
    >>> issubclass(InputError, (GapmapError, ValueError))
    True
    """


class InputError(GapmapError, ValueError):
    """An argument or a setting has a value that cannot be used."""


class CRSError(InputError):
    """A coordinate reference system is missing, geographic where metres are needed, or differs."""


class FaultsError(InputError):
    """A table has faults of severity error; all of them are in ``faults``.

    Parameters
    ----------
    message
        What a person reads first.
    faults
        The fault list: columns row, column, found, problem, remedy, severity.
    """

    def __init__(self, message: str, faults: pd.DataFrame) -> None:
        super().__init__(message)
        self.faults = faults


class FileError(GapmapError, OSError):
    """A file or folder cannot be read or written; the message names it and says what to do."""


class MissingDependency(GapmapError, ImportError):  # noqa: N818  (named for what is missing)
    """An optional library is absent; the message holds the exact command that installs it.

    Parameters
    ----------
    library
        Import name of the library.
    extra
        gapmap's extra that brings it.
    purpose
        What it is needed for, in words.
    """

    def __init__(self, library: str, extra: str, purpose: str) -> None:
        super().__init__(
            f'{purpose} needs the library "{library}", which is not installed. '
            f'Install it with: pip install "gapmap[{extra}]"'
        )
        self.module = library
        self.extra = extra
