"""The interactive map: one page that needs no internet, works by keyboard and is read aloud."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from gapmap.errors import FileError, InputError
from gapmap.gaps.earlier import Earlier, coverage_of, earlier
from gapmap.gaps.rural_places import place_in_words
from gapmap.place.confidential import is_confidential
from gapmap.place.geography import level_label, plain
from gapmap.place.geography import names as known_names
from gapmap.provision.coverage import provision
from gapmap.provision.tables import evidence_table, service_tables
from gapmap.show.areas import names_of
from gapmap.show.choropleth import state_looks, steps_of
from gapmap.show.layers import (
    Layer,
    between_words,
    ending_soon,
    layers_of,
    status_words,
)
from gapmap.show.points import TIER_MARKS
from gapmap.show.rural import TIMES as RURAL_TIMES
from gapmap.show.rural import range_in_words
from gapmap.show.search import packed
from gapmap.show.style import DEFAULT, STATE_LOOKS, Look, Style
from gapmap.travel.method import by_what, how_measured, travel_notes
from gapmap.travel.rural import classes_in_words
from gapmap.vocabulary import (
    CATEGORIES,
    CERTAINTY,
    COMES_TO_FAMILY,
    DELIVERY,
    DIMENSIONS,
    FOOT_FERRY,
    FOOT_FERRY_NOTE,
    FOR_SOME,
    PRECISE,
    ROLES,
    SECTORS,
    STATES,
    TIERS,
    WEIGHTS,
    category_label,
    label,
)
from gapmap.words import (
    date_in_words,
    list_in_words,
    minutes_in_words,
    number_in_words,
    share_in_words,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import folium
    import geopandas as gpd

    from gapmap.study import Study

#: A page bigger than this is slow to open and refused by many mail servers.
LARGEST_BYTES = 6_000_000

#: The tables of a run that the map shows, by the names of its arguments.
MAP_TABLES = (
    "coverage",
    "services",
    "locations",
    "links",
    "gaps",
    "travel",
    "nearest",
    "rural",
    "bounds",
    "evidence",
    "calendar",
    "fragility",
    "referral_routes",
)

#: How far a drawn border may lie from the true one, in metres.
_FINENESS = 120.0
_PLURAL = {"board": "health boards", "council": "councils", "hscp": "partnerships"}
#: What the page calls the shapes that the printed maps mark tiers with.
_MARKS = {"o": "circle", "s": "square", "^": "triangle"}
_TITLE = {"board": "Health boards", "council": "Councils", "hscp": "Partnerships"}


def interactive_map(
    study: Study,
    *,
    coverage: pd.DataFrame | None = None,
    services: pd.DataFrame | None = None,
    locations: pd.DataFrame | None = None,
    links: pd.DataFrame | None = None,
    gaps: pd.DataFrame | None = None,
    travel: pd.DataFrame | None = None,
    nearest: pd.DataFrame | None = None,
    rural: pd.DataFrame | None = None,
    bounds: pd.DataFrame | None = None,
    evidence: pd.DataFrame | None = None,
    calendar: pd.DataFrame | None = None,
    fragility: pd.DataFrame | None = None,
    referral_routes: pd.DataFrame | None = None,
    also_at: Sequence[date | str | Earlier] = (),
    levels: Sequence[str] | None = None,
    title: str | None = None,
    tiles: str | None = None,
    style: Style = DEFAULT,
) -> folium.Map:
    """A map to explore: areas by kind of service, services, gaps, and a card for every area.

    One page holds everything: it asks for nothing from outside. It can be used by keyboard, says in
    a list what the map shows, fits a phone, and prints. Save it with :func:`save_interactive`; in a
    notebook it shows as it is. What is not given is left out, but for what the study alone can
    tell in a moment (coverage, services, evidence, and links between services and areas).

    Parameters
    ----------
    study
        The study; its areas are drawn.
    coverage
        As ``gapmap.coverage`` returns it, of any levels and dimensions; worked out for tiers and
        categories if not given.
    services, locations
        As a run's tables of services and of their further places; worked out if not given. A
        confidential place is never shown.
    links
        As a run's links table: which areas each service serves, for a family's road.
    gaps
        As a run's gaps table: the list of gaps, and the layer of how many.
    travel
        As a run's travel table: the layers of minutes and shares.
    nearest
        As a run's nearest table: brings the search for a postcode or place.
    rural
        As a run's rural table: remote places beyond reach, drawn as points.
    bounds
        As a run's bounds table: the least and the most that can be true.
    evidence
        As a run's evidence table: how hard was looked.
    calendar, fragility
        As a run's tables: what may end by the next 31 March.
    referral_routes
        As a run's table: who is known to be able to refer.
    also_at
        Further dates to switch to, worked out from the study; or what
        :func:`gapmap.gaps.earlier.earlier` worked out.
    levels
        Levels to offer, the first one shown; by default all that the study has, boards first.
    title
        Head of the page; by default the study's name.
    tiles
        Background tiles from the internet (a name or address that folium knows). Off by default:
        with tiles the page is no longer free of requests.
    style
        Colours of classed numbers.

    Returns
    -------
    folium.Map
        Further folium layers can be added to it.

    Raises
    ------
    InputError
        If the study has no areas of a level, or the coverage lacks columns.

    Examples
    --------
    >>> import gapmap as gm
    >>> page = gm.interactive_map(gm.scotland())  # doctest: +SKIP
    >>> save_interactive(page, "map.html")  # doctest: +SKIP
    """
    settings = study.settings
    have = [one for one in ("board", "council", "hscp") if one in set(study.areas["level"])]
    have += [one for one in dict.fromkeys(study.areas["level"]) if one not in have]
    chosen = list(levels) if levels is not None else have
    areas = {level: study.level(level) for level in chosen}
    tables = _tables(
        study,
        chosen,
        coverage=coverage,
        services=services,
        locations=locations,
        links=links,
        gaps=gaps,
        travel=travel,
        rural=rural,
        bounds=bounds,
        evidence=evidence,
        calendar=calendar,
        fragility=fragility,
        referral_routes=referral_routes,
    )
    here = {str(code) for frame in areas.values() for code in frame.index}
    tables["coverage"] = tables["coverage"][tables["coverage"]["area_code"].isin(here)]
    dated = [_earlier(study, one, chosen, here) for one in also_at]
    words = _Words()
    looks = _Looks()
    names = {
        level: {str(code): shown(name) for code, name in frame["name"].items()}
        for level, frame in areas.items()
    }
    many = {level: _PLURAL.get(level, "areas") for level in chosen}
    shown_services = _services(study, tables, dated, words)
    data: dict[str, Any] = {
        "levels": [
            _level(frame, level) | {"also": _aliases(frame, level)}
            for level, frame in areas.items()
        ],
        "measures": _measures(tables["coverage"], study),
        "states": [[code, text, looks.number(STATE_LOOKS[code])] for code, text in STATES.items()],
        "dates": [
            {
                "code": settings.as_of.isoformat(),
                "label": date_in_words(settings.as_of),
                "states": _states(tables["coverage"], chosen, words, looks),
            },
            *(
                _dated(tables["coverage"], one, chosen, words, looks)
                | {
                    "layers": [
                        _layer(layer, words, looks)
                        for layer in layers_of(
                            study.at(one.as_of),
                            chosen,
                            {"coverage": one.coverage},
                            names=names,
                            many=many,
                            style=style,
                        )
                    ]
                }
                for one in dated
            ),
        ],
        "layers": [
            _layer(one, words, looks)
            for one in layers_of(study, chosen, tables, names=names, many=many, style=style)
        ],
        "rural": _rural(study, tables["rural"], words, looks, style),
        "people_label": WEIGHTS.get(settings.weight, settings.weight).capitalize(),
        "travel": _travel(study, tables["travel"], chosen, words),
        "by": by_what(settings),
        "how": how_measured(settings),
        "foot_ferry": [FOOT_FERRY, FOOT_FERRY_NOTE],
        "for_some": dict(FOR_SOME),
        "bounds": _bounds(tables["bounds"], chosen, words),
        "evidence": _evidence(tables["evidence"], chosen, words),
        "gaps": _gaps(tables.get("gaps"), chosen, words),
        "services": shown_services,
        "homes": _homes_of_services(tables["links"], shown_services),
        "tiers": [[code, text] for code, text in TIERS.items()],
        "tier_looks": {code: [colour, _MARKS[mark]] for code, (mark, colour) in TIER_MARKS.items()},
        "sectors": [[code, text] for code, text in SECTORS.items()],
        "tiles": tiles is not None,
        "stale_years": settings.stale_years,
    }
    search = None
    if nearest is not None and len(nearest):
        order = {row["id"]: n for n, row in enumerate(shown_services)}
        search = packed(nearest, study, words.number, services=order)
    if search is not None:
        data["search"] = search
    data["looks"] = looks.all
    data["strings"] = words.all
    placed = sum(1 for row in shown_services if row["at"] and row["counts"][0])
    page = {
        "title": shown(title or settings.name),
        "subtitle": f"{_only(names[chosen[0]])}As of {date_in_words(settings.as_of)}. "
        f"{_first_sentence(settings.about)}",
        "notes": _first_notes(study, shown_services, placed),
        "method": [
            *(shown(line, longest=600) for line in settings.approximate),
            *travel_notes(settings),
            *([shown(classes_in_words(study), longest=600)] if data["rural"]["places"] else []),
            "Services of a wider area are counted apart. An area is paler where the newest "
            f"evidence of a service is older than {settings.stale_years} years.",
        ],
        "sources": [shown(line, longest=600) for line in settings.attribution],
        "search": search is not None,
        "rural": bool(data["rural"]["places"]),
        "gaps": gaps is not None,
        "changes": [
            {"label": date_in_words(one.as_of), "lines": [shown(w, longest=600) for w in one.words]}
            for one in dated
        ],
        "as_of": date_in_words(settings.as_of),
        "example": "" if search is None else search["example"],
        "data": _json(data),
    }
    return _page(page, tiles)


def _earlier(
    study: Study, one: date | str | Earlier, levels: Sequence[str], here: set[str]
) -> Earlier:
    """A further date, with the cells of the areas that are shown."""
    made = one if isinstance(one, Earlier) else earlier(study, one, levels=levels)
    return replace(made, coverage=made.coverage[made.coverage["area_code"].isin(here)])


def _page(page: dict[str, Any], tiles: str | None) -> folium.Map:
    """The folium map whose figure is the whole page."""
    import folium
    from branca.element import Element, MacroElement
    from folium.template import Template

    result = folium.Map(
        location=[57.3, -4.2],
        zoom_start=6,
        tiles=None,
        zoom_snap=0.25,
        min_zoom=4,
        max_zoom=14,
        attribution_control=tiles is not None,
    )
    # Leaflet is in the page itself; nothing that folium would fetch is needed.
    result.default_js = []
    result.default_css = []
    result._template = Template(_MAP)
    figure = result.get_root()
    figure.height = "720px"
    images = "data: https:" if tiles else "data:"
    for name, text in {
        "policy": '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
        f"img-src {images}; base-uri 'none'; form-action 'none'\">",
        "view": '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "scheme": '<meta name="color-scheme" content="light dark">',
        "title": f"<title>{_escape(str(page['title']))}</title>",
        "leaflet_css": f"<style>{_leaflet_css()}</style>",
        "page_css": f"<style>{_own('interactive.css')}</style>",
        "leaflet_js": f"<script>{_leaflet_js()}</script>",
        "page_js": f"<script>{_own('interactive.js')}\n{_own('interactive_search.js')}</script>",
    }.items():
        figure.header.add_child(Element(_verbatim(text)), name=f"gapmap_{name}")
    template = Template(_own("interactive.html"))
    template.globals["page"] = page
    figure._template = template
    if tiles:
        folium.TileLayer(tiles).add_to(result)
    start = MacroElement()
    start._name = "GapmapPage"
    start._template = Template(
        "{% macro script(this, kwargs) %}gapmapPage({{ this._parent.get_name() }});{% endmacro %}"
    )
    result.add_child(start)
    return result


def save_interactive(page: folium.Map, path: Path | str) -> Path:
    """Write an interactive map as one HTML file; the same map gives the same bytes.

    Parameters
    ----------
    page
        As :func:`interactive_map` returns it.
    path
        The file.

    Raises
    ------
    InputError
        If the page is larger than 6 MB.
    FileError
        If the file cannot be written.
    """
    html = _renumbered(page)
    data = html.encode("utf-8", "replace")
    if len(data) > LARGEST_BYTES:
        raise InputError(
            f"The interactive map has {len(data) / 1e6:.1f} MB, more than "
            f"{LARGEST_BYTES / 1e6:.0f} MB: too much to open on a phone or to send by mail. Leave "
            "out nearest=, or offer fewer levels= or dates."
        )
    target = Path(path)
    try:
        target.write_bytes(data)
    except OSError as error:
        raise FileError(
            f"The map {target} could not be written ({error.strerror or error}). "
            "Close it if a browser or editor holds it, and check that the folder exists."
        ) from error
    return target


def _renumbered(page: folium.Map) -> str:
    """The page as text, with folium's random ids replaced by their order."""
    root = page.get_root()
    html: str = root.render()
    ids: list[str] = []

    def walk(element: Any) -> None:
        ids.append(element._id)
        for child in element._children.values():
            walk(child)

    for element in (root, root.header, root.html, root.script):
        walk(element)
    order = {one: f"{n:032x}" for n, one in enumerate(dict.fromkeys(ids))}
    return re.sub("|".join(map(re.escape, order)), lambda found: order[found[0]], html)


