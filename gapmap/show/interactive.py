"""The interactive map: one page that needs no internet, works by keyboard and is read aloud."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from functools import cache
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from gapmap.errors import FileError, InputError
from gapmap.place.confidential import is_confidential
from gapmap.place.geography import level_label
from gapmap.provision.coverage import coverage as work_out_coverage
from gapmap.provision.coverage import provision
from gapmap.show.areas import names_of
from gapmap.show.search import packed
from gapmap.show.style import STATE_LOOKS, mix
from gapmap.study import full_date
from gapmap.vocabulary import (
    DELIVERY,
    DIMENSIONS,
    SECTORS,
    STATES,
    TIERS,
    TRAVEL_STATUSES,
    WEIGHTS,
    category_label,
    label,
)
from gapmap.words import date_in_words, minutes_in_words, number_in_words, share_in_words, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import folium

    from gapmap.study import Study

#: A page bigger than this is slow to open and refused by many mail servers.
LARGEST_BYTES = 6_000_000

#: How far a drawn border may lie from the true one, in metres.
_FINENESS = 120.0
_PLURAL = {"board": "health boards", "council": "councils", "hscp": "partnerships"}
_TITLE = {"board": "Health boards", "council": "Councils", "hscp": "Partnerships"}


def interactive_map(
    study: Study,
    *,
    coverage: pd.DataFrame | None = None,
    services: pd.DataFrame | None = None,
    gaps: pd.DataFrame | None = None,
    travel: pd.DataFrame | None = None,
    nearest: pd.DataFrame | None = None,
    also_at: Sequence[date | str] = (),
    levels: Sequence[str] | None = None,
    title: str | None = None,
    tiles: str | None = None,
) -> folium.Map:
    """A map to explore: areas by kind of service, services, gaps, and a card for every area.

    One page holds everything: it asks for nothing from outside. It can be used by keyboard, says in
    a list what the map shows, fits a phone, and prints. Save it with :func:`save_interactive`; in a
    notebook it shows as it is.

    Parameters
    ----------
    study
        The study; its areas are drawn.
    coverage
        As ``gapmap.coverage`` returns it, of any levels and dimensions; worked out for tiers and
        categories if not given.
    services
        As a run's services table; worked out if not given. Only services that count at the study's
        date are shown, and a confidential place never is.
    gaps
        As a run's gaps table; none are listed if not given.
    travel
        As a run's travel table; cards say nothing of distance if not given.
    nearest
        As a run's nearest table: brings the search for a postcode.
    also_at
        Further dates to switch to; the coverage at each is worked out from the study.
    levels
        Levels to offer, the first one shown; by default all that the study has, boards first.
    title
        Head of the page; by default the study's name.
    tiles
        Background tiles from the internet (a name or address that folium knows). Off by default:
        with tiles the page is no longer free of requests.

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
    import folium
    from branca.element import Element, MacroElement
    from folium.template import Template

    settings = study.settings
    have = [one for one in ("board", "council", "hscp") if one in set(study.areas["level"])]
    have += [one for one in dict.fromkeys(study.areas["level"]) if one not in have]
    chosen = list(levels) if levels is not None else have
    if coverage is None:
        coverage = _coverage(study, chosen)
    words = _Words()
    frames = [(settings.as_of, coverage)]
    for day in also_at:
        frames.append((full_date(day), _coverage(study.at(day), chosen)))
    shown_services = _services(study, services, words)
    points = [row["at"] for row in shown_services if row["at"] is not None]
    data: dict[str, Any] = {
        "levels": [_level(study, one) for one in chosen],
        "measures": _measures(coverage),
        "states": [
            {
                "label": text,
                "fill": STATE_LOOKS[code].fill,
                "faded": mix(STATE_LOOKS[code].fill, 0.55),
                "hatch": STATE_LOOKS[code].hatch,
                "ink": STATE_LOOKS[code].ink,
            }
            for code, text in STATES.items()
        ],
        "dates": [
            {
                "label": date_in_words(day),
                "states": _states(frame[frame["level"].isin(chosen)], words),
            }
            for day, frame in frames
        ],
        "people_label": WEIGHTS.get(settings.weight, settings.weight).capitalize(),
        "travel": {} if travel is None else _travel(travel, settings.thresholds, words),
        "gaps": [] if gaps is None else _gaps(gaps, chosen, words),
        "services": shown_services,
        "tiers": [[code, text] for code, text in TIERS.items()],
        "sectors": [[code, text] for code, text in SECTORS.items()],
    }
    search = None
    if nearest is not None and len(nearest):
        search = packed(nearest, study, words.number)
    if search is not None:
        data["search"] = search
    data["strings"] = words.all
    page = {
        "title": shown(title or settings.name),
        "subtitle": f"As of {date_in_words(settings.as_of)}. {_first_sentence(settings.about)}",
        "notes": _first_notes(study, services, shown_services, len(points)),
        "method": [
            *(shown(line, longest=600) for line in settings.approximate),
            "Services of a wider area are counted apart. An area is paler where the newest "
            f"evidence of a service is older than {settings.stale_years} years.",
        ],
        "sources": [shown(line, longest=600) for line in settings.attribution],
        "search": search is not None,
        "example": "" if search is None else search["example"],
        "data": _json(data),
    }

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
        "title": f"<title>{_escape(str(page['title']))}</title>",
        "leaflet_css": f"<style>{_leaflet_css()}</style>",
        "page_css": f"<style>{_own('interactive.css')}</style>",
        "leaflet_js": f"<script>{_leaflet_js()}</script>",
        "page_js": f"<script>{_own('interactive.js')}</script>",
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
  ...{{ this.options | tojavascript }}
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


