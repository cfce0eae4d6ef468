"""A study's folder: study.toml and the files that it names become a Study."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gapmap.errors import CRSError, FaultsError, FileError, GapmapError, InputError
from gapmap.study import Rule, Settings, Study
from gapmap.vocabulary import RULE_TABLES, TABLES, WEIGHTS, columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd
    import pandas as pd

_LIMITS = (
    "stale_years",
    "search_months",
    "completeness_threshold",
    "snap_metres",
    "disagree_metres",
    "thresholds",
    "rural_minutes",
    "suppress_below",
)

#: Keys of one level of areas: a file of polygons, or a lookup of postcodes or data zones.
_AREA_KEYS = ("level", "file", "lookup", "key", "code", "name")

#: Every key that study.toml may have, by section.
KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "study": ("name", "as_of", "about", "public"),
        "limits": _LIMITS,
        "people": (
            "file",
            "weight",
            "approximate",
            "centres",
            "year",
            "exact",
            "urban_rural",
        ),
        "inputs": (
            "areas",
            "services",
            "people",
            "postcodes",
            "duplicates",
            "catchments",
            "tables",
        ),
        "travel": ("method", "tolerance_metres"),
        "rules": tuple(entry.name for entry in fields(Rule)),
        "products": ("approximate", "attribution", "also_at"),
        "attribution": ("lines",),
        "approximate": ("lines",),
    }
)

_RULE_TESTS = ("is", "below", "above")
#: Inputs that are no linked tables.
_NO_TABLES = ("services", "people", "postcodes", "centres", "urban_rural")
_TRAVEL_METHODS = ("indicative", "straight")

#: Studies made before products told this themselves have it as a line of their own, whatever the
#: method: it is not taken.
_NOW_TOLD = "Times are by car, roughly: no traffic, no wait for a ferry."


@dataclass
class _Reading:
    """What one study.toml says, and what is wrong with it, gathered while reading."""

    path: Path
    content: dict[str, Any]
    faults: list[dict[str, Any]] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.path.parent

    def fault(self, key: str, found: object, problem: str, remedy: str) -> None:
        self.faults.append(
            {
                "row": 0,
                "column": key,
                "found": str(found)[:200],
                "problem": problem,
                "remedy": remedy,
                "severity": "error",
            }
        )

    def section(self, name: str) -> dict[str, Any]:
        value = self.content.get(name, {})
        if isinstance(value, dict):
            return value
        self.fault(name, value, f"[{name}] is no section", f"Write [{name}] and its keys below it.")
        return {}

    def text(self, section: str, key: str, default: str = "") -> str:
        value = self.section(section).get(key, default)
        if isinstance(value, str):
            return value.strip()
        self.fault(f"{section}.{key}", value, "This is no text", "Write it in quotation marks.")
        return default

    def texts(self, section: str, key: str) -> tuple[str, ...]:
        value = self.section(section).get(key, [])
        if isinstance(value, str):
            return (value,) if value else ()
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return tuple(value)
        self.fault(f"{section}.{key}", value, "This is no list of texts", 'Write ["one", "two"].')
        return ()

    def number(self, section: str, key: str, default: float, *, most: float) -> float:
        value = self.section(section).get(key, default)
        good = isinstance(value, (int, float)) and not isinstance(value, bool)
        if good and 0 <= value <= most:
            return float(value)
        self.fault(
            f"{section}.{key}",
            value,
            f"This is no number between 0 and {most:g}",
            f"Write a number, such as {default:g}, or leave the line out.",
        )
        return default

    def inside(self, key: str, value: object) -> Path | None:
        """The file that a setting names, if it lies in the study's folder and is there."""
        if not isinstance(value, str) or not value.strip():
            self.fault(key, value, "This is no file name", 'Write a name, such as "services.csv".')
            return None
        if "\0" in value:
            self.fault(key, value, "This is no file name", "Take the odd characters out.")
            return None
        folder = self.folder.resolve()
        path = (folder / value).resolve()
        if not path.is_relative_to(folder):
            self.fault(
                key,
                value,
                "This file lies outside the study's folder",
                f"Copy it into {folder.name} and name it from there.",
            )
            return None
        if not path.is_file():
            self.fault(
                key,
                value,
                "There is no such file" + _nearest_file(folder, value),
                f"Put it into {folder.name}, or correct the name.",
            )
            return None
        return path