# -- the page's own parts -------------------------------------------------------------------------

_MAP = """
{% macro html(this, kwargs) %}
<div class="folium-map" id="{{ this.get_name() }}" style="width:100%;height:100%"></div>
{% endmacro %}
{% macro script(this, kwargs) %}
var {{ this.get_name() }} = L.map({{ this.get_name() | tojson }}, {
  center: {{ this.location | tojson }},
  crs: L.CRS.{{ this.crs }},
  ...{{ this.options | tojavascript }},
  ...(matchMedia("(prefers-reduced-motion: reduce)").matches
    ? { zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false }
    : {}),
});
{% endmacro %}
"""


@cache
def _own(name: str) -> str:
    return (files("gapmap.show") / name).read_text(encoding="utf-8")


def _leaflet(name: str) -> Path:
    # The package is found by its record: importing it would pull in pkg_resources.
    folder = distribution("XStatic-Leaflet").locate_file("xstatic/pkg/leaflet/data")
    return Path(str(folder)) / name


@cache
def _leaflet_js() -> str:
    text = _leaflet("leaflet.js").read_text(encoding="utf-8")
    text = re.sub(r"//# sourceMappingURL=\S+\s*$", "", text)
    icons = {
        key: _picture(f"images/{name}.png")
        for key, name in (
            ("iconUrl", "marker-icon"),
            ("iconRetinaUrl", "marker-icon-2x"),
            ("shadowUrl", "marker-shadow"),
        )
    }
    # Leaflet guesses the folder of its icons from the style sheet; here they are in the page.
    return (
        f"{text}\ndelete L.Icon.Default.prototype._getIconUrl;"
        f"L.Icon.Default.mergeOptions({json.dumps(icons)});"
    )


