"""Maps of areas: the four states of provision, or numbers in a few classes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gapmap.errors import InputError, MissingDependency
from gapmap.provision.coverage import coverage as work_out_coverage
from gapmap.show.areas import Entry, check_areas, draw_map, is_scotland, names_of
from gapmap.show.figure import foot
from gapmap.show.style import DEFAULT, STATE_LOOKS, UNKNOWN, Look, Style, mix
from gapmap.study import Study, full_date
from gapmap.travel.method import travel_notes
from gapmap.vocabulary import CATEGORIES, STATES, TIERS, category_label, label
from gapmap.words import date_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import geopandas as gpd

    from gapmap.show.figure import MapFigure

_NOT_KNOWN = "Not yet known"
_MANY = {"board": "health boards", "council": "councils", "hscp": "partnerships"}
_ONE = {"board": "health board", "council": "council", "hscp": "partnership"}


def choropleth(
    areas: gpd.GeoDataFrame | Study,
    values: pd.Series | pd.DataFrame | str | None = None,
    *,
    level: str = "board",
    category: str | None = None,
    tier: str | None = None,
    title: str | None = None,
    subtitle: str | None = None,
    legend_title: str | None = None,
    unit: str = "",
    classes: int = 4,
    breaks: Sequence[float] | None = None,
    scheme: str = "equal_count",
    as_of: date | str | None = None,
    source: str | Sequence[str] = (),
    method: str = "",
    labels: bool = True,
    panels: bool = True,
    context: gpd.GeoDataFrame | None = None,
    style: Style = DEFAULT,
) -> MapFigure:
    """Map what areas have: the four states of provision, or numbers in classes.

    Parameters
    ----------
    areas
        Areas by code, in a system in metres (columns ``name`` and ``geometry``); or a Study, whose
        areas of ``level`` are taken, and whose coverage is worked out if ``values`` is not given.
    values
        One of: a Series on the areas' index, of numbers or of states (``provided``, ``partly``,
        ``none_found``, ``not_known``); the name of a column of ``areas``; a coverage frame
        (columns area_code, dimension, value, state, services, last_known, stale). A missing number
        is drawn as not yet known, never as a low one.
    level
        Level of the areas, when a Study or a coverage frame of several levels is given.
    category, tier
        What the map is about: one of the two; needed with a Study or a coverage frame.
    title
        The finding; made from the numbers if not given.
    subtitle
        What, where and when; made if not given.
    legend_title
        Head of the legend.
    unit
        Of the numbers, in words: ``per 1,000 under-fives``.
    classes
        How many classes of numbers, at most 5.
    breaks
        Upper limits of all classes but the last, if classes are to be yours.
    scheme
        How classes are found: ``equal_count``, or ``natural_breaks`` or ``equal_interval``, which
        need the library mapclassify (``pip install "gapmap[classes]"``).
    as_of
        Date of the numbers.
    source
        Lines of source and licence.
    method
        How the numbers were worked out.
    labels
        Whether areas are named.
    panels
        Whether enlarged panels stand beside a map of Scotland. Shetland is in its true position on
        the map in any case.
    context
        Land around the areas, drawn in grey.
    style
        Fonts and colours.

    Returns
    -------
    matplotlib.figure.Figure
        With ``gapmap_alt`` (alt text), ``gapmap_data`` (code, name, value or state, class) and
        ``gapmap_title``. Save it with :func:`gapmap.show.figure.save_map`.

    Raises
    ------
    InputError
        If the values do not fit the areas, or it is not said what to map.
    CRSError
        If the areas have no coordinate reference system in metres.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> toy = gpd.GeoDataFrame(
    ...     {"name": ["West", "East"]}, index=["W", "E"],
    ...     geometry=[box(0, 0, 5000, 9000), box(5000, 0, 9000, 9000)], crs="EPSG:27700")
    >>> states = pd.Series({"W": "provided", "E": "not_known"})
    >>> choropleth(toy, states, title="One of two").gapmap_alt.split(". ")[1]
    'One of two'
    """
    if isinstance(areas, Study):
        study = areas
        if values is None:
            values = _coverage_of(study, level, category, tier)
        settings = study.settings
        notes = list(settings.approximate)
        if not (isinstance(values, pd.DataFrame) and "state" in values):
            # Numbers of whatever kind may be times; what is provided where is none.
            notes.append(travel_notes(settings)[0])
        return choropleth(
            study.level(level),
            values,
            level=level,
            category=category,
            tier=tier,
            title=title,
            subtitle=subtitle,
            legend_title=legend_title,
            unit=unit,
            classes=classes,
            breaks=breaks,
            scheme=scheme,
            as_of=as_of or settings.as_of,
            source=source or settings.attribution,
            method=method or " ".join(notes),
            labels=labels,
            panels=panels,
            context=context,
            style=style,
        )
    check_areas(areas)
    subject = category_label(category) if category else label(tier or "", TIERS)
    if isinstance(values, pd.DataFrame):
        rows = _rows_of(values, areas, category=category, tier=tier)
        states = rows["state"]
        return _state_map(
            areas,
            states,
            rows=rows,
            subject=subject,
            level=level,
            title=title,
            subtitle=subtitle,
            legend_title=legend_title,
            as_of=as_of,
            source=source,
            method=method,
            labels=labels,
            panels=panels,
            context=context,
            style=style,
        )
    series = series_of(areas, values)
    if set(series.dropna().unique()) <= set(STATES) and series.notna().any():
        return _state_map(
            areas,
            series.fillna("not_known"),
            rows=None,
            subject=subject,
            level=level_of(areas, level),
            title=title,
            subtitle=subtitle,
            legend_title=legend_title,
            as_of=as_of,
            source=source,
            method=method,
            labels=labels,
            panels=panels,
            context=context,
            style=style,
        )
    return _number_map(
        areas,
        numbers_of(series),
        level=level_of(areas, level),
        title=title,
        subtitle=subtitle,
        legend_title=legend_title,
        unit=unit,
        classes=classes,
        breaks=breaks,
        scheme=scheme,
        as_of=as_of,
        source=source,
        method=method,
        labels=labels,
        panels=panels,
        context=context,
        style=style,
    )


# -- what to map -----------------------------------------------------------------------------------


def _coverage_of(study: Study, level: str, category: str | None, tier: str | None) -> pd.DataFrame:
    if (category is None) == (tier is None):
        raise InputError(
            "Say what to map: category= (such as "
            f'"{next(iter(CATEGORIES))}") or tier= ({", ".join(TIERS)}), one of the two.'
        )
    return work_out_coverage(study, level=level, by="category" if category else "tier")


def _rows_of(
    coverage: pd.DataFrame,
    areas: gpd.GeoDataFrame,
    *,
    category: str | None,
    tier: str | None,
) -> pd.DataFrame:
    missing = {"area_code", "state"} - set(coverage.columns)
    if missing:
        raise InputError(
            f"The coverage frame lacks the column {', '.join(sorted(missing))}. "
            "Give the frame that gapmap.coverage(...) returns."
        )
    rows = coverage
    wanted = category or tier
    if "dimension" in rows and wanted:
        rows = rows[rows["dimension"] == ("category" if category else "tier")]
    if "value" in rows:
        if wanted is None and rows["value"].nunique() > 1:
            raise InputError(
                "The coverage frame holds several kinds of service. Say which to map: "
                'category="infant_mental_health", or tier="specialist".'
            )
        if wanted is not None:
            have = sorted(set(rows["value"]))
            rows = rows[rows["value"] == wanted]
            if rows.empty:
                raise InputError(
                    f'The coverage frame has nothing on "{wanted}". It has: {", ".join(have)}.'
                )
    if "level" in rows:
        rows = rows[rows["area_code"].isin(areas.index)]
    rows = rows.set_index("area_code")
    if rows.index.has_duplicates:
        raise InputError(
            "The coverage frame has more than one row for an area. Keep one level and one value."
        )
    rows = rows.reindex(areas.index)
    rows["state"] = rows["state"].fillna("not_known")
    return rows


def series_of(areas: gpd.GeoDataFrame, values: pd.Series | str | None) -> pd.Series:
    if values is None:
        raise InputError(
            "There is nothing to map. Give values: a Series on the areas' index, the name of a "
            "column, or a coverage frame."
        )
    if isinstance(values, str):
        if values not in areas.columns:
            have = ", ".join(str(c) for c in areas.columns if c != "geometry")
            raise InputError(f'The areas have no column "{values}". They have: {have}.')
        return areas[values]
    strange = values.index.difference(areas.index)
    if len(strange):
        raise InputError(
            f"{len(strange)} of the values belong to no area: "
            f"{', '.join(str(one) for one in strange[:5])}. "
            "Their index must hold the codes that the areas have."
        )
    return values.reindex(areas.index)


def numbers_of(series: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(series, errors="coerce").astype(float)
    odd = series[numbers.isna() & series.notna()]
    if len(odd):
        raise InputError(
            f'"{odd.iloc[0]}" (area {odd.index[0]}) is neither a number nor a state '
            f"({', '.join(STATES)}). Leave a value blank where it is not known."
        )
    return numbers.where(np.isfinite(numbers))


def level_of(areas: gpd.GeoDataFrame, level: str) -> str:
    if "level" in areas.columns and areas["level"].nunique() == 1:
        return str(areas["level"].iloc[0])
    return level


def areas_in_words(count: int, level: str) -> str:
    """A number of areas of a level.

    Examples
    --------
    >>> areas_in_words(1, "board"), areas_in_words(14, "board")
    ('1 health board', '14 health boards')
    """
    return f"{count} {_ONE.get(level, 'area') if count == 1 else _MANY.get(level, 'areas')}"


def in_brackets(level: str) -> Entry:
    """The line of a legend that says what its numbers in brackets count."""
    return Entry(UNKNOWN, f"In brackets: number of {_MANY.get(level, 'areas')}", "text")


def _line(*parts: str) -> str:
    line = ", ".join(part for part in parts if part)
    return line[:1].upper() + line[1:]


def _day(as_of: date | str | None) -> str:
    if as_of is None:
        return ""
    return date_in_words(full_date(as_of))


def finding(subject: str, states: pd.Series, level: str, *, name: str = "") -> str:
    """The sentence over a map of states, made from its counts.

    Parameters
    ----------
    subject
        What was looked for.
    states
        Codes of states, one for each area.
    level
        Level of the areas.
    name
        Name of the area, if there is but one.

    Examples
    --------
    >>> finding("Play therapy", pd.Series(["partly", *["none_found"] * 13]), "board")
    'Play therapy: in 1 of 14 health boards, for some families only; looked in 13, found none'
    """
    counts = Counter(states)
    total = len(states)
    if total == 1 and name:
        said = STATES[str(states.iloc[0])]
        return f"{subject} in {name}: {said[0].lower()}{said[1:]}" if subject else f"{name}: {said}"
    whole, some = counts["provided"], counts["partly"]
    many = _MANY.get(level, "areas")
    if whole + some == 0:
        parts = [f"in none of {total} {many} that we know of"]
    elif whole == 0:
        parts = [f"in {some} of {total} {many}, for some families only"]
    elif some == 0:
        parts = [
            f"in {whole if whole < total else 'all'} of {total} {many}".replace("all of ", "all ")
        ]
    else:
        parts = [f"in {whole + some} of {total} {many}, in {some} of them for some families only"]
    if counts["none_found"]:
        parts.append(f"looked in {counts['none_found']}, found none")
    if counts["not_known"]:
        parts.append(f"{counts['not_known']} not yet known")
    return f"{subject}: {'; '.join(parts)}" if subject else "; ".join(parts).capitalize()


# -- states ----------------------------------------------------------------------------------------


def state_looks(rows: pd.DataFrame, *, oldest: int = 12) -> dict[str, Look]:
    """How each area is drawn: its state's look, paler the longer ago its evidence.

    Parameters
    ----------
    rows
        By area code: state, and where known stale (``yes``) and last_known.
    oldest
        Years before the newest evidence of all at which the fading ends.
    """
    stale = _column(rows, "stale").eq("yes")
    years = pd.to_numeric(_column(rows, "last_known").str.slice(0, 4), errors="coerce")
    newest = years.max()
    looks = {}
    for code, state in rows["state"].items():
        look = STATE_LOOKS[str(state)]
        if stale[code] and state in ("provided", "partly"):
            age = min(max((newest - years[code]) / oldest, 0.0), 1.0) if years[code] else 1.0
            faded = mix(look.fill, 0.45 + 0.25 * (0.0 if np.isnan(age) else age))
            look = Look(faded, look.hatch or "", look.ink)
        looks[str(code)] = look
    return looks


def _column(rows: pd.DataFrame, name: str) -> pd.Series:
    if name not in rows:
        return pd.Series("", index=rows.index)
    return rows[name].astype("object").where(rows[name].notna(), "").astype(str)


def area_rows(areas: gpd.GeoDataFrame, values: pd.DataFrame | pd.Series) -> pd.DataFrame:
    """States on the areas' index, from a Series or from a coverage frame of one value.

    Raises
    ------
    InputError
        If they do not fit the areas.
    """
    if isinstance(values, pd.DataFrame):
        return _rows_of(values, areas, category=None, tier=None)
    return pd.DataFrame({"state": series_of(areas, values).fillna("not_known")})


def state_entries(rows: pd.DataFrame, *, counted: bool = True) -> list[Entry]:
    """The legend of a map of states: every state in plain words, with its count of areas."""
    counts = Counter(rows["state"])
    entries = [
        Entry(STATE_LOOKS[code], f"{words} ({counts[code]})" if counted else words)
        for code, words in STATES.items()
    ]
    stale = _column(rows, "stale").eq("yes") & rows["state"].isin(["provided", "partly"])
    if stale.any():
        look = STATE_LOOKS[str(rows.loc[stale, "state"].iloc[0])]
        entries.insert(
            2,
            Entry(
                Look(mix(look.fill, 0.55), look.hatch, look.ink),
                f"Paler: last known years ago, the year is on the map ({int(stale.sum())})"
                if counted
                else "Paler: last known years ago",
            ),
        )
    return entries


def _state_map(
    areas: gpd.GeoDataFrame,
    states: pd.Series,
    *,
    rows: pd.DataFrame | None,
    subject: str,
    level: str,
    title: str | None,
    subtitle: str | None,
    legend_title: str | None,
    as_of: date | str | None,
    **page: Any,
) -> MapFigure:
    odd = sorted(set(states) - set(STATES))
    if odd:
        raise InputError(f'"{odd[0]}" is no state. The states are {", ".join(STATES)}.')
    rows = pd.DataFrame({"state": states}) if rows is None else rows
    stale = _column(rows, "stale").eq("yes") & states.isin(["provided", "partly"])
    years = _column(rows, "last_known").str.slice(0, 4)
    second = {str(code): f"last known {years[code]}" for code in areas.index if stale[code]}
    where = f"{_MANY.get(level, 'areas').capitalize()} of Scotland" if is_scotland(areas) else ""
    when = _day(as_of)
    return _draw(
        areas,
        looks=state_looks(rows),
        entries=[*state_entries(rows), in_brackets(level)],
        second=second,
        title=title or finding(subject, states, level, name=str(names_of(areas).iloc[0])),
        subtitle=subtitle
        if subtitle is not None
        else _line(where, f"as of {when}" if when else ""),
        legend_title=legend_title or "What families can get there",
        data=pd.DataFrame(
            {"name": names_of(areas), "state": states, "says": states.map(dict(STATES))}
        ),
        groups=states.map(dict(STATES)),
        order=list(STATES.values()),
        **page,
    )


# -- numbers ---------------------------------------------------------------------------------------


#: Ways to divide numbers into classes -> the class of mapclassify that does it ("" for ours).
SCHEMES = {"equal_count": "", "natural_breaks": "FisherJenks", "equal_interval": "EqualInterval"}


def class_breaks(
    values: pd.Series, *, classes: int = 4, scheme: str = "equal_count"
) -> list[float]:
    """Round limits between classes of numbers; equal numbers are never in two classes.

    Parameters
    ----------
    values
        Numbers; missing ones do not count.
    classes
        At most this many; fewer where there are few different values.
    scheme
        ``equal_count``: about equally many areas in each; ``natural_breaks`` (Fisher and Jenks) or
        ``equal_interval``, by the library mapclassify. Limits are moved to the roundest number
        that divides the areas alike.

    Returns
    -------
    list of float
        Limits between the classes, rising; a value on a limit belongs to the higher class.

    Raises
    ------
    InputError
        If the number of classes is not from 2 to 5, or there is no such scheme.
    MissingDependency
        If the scheme needs mapclassify and it is not installed.

    Examples
    --------
    >>> class_breaks(pd.Series([1, 2, 3, 4, 11, 12, 13, 40]), classes=4)
    [3.0, 10.0, 13.0]
    """
    if not 2 <= classes <= 5:
        raise InputError(f"A map has 2 to 5 classes, not {classes}: more cannot be told apart.")
    if scheme not in SCHEMES:
        raise InputError(f'"{scheme}" is no scheme of classes. Choose from {", ".join(SCHEMES)}.')
    known = np.sort(values.dropna().to_numpy(dtype=float))
    different, below = np.unique(known, return_index=True)
    distinct = [float(one) for one in different]
    number = min(classes, len(distinct))
    if number < 2:
        return []
    if SCHEMES[scheme]:
        tops = _library_tops(known, number, SCHEMES[scheme])
        cuts = np.unique(np.searchsorted(distinct, tops[:-1], side="right"))
        return [_roundest(distinct[n - 1], distinct[n]) for n in cuts if 0 < n < len(distinct)]
    # A limit stands between two different values: where the count below is nearest to its share,
    # or up to a sixteenth of the areas off that for a rounder number.
    limits: list[float] = []
    first = 1
    for n in range(1, number):
        cuts = np.arange(first, len(distinct) - (number - 1 - n))
        off = np.abs(below[cuts] - len(known) * n / number)
        near = [int(cut) for cut in cuts[off <= off.min() + len(known) // 16]]
        cut = max(
            near,
            key=lambda at: (
                _step(_roundest(distinct[at - 1], distinct[at])),
                -abs(below[at] - len(known) * n / number),
            ),
        )
        limits.append(_roundest(distinct[cut - 1], distinct[cut]))
        first = cut + 1
    return limits


def _library_tops(known: np.ndarray, number: int, name: str) -> np.ndarray:
    """The highest number of each class, as mapclassify finds it."""
    try:
        import mapclassify
    except ImportError as problem:
        raise MissingDependency("mapclassify", "classes", "This scheme of classes") from problem
    return np.asarray(getattr(mapclassify, name)(known, k=number).bins, dtype=float)


def _roundest(low: float, high: float) -> float:
    """The roundest number above one and at most the other."""
    for power in range(_power(low, high), _power(low, high) - 18, -1):
        for part in (5, 2, 1):
            step = part * 10.0**power
            rounded = round(float(np.floor(high / step + 1e-9)) * step, max(0, 1 - power))
            if low < rounded <= high:
                return rounded
    return float(high)


def _step(number: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that goes into a number."""
    if number == 0:
        return np.inf
    for power in range(_power(number, number), _power(number, number) - 18, -1):
        for part in (5, 2, 1):
            ratio = number / (part * 10.0**power)
            if abs(ratio - round(ratio)) < 1e-9:
                return part * 10.0**power
    return 0.0


