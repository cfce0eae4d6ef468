"""The Scotland study that ships with the package, and where its files are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gapmap.errors import FileError

if TYPE_CHECKING:
    from datetime import date

    from gapmap.study import Study


def data_folder() -> Path:
    """Folder of the bundled data: inside an installed package, else beside it in the source tree.

    Raises
    ------
    FileError
        If neither is there: the installation is broken.

    Examples
    --------
    >>> (data_folder() / "study.toml").is_file()
    True
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "data", package.parent / "data"):
        if (folder / "study.toml").is_file():
            return folder
    raise FileError(
        f"The bundled data was not found beside {package}. Install gapmap again: "
        "pip install --force-reinstall gapmap"
    )


def notebooks_folder() -> Path:
    """Folder of the notebooks that ship with the package.

    Raises
    ------
    FileError
        If it is not there: the installation is broken.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if folder.is_dir():
            return folder
    raise FileError(
        f"The notebooks were not found beside {package}. Install gapmap again: "
        "pip install --force-reinstall gapmap"
    )


def scotland(as_of: date | str | None = None) -> Study:
    """The bundled study of Scotland.

    Parameters
    ----------
    as_of
        Date at which services count; by default the one in the study's settings.

    Returns
    -------
    Study
        32 councils, 14 boards and 31 partnerships in EPSG:27700; a partial directory of
        services, each with its source; children of mid-2022 over live postcodes.

    Examples
    --------
    >>> study = scotland(as_of="2020-02-01")
    >>> len(study.level("board"))
    14
    """
    from gapmap.read.study_folder import open_study

    study = open_study(data_folder() / "study.toml")
    return study if as_of is None else study.at(as_of)