def open_study(path: str | Path) -> Study:
    """Read a study: its settings and every table that it names.

    Parameters
    ----------
    path
        A ``study.toml``, or the folder that holds one.

    Returns
    -------
    Study
        Services typed as the analysis uses them (see ``gapmap.read.values.typed``), areas in
        EPSG:27700, people with easting and northing in EPSG:27700; the linked tables hold text,
        "" for unknown.

    Raises
    ------
    FileError
        If the file or one that it names cannot be read.
    FaultsError
        If study.toml has faults: an unknown key, a wrong value, a file outside the folder. All of
        them are in ``faults``.

    Examples
    --------
    >>> from gapmap.bundled import data_folder
    >>> study = open_study(data_folder() / "study.toml")
    >>> study.settings.weight
    'under_5'
    """
    reading = _parse(Path(path))
    _unknown_keys(reading)
    settings = _settings(reading)
    named = _named_files(reading)
    _stop_on(reading)
    areas = _areas(reading, named)
    services = _services(reading, named)
    people = _people(reading, named, settings.weight)
    people = _with_unions(_with_councils(people, areas, settings.snap_metres), areas)
    areas, people, remarks = _with_lookups(reading, named, areas, people)
    people, official = _with_official_classes(reading, named, people)
    tables = _tables(reading, named)
    _stop_on(reading)
    settings = replace(settings, approximate=(*settings.approximate, *remarks))
    settings = replace(_of_people(reading, settings, people), official_classes=official)
    inputs = {"study": reading.path}
    inputs.update({name: file for name, file, _ in named})
    return Study(
        settings=settings,
        services=services,
        areas=areas,
        people=people,
        tables=MappingProxyType(tables),
        inputs=MappingProxyType(inputs),
    )


# -- the settings ---------------------------------------------------------------------------------


def _parse(path: Path) -> _Reading:
    if path.is_dir():
        path = path / "study.toml"
    if not path.is_file():
        raise FileError(
            f"There is no study at {path}. Give a study.toml, or the folder that holds one; "
            "gapmap new FOLDER makes one."
        )
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise FileError(f"{path.name} is not text in UTF-8. Save it again as UTF-8.") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise FileError(
            f"{path.name} is no TOML that can be read: {error}. "
            'Text stands in quotation marks, a section in brackets: [study] name = "Fife".'
        ) from None
    except OSError as error:
        raise FileError(f"{path} could not be opened: {error.strerror or error}.") from None
    return _Reading(path, content)


def _unknown_keys(reading: _Reading) -> None:
    for section, value in reading.content.items():
        if section not in KEYS:
            reading.fault(
                section,
                section,
                "Unknown section",
                _did_you_mean(section, KEYS),
            )
            continue
        for block in value if isinstance(value, list) else [value]:
            for key in block if isinstance(block, dict) else ():
                if key not in KEYS[section]:
                    reading.fault(
                        f"{section}.{key}", key, "Unknown key", _did_you_mean(key, KEYS[section])
                    )


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    from rapidfuzz import fuzz, process

    choices = list(known)
    best = process.extractOne(word, choices, scorer=fuzz.WRatio, score_cutoff=60)
    if best is not None:
        return f'Did you mean "{best[0]}"?'
    return "Known are: " + ", ".join(choices) + "."