def _power(one: float, other: float) -> int:
    return int(np.floor(np.log10(max(abs(one), abs(other))))) + 1


def _say(number: float, places: int) -> str:
    return f"{number:,.{places}f}" if abs(number) < 1e15 else f"{number:.3g}"


@dataclass(frozen=True)
class Classes:
    """Numbers in a few classes, as every map draws them.

    Parameters
    ----------
    words
        Each class as the legend says it, lowest first.
    colours
        Each class's colour.
    kind
        The class of each value, on the values' index; -1 for one that is not known.
    places
        Decimals of a printed value.
    tail
        What follows a printed value: ``%`` or nothing.
    """

    words: tuple[str, ...]
    colours: tuple[str, ...]
    kind: pd.Series
    places: int
    tail: str

    def say(self, value: float) -> str:
        """A value as the map prints it."""
        return f"{_say(value, self.places)}{self.tail}"


def number_classes(
    values: pd.Series,
    *,
    unit: str = "",
    classes: int = 4,
    breaks: Sequence[float] | None = None,
    scheme: str = "equal_count",
    places: int | None = None,
    style: Style = DEFAULT,
) -> Classes:
    """Put numbers into classes, with the words and colours of each.

    Parameters
    ----------
    values
        Numbers; a missing one is not known.
    places
        Decimals of a printed value; by default as many as their size asks for.
    unit, classes, breaks, scheme, style
        As for :func:`choropleth`.

    Raises
    ------
    InputError
        If the breaks do not rise, or are more than four.

    Examples
    --------
    >>> number_classes(pd.Series([1.0, 4.0, None]), breaks=[3]).words
    ('Up to 2', '3 to 4')
    """
    # What is printed decides the class: 74.9 that is printed as 75 belongs to "75 and more".
    printed = values.round(_places(values))
    limits = (
        [float(b) for b in breaks]
        if breaks is not None
        else class_breaks(printed, classes=classes, scheme=scheme)
    )
    if limits != sorted(set(limits)):
        raise InputError(f"Breaks must rise: {limits}.")
    if len(limits) > 4:
        raise InputError(f"A map has at most 5 classes; these breaks make {len(limits) + 1}.")
    places = _places(pd.Series([*values, *limits])) if places is None else places
    number = len(limits) + 1
    colours = steps_of(style.sequence, number)
    position = np.searchsorted(limits, values.fillna(0).round(places).to_numpy(), side="right")
    kind = pd.Series(position, index=values.index).where(values.notna(), -1).astype(int)
    low, high = values.min(), values.max()
    percent = unit.strip().startswith("%")
    tail = "%" if percent else ""
    edges = [low, *limits, high]
    words = []
    for n in range(number):
        start, end = f"{_say(edges[n], places)}{tail}", f"{_say(edges[n + 1], places)}{tail}"
        if places == 0 and not percent and number > 1 and (values.dropna() % 1 == 0).all():
            # Whole numbers are told as people count: 3 to 5, not 3 to under 6.
            first, last = int(np.ceil(edges[n])), int(np.ceil(edges[n + 1])) - (n < number - 1)
            told = f"{first:,}" if first >= last else f"{first:,} to {last:,}"
            words.append(f"Up to {last:,}" if n == 0 and last > first else told)
        elif number == 1:
            words.append(start if low == high else f"{start} to {end}")
        elif n < number - 1:
            words.append(f"{start} to under {end}" if n else f"Under {end}")
        else:
            words.append(f"{start} to {end}" if high > edges[n] else start)
    return Classes(tuple(words), tuple(colours), kind, places, tail)