@cache
def _leaflet_css() -> str:
    text = _leaflet("leaflet.css").read_text(encoding="utf-8")
    return re.sub(r"url\((images/[^)]+\.png)\)", lambda m: f"url({_picture(m[1])})", text)


@cache
def _picture(name: str) -> str:
    data = base64.b64encode(_leaflet(name).read_bytes()).decode("ascii")
    return f"data:image/png;base64,{data}"


def _verbatim(text: str) -> str:
    """Text that branca's templates leave alone."""
    return "{% raw %}" + text + "{% endraw %}"


def _escape(text: str) -> str:
    for mark, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(mark, safe)
    return text


def _json(data: Any) -> str:
    """JSON that cannot end the script element that it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def _first_sentence(text: str) -> str:
    plain = shown(text, longest=400)
    return re.split(r"(?<=[.!?]) ", plain)[0] if plain else ""


def _only(names: Mapping[str, str]) -> str:
    """Which area the page is limited to, if it is."""
    return f"{next(iter(names.values()))} only. " if len(names) == 1 else ""


class _Words:
    """Every text once: tables say its number."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: object, *, longest: int = 700) -> int:
        """The number of a text."""
        clean = "" if text is None or text is pd.NA else shown(text, longest=longest)
        if clean == "nan":
            clean = ""
        if clean not in self._numbers:
            self._numbers[clean] = len(self.all)
            self.all.append(clean)
        return self._numbers[clean]


