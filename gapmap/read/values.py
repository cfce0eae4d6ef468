"""Values: what the text of a cell means, as a number, a code, a list, a date or yes and no."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from gapmap.dates import first_day
from gapmap.read.synonyms import YEAR_COLUMNS
from gapmap.vocabulary import CATEGORIES, TABLES, Column
from gapmap.words import INVISIBLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    import pandas as pd

#: What people write for "not known".
UNKNOWN_WORDS = frozenset(
    [
        "",
        "-",
        "--",
        "?",
        "n/a",
        "na",
        "n/k",
        "nk",
        "not known",
        "unknown",
        "tbc",
        "nan",
        "null",
        "not stated",
        "not applicable",
        "don't know",
        "dk",
        "#n/a",
        "to be confirmed",
    ]
)

#: What says that nothing is known, or that there is none, where a blank would only be silence.
SAID_UNKNOWN = frozenset(
    ["unknown", "not known", "n/k", "nk", "don't know", "dk", "tbc", "to be confirmed"]
)
SAID_NONE = frozenset(["none", "nothing", "remove", "delete"])

#: Columns in which "none" is an answer of its own.
_NONE_IS_AN_ANSWER = frozenset({"eligibility", "practical_help"})

_YES = frozenset(["y", "yes", "true", "1", "1.0", "✓", "✔", "t"])
_NO = frozenset(["n", "no", "false", "0", "0.0", "✗", "✘", "f"])

#: Column -> what others write, plainly -> our code. Labels and codes themselves are always known.
ALIASES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "category": {
            "imh": "infant_mental_health",
            "parent infant mental health": "infant_mental_health",
            "specialist infant mental health": "infant_mental_health",
            "perinatal": "perinatal_mental_health",
            "community perinatal mental health team": "perinatal_mental_health",
            "perinatal mental health team": "perinatal_mental_health",
            "mbu": "mother_baby_unit",
            "mother and baby units": "mother_baby_unit",
            "mother baby unit": "mother_baby_unit",
            "fnp": "family_nurse_partnership",
            "family nurse": "family_nurse_partnership",
            "maternity": "maternity_unit",
            "health visitor": "health_visiting",
            "nursery": "early_years_centre",
            "family centre": "early_years_centre",
            "day care of children": "early_years_centre",
            "day care of children under 3s": "early_years_centre",
            "day care of children over 3s": "early_years_centre",
            "children and family centre": "early_years_centre",
            "child minding": "other",
            "childminding": "other",
            "parenting": "parenting_programme",
            "parenting programmes": "parenting_programme",
            "befriending service": "befriending",
            "counselling": "perinatal_counselling",
            "peer group": "peer_support",
            "neonatal psychology": "maternity_neonatal_psychology",
            "maternity and neonatal psychological interventions": "maternity_neonatal_psychology",
        },
        "sector": {
            "statutory nhs": "nhs",
            "health": "nhs",
            "health board": "nhs",
            "statutory council": "council",
            "local authority": "council",
            "la": "council",
            "statutory hscp": "hscp",
            "charity": "third_sector",
            "voluntary": "third_sector",
            "voluntary sector": "third_sector",
            "voluntary or not for profit": "third_sector",
            "not for profit": "third_sector",
            "3rd sector": "third_sector",
            "joint": "partnership",
            "independent": "private",
        },
        "funding": {
            "short term": "fixed_term",
            "time limited": "fixed_term",
            "temporary": "fixed_term",
            "core": "permanent",
            "recurring": "permanent",
            "part fixed term": "mixed",
        },
        "status": {
            "active": "open",
            "running": "open",
            "current": "open",
            "defunct": "closed",
            "inactive": "likely_closed",
            "cancelled": "closed",
            "ended": "closed",
            "temporarily closed": "likely_closed",
            "proposed": "planned",
        },
        "delivery": {
            "home": "home_visit",
            "home visiting": "home_visit",
            "home visits": "home_visit",
            "visits": "home_visit",
            "groups": "group",
            "1 1": "one_to_one",
            "1 to 1": "one_to_one",
            "one to one": "one_to_one",
            "individual": "one_to_one",
            "phone": "telephone",
            "telephone": "telephone",
            "virtual": "online",
            "video": "online",
            "digital": "online",
            "center": "centre",
            "building": "centre",
            "clinic": "centre",
            "residential": "inpatient",
        },
        "coverage_of_area": {"all": "whole", "some": "part", "partial": "part", "full": "whole"},
        "schedule": {
            "fixed dates": "fixed_programme",
            "ongoing": "rolling",
            "referral": "by_referral",
        },
        "precision": {"exact": "site", "building": "site", "council": "area", "locality": "town"},
        "duration": {
            "long": "longer",
            "long term": "longer",
            "brief": "short",
            "short term": "short",
        },
        "source_type": {
            "phone": "survey_telephone",
            "telephone": "survey_telephone",
            "website": "desk",
            "web": "desk",
            "foi": "information_request",
            "survey": "survey_self",
        },
    }
)

_ARROW = re.compile(r"[^a-z0-9]+")
_NUMBER = re.compile(r"^([+-]?[\d,]*\.?\d+)\s*([a-z%]*)$")
_POSTCODE = re.compile(r"^([A-Z]{1,2}\d[A-Z\d]?)\s*(\d[A-Z]{2})$")
_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ],
        1,
    )
    for name in names.split()
}
_BEFORE_BIRTH = frozenset(
    ["conception", "pregnancy", "antenatal", "prenatal", "pre-birth", "prebirth"]
)
_AGE_UNITS = {
    "": None,
    "m": 1.0,
    "mth": 1.0,
    "mths": 1.0,
    "month": 1.0,
    "months": 1.0,
    "mo": 1.0,
    "y": 12.0,
    "yr": 12.0,
    "yrs": 12.0,
    "year": 12.0,
    "years": 12.0,
    "w": 12 / 52.18,
    "wk": 12 / 52.18,
    "wks": 12 / 52.18,
    "week": 12 / 52.18,
    "weeks": 12 / 52.18,
}
_LONGEST = 100  # characters of a cell that can be a number, an age or a date
_EXCEL_EPOCH = date(1899, 12, 30)


def typed(services: pd.DataFrame) -> pd.DataFrame:
    """Services as the analysis uses them: our columns, each of its kind.

    Parameters
    ----------
    services
        As `gapmap.read.services.read_services` gives them; it is not changed.

    Returns
    -------
    pandas.DataFrame
        On the same index: the columns of ``vocabulary.TABLES["services"]`` in that order, the
        missing ones blank, then the caller's other columns as they are. Text is stripped, "" for
        unknown; numbers are float, NaN for unknown; codes, yes and no, and lists are written as
        in the vocabulary; dates are ISO, maybe partial. What has no meaning in its column becomes
        unknown (`unconverted` lists it), but for a category of the user's own, which is kept as
        a code, and for location_confidential, where anything but blank and no is yes. Ages in
        years (age_from, age_to) fill the months where these are blank; a missing
        service_id is made from the name; a blank tier is its category's, with tier_basis
        ``default``. A cell that says in words that nothing is known, or that there is none, is
        blank; ``attrs["cleared"]`` keeps the labels of such rows for each column, since a list
        that is laid over another means more by them than by a blank.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"name": ["Tea Club"], "category": ["Peer support"], "age_to": ["5"]})
    >>> typed(rows)[["service_id", "category", "tier", "age_to_months"]]
      service_id      category      tier  age_to_months
    0   tea-club  peer_support  targeted           60.0
    """
    import numpy as np
    import pandas as pd

    index = services.index
    done: dict[str, object] = {}
    for column in TABLES["services"]:
        if column.name not in services.columns:
            blank = np.full(len(index), np.nan) if column.kind == "number" else [""] * len(index)
            done[column.name] = pd.Series(
                blank, index=index, dtype=float if column.kind == "number" else "str"
            )
            continue
        done[column.name] = _converted(services[column.name], column)
    result = pd.DataFrame(done, index=index)
    cleared = _said_cleared(services)
    for name, labels in cleared.items():
        if name != "name" and not pd.api.types.is_numeric_dtype(result[name].dtype):
            result[name] = result[name].mask(index.isin(labels), "").astype("str")
    for years, months in YEAR_COLUMNS.items():
        if years in services.columns:
            filled = _map(services[years], lambda text: age(text, 12.0))
            numbers = pd.Series(filled, index=index, dtype=float)
            result[months] = result[months].where(result[months].notna(), numbers)
    result["service_id"] = _ids(result)
    _default_tiers(result)
    rest = services[[name for name in services.columns if name not in result.columns]]
    result = pd.concat([result, rest], axis=1) if len(rest.columns) else result
    result.attrs = dict(services.attrs)
    if cleared:
        result.attrs["cleared"] = cleared
    return result


def _said_cleared(services: pd.DataFrame) -> dict[str, list[object]]:
    """Column -> labels of the rows that say in words that it is not known, or that there is none.

    A code that the vocabulary itself has for it (funding ``unknown``) is a value, not this.
    """
    import numpy as np

    labels = services.index.to_numpy()
    found: dict[str, list[object]] = {}
    for column in TABLES["services"]:
        if column.name not in services.columns or "unknown" in (column.allowed or {}):
            continue
        if column.name == "location_confidential":
            continue  # whatever is not clearly no is yes
        words = SAID_UNKNOWN if column.name in _NONE_IS_AN_ANSWER else SAID_UNKNOWN | SAID_NONE
        places, texts = coded(services[column.name])
        hit = np.array([text.strip().lower() in words for text in texts], dtype=bool)
        if hit.any():
            found[column.name] = list(labels[hit[places]])
    return found


def unconverted(services: pd.DataFrame) -> pd.DataFrame:
    """The cells that have no meaning in their column.

    Parameters
    ----------
    services
        As for `typed`.

    Returns
    -------
    pandas.DataFrame
        One row per cell: place (its position in the frame, from 0), row (its label in the index),
        column, found (the text), kind (of the column); of a list, only the parts without meaning.

    Examples
    --------
    >>> import pandas as pd
    >>> unconverted(pd.DataFrame({"name": ["A"], "capacity": ["lots"]}))
       place  row    column found    kind
    0      0    0  capacity  lots  number
    """
    import numpy as np
    import pandas as pd

    kinds = {column.name: column for column in TABLES["services"]}
    wanted = [(name, kinds[name]) for name in services.columns if name in kinds]
    wanted += [
        (years, Column(years, "age_years", ""))
        for years in YEAR_COLUMNS
        if years in services.columns
    ]
    found: list[tuple[int, str, str, str]] = []
    for name, column in wanted:
        places, texts = coded(services[name])
        wrong = [_meaningless(text, column) for text in texts]
        if any(wrong):
            hit = np.array([bool(part) for part in wrong])[places]
            found += [
                (int(place), name, wrong[places[place]], column.kind)
                for place in np.flatnonzero(hit)
            ]
    found.sort(key=lambda entry: entry[0])
    labels = services.index.to_numpy()
    return pd.DataFrame(
        {
            "place": [place for place, *_ in found],
            "row": [labels[place] for place, *_ in found],
            "column": [name for _, name, _, _ in found],
            "found": [text for _, _, text, _ in found],
            "kind": [kind for *_, kind in found],
        }
    )


def _meaningless(text: str, column: Column) -> str:
    """The part of a cell that has no meaning in its column; "" if all of it has."""
    stripped = text.strip()
    if stripped.lower() in UNKNOWN_WORDS or stripped.lower() in SAID_NONE:
        return ""
    if column.kind in ("number", "age_years"):
        if column.name.startswith("age_"):
            value = age(stripped, 12.0 if column.kind == "age_years" else 1.0)
        else:
            value = number(stripped)
        return stripped if math.isnan(value) else ""
    if column.kind == "date":
        return "" if iso_date(stripped) else stripped
    if column.kind == "yes_no":
        return "" if yes_no(stripped) else stripped
    if column.kind == "code":
        return "" if code(stripped, column) else stripped
    if column.kind == "list" and column.allowed is not None:
        return ";".join(part for part in parts(stripped, column) if not code(part, column))
    return ""


# -- one cell -------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """Text without capitals, accents and marks, for comparing words.

    Examples
    --------
    >>> plain("Third-Sector ")
    'third sector'
    """
    letters = unicodedata.normalize("NFKD", text[:500]).encode("ascii", "ignore").decode()
    return _ARROW.sub(" ", letters.lower().replace("&", " and ")).strip()


def number(text: str) -> float:
    """A number, with or without thousands commas; NaN if the text is none.

    Examples
    --------
    >>> number("1,250"), number("lots")
    (1250.0, nan)
    """
    if len(text) > _LONGEST:
        return math.nan
    match = _NUMBER.match(text.strip().lower())
    if match is None or match.group(2):
        try:
            value = float(text)
        except ValueError:
            return math.nan
        return value if math.isfinite(value) else math.nan
    digits = match.group(1)
    if "," in digits and not re.match(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$", digits):
        return math.nan
    value = float(digits.replace(",", ""))
    return value if math.isfinite(value) else math.nan


def age(text: str, months_per_unit: float) -> float:
    """An age in months; NaN if the text is none.

    Parameters
    ----------
    text
        A number in the column's unit, or with a unit of its own, or a word such as ``birth``.
    months_per_unit
        1 in a column of months, 12 in one of years.

    Examples
    --------
    >>> age("2 years", 1), age("2", 12), age("antenatal", 1), age("18m", 12)
    (24.0, 24.0, -9.0, 18.0)
    """
    word = text.strip().lower() if len(text) <= _LONGEST else ""
    if word in _BEFORE_BIRTH:
        return -9.0
    if word in ("birth", "newborn", "from birth"):
        return 0.0
    match = re.match(r"^([+-]?\d+(?:\.\d+)?)\s*([a-z]*)\.?$", word)
    if match is None or match.group(2) not in _AGE_UNITS:
        return math.nan
    unit = _AGE_UNITS[match.group(2)]
    return float(match.group(1)) * (months_per_unit if unit is None else unit)


def yes_no(text: str) -> str:
    """``yes``, ``no``, or "" for anything else.

    Examples
    --------
    >>> yes_no("Y"), yes_no("FALSE"), yes_no("perhaps")
    ('yes', 'no', '')
    """
    word = text.strip().lower()
    return "yes" if word in _YES else "no" if word in _NO else ""


def iso_date(text: str) -> str:
    """A full or partial ISO date, read as people in Britain write dates; "" if it is none.

    Examples
    --------
    >>> [iso_date(text) for text in ("3/10/2019", "Oct 2019", "2019", "20191003", "43741")]
    ['2019-10-03', '2019-10', '2019', '2019-10-03', '2019-10-03']
    >>> iso_date("31/02/2019")
    ''
    """
    word = " ".join(text.replace(",", " ").split()) if len(text) <= _LONGEST else ""
    if first_day(word) is not None:
        return word
    match = re.match(r"^(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}", word)
    if match:
        return match.group(1) if first_day(match.group(1)) else ""
    match = re.match(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})$", word)
    if match:
        day, month, year = match.groups()
        return _iso(_century(year), int(month), int(day))
    match = re.match(r"^(\d{4})[/.-](\d{1,2})(?:[/.-](\d{1,2}))?$", word)
    if match:
        year, month, day = match.groups()
        return _iso(int(year), int(month), int(day) if day else None)
    match = re.match(r"^(\d{1,2})[/.-](\d{4})$", word)
    if match:
        return _iso(int(match.group(2)), int(match.group(1)), None)
    if re.match(r"^(19|20)\d{6}$", word):
        return _iso(int(word[:4]), int(word[4:6]), int(word[6:]))
    if re.match(r"^\d{5}(\.0+)?$", word) and 20_000 <= float(word) <= 80_000:
        return (_EXCEL_EPOCH + timedelta(days=int(float(word)))).isoformat()
    match = re.match(
        r"^(?:(\d{1,2})(?:st|nd|rd|th)?[ -])?([a-z]{3,9})\.?[ -](\d{4}|\d{2})$", word.lower()
    )
    if match and match.group(2) in _MONTHS:
        day, name, year = match.groups()
        return _iso(_century(year), _MONTHS[name], int(day) if day else None)
    return ""


def _century(year: str) -> int:
    # Two digits: no service here began before 1945 or is planned past 2044.
    return int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 45 else 1900)


def _iso(year: int, month: int, day: int | None) -> str:
    text = f"{year:04d}-{month:02d}" + (f"-{day:02d}" if day else "")
    return text if first_day(text) is not None and day != 0 else ""


def code(text: str, column: Column) -> str:
    """The code that a word stands for in a column; "" if none.

    Examples
    --------
    >>> sector = next(c for c in TABLES["services"] if c.name == "sector")
    >>> code("Third sector", sector), code("Charity", sector), code("guild", sector)
    ('third_sector', 'third_sector', '')
    """
    return _codes(column.name).get(plain(text), "")


@cache
def _codes(name: str) -> dict[str, str]:
    column = next(column for column in TABLES["services"] if column.name == name)
    known: dict[str, str] = {}
    for word, label in (column.allowed or {}).items():
        known[plain(word)] = word
        known[plain(label)] = word
    for alias, word in ALIASES.get(name, {}).items():
        known.setdefault(plain(alias), word)
    return known


def parts(text: str, column: Column) -> list[str]:
    """The parts of a list cell.

    They are parted by ``;``, a bar or a new line; by commas and slashes too where the parts come
    from a vocabulary or are all area codes, since names of areas and bodies may hold commas.

    Examples
    --------
    >>> serves = next(c for c in TABLES["services"] if c.name == "serves")
    >>> parts("Edinburgh, City of; Fife", serves), parts("S12000036, S12000047", serves)
    (['Edinburgh, City of', 'Fife'], ['S12000036', 'S12000047'])
    """
    split = r"[;|\n]"
    if column.allowed is not None or re.fullmatch(r"\s*S\d{8}(\s*,\s*S\d{8})+\s*", text):
        split = r"[;|\n,/]"
    return [part.strip() for part in re.split(split, unguarded(text)) if part.strip()]


def postcode(text: str) -> str:
    """A postcode in its usual shape; text that has not the shape of one stays, stripped.

    Examples
    --------
    >>> postcode("eh13dg"), postcode("Dundee")
    ('EH1 3DG', 'Dundee')
    """
    match = _POSTCODE.match(text.strip().upper())
    return f"{match.group(1)} {match.group(2)}" if match else text.strip()


def unguarded(text: str) -> str:
    """Text without blanks around it and without the apostrophe that guards against formulas.

    Sheets that come from careful programs have an apostrophe before text that begins like a
    formula; ours too.

    Examples
    --------
    >>> unguarded("'=sum(A1)"), unguarded(" 'Tis true ")
    ('=sum(A1)', "'Tis true")
    """
    text = text.strip()
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in "=+-@\t\r" else text


def slug(text: str) -> str:
    """Small letters, digits and hyphens.

    Examples
    --------
    >>> slug("Mellow Bumps (Fife)")
    'mellow-bumps-fife'
    """
    return plain(text).replace(" ", "-")[:60].strip("-")


# -- whole columns --------------------------------------------------------------------------------


def as_texts(column: pd.Series) -> list[str]:
    """A column as a list of texts, "" for what is missing; numbers and dates as a sheet shows them.

    Examples
    --------
    >>> import pandas as pd
    >>> as_texts(pd.Series([1.0, None, 2.5]))
    ['1', '', '2.5']
    """
    import pandas as pd

    from gapmap.read.tabular import cell_text

    # An array at once: a column of Arrow text is slow to walk through cell by cell.
    values = column.to_numpy(dtype=object)
    missing = pd.isna(values)
    if isinstance(column.dtype, pd.StringDtype):
        return (
            ["" if gone else text for text, gone in zip(values, missing, strict=True)]
            if (missing.any())
            else list(values)
        )
    return [
        "" if gone else cell_text(value.item() if hasattr(value, "item") else value)
        for value, gone in zip(values, missing, strict=True)
    ]


def coded(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Which text each cell is, and the different texts: most cells repeat.

    Examples
    --------
    >>> import pandas as pd
    >>> places, texts = coded(pd.Series(["a", "b", "a"]))
    >>> places.tolist(), texts
    ([0, 1, 0], ['a', 'b'])
    """
    import numpy as np
    import pandas as pd

    if isinstance(column.dtype, pd.StringDtype):
        places, found = pd.factorize(column.fillna("").array)
        return places, list(found.to_numpy(dtype=object))
    texts = np.empty(len(column), dtype=object)
    texts[:] = as_texts(column)
    places, different = pd.factorize(texts)
    return places, list(different)