def _number_map(
    areas: gpd.GeoDataFrame,
    values: pd.Series,
    *,
    level: str,
    title: str | None,
    subtitle: str | None,
    legend_title: str | None,
    unit: str,
    classes: int,
    breaks: Sequence[float] | None,
    scheme: str,
    as_of: date | str | None,
    style: Style,
    **page: Any,
) -> MapFigure:
    classed = number_classes(
        values, unit=unit, classes=classes, breaks=breaks, scheme=scheme, style=style
    )
    places, tail, words, kind = classed.places, classed.tail, classed.words, classed.kind
    colours, number = classed.colours, len(classed.words)
    low, high = values.min(), values.max()
    counts = kind.value_counts()
    entries = [
        Entry(Look(colours[n]), f"{words[n]} ({counts.get(n, 0)})") for n in reversed(range(number))
    ]
    if values.isna().all():
        entries = []
    if values.isna().any():
        entries.append(Entry(UNKNOWN, f"{_NOT_KNOWN} ({counts.get(-1, 0)})"))
    entries.append(in_brackets(level))
    groups = kind.map(lambda n: _NOT_KNOWN if n < 0 else words[n])
    names = names_of(areas)
    if title is None:
        title = legend_title or unit or "Values"
        if values.notna().any() and low < high:
            title = (
                f"{title[0].upper()}{title[1:]}: from {_say(low, places)}{tail} in "
                f"{names[values.idxmin()]} to {_say(high, places)}{tail} in "
                f"{names[values.idxmax()]}"
            )
    where = f"{_MANY.get(level, 'areas').capitalize()} of Scotland" if is_scotland(areas) else ""
    when = _day(as_of)
    return _draw(
        areas,
        looks={str(code): UNKNOWN if n < 0 else Look(colours[n]) for code, n in kind.items()},
        entries=entries,
        second={
            str(code): f"{_say(value, places)}{tail}"
            for code, value in values.items()
            if pd.notna(value)
        },
        title=title,
        subtitle=subtitle
        if subtitle is not None
        else _line(unit, where, f"as of {when}" if when else ""),
        legend_title=f"{legend_title}, {unit}"
        if legend_title and unit and not tail and unit not in legend_title
        else legend_title or unit or "Value",
        data=pd.DataFrame({"name": names, "value": values, "class": groups}),
        groups=groups,
        order=[*reversed(words), _NOT_KNOWN],
        style=style,
        **page,
    )