# -- what the page holds --------------------------------------------------------------------------


class _Looks:
    """Every look once: classes say its number."""

    def __init__(self) -> None:
        self.all: list[dict[str, str]] = []
        self._numbers: dict[Look, int] = {}

    def number(self, look: Look) -> int:
        """The number of a look."""
        if look not in self._numbers:
            self._numbers[look] = len(self.all)
            self.all.append({"fill": look.fill, "hatch": look.hatch, "ink": look.ink})
        return self._numbers[look]


_NO_TABLE = ("travel", "rural", "bounds", "calendar", "fragility", "referral_routes")


def _tables(
    study: Study, levels: Sequence[str], **given: pd.DataFrame | None
) -> dict[str, pd.DataFrame]:
    """The tables that were given, and those that the study tells in a moment."""
    tables = {name: table for name, table in given.items() if table is not None}
    if not {"coverage", "services", "links"} <= set(tables):
        known = provision(study)
        if "coverage" not in tables:
            tables["coverage"] = coverage_of(study, levels, known=known)
        if "services" not in tables:
            tables["services"], tables["locations"] = service_tables(known)
        if "links" not in tables:
            tables["links"] = known.links
    missing = {"level", "area_code", "dimension", "value", "state"} - set(tables["coverage"])
    if missing:
        raise InputError(
            f"The coverage frame lacks the column {', '.join(sorted(missing))}. "
            "Give the frame that gapmap.coverage(...) returns."
        )
    if "evidence" not in tables:
        tables["evidence"] = evidence_table(study)
    for name in ("locations", *_NO_TABLE):
        if name not in tables:
            tables[name] = pd.DataFrame()
    return tables


