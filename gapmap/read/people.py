"""Where families live: weighted points from a Parquet or text file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from gapmap.errors import FileError, InputError
from gapmap.vocabulary import SUCCESSORS, WEIGHTS

if TYPE_CHECKING:
    import pandas as pd

#: Columns that can name the points, the first that is there wins.
KEYS = ("postcode", "data_zone", "datazone", "zone", "id", "code")

_AGES = {"under_1": 1, "under_2": 2, "under_3": 3, "under_5": 5}
_CODES = ("council_code", "board_code", "hscp_code")

#: Columns of the official tables of small areas, in plain form -> ours.
_OFFICIAL = {
    **dict.fromkeys(
        ("datazone", "datazonecode", "dz", "dz2011", "dz2022", "dz2011code", "dz2022code"),
        "data_zone",
    ),
    **dict.fromkeys(("allages", "totalpopulation", "total", "allpeople"), "population"),
    "year": "year",
    "sex": "sex",
}
_COUNTRY = "S92000003"
_EVERYBODY = frozenset({"all", "persons", "person", "total", "both", "both sexes", "people"})
_ZONE = re.compile(r"S01\d{6}")


def read_people(
    path: str | Path, *, centres: str | Path | None = None, year: int | None = None
) -> pd.DataFrame:
    """Read the points where families live, with how many there are.

    Parameters
    ----------
    path
        Parquet, CSV or .xlsx with a key (postcode or data_zone), easting and northing in metres
        (EPSG:27700), and weights: under_1, under_2, under_3, under_5, population, or single years
        age_0 to age_4 from which those are added up; council_code, if known. Or an official table
        of data zones by single year of age and sex (``DataZone, Year, Sex, AllAges, Age0...``),
        which has no places and needs ``centres``.
    centres
        Points of the key: geodata with a code and a point per row, or a table with easting and
        northing. Rows of it that no people belong to are left out.
    year
        Of a table of several years; by default the newest.

    Returns
    -------
    pandas.DataFrame
        Indexed by the key, which is named postcode whatever it was; easting, northing (float),
        council_code, board_code, hscp_code (text, "" where unknown; old codes carried forward),
        the weights (float), place (of data zones: the neighbourhood's name), urban_rural (numbers
        of the 6-fold classes, if the file has them), and any further column as found.
        ``attrs["exact"]`` says whether the points are data zones, whose numbers are official
        counts; ``attrs["year"]`` of which year, where the table says it.

    Raises
    ------
    FileError
        If the file cannot be read.
    InputError
        If columns are missing, keys repeat or have no centre, a place or number of people is no
        number, or an urban-rural class is none.

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
    found, of_year = _table(path, year)
    key = next((name for name in KEYS if name in found.columns), None)
    if key is not None and centres is not None:
        found = _with_centres(found, key, Path(centres), path.name)
    missing = [name for name in ("easting", "northing") if name not in found]
    if key is None:
        missing.insert(0, "postcode")
    if missing:
        hint = (
            " Data zones have a file of their centres: name it in study.toml, [people] centres = "
            '"..."; gapmap data get data-zone-centres fetches it.'
            if key is not None and found[key].astype(str).str.fullmatch(_ZONE.pattern).all()
            else ""
        )
        raise InputError(
            f"{path.name} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}. "
            f"It has: {', '.join(map(str, found.columns[:30]))}.{hint}"
        )
    people = found.set_index(found[key].astype(str).rename("postcode")).drop(columns=key)
    if people.index.has_duplicates:
        twice = people.index[people.index.duplicated()][0]
        raise InputError(f"{path.name} has the point {twice} more than once. Keep one row each.")
    for name, years in _AGES.items():
        single = [f"age_{age}" for age in range(years)]
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
    if "urban_rural" in people:
        people["urban_rural"] = _classes(people["urban_rural"], path.name)
    for name in _CODES:
        texts = people[name] if name in people else pd.Series("", index=people.index)
        # A file that is older than a change of boundaries has the code of then.
        # Few codes stand on very many rows: each is looked at once.
        number, codes = pd.factorize(texts.astype("string").fillna(""))
        today = np.array([SUCCESSORS.get(code, code) for code in codes], dtype=object)
        people[name] = pd.Series(today[number], index=people.index, dtype=object)
    zones = bool(len(people)) and people.index.str.fullmatch(_ZONE.pattern).all()
    if zones and "name" in people and "place" not in people:
        people["place"] = people["name"].astype(str).str.replace(r"\s*-\s*\d+$", "", regex=True)
    people.attrs |= {"exact": bool(zones), "year": of_year}
    return people