def _map(column: pd.Series, meaning: Callable[[str], object]) -> np.ndarray:
    import numpy as np

    places, texts = coded(column)
    meanings = np.empty(len(texts), dtype=object)
    meanings[:] = [meaning(text) for text in texts]
    return np.asarray(meanings[places])


def _converted(found: pd.Series, column: Column) -> pd.Series:
    import pandas as pd

    meaning: Callable[[str], object]
    if column.kind == "number":
        if pd.api.types.is_float_dtype(found.dtype):
            return found.astype(float).where(found.abs() != math.inf)
        is_age = column.name.startswith("age_")
        meaning = (lambda text: age(text, 1.0)) if is_age else number
        return pd.Series(_map(found, meaning), index=found.index, dtype=float)
    if column.name == "category":
        meaning = lambda text: _category(text, column)  # noqa: E731
    elif column.kind == "code":
        meaning = lambda text: code(text, column)  # noqa: E731
    elif column.name == "location_confidential":
        meaning = _secret
    elif column.kind == "yes_no":
        meaning = yes_no
    elif column.kind == "date":
        meaning = iso_date
    elif column.kind == "list":
        meaning = lambda text: _list(text, column)  # noqa: E731
    elif column.name == "postcode":
        meaning = postcode
    else:
        meaning = _seen
    return pd.Series(_map(found, meaning), index=found.index, dtype="str")