def _level(areas: gpd.GeoDataFrame, level: str) -> dict[str, Any]:
    every = areas.geometry.to_numpy()
    if shapely.coverage_is_valid(every):
        every = shapely.coverage_simplify(every, _FINENESS)
    else:
        every = shapely.simplify(every, _FINENESS)
    shapes = areas.set_geometry(every, crs=areas.crs).geometry.to_crs("EPSG:4326")
    largest = [max(shapely.get_parts(one), key=lambda part: part.area) for one in every]
    # The circle comes as a line from its middle to its edge.
    middles = shapely.get_point(
        [shapely.maximum_inscribed_circle(one, tolerance=500.0) for one in largest], 0
    )
    spots = areas.set_geometry(middles, crs=areas.crs).geometry.to_crs("EPSG:4326")
    return {
        "code": level,
        "title": _TITLE.get(level, level_label(level)),
        "one": level_label(level),
        "many": _PLURAL.get(level, "areas"),
        # Where each name goes, the largest areas first: they keep theirs where names would clash.
        "spots": [
            [str(code), short, round(spot.y, 4), round(spot.x, 4)]
            for code, short, spot, _ in sorted(
                zip(areas.index, names_of(areas), spots, areas.geometry.area, strict=True),
                key=lambda row: (-row[3], str(row[0])),
            )
        ],
        "names": {str(code): shown(name) for code, name in areas["name"].items()},
        "shapes": [
            [str(code), [_rings(part) for part in shapely.get_parts(shape)]]
            for code, shape in zip(areas.index, shapes, strict=True)
        ],
    }


def _aliases(areas: gpd.GeoDataFrame, level: str) -> dict[str, str]:
    """Other names of the areas, as a person may type them."""
    known = known_names(areas).get(level, {})
    own = {plain(str(name)) for name in areas["name"]}
    return {alias: str(code) for alias, code in sorted(known.items()) if alias not in own}


def _rings(part: Any) -> list[list[int]]:
    """A polygon's rings, each as steps of 0.0001 degrees from corner to corner."""
    rings = []
    for ring in (part.exterior, *part.interiors):
        corners = np.round(shapely.get_coordinates(ring) * 10_000).astype(np.int64)
        steps = np.diff(corners, axis=0, prepend=0)
        moved = np.r_[True, (steps[1:] != 0).any(axis=1)]
        # Too small to be seen: three corners at least make a face.
        if moved.sum() >= 4:
            rings.append(np.diff(corners[moved], axis=0, prepend=0).ravel().tolist())
    return rings


def _measures(coverage: pd.DataFrame, study: Study) -> list[dict[str, str]]:
    """What can be chosen: kinds of service by tier, then tiers, then the other dimensions."""
    pairs = coverage[["dimension", "value"]].drop_duplicates()
    catalogue = study.table("interventions")
    interventions = (
        dict(zip(catalogue["intervention"], catalogue["name"], strict=True))
        if {"intervention", "name"} <= set(catalogue)
        else {}
    )
    vocabularies: dict[str, Mapping[str, str]] = {
        "tier": TIERS,
        "sector": SECTORS,
        "delivery": DELIVERY,
        "intervention": interventions,
    }
    rows: list[tuple[int, int, dict[str, str]]] = []
    order = ["category", "tier", "sector", "delivery", "intervention"]
    for n, (dimension, value) in enumerate(pairs.itertuples(index=False)):
        if dimension == "category":
            tier = CATEGORIES[value].tier if value in CATEGORIES else ""
            rank = ["specialist", "targeted", "universal", ""].index(tier)
            group = f"{TIERS[tier]} services" if tier else "Other services"
            text = category_label(value)
        else:
            rank = 0
            group = label(dimension, DIMENSIONS)
            text = label(value, vocabularies.get(dimension, {}))
            if dimension == "tier":
                text = f"{text} services"
        place = order.index(dimension) if dimension in order else len(order)
        rows.append(
            (
                place * 10 + rank,
                n,
                {
                    "key": f"{dimension}:{value}",
                    "dimension": dimension,
                    "value": value,
                    "label": shown(text),
                    "group": group,
                },
            )
        )
    return [row for *_, row in sorted(rows, key=lambda item: item[:2])]


def _states(
    coverage: pd.DataFrame, levels: Sequence[str], words: _Words, looks: _Looks
) -> dict[str, dict[str, dict[str, list[Any]]]]:
    """Every cell: state, own and wider services, people, rate, last known, why, its look."""
    number = {code: n for n, code in enumerate(STATES)}
    found: dict[str, dict[str, dict[str, list[Any]]]] = {}
    for (level, dimension, value), rows in coverage[coverage["level"].isin(levels)].groupby(
        ["level", "dimension", "value"], sort=False, observed=True
    ):
        # Only an area whose evidence is old is drawn otherwise than its state is.
        old = "stale" in rows and (rows["stale"] == "yes").any()
        drawn = state_looks(rows.set_index("area_code")) if old else {}
        blank = pd.Series([None] * len(rows), index=rows.index, dtype=object)
        columns = [
            rows.get(name, blank)
            for name in (
                "area_code", "state", "services", "services_wider", "people", "per_1000",
                "last_known", "stale", "why",
            )
        ]  # fmt: skip
        cells = found.setdefault(str(level), {}).setdefault(f"{dimension}:{value}", {})
        for code, state, own, wider, people, rate, last, stale, why in zip(*columns, strict=True):
            cells[str(code)] = [
                number[state],
                _whole(own),
                _whole(wider),
                _figure(people, 0),
                _figure(rate, 3),
                words.number(date_in_words(_text(last))),
                int(stale == "yes"),
                words.number(why),
                looks.number(drawn.get(str(code), STATE_LOOKS[state])),
            ]
    return found