def _settings(reading: _Reading) -> Settings:
    given = reading.section("limits")
    plain = {entry.name: entry.default for entry in fields(Settings)}
    thresholds: tuple[int, ...] = (15, 30, 60, 120)
    if "thresholds" in given:
        value = given["thresholds"]
        if isinstance(value, list) and value and all(type(t) is int and t > 0 for t in value):
            thresholds = tuple(sorted(set(value)))
        else:
            reading.fault(
                "limits.thresholds", value, "These are no minutes", "Write [15, 30, 60, 120]."
            )
    weight = reading.text("people", "weight", str(plain["weight"]))
    method = reading.text("travel", "method", str(plain["travel_method"])) or "indicative"
    if method not in _TRAVEL_METHODS:
        file = reading.inside("travel.method", method)
        method = str(file) if file is not None else method
    public = reading.section("study").get("public", False)
    if not isinstance(public, bool):
        reading.fault("study.public", public, "This is neither true nor false", "Write true.")
        public = False
    name = reading.text("study", "name")
    if not name:
        reading.fault("study.name", "", "The study has no name", 'Write name = "..." in [study].')
    # Either one section for both, or one for each: what reads best in a long file.
    approximate = (
        *reading.texts("products", "approximate"),
        *reading.texts("approximate", "lines"),
    )
    return Settings(
        name=name,
        as_of=_as_of(reading),
        about=reading.text("study", "about"),
        weight=weight,
        stale_years=int(reading.number("limits", "stale_years", 7, most=200)),
        search_months=int(reading.number("limits", "search_months", 36, most=2400)),
        completeness_threshold=reading.number("limits", "completeness_threshold", 0.8, most=1),
        snap_metres=reading.number("limits", "snap_metres", 500, most=100_000),
        disagree_metres=reading.number("limits", "disagree_metres", 1000, most=1_000_000),
        thresholds=thresholds,
        rural_minutes=reading.number("limits", "rural_minutes", 60, most=1000),
        suppress_below=int(reading.number("limits", "suppress_below", 10, most=1000)),
        travel_method=method,
        network_tolerance=reading.number("travel", "tolerance_metres", 5000, most=1_000_000),
        rules=_rules(reading),
        approximate=tuple(line for line in dict.fromkeys(approximate) if line != _NOW_TOLD),
        also_at=_also_at(reading),
        attribution=(
            *reading.texts("products", "attribution"),
            *reading.texts("attribution", "lines"),
        ),
        public=public,
    )


def _also_at(reading: _Reading) -> tuple[date, ...]:
    """Further dates that the interactive map can be switched to."""
    days = []
    for value in reading.texts("products", "also_at"):
        try:
            days.append(date.fromisoformat(value))
        except ValueError:
            reading.fault("products.also_at", value, "This is no date", 'Write ["2020-02-01"].')
    return tuple(days)


def _as_of(reading: _Reading) -> date:
    value = reading.section("study").get("as_of")
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            pass
    reading.fault(
        "study.as_of",
        "" if value is None else value,
        "The study has no date" if value is None else "This is no date",
        "Write the day at which services count: as_of = 2026-11-01.",
    )
    return date(1900, 1, 1)  # never used: the fault above stops the reading


def _rules(reading: _Reading) -> tuple[Rule, ...]:
    blocks = reading.content.get("rules", [])
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        reading.fault("rules", blocks, "Rules are written one by one", "Begin each with [[rules]].")
        return ()
    rules: list[Rule] = []
    for number, block in enumerate(blocks, 1):
        rule = _rule(reading, f"rules[{number}]", block)
        if rule is not None:
            rules.append(rule)
    names = [rule.id for rule in rules]
    for name in sorted({name for name in names if names.count(name) > 1}):
        reading.fault("rules.id", name, "Two rules have this id", "Give each its own id.")
    return tuple(rules)