def _classes(found: pd.Series, file: str) -> pd.Series:
    """Urban-rural classes as numbers; blank where the file has none."""
    from gapmap.read.urban_rural import class_of, is_blank

    numbers = {value: class_of(value, 6) for value in found.dropna().unique()}
    classes = found.map(numbers).astype(float)
    wrong = found[classes.isna() & ~found.map(is_blank)]
    if len(wrong):
        raise InputError(
            f"{file}: {len(wrong):,} rows have no class from 1 to 6 in urban_rural; the first is "
            f'{wrong.index[0]} ("{wrong.iloc[0]}"). Write 1 to 6, or leave it blank.'
        )
    return classes if classes.isna().any() else classes.astype(int)


def _table(path: Path, year: int | None) -> tuple[pd.DataFrame, int | None]:
    """The file as a frame and, of an official table, the rows of one year and of everybody."""
    import pandas as pd

    if path.suffix.lower() == ".parquet":
        try:
            found = pd.read_parquet(path)
        except Exception as error:  # pyarrow raises many kinds
            raise FileError(f"{path.name} could not be read as Parquet: {error}.") from None
        return (found if found.index.name is None else found.reset_index()), None
    if path.suffix.lower() == ".csv" and _official(_first_line(path)):
        return _large_official(path, year)
    from gapmap.read.tabular import read_table

    found = read_table(path)
    ours = _official(found.columns)
    return _of_one_year(found.rename(columns=ours), path.name, year) if ours else (found, None)


def _official(columns: object) -> dict[str, str]:
    """Our names of the columns of an official table of small areas; empty if it is none."""
    ours: dict[str, str] = {}
    for name in map(str, columns):  # type: ignore[call-overload]
        plain = re.sub(r"[^a-z0-9]", "", name.lower())
        age = re.fullmatch(r"age(\d{1,2})", plain)
        if age:
            ours[name] = f"age_{int(age[1])}"
        elif plain in _OFFICIAL and _OFFICIAL[plain] not in ours.values():
            ours[name] = _OFFICIAL[plain]
    whole = {"data_zone", "age_0"} <= set(ours.values())
    return ours if whole and {"sex", "year"} & set(ours.values()) else {}