def _dated(
    now: pd.DataFrame,
    one: Earlier,
    levels: Sequence[str],
    words: _Words,
    looks: _Looks,
) -> dict[str, Any]:
    """A further date: its states, and which of them differ only because the evidence does."""
    key = ["level", "dimension", "value", "area_code"]
    both = one.coverage[[*key, "state"]].merge(
        now[[*key, "state"]], on=key, suffixes=("_then", "_now")
    )
    differ = both[both["state_then"] != both["state_now"]]
    changes: dict[str, dict[str, dict[str, int]]] = {}
    for level, dimension, value, code, *_ in differ.itertuples(index=False, name=None):
        because = int((str(code), str(dimension), str(value)) in one.real)
        changes.setdefault(str(level), {}).setdefault(f"{dimension}:{value}", {})[str(code)] = (
            because
        )
    return {
        "code": one.as_of.isoformat(),
        "label": date_in_words(one.as_of),
        "states": _states(one.coverage, levels, words, looks),
        "changes": changes,
    }


def _whole(value: Any) -> int:
    return 0 if value is None or pd.isna(value) else int(value)


def _figure(value: Any, places: int) -> float | None:
    return None if value is None or pd.isna(value) else round(float(value), places)


def _layer(layer: Layer, words: _Words, looks: _Looks) -> dict[str, Any]:
    groups: dict[str, dict[str, Any]] = {}
    for group in layer.groups:
        groups.setdefault(group.level, {})[group.key] = {
            "finding": words.number(group.finding),
            "classes": [[looks.number(look), words.number(text)] for look, text in group.classes],
            "told": {code: [kind, words.number(text)] for code, (kind, text) in group.told.items()},
        }
    return {
        "code": layer.code,
        "title": layer.title,
        "unit": layer.unit,
        "method": layer.method,
        "date": layer.date,
        "groups": groups,
    }


def _rural(
    study: Study, rural: pd.DataFrame, words: _Words, looks: _Looks, style: Style
) -> dict[str, Any]:
    """Places beyond reach: who, where, how far, drawn as on the printed map."""
    places: list[dict[str, Any]] = []
    threshold = float(rural["threshold"].iloc[0]) if len(rural) else study.settings.rural_minutes
    limits = [threshold * times for times in RURAL_TIMES]
    if len(rural) and {"easting", "northing"} <= set(rural):
        at = _degrees(rural["easting"], rural["northing"], study)
    else:
        at = [None] * len(rural)
    for spot, row in zip(at, rural.to_dict("records"), strict=True):
        minutes = row["minutes"]
        no_way = minutes is None or minutes != minutes
        told = [shown(_text(row.get(part))) for part in ("place", "near", "island")]
        places.append(
            {
                "value": str(row["category"]),
                "name": place_in_words(*told),
                "areas": [str(row["area_code"]), str(row.get("board_code", ""))],
                "area": shown(row["area_name"]),
                "step": len(limits) if no_way else int(np.searchsorted(limits, minutes)),
                "mark": _far_mark(row, no_way=no_way),
                "reason": words.number(row["reason"]),
                "told": words.number("No way there" if no_way else minutes_in_words(minutes)),
                "at": spot,
            }
        )
    steps = [range_in_words(n, threshold) for n in range(len(limits) + 1)]
    return {
        "threshold": minutes_in_words(threshold).removeprefix("about "),
        "steps": [
            [looks.number(Look(colour)), words.number(text)]
            for colour, text in zip(steps_of(style.sequence, len(steps)), steps, strict=True)
        ],
        "places": places,
    }


def _far_mark(row: Mapping[str, Any], *, no_way: bool) -> int:
    """By road, by ferry, by a boat that takes no cars, no way: as the page draws them."""
    if no_way:
        return 3
    return 2 if row.get("foot_ferry") == "yes" else int(row["by_ferry"] == "yes")