def _rule(reading: _Reading, where: str, block: dict[str, Any]) -> Rule | None:
    before = len(reading.faults)
    for key in ("id", "table", "measure", "test", "level", "reason"):
        if not isinstance(block.get(key), str) or not block[key].strip():
            reading.fault(
                f"{where}.{key}", block.get(key, ""), "The rule lacks this", f'Write {key} = "...".'
            )
    table, test, measure = block.get("table"), block.get("test"), block.get("measure")
    if isinstance(table, str) and table and table not in RULE_TABLES:
        reading.fault(f"{where}.table", table, "No such table", _did_you_mean(table, RULE_TABLES))
    elif isinstance(table, str) and table in TABLES and isinstance(measure, str):
        shares = measure.startswith("share_within_")  # one per threshold of the study
        if measure and measure not in columns(table) and not shares:
            reading.fault(
                f"{where}.measure",
                measure,
                f"The table {table} has no such column",
                _did_you_mean(measure, columns(table)),
            )
    if isinstance(test, str) and test and test not in _RULE_TESTS:
        reading.fault(f"{where}.test", test, "No such test", _did_you_mean(test, _RULE_TESTS))
    values = _word_tuple(block.get("values", []))
    if values is None or (test == "is" and not values):
        reading.fault(
            f"{where}.values",
            block.get("values", ""),
            "No values",
            'Write values = ["none_found"].',
        )
    threshold = block.get("threshold")
    number = isinstance(threshold, (int, float)) and not isinstance(threshold, bool)
    if test in ("below", "above") and not number:
        reading.fault(
            f"{where}.threshold", threshold or "", "This is no number", "Write threshold = 0.5."
        )
    found_where = block.get("where", {})
    conditions: dict[str, tuple[str, ...]] = {}
    if isinstance(found_where, dict):
        for column, wanted in found_where.items():
            words = _word_tuple(wanted)
            if words is None:
                reading.fault(
                    f"{where}.where.{column}", wanted, "This is no text", 'Write "..." or ["..."].'
                )
            else:
                conditions[column] = words
    else:
        reading.fault(
            f"{where}.where", found_where, "This is no table", 'Write {dimension = "category"}.'
        )
    if len(reading.faults) > before:
        return None
    return Rule(
        id=block["id"].strip(),
        table=block["table"],
        measure=block["measure"],
        test=block["test"],
        level=block["level"],
        reason=block["reason"],
        values=values or (),
        threshold=float(threshold) if number and threshold is not None else None,
        where=MappingProxyType(conditions),
    )


def _word_tuple(value: object) -> tuple[str, ...] | None:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    return None


# -- the files ------------------------------------------------------------------------------------


def _named_files(reading: _Reading) -> list[tuple[str, Path, str]]:
    """Every input as (name, file, level); the level is "" but for areas."""
    inputs = reading.section("inputs")
    named: list[tuple[str, Path, str]] = []
    areas = inputs.get("areas", [])
    if not isinstance(areas, list) or not areas:
        reading.fault(
            "inputs.areas",
            areas,
            "The study names no areas",
            'Write areas = [{level = "council", file = "councils.geojson"}].',
        )
        areas = []
    levels: list[str] = []
    outlined = False
    for number, block in enumerate(areas, 1):
        key = f"inputs.areas[{number}]"
        level = block.get("level") if isinstance(block, dict) else None
        if not isinstance(level, str) or not level:
            reading.fault(
                key, block, "This area file has no level", 'Write {level = "council", file = ...}.'
            )
            continue
        if level in levels:
            reading.fault(key, level, "This level is named twice", "Name one file per level.")
        levels.append(level)
        strange = sorted(set(block) - set(_AREA_KEYS))
        if strange:
            reading.fault(key, strange[0], "No such key", _did_you_mean(strange[0], _AREA_KEYS))
        if "lookup" in block and "file" not in block:
            file = reading.inside(f"{key}.lookup", block["lookup"])
            if file is not None:
                named.append((f"lookup_{level}", file, ""))
            continue
        outlined = True
        file = reading.inside(f"{key}.file", block.get("file", ""))
        if file is not None:
            named.append((f"areas_{level}", file, level))
    if levels and not outlined:
        reading.fault(
            "inputs.areas",
            ", ".join(levels),
            "None of these levels has outlines",
            'Name a file of polygons too: {level = "council", file = "councils.geojson"}.',
        )
    people = inputs.get("people", reading.section("people").get("file", ""))
    for name, value in (
        ("services", inputs.get("services", "")),
        ("people", people),
        ("postcodes", inputs.get("postcodes")),
        ("centres", reading.section("people").get("centres")),
        ("duplicates", inputs.get("duplicates")),
        ("catchments", inputs.get("catchments")),
    ):
        if value is None and name in ("postcodes", "centres", "duplicates", "catchments"):
            continue
        file = reading.inside(f"inputs.{name}", value)
        if file is not None:
            named.append((name, file, ""))
    classes = reading.section("people").get("urban_rural")
    if classes is not None:
        file = reading.inside("people.urban_rural", classes)
        if file is not None:
            named.append(("urban_rural", file, ""))
    tables = inputs.get("tables", {})
    if not isinstance(tables, dict):
        reading.fault("inputs.tables", tables, "This is no table", 'Write {searches = "s.csv"}.')
        tables = {}
    for name, value in tables.items():
        file = reading.inside(f"inputs.tables.{name}", value)
        if file is not None:
            named.append((name, file, ""))
    return named