def _seen(text: str) -> str:
    """A text without what nobody sees, which could turn round or hide what stands beside it."""
    return INVISIBLE.sub("", unguarded(text)).strip()


def _secret(text: str) -> str:
    """Whether a place is confidential: whatever is neither blank nor no.

    A wrong yes hides a point; a wrong no can endanger people.
    """
    return "" if not text.strip() else yes_no(text) or "yes"


def _category(text: str, column: Column) -> str:
    if text.strip().lower() in UNKNOWN_WORDS:
        return ""
    return code(text, column) or plain(text).replace(" ", "_")


def _list(text: str, column: Column) -> str:
    found = parts(text, column)
    if column.allowed is not None:
        found = [code(part, column) for part in found]
    return ";".join(dict.fromkeys(part for part in found if part))


def _ids(services: pd.DataFrame) -> pd.Series:
    """The ids, those that are blank made from the name and told apart by a number."""
    import pandas as pd

    ids = list(services["service_id"])
    if all(ids):
        return services["service_id"]
    taken = set(ids)
    count: dict[str, int] = {}
    for place, (known, name) in enumerate(zip(ids, services["name"], strict=True)):
        if known:
            continue
        base = slug(name) or f"row-{services.index[place]}"
        made = base
        while made in taken:
            count[base] = count.get(base, 1) + 1
            made = f"{base}-{count[base]}"
        taken.add(made)
        ids[place] = made
    return pd.Series(ids, index=services.index, dtype="str")


def _default_tiers(services: pd.DataFrame) -> None:
    defaults = {word: category.tier for word, category in CATEGORIES.items()}
    filled = services["category"].map(defaults).fillna("")
    blank = (services["tier"] == "") & (filled != "")
    services["tier"] = services["tier"].where(~blank, filled).astype("str")
    services["tier_basis"] = services["tier_basis"].mask(blank, "default").astype("str")