def _travel(
    study: Study, travel: pd.DataFrame, levels: Sequence[str], words: _Words
) -> dict[str, dict[str, dict[str, list[Any]]]]:
    """What the card says of distance: terms and figures, then the share of each status."""
    found: dict[str, dict[str, dict[str, list[Any]]]] = {}
    straight = study.settings.travel_method == "straight"
    within = [t for t in study.settings.thresholds if f"share_within_{t}" in travel]
    for row in travel.to_dict("records"):
        if row["level"] not in levels:
            continue
        told = []
        if _known(row.get("median_minutes")):
            told.append(("Half are within", minutes_in_words(float(row["median_minutes"]))))
            if _known(row.get("p90_minutes")):
                told.append(("Nine in ten within", minutes_in_words(float(row["p90_minutes"]))))
            told += [
                (f"Within {t} minutes", share_in_words(row[f"share_within_{t}"])) for t in within
            ]
        elif straight and _known(row.get("mean_km")):
            told.append(("On average", f"{row['mean_km']:.1f} km"))
        found.setdefault(str(row["level"]), {}).setdefault(str(row["category"]), {})[
            str(row["area_code"])
        ] = [
            [[words.number(term), words.number(text)] for term, text in told],
            [
                [words.number(term), words.number(text)]
                for term, text in status_words(row, straight=straight)
            ],
        ]
    return found


def _known(value: Any) -> bool:
    return value is not None and not pd.isna(value)


def _bounds(bounds: pd.DataFrame, levels: Sequence[str], words: _Words) -> dict[str, Any]:
    """Per cell: the least and the most state, the children, and what would settle it."""
    found: dict[str, Any] = {}
    number = {code: n for n, code in enumerate(STATES)}
    for row in bounds.to_dict("records"):
        if row["level"] not in levels:
            continue
        key = f"{row['dimension']}:{row['value']}"
        found.setdefault(str(row["level"]), {}).setdefault(key, {})[str(row["area_code"])] = [
            number[row["least"]],
            number[row["most"]],
            words.number(between_words(row, "children")),
            words.number(_text(row.get("settled_by"))),
        ]
    return found


def _evidence(evidence: pd.DataFrame, levels: Sequence[str], words: _Words) -> dict[str, Any]:
    """Per area and category how hard was looked, in words."""
    found: dict[str, Any] = {}
    for row in evidence.to_dict("records"):
        if row["level"] not in levels:
            continue
        found.setdefault(str(row["level"]), {}).setdefault(str(row["category"]), {})[
            str(row["area_code"])
        ] = words.number(_text(row.get("why")))
    return found


def _gaps(gaps: pd.DataFrame | None, levels: Sequence[str], words: _Words) -> list[dict[str, Any]]:
    if gaps is None:
        return []
    return [
        {
            "level": str(row["level"]),
            "code": str(row["area_code"]),
            "name": shown(row["area_name"]),
            "value": str(row["category"]),
            "reason": words.number(row["reason"]),
            "evidence": words.number(row.get("evidence", "")),
            "certainty": words.number(label(_text(row.get("certainty")), CERTAINTY)),
            "settled": words.number(_text(row.get("settled_by"))),
        }
        for row in gaps.to_dict("records")
        if row["level"] in levels
    ]


def _services(
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    dated: Sequence[Earlier],
    words: _Words,
) -> list[dict[str, Any]]:
    """Every service, counting or not, with a point only where one may be shown."""
    services, locations = tables["services"], tables["locations"]
    if "counts_at_as_of" not in services:
        services = services.assign(counts_at_as_of="yes")
    hidden = set(study.services.loc[is_confidential(study.services), "service_id"])
    hidden |= set(services.loc[is_confidential(services), "service_id"])
    places = pd.concat([services, locations]) if len(locations) else services
    # A service with several places has each of them in the table of locations.
    places = places[~places["service_id"].isin(hidden)]
    at: dict[str, list[list[float]]] = {}
    for one, spot in zip(
        places["service_id"], _degrees(places["easting"], places["northing"], study), strict=True
    ):
        if spot is not None and spot not in at.setdefault(str(one), []):
            at[str(one)].append(spot)
    towns = study.services.drop_duplicates("service_id").set_index("service_id")
    refers = _refers(tables["referral_routes"])
    ends = ending_soon(study.services, study.settings.as_of)
    rows = []
    for row in services.to_dict("records"):
        one = str(row["service_id"])
        extra = towns.loc[one] if one in towns.index else {}
        tier, sector = _text(row.get("tier")), _text(row.get("sector"))
        delivery = _text(extra.get("delivery"))
        lines = [
            ("Run by", _text(extra.get("organisation"))),
            ("For", _text(extra.get("eligibility"))),
            ("How", _several(delivery, DELIVERY)),
            ("Known to be able to refer", refers.get(one, "")),
            ("Its money ends", ends.get(one, "")),
            ("Source", date_in_words(_text(extra.get("source_date")))),
        ]
        last = _text(row.get("last_known"))
        came = {part.strip() for part in delivery.split(";")} & COMES_TO_FAMILY
        rows.append(
            {
                "id": one,
                "name": shown(row["name"]),
                "category_code": str(row["category"]),
                "category": words.number(category_label(str(row["category"]))),
                "tier_code": tier,
                "tier": words.number(label(tier, TIERS) if tier else "Tier not known"),
                "sector_code": sector,
                "sector": words.number(label(sector, SECTORS) if sector else "Sector not known"),
                "known": words.number(f"Last known {date_in_words(last)}" if last else ""),
                "lines": [words.number(f"{what}: {said}") for what, said in lines if said],
                "at": at.get(one, []),
                "hidden": int(one in hidden),
                "comes": int(bool(came)),
                "ages": [_age(extra.get("age_from_months")), _age(extra.get("age_to_months"))],
                "narrow": int(_text(extra.get("eligibility_narrow")) == "yes"),
                "refers": words.number(refers.get(one, "")),
                "counts": [
                    int(row["counts_at_as_of"] == "yes"),
                    *(int(then.counts.get(one, (False, ""))[0]) for then in dated),
                ],
                "why": [
                    words.number(_text(row.get("counts_reason"))),
                    *(words.number(then.counts.get(one, (False, ""))[1]) for then in dated),
                ],
                "precise": int(_text(row.get("precision")) in PRECISE),
            }
        )
    return sorted(rows, key=lambda one: (one["name"].casefold(), one["name"], one["id"]))