def _nearest_file(folder: Path, value: str) -> str:
    from rapidfuzz import fuzz, process

    names = sorted(file.relative_to(folder).as_posix() for file in folder.glob("*/*.*"))
    names += sorted(file.name for file in folder.glob("*.*"))
    best = process.extractOne(value, names[:2000], scorer=fuzz.ratio, score_cutoff=70)
    return f'; the nearest name is "{best[0]}"' if best is not None else ""


def _file_fault(reading: _Reading, name: str, file: Path, error: GapmapError) -> None:
    reading.fault(f"inputs.{name}", file.name, str(error), "Mend the file, then read again.")


def _areas(reading: _Reading, named: list[tuple[str, Path, str]]) -> gpd.GeoDataFrame:
    import geopandas as gpd
    import pandas as pd

    from gapmap.read.areas import read_areas

    parts: list[gpd.GeoDataFrame] = []
    for name, file, level in named:
        if not level:
            continue
        try:
            parts.append(read_areas(file, level=level))
        except GapmapError as error:
            _file_fault(reading, name, file, error)
    if not parts:
        return gpd.GeoDataFrame({"code": [], "level": []}, geometry=[], crs="EPSG:27700")
    areas = gpd.GeoDataFrame(pd.concat(parts), crs="EPSG:27700")
    twice = sorted(set(areas.index[areas.index.duplicated()]))
    if twice:
        reading.fault(
            "inputs.areas", ", ".join(twice[:5]), "The same code in two files", "Keep one of them."
        )
        return areas
    return _with_parents(areas)