def _first_line(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as text:
            return [name.strip(' "\r\n') for name in text.readline(100_000).split(",")]
    except OSError:
        return []  # reading it will say what is wrong


def _large_official(path: Path, year: int | None) -> tuple[pd.DataFrame, int | None]:
    """An official table, which may have half a million rows of a hundred columns."""
    import pandas as pd

    ours = _official(_first_line(path))
    wanted = [
        name
        for name, our in ours.items()
        if our in ("data_zone", "year", "sex", "population", *(f"age_{age}" for age in range(5)))
    ]
    try:
        found = pd.read_csv(
            path, usecols=wanted, dtype=str, keep_default_na=False, encoding="utf-8-sig"
        )
    except (ValueError, OSError) as error:
        raise FileError(f"{path.name} could not be read as CSV: {error}. Fetch it again.") from None
    return _of_one_year(found.rename(columns=ours), path.name, year)


def _of_one_year(
    found: pd.DataFrame, name: str, year: int | None
) -> tuple[pd.DataFrame, int | None]:
    import pandas as pd

    found = found.assign(data_zone=found["data_zone"].str.strip())
    zone = found["data_zone"].str.fullmatch(_ZONE.pattern)
    if "year" in found:
        years = pd.to_numeric(found["year"], errors="coerce")
        years = years.where(years.between(1800, 2200))
        there = sorted({int(one) for one in years.dropna()})
        year = year if year is not None else there[-1] if there else None
        if year not in there:
            raise InputError(
                f"{name} has no people of {year}. It has the years "
                f"{', '.join(map(str, there)) or 'none'}."
            )
        rows = years[zone].value_counts()
        if rows.get(year, 0) < rows.max():
            raise _cut(name, f"{rows.get(year, 0):,} rows of {year}, {rows.max():,} of another")
        found, zone = found[years == year], zone[years == year]
    counts = [one for one in found if one == "population" or one.startswith("age_")]
    if "sex" in found:
        everybody = found["sex"].str.strip().str.lower().isin(_EVERYBODY)
        if everybody.any():
            found, zone = found[everybody], zone[everybody]
    numbers = found[counts].apply(pd.to_numeric, errors="coerce")
    whole = numbers[(found["data_zone"] == _COUNTRY).to_numpy()].sum()
    sums = numbers[zone.to_numpy()].sum()
    for one in counts:
        # The table has the nation's total too: zones that are missing show.
        if whole[one] > 0 and abs(sums[one] - whole[one]) > 0.01 * whole[one]:
            raise _cut(name, f"{sums[one]:,.0f} people ({one}), {whole[one]:,.0f} in Scotland")
    if "sex" in found and found["data_zone"][zone].duplicated().any():
        both = numbers[zone.to_numpy()].groupby(found["data_zone"][zone])
        return both.agg(lambda group: group.sum(skipna=False)).reset_index(), year
    return found[zone].drop(columns=["sex", "year"], errors="ignore"), year


def _cut(name: str, how: str) -> InputError:
    return InputError(f"{name} is not whole: its data zones have {how}. Fetch it again.")


def _with_centres(found: pd.DataFrame, key: str, centres: Path, name: str) -> pd.DataFrame:
    """The rows with the easting, northing and name of their centre."""
    points = read_centres(centres)
    codes = found[key].astype(str).str.strip()
    without = sorted(set(codes[~codes.isin(points.index)]))
    if without:
        raise InputError(
            f"{centres.name} has no centre for {len(without):,} of {len(codes):,} points of "
            f"{name}, such as {', '.join(without[:3])}. Are both of the same census (2011, 2022)?"
        )
    at = points.loc[codes]
    return found.assign(
        **{column: at[column].to_numpy() for column in at if column not in found.columns}
    )


def read_centres(path: str | Path) -> pd.DataFrame:
    """Read the centres of small areas.

    Parameters
    ----------
    path
        Geodata with a code and a point per row (any reference system that it states), or a table
        with a code, easting and northing.

    Returns
    -------
    pandas.DataFrame
        easting, northing (metres, EPSG:27700), name (where the file has it), indexed by code.

    Raises
    ------
    FileError, InputError
        If the file cannot be read, or has no codes or points.
    """
    import pandas as pd

    from gapmap.read.areas import CODE_COLUMNS, NAME_COLUMNS, column_of

    path = Path(path)
    if path.suffix.lower() in (".csv", ".txt", ".tsv", ".xlsx", ".ods"):
        from gapmap.read.tabular import read_table

        found = read_table(path)
        east, north = (column_of(found, (name,)) for name in ("easting", "northing"))
        if east is None or north is None:
            raise InputError(f"{path.name} has no columns easting and northing.")
        place = {"easting": found[east], "northing": found[north]}
    else:
        from gapmap.read.geodata import in_metres, read_geodata

        found = read_geodata(path)
        points = found.geometry
        if found.crs is None or not (points.geom_type == "Point").all():
            raise InputError(
                f"{path.name} is no file of centres: it needs a point in every row, and a "
                "coordinate reference system."
            )
        points = in_metres(points, path.name)
        place = {"easting": points.x, "northing": points.y}
    code = column_of(found, CODE_COLUMNS)
    if code is None:
        raise InputError(f'{path.name} has no column of codes. Name it "code".')
    codes = pd.Index(found[code].astype(str).str.strip(), name="code")
    if codes.has_duplicates:
        raise InputError(f"{path.name} has {codes[codes.duplicated()][0]} more than once.")
    name = column_of(found, NAME_COLUMNS)
    if name is not None and name != code:
        place["name"] = found[name].astype(str)
    return pd.DataFrame(place).set_axis(codes)
