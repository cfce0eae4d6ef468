"""The official urban-rural classes: a lookup by postcode or data zone, as publishers give it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gapmap.errors import FaultsError, InputError
from gapmap.vocabulary import URBAN_RURAL, columns
from gapmap.words import count_in_words

if TYPE_CHECKING:
    import pandas as pd

#: Names of a column of postcodes, in plain form (small letters and digits alone).
_POSTCODES = frozenset(
    {"postcode", "postcode7", "postcode8", "unitpostcode", "pcd", "pcds", "pcd7", "pcd8", "pc"}
    | {"pc7", "pc8"}
)
#: And of data zones: DataZone, DZ_CODE, DZ2011_Code, DataZone2022, DZ22CD, dz_code_2011...
_ZONES = re.compile(r"(dz|datazone)(20)?(01|11|22)?(code|cd)?(20)?(01|11|22)?")
_ZONE_CODE = r"S01\d{6}"

#: A column of the classes of no stated number of folds.
_UNNUMBERED = frozenset({"urbanrural", "urbanruralclass", "urbanruralcode", "urclass", "class"})
_BLANK = frozenset({"", "-", ".", "na", "n/a", "nan", "<na>", "none", "null", "unknown"})


class OfficialClasses(NamedTuple):
    """Official classes of places.

    Parameters
    ----------
    classes
        1 to 6, or 1 to 8, on the places' index; not a number where the lookup has none.
    key
        The lookup's column that names the places.
    column
        Its column of classes.
    """

    classes: pd.Series[float]
    key: str
    column: str


def read_urban_rural(path: str | Path, people: pd.DataFrame, *, folds: int = 6) -> OfficialClasses:
    """Read the official classes of the places where people live.

    Parameters
    ----------
    path
        CSV (zipped too), .xlsx or .ods, as ``official_classes`` takes it.
    people, folds
        As for ``official_classes``.

    Raises
    ------
    FileError
        If the file cannot be read.
    InputError
        As ``official_classes`` does.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> people = pd.DataFrame(index=pd.Index(["EH1 1AA"], name="postcode"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "lookup.csv"
    ...     _ = file.write_text("Postcode,UR6_Code,UR6_Name\\neh11aa,1,Large Urban Areas\\n")
    ...     read_urban_rural(file, people).classes.tolist()
    [1.0]
    """
    from gapmap.read.lookup import lookup_table

    path = Path(path)
    return official_classes(people, lookup_table(path), folds=folds, name=path.name)


def official_classes(
    points: pd.DataFrame, lookup: pd.DataFrame, *, folds: int = 6, name: str = "The lookup"
) -> OfficialClasses:
    """Find the official class of each point in a lookup.

    Columns are found by their names, whatever their case: the key is a column of postcodes or of
    data zones (``Postcode``, ``pcds``, ``DataZone``, ``DZ_CODE``, ``DZ2011_Code``...), or one that
    is called as the points' index is; where several would do, the one that knows most points. The
    classes are in a column whose name tells how many there are (``UR6_Code``, ``UR6FOLD``,
    ``UrbanRural6Fold2022Code``, ``urban_rural_6fold``...), the newest year first, codes before
    names. Names of classes (Remote Rural, 6 Remote Rural Areas) are understood too.

    Parameters
    ----------
    points
        The key as a column or as the index. An index of data zone codes needs no name.
    lookup
        One row per key. Of a postcode that was deleted and given anew, only the live row is read
        (where there is a column ``DateOfDeletion``).
    folds
        6 or 8 classes.
    name
        What to call the lookup in a message.

    Returns
    -------
    OfficialClasses
        Not a number where the lookup lacks a point, or leaves its class blank.

    Raises
    ------
    InputError
        If no column will do, or none of the points is in the lookup.
    FaultsError
        If a point has a value that is no class, or two classes.

    Examples
    --------
    >>> import pandas as pd
    >>> points = pd.DataFrame(index=["S01000001", "S01000002"])
    >>> lookup = pd.DataFrame({"DZ_CODE": ["S01000002"], "UR6FOLD": [6], "UR8FOLD": [8]})
    >>> official_classes(points, lookup).classes.tolist()
    [nan, 6.0]
    >>> official_classes(points, lookup, folds=8).column
    'UR8FOLD'
    """
    import pandas as pd

    table = lookup.reset_index(drop=lookup.index.name is None)
    keys = [column for column in table.columns if _is_key(column)]
    same = [c for c in table.columns if str(c).lower() == str(points.index.name).lower()]
    keys += [column for column in same if column not in keys]
    key, wanted = _best_key(points, table, keys, name)
    column = _class_column([c for c in table.columns if c not in keys], folds, name, str(key))
    rows = pd.DataFrame(
        {"key": _bare(table[key]), "found": table[column], "row": range(2, len(table) + 2)}
    )
    rows = rows[rows["key"].isin(set(wanted))]
    gone = next((c for c in table.columns if _plain(c) == "dateofdeletion"), None)
    if gone is not None:
        live = _bare(table[gone]).str.lower().isin(_BLANK)[rows.index]
        rows = rows[live | ~rows["key"].isin(rows["key"][live])]
    said = {value: class_of(value, folds) for value in rows["found"].dropna().unique()}
    rows["class"] = rows["found"].map(said).astype(float)
    wrong = [value for value, number in said.items() if number != number and not is_blank(value)]
    _refuse_faults(rows, wrong, str(column), folds, name)
    known = rows.dropna(subset="class").drop_duplicates("key").set_index("key")["class"]
    classes = pd.Series(wanted.map(known).to_numpy(float), index=points.index)
    return OfficialClasses(classes, str(key), str(column))


def _best_key(
    points: pd.DataFrame, table: pd.DataFrame, keys: list[str], name: str
) -> tuple[str, pd.Series[str]]:
    """The lookup's column that knows most points, and what each point is called in it."""
    index = points.index.to_series()
    own = {f"column {c}": points[c] for c in points.columns if _is_key(c) or c in keys}
    zones = bool(len(index)) and index.astype(str).str.fullmatch(_ZONE_CODE).all()
    if points.index.name is not None or zones:
        own = {f"index {points.index.name or 'of data zones'}": index} | own
    best: tuple[int, str, pd.Series[str]] | None = None
    for key in keys:
        have = set(_bare(table[key])) - {""}
        for values in own.values():
            wanted = _bare(values)
            matches = int(wanted.isin(have).sum())
            if best is None or matches > best[0]:
                best = (matches, key, wanted)
    if best is None:
        found = ", ".join(map(str, points.columns[:30])) or "none"
        raise InputError(
            f"{name} has the columns {_listed(table)}; the points have the columns {found} and "
            f"the index {points.index.name or '(no name)'}. Both need one key in common: a column "
            "of postcodes (named such as Postcode or pcds), of data zones (DataZone, DZ_CODE, "
            "DZ2011_Code), or the name of the points' index."
        )
    if best[0] == 0 and len(points):
        keyed = [str(one) for one in table[best[1]].head(3)]
        raise InputError(
            f"{name}: none of its {len(table):,} rows, by {' or '.join(map(str, keys))} "
            f"({', '.join(keyed)}...), is one of the {len(points):,} points, by "
            f"{' or '.join(own)} ({', '.join(best[2].head(3))}...). Postcodes need a lookup by "
            "postcode, or a data zone each; data zones one of the same census (2011, 2022)."
        )
    return best[1], best[2]


def _class_column(candidates: list[str], folds: int, name: str, key: str) -> str:
    """The column of the classes, by its name."""
    numbered = [column for column in candidates if _folds_of(column) == folds]
    if numbered:
        # The newest classification first; of one year, codes before names.
        rank = {c: (-_year(c), bool(re.search("name|label|desc", str(c), re.I))) for c in numbered}
        first = [column for column in numbered if rank[column] == min(rank.values())]
    else:
        rest = [column for column in candidates if _folds_of(column) is None]
        first = rest if len(rest) == 1 else [c for c in rest if _plain(c) in _UNNUMBERED]
    if len(first) != 1:
        several = f"both {' and '.join(map(str, first))} could be" if first else "none of them is"
        raise InputError(
            f"{name} has, beside {key}, the columns {', '.join(map(str, candidates[:40])) or '-'}; "
            f"{several} the column of {folds} classes. It is looked for by a name such as "
            f"UR{folds}_Code, UR{folds}FOLD, UrbanRural{folds}Fold2022Code or "
            f"urban_rural_{folds}fold. Give exactly one column such a name."
        )
    return first[0]


def _refuse_faults(
    rows: pd.DataFrame, wrong: list[object], column: str, folds: int, name: str
) -> None:
    """Stop on values that are no class and on places with two classes, each told once."""
    import pandas as pd

    faults = []
    for value in wrong[:20]:  # a column of something else has thousands
        of = rows[rows["found"] == value]
        more = f" and {count_in_words(len(of) - 1, 'more row')} hold" if len(of) > 1 else " holds"
        faults.append(
            {
                "row": int(of["row"].iloc[0]),
                "found": str(value)[:200],
                "problem": f"{name}: row {of['row'].iloc[0]} ({of['key'].iloc[0]}){more} no "
                f"class from 1 to {folds}",
                "remedy": f"Write its number or its name ({URBAN_RURAL[folds][1]} to "
                f"{URBAN_RURAL[folds][folds]}), or leave the cell blank.",
            }
        )
    spread = rows[rows["key"].duplicated(keep=False)].groupby("key")["class"].nunique()
    for key in spread.index[spread > 1][:1]:
        of = rows[rows["key"] == key]
        faults.append(
            {
                "row": int(of["row"].iloc[1]),
                "found": ", ".join(f"{one:g}" for one in sorted(set(of["class"].dropna()))),
                "problem": f"{name} gives {count_in_words(int((spread > 1).sum()), 'place')} more "
                f"than one class, first {key}",
                "remedy": "Keep one row for each. Of data zones take the lookup of data zones, not "
                "that of postcodes.",
            }
        )
    if faults:
        frame = pd.DataFrame(faults).assign(column=column, severity="error")
        raise FaultsError(
            "\n".join(f'{f["problem"]} ("{f["found"]}"). {f["remedy"]}' for f in faults),
            frame[columns("faults")],
        )


def class_of(value: object, folds: int) -> float:
    """Number of a class from its number, its name or both; not a number for anything else.

    Parameters
    ----------
    value
        As found in a cell.
    folds
        6 or 8 classes.

    Examples
    --------
    >>> class_of("6", 6), class_of("Remote Rural Areas", 6), class_of("6 Accessible Rural", 8)
    (6.0, 6.0, 6.0)
    >>> class_of("6 Accessible Rural", 6)
    nan
    """
    names = {_class_name(words): number for number, words in URBAN_RURAL[folds].items()}
    match = re.fullmatch(r"\s*(\d)?(?:\.0+)?(?!\.?\d)[\s\-–:.)]*(.*?)\s*", str(value))
    if match is None:
        return float("nan")
    number, words = int(match[1] or 0), _class_name(match[2])
    by_name = names.get(words, -1) if words else number
    # A number beside the name of another class is the number of another classification.
    good = 1 <= by_name <= folds and number in (0, by_name)
    return float(by_name) if good else float("nan")


def _class_name(text: str) -> str:
    plain = " ".join(re.sub(r"[^a-z]", " ", text.lower()).split())
    return re.sub(r"\btowns\b", "town", re.sub(r" areas?$", "", plain))


def _folds_of(column: object) -> int | None:
    """How many classes the column's name speaks of; years are no such number."""
    for number in (6, 8, 2, 3):
        before = rf"(?:(?<![a-z])ur|rural|fold|class)[^0-9]*{number}(?!\d)"
        if re.search(rf"{before}|(?<!\d){number}[\s_-]*fold", str(column), re.I):
            return number
    return None


def _year(column: object) -> int:
    return max((int(year) for year in re.findall(r"20\d\d", str(column))), default=0)


def _is_key(column: object) -> bool:
    plain = _plain(column)
    return plain in _POSTCODES or _ZONES.fullmatch(plain) is not None


def _plain(column: object) -> str:
    return re.sub(r"[^a-z0-9]", "", str(column).lower())


def _bare(values: pd.Series) -> pd.Series[str]:
    """Codes in capitals without blanks, so that EH1 1AA and eh11aa are one."""
    text = values.astype("string").fillna("").str.strip().str.upper()
    return text.str.replace(" ", "", regex=False).astype(object)


def is_blank(value: object) -> bool:
    """Whether a cell says nothing.

    Examples
    --------
    >>> is_blank(float("nan")), is_blank(" - "), is_blank("Remote Rural")
    (True, True, False)
    """
    return str(value).strip().lower() in _BLANK


def _listed(table: pd.DataFrame) -> str:
    return ", ".join(map(str, table.columns[:40])) or "none"
