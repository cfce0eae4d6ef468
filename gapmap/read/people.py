"""Where families live: weighted points from a Parquet or text file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gapmap.errors import FileError, InputError
from gapmap.vocabulary import WEIGHTS

if TYPE_CHECKING:
    import pandas as pd

#: Columns that can name the points, the first that is there wins.
KEYS = ("postcode", "data_zone", "datazone", "zone", "id", "code")

_AGES = {"under_1": 1, "under_2": 2, "under_3": 3, "under_5": 5}
_CODES = ("council_code", "board_code", "hscp_code")


def read_people(path: str | Path) -> pd.DataFrame:
    """Read the points where families live, with how many there are.

    Parameters
    ----------
    path
        Parquet, CSV or .xlsx with a key (postcode or data_zone), easting and northing in metres
        (EPSG:27700), council_code, and weights: under_1, under_2, under_3, under_5, population,
        or single years age_0 to age_4 from which those are added up.

    Returns
    -------
    pandas.DataFrame
        Indexed by the key, which is named postcode whatever it was; easting, northing (float),
        council_code, board_code, hscp_code (text, "" where unknown), the weights (float), and
        any further column as found.

    Raises
    ------
    FileError
        If the file cannot be read.
    InputError
        If columns are missing, keys repeat, or a place or number of people is no number.

    Examples
    --------
    >>> from gapmap.bundled import data_folder
    >>> people = read_people(data_folder() / "people" / "people.parquet")
    >>> people.index.name
    'postcode'
    """
    import numpy as np
    import pandas as pd

    path = Path(path)
    if path.suffix.lower() == ".parquet":
        try:
            found = pd.read_parquet(path)
        except Exception as error:  # pyarrow raises many kinds
            raise FileError(f"{path.name} could not be read as Parquet: {error}.") from None
        if found.index.name is not None:
            found = found.reset_index()
    else:
        from gapmap.read.tabular import read_table

        found = read_table(path)
    key = next((name for name in KEYS if name in found.columns), None)
    missing = [name for name in ("easting", "northing", "council_code") if name not in found]
    if key is None:
        missing.insert(0, "postcode")
    if missing:
        raise InputError(
            f"{path.name} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}. "
            f"It has: {', '.join(map(str, found.columns[:30]))}."
        )
    people = found.set_index(found[key].astype(str).rename("postcode")).drop(columns=key)
    if people.index.has_duplicates:
        twice = people.index[people.index.duplicated()][0]
        raise InputError(f"{path.name} has the point {twice} more than once. Keep one row each.")
    for name, years in _AGES.items():
        single = [f"age_{year}" for year in range(years)]
        if name not in people and set(single) <= set(people.columns):
            people[name] = (
                people[single].apply(pd.to_numeric, errors="coerce").sum(axis=1, skipna=False)
            )
    numbers = ["easting", "northing", *(name for name in WEIGHTS if name in people)]
    for name in numbers:
        values = pd.to_numeric(people[name], errors="coerce").astype(float)
        wrong = ~np.isfinite(values)
        if name in WEIGHTS:
            wrong |= values < 0
        if wrong.any():
            where = people.index[wrong][0]
            raise InputError(
                f"{path.name}: {int(wrong.sum())} rows have no number in {name} that can be used; "
                f'the first is {where} ("{people[name].to_numpy()[wrong.to_numpy()][0]}").'
            )
        people[name] = values
    for name in _CODES:
        texts = people[name] if name in people else pd.Series("", index=people.index)
        people[name] = texts.astype("string").fillna("").astype(object)
    return people