def _degrees(easting: pd.Series, northing: pd.Series, study: Study) -> list[list[float] | None]:
    """Latitude and longitude of each row, None where it has no coordinates."""
    x, y = (
        pd.to_numeric(one, errors="coerce").to_numpy(dtype=float) for one in (easting, northing)
    )
    there = np.isfinite(x) & np.isfinite(y)
    at: list[list[float] | None] = [None] * len(x)
    if there.any():
        import geopandas as gpd

        points = gpd.GeoSeries.from_xy(x[there], y[there], crs=study.areas.crs)
        degrees = points.to_crs("EPSG:4326")
        for place, lat, lon in zip(np.flatnonzero(there), degrees.y, degrees.x, strict=True):
            at[int(place)] = [round(float(lat), 5), round(float(lon), 5)]
    return at


def _age(value: Any) -> int | None:
    return None if value is None or pd.isna(value) else int(value)


def _refers(routes: pd.DataFrame) -> dict[str, str]:
    """Per service the roles that are known to be able to refer to it, in words."""
    if routes.empty:
        return {}
    sure = routes[(routes["route"] == "confirmed") & (routes["from_role"].fillna("") != "")]
    return {
        str(one): list_in_words(
            [ROLES[role] if role == "gp" else label(role, ROLES).lower() for role in roles]
        )
        for one, roles in sure.groupby("service_id")["from_role"]
    }


def _homes_of_services(
    links: pd.DataFrame, services: list[dict[str, Any]]
) -> list[list[list[str]]]:
    """Per service the areas that it says it serves: the whole of them, and a part only."""
    served = links[links["basis"] == "served"] if len(links) else links
    whole: dict[str, set[str]] = {}
    part: dict[str, set[str]] = {}
    if len(served):
        extents = served["coverage"] if "coverage" in served else pd.Series("", index=served.index)
        for one, code, extent in zip(
            served["service_id"], served["area_code"], extents, strict=True
        ):
            (part if extent == "part" else whole).setdefault(str(one), set()).add(str(code))
    return [[sorted(whole.get(row["id"], ())), sorted(part.get(row["id"], ()))] for row in services]


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def _several(codes: str, vocabulary: Mapping[str, str]) -> str:
    parts = [part.strip() for part in codes.split(";") if part.strip()]
    return ", ".join(label(part, vocabulary) for part in parts).capitalize()


def _first_notes(study: Study, services: list[dict[str, Any]], placed: int) -> list[str]:
    """What the directory is, before anything is read off it."""
    counted = [row for row in services if row["counts"][0]]
    rows = study.services[study.services["service_id"].isin([row["id"] for row in counted])]
    told = rows["source"].fillna("").str.split(";").explode().str.strip()
    sources = int(told[told != ""].nunique())
    tiers = Counter(row["tier_code"] for row in counted)
    by_tier = ", ".join(f"{tiers[code]} {text.lower()}" for code, text in TIERS.items())
    return [
        f"{number_in_words(len(counted))} services count at this date ({by_tier}), from "
        f"{number_in_words(sources)} sources; {number_in_words(placed)} have a place on the map.",
        "An area with no service here may have one that nobody has told us of: hatched areas are "
        "not yet known.",
    ]