def _with_parents(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give each council its board and partnership, by where it lies, if its file does not say."""
    import geopandas as gpd

    councils = areas[areas["level"] == "council"]
    for level in ("board", "hscp"):
        column = f"{level}_code"
        parents = areas[areas["level"] == level]
        blank = councils.index[councils[column] == ""]
        if parents.empty or blank.empty:
            continue
        inner = gpd.GeoDataFrame(
            geometry=councils.loc[blank].geometry.representative_point(), crs=areas.crs
        )
        found = gpd.sjoin(inner, parents[["code", "geometry"]], predicate="within")
        found = found[~found.index.duplicated()]
        areas.loc[found.index, column] = found["code"]
    return areas


def _services(reading: _Reading, named: list[tuple[str, Path, str]]) -> pd.DataFrame:
    import pandas as pd

    from gapmap.read.services import read_services
    from gapmap.read.values import typed

    for name, file, _ in named:
        if name == "services":
            try:
                return typed(read_services(file))
            except GapmapError as error:
                _file_fault(reading, name, file, error)
    return pd.DataFrame(columns=columns("services"))


def _people(reading: _Reading, named: list[tuple[str, Path, str]], weight: str) -> pd.DataFrame:
    import pandas as pd

    from gapmap.read.people import read_people

    centres = next((file for name, file, _ in named if name == "centres"), None)
    year = reading.section("people").get("year")
    if year is not None and (type(year) is not int or not 1900 <= year <= 2200):
        reading.fault("people.year", year, "This is no year", "Write a year, such as 2022.")
        year = None
    for name, file, _ in named:
        if name != "people":
            continue
        try:
            people = read_people(file, centres=centres, year=year)
        except GapmapError as error:
            _file_fault(reading, name, file, error)
            continue
        if weight not in people.columns:
            known = [column for column in WEIGHTS if column in people.columns]
            reading.fault(
                "people.weight",
                weight,
                f"{file.name} has no column of this name",
                _did_you_mean(weight, known),
            )
        return people
    return pd.DataFrame()


def _of_people(reading: _Reading, settings: Settings, people: pd.DataFrame) -> Settings:
    """The settings with what depends on the people that were read: are they counts or estimates?"""
    exact = reading.section("people").get("exact", bool(people.attrs.get("exact")))
    if not isinstance(exact, bool):
        reading.fault("people.exact", exact, "This is neither true nor false", "Write true.")
        _stop_on(reading)
    # What is approximate about estimates is not said of counts.
    lines = () if exact else reading.texts("people", "approximate")
    approximate = tuple(dict.fromkeys((*settings.approximate, *lines)))
    return replace(settings, exact_people=bool(exact), approximate=approximate)


def _with_councils(people: pd.DataFrame, areas: gpd.GeoDataFrame, snap: float) -> pd.DataFrame:
    """People with the council in which they stand, where the file leaves it blank."""
    import geopandas as gpd

    councils = areas[areas["level"] == "council"] if len(areas) else areas
    if "council_code" not in people or councils.empty:
        return people
    blank = people["council_code"] == ""
    if not blank.any():
        return people
    at = people[blank].reset_index()
    points = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(at["easting"], at["northing"]), crs=areas.crs
    )
    found = gpd.sjoin_nearest(
        points, councils[["code", "geometry"]].reset_index(drop=True), max_distance=snap
    ).sort_values("code", kind="stable")
    code = found["code"][~found.index.duplicated()].reindex(points.index).fillna("")
    filled = people["council_code"].copy()
    filled[blank.to_numpy()] = code.to_numpy(object)
    return people.assign(council_code=filled)


def _with_unions(people: pd.DataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """People with the board and partnership of their council, where the file leaves them blank."""
    import numpy as np
    import pandas as pd

    councils = areas[areas["level"] == "council"] if len(areas) else areas
    if "council_code" not in people or councils.empty:
        return people
    known = councils.set_index("code")
    filled = {}
    for column in ("board_code", "hscp_code"):
        if column not in people or column not in known:
            continue
        said = people[column].astype(object)
        blank = said.isna() | (said == "")
        if blank.any():
            # Few councils stand on very many rows: each is looked up once.
            number, codes = pd.factorize(people["council_code"])
            whole = np.append(known[column].reindex(codes).fillna("").to_numpy(object), "")
            filled[column] = said.where(~blank, pd.Series(whole[number], people.index, object))
    return people.assign(**filled)


def _tables(reading: _Reading, named: list[tuple[str, Path, str]]) -> dict[str, pd.DataFrame]:
    from gapmap.read.tabular import read_table

    tables: dict[str, pd.DataFrame] = {}
    for name, file, level in named:
        if level or name in _NO_TABLES or name.startswith("lookup_"):
            continue
        try:
            tables[name] = _catchments(file) if name == "catchments" else read_table(file)
        except GapmapError as error:
            _file_fault(reading, name, file, error)
    return tables


def _catchments(file: Path) -> pd.DataFrame:
    """Polygons by service: service_id and geometry, as text in metres (EPSG:27700)."""
    import pandas as pd

    from gapmap.read.areas import column_of
    from gapmap.read.geodata import in_metres, read_geodata

    found = read_geodata(file)
    if found.crs is None:
        raise CRSError(
            f"{file.name} does not say its coordinate reference system. Save it again with one."
        )
    column = column_of(found, ("service_id", "serviceid", "id"))
    if column is None:
        raise InputError(
            f"{file.name} has no column service_id, which says whose each polygon is. It has: "
            f"{', '.join(str(name) for name in found.columns)}."
        )
    shapes = in_metres(found.geometry, file.name)
    kinds = shapes.geom_type.isin(["Polygon", "MultiPolygon"]) & ~shapes.is_empty
    if not kinds.all():
        where = ", ".join(str(one) for one in found[column][~kinds][:5])
        raise InputError(f"{file.name} has rows that are no polygons: {where}.")
    return pd.DataFrame(
        {"service_id": found[column].astype(str).str.strip(), "geometry": shapes.to_wkt()}
    )


def _with_lookups(
    reading: _Reading,
    named: list[tuple[str, Path, str]],
    areas: gpd.GeoDataFrame,
    people: pd.DataFrame,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, tuple[str, ...]]:
    """Areas and people with the levels that are known by postcodes or data zones."""
    import geopandas as gpd
    import pandas as pd

    from gapmap.read.lookup import read_lookup

    remarks: tuple[str, ...] = ()
    attrs = people.attrs
    blocks = {block.get("level"): block for block in reading.section("inputs").get("areas", [])
              if isinstance(block, dict)}  # fmt: skip
    for name, file, _ in named:
        if not name.startswith("lookup_") or people.empty:
            continue
        level = name.removeprefix("lookup_")
        given = {part: str(blocks[level].get(part, "")) for part in ("key", "code", "name")}
        try:
            found = read_lookup(file, people, level=level, **given)
        except GapmapError as error:
            _file_fault(reading, name, file, error)
            continue
        areas = gpd.GeoDataFrame(pd.concat([areas, found.areas]), crs=areas.crs)
        people = people.assign(**{f"{level}_code": found.codes})
        remarks += found.remarks
    people.attrs = attrs
    twice = sorted(set(areas.index[areas.index.duplicated()]))
    if twice:
        reading.fault(
            "inputs.areas", ", ".join(twice[:5]), "The same code in two files", "Keep one of them."
        )
    return areas, people, remarks


def _with_official_classes(
    reading: _Reading, named: list[tuple[str, Path, str]], people: pd.DataFrame
) -> tuple[pd.DataFrame, str]:
    """People with the official urban-rural classes, where the study names a lookup; its name.

    Places that it lacks keep the class of the people's file, or have none yet.
    """
    from gapmap.read.urban_rural import read_urban_rural

    file = next((file for name, file, _ in named if name == "urban_rural"), None)
    if file is None or people.empty:
        return people, ""
    try:
        found = read_urban_rural(file, people).classes
    except FaultsError as error:
        rows = error.faults.assign(column="people.urban_rural").to_dict("records")
        reading.faults += [{str(key): value for key, value in row.items()} for row in rows]
        return people, ""
    except GapmapError as error:
        reading.fault(
            "people.urban_rural",
            file.name,
            str(error),
            "Name another file or its columns otherwise; gapmap data get urban-rural-lookup and "
            "gapmap data get postcode-directory fetch official ones.",
        )
        return people, ""
    official = found.notna()
    classes = found.fillna(people["urban_rural"]) if "urban_rural" in people else found
    if not classes.isna().any():
        classes = classes.astype(int)
    attrs = people.attrs
    people = people.assign(urban_rural=classes, official_class=official)
    people.attrs = attrs
    return people, file.name


def _stop_on(reading: _Reading) -> None:
    import pandas as pd

    if not reading.faults:
        return
    lines = [
        f"- {fault['column']}: {fault['problem']}"
        + (f' ("{fault["found"]}")' if fault["found"] else "")
        + f". {fault['remedy']}"
        for fault in reading.faults
    ]
    raise FaultsError(
        f"{reading.path} has {len(lines)} fault{'s' if len(lines) > 1 else ''}:\n"
        + "\n".join(lines),
        pd.DataFrame(reading.faults, columns=columns("faults")),
    )