def _coverage(study: Study, levels: Sequence[str]) -> pd.DataFrame:
    known = provision(study)
    return pd.concat(
        [
            work_out_coverage(study, level=level, by=by, known=known)
            for level in levels
            for by in ("category", "tier")
        ],
        ignore_index=True,
    )


def _level(study: Study, level: str) -> dict[str, Any]:
    areas = study.level(level)
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
    thin = shapely.set_precision(shapes.to_numpy(), 0.0001, mode="pointwise")
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
        "shapes": {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "id": str(code),
                    "properties": {},
                    "geometry": _rounded(json.loads(shapely.to_geojson(shape))),
                }
                for code, shape in zip(areas.index, thin, strict=True)
            ],
        },
    }


def _rounded(geometry: dict[str, Any]) -> dict[str, Any]:
    def rounds(part: Any) -> Any:
        return [rounds(one) for one in part] if isinstance(part, list) else round(part, 4)

    return {"type": geometry["type"], "coordinates": rounds(geometry["coordinates"])}


def _measures(coverage: pd.DataFrame) -> list[dict[str, str]]:
    """What can be chosen: kinds of service by tier, then tiers, then the other dimensions."""
    missing = {"level", "area_code", "dimension", "value", "state"} - set(coverage.columns)
    if missing:
        raise InputError(
            f"The coverage frame lacks the column {', '.join(sorted(missing))}. "
            "Give the frame that gapmap.coverage(...) returns."
        )
    pairs = coverage[["dimension", "value"]].drop_duplicates()
    from gapmap.vocabulary import CATEGORIES

    vocabularies = {"tier": TIERS, "sector": SECTORS, "delivery": DELIVERY}
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


def _states(coverage: pd.DataFrame, words: _Words) -> dict[str, dict[str, dict[str, list[Any]]]]:
    number = {code: n for n, code in enumerate(STATES)}
    found: dict[str, dict[str, dict[str, list[Any]]]] = {}
    blank = pd.Series([None] * len(coverage), index=coverage.index, dtype=object)
    columns = [
        coverage.get(name, blank)
        for name in (
            "level", "dimension", "value", "area_code", "state", "services", "services_wider",
            "people", "per_1000", "last_known", "stale", "why",
        )
    ]  # fmt: skip
    for level, dimension, value, code, state, own, wider, people, rate, last, stale, why in zip(
        *columns, strict=True
    ):
        found.setdefault(level, {}).setdefault(f"{dimension}:{value}", {})[str(code)] = [
            number[state],
            _whole(own),
            _whole(wider),
            _figure(people, 0),
            _figure(rate, 3),
            words.number(last),
            int(stale == "yes"),
            words.number(why),
        ]
    return found


def _whole(value: Any) -> int:
    return 0 if value is None or pd.isna(value) else int(value)


def _figure(value: Any, places: int) -> float | None:
    return None if value is None or pd.isna(value) else round(float(value), places)


def _travel(
    travel: pd.DataFrame, thresholds: Sequence[int], words: _Words
) -> dict[str, dict[str, dict[str, list[Any]]]]:
    """Minutes and shares as people say them."""
    found: dict[str, dict[str, dict[str, list[Any]]]] = {}
    within = [t for t in thresholds if f"share_within_{t}" in travel]
    statuses = [s for s in TRAVEL_STATUSES if f"share_{s}" in travel]
    for row in travel.to_dict("records"):
        median, ninth = row.get("median_minutes"), row.get("p90_minutes")
        told = median is not None and not pd.isna(median)
        found.setdefault(str(row["level"]), {}).setdefault(str(row["category"]), {})[
            str(row["area_code"])
        ] = [
            words.number(minutes_in_words(float(median))) if told else None,
            words.number(minutes_in_words(float(ninth)))
            if told and ninth is not None and not pd.isna(ninth)
            else words.number("not known"),
            [[t, words.number(share_in_words(row[f"share_within_{t}"]))] for t in within]
            if told
            else [],
            [
                [words.number(TRAVEL_STATUSES[s]), words.number(share_in_words(row[f"share_{s}"]))]
                for s in statuses
                if row[f"share_{s}"] > 0.0005
            ],
        ]
    return found