def _places(values: pd.Series) -> int:
    """Decimals that numbers of this size need, the same for all of them on one map."""
    largest = float(values.abs().max()) if values.notna().any() else 0.0
    if largest == 0 or (values.dropna() % 1 == 0).all():
        return 0
    return 0 if largest >= 50 else 1 if largest >= 1 else 1 - int(np.floor(np.log10(largest)))


def steps_of(colours: Sequence[str], number: int) -> list[str]:
    """That many colours of a sequence, ends kept, steps between them mixed."""
    if number == 1:
        return [colours[-1]]
    if number == 2:
        return [colours[0], colours[-1]]
    steps = []
    for n in range(number):
        at = n * (len(colours) - 1) / (number - 1)
        lower = min(int(at), len(colours) - 2)
        steps.append(mix(colours[lower], at - lower, colours[lower + 1]))
    return steps


# -- the page --------------------------------------------------------------------------------------


def _draw(
    areas: gpd.GeoDataFrame,
    *,
    looks: Mapping[str, Look],
    entries: Sequence[Entry],
    second: Mapping[str, str],
    title: str,
    subtitle: str,
    legend_title: str,
    data: pd.DataFrame,
    groups: pd.Series,
    order: Sequence[str],
    source: str | Sequence[str],
    method: str,
    labels: bool,
    panels: bool,
    context: gpd.GeoDataFrame | None,
    style: Style,
) -> MapFigure:
    names = names_of(areas, style=style)
    texts = {
        str(code): "\n".join(part for part in (names[code], second.get(str(code), "")) if part)
        for code in areas.index
    }
    figure = draw_map(
        areas,
        looks=looks,
        texts=texts if labels else {},
        title=title,
        subtitle=subtitle,
        legend_title=legend_title,
        entries=entries,
        notes=foot(source, method),
        panels=panels,
        context=context,
        style=style,
    )
    figure.gapmap_data = data
    spoken = [f"Map. {figure.gapmap_title}", subtitle]
    for group in order:
        of_group = [names[code] for code in areas.index if groups[code] == group]
        if of_group:
            spoken.append(f"{group}: {', '.join(sorted(of_group))}")
    figure.gapmap_alt = ". ".join(part.rstrip(".") for part in spoken if part) + "."
    return figure