def _gaps(gaps: pd.DataFrame, levels: Sequence[str], words: _Words) -> list[dict[str, Any]]:
    return [
        {
            "level": str(row["level"]),
            "code": str(row["area_code"]),
            "name": shown(row["area_name"]),
            "value": str(row["category"]),
            "reason": words.number(row["reason"]),
            "evidence": words.number(row.get("evidence", "")),
        }
        for row in gaps.to_dict("records")
        if row["level"] in levels
    ]


def _services(study: Study, services: pd.DataFrame | None, words: _Words) -> list[dict[str, Any]]:
    """Services that count, with a point only where one may be shown."""
    if services is None:
        known = provision(study)
        services = known.placed.copy()
        services["counts_at_as_of"] = np.where(known.counting["counts"], "yes", "no")
        services["last_known"] = known.counting["last_known"]
    hidden = set(study.services.loc[is_confidential(study.services), "service_id"])
    hidden |= set(services.loc[is_confidential(services), "service_id"])
    counted = services
    if "counts_at_as_of" in services:
        counted = services[services["counts_at_as_of"] == "yes"]
    more = study.services.drop_duplicates("service_id").set_index("service_id")
    x, y = (pd.to_numeric(counted[axis], errors="coerce").to_numpy(dtype=float) for axis in _AXES)
    shown_at = ~counted["service_id"].isin(hidden).to_numpy() & np.isfinite(x) & np.isfinite(y)
    at: list[list[float] | None] = [None] * len(counted)
    if shown_at.any():
        import geopandas as gpd

        points = gpd.GeoSeries.from_xy(x[shown_at], y[shown_at], crs=study.areas.crs)
        degrees = points.to_crs("EPSG:4326")
        for place, lat, lon in zip(np.flatnonzero(shown_at), degrees.y, degrees.x, strict=True):
            at[int(place)] = [round(float(lat), 5), round(float(lon), 5)]
    rows = []
    for n, row in enumerate(counted.to_dict("records")):
        extra = more.loc[row["service_id"]] if row["service_id"] in more.index else {}
        tier, sector = _text(row.get("tier")), _text(row.get("sector"))
        lines = [
            ("Run by", _text(extra.get("organisation"))),
            ("For", _text(extra.get("eligibility"))),
            ("How", _several(_text(extra.get("delivery")), DELIVERY)),
        ]
        last = _text(row.get("last_known"))
        rows.append(
            {
                "name": shown(row["name"]),
                "category_code": str(row["category"]),
                "category": words.number(category_label(str(row["category"]))),
                "tier_code": tier,
                "tier": words.number(label(tier, TIERS) if tier else "Tier not known"),
                "sector_code": sector,
                "sector": words.number(label(sector, SECTORS) if sector else "Sector not known"),
                "known": words.number(f"Last known {date_in_words(last)}" if last else ""),
                "lines": [words.number(f"{what}: {said}") for what, said in lines if said],
                "at": at[n],
            }
        )
    return sorted(rows, key=lambda one: (one["name"].casefold(), one["name"]))


_AXES = ("easting", "northing")


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def _several(codes: str, vocabulary: Mapping[str, str]) -> str:
    parts = [part.strip() for part in codes.split(";") if part.strip()]
    return ", ".join(label(part, vocabulary) for part in parts).capitalize()


def _first_notes(
    study: Study, table: pd.DataFrame | None, services: list[dict[str, Any]], placed: int
) -> list[str]:
    """What the directory is, before anything is read off it."""
    rows = study.services
    if table is not None and "counts_at_as_of" in table:
        counted = table[table["counts_at_as_of"] == "yes"]
        rows = rows[rows["service_id"].isin(counted["service_id"])]
    told = rows["source"].fillna("").str.split(";").explode().str.strip()
    sources = int(told[told != ""].nunique())
    tiers = Counter(row["tier_code"] for row in services)
    by_tier = ", ".join(f"{tiers[code]} {text.lower()}" for code, text in TIERS.items())
    return [
        f"{number_in_words(len(services))} services count at this date ({by_tier}), from "
        f"{number_in_words(sources)} sources; {number_in_words(placed)} have a place on the map.",
        "An area with no service here may have one that nobody has told us of: hatched areas are "
        "not yet known.",
    ]
