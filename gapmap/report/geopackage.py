"""gapmap.gpkg: every layer of a run in one file that QGIS opens with its colours on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from gapmap import vocabulary
from gapmap.errors import FileError
from gapmap.report.tables import published
from gapmap.show.style import NAVY, ORANGE, STATE_LOOKS, TEAL, UNKNOWN, channels

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from gapmap.study import Study

_HATCHING = "120,120,120,255"

_TIER_LOOKS = {
    "universal": (TEAL, "circle"),
    "targeted": (ORANGE, "square"),
    "specialist": (NAVY, "diamond"),
}


def write_geopackage(path: Path, study: Study, tables: Mapping[str, pd.DataFrame]) -> Path:
    """Write the layers, in EPSG:27700, the same bytes from the same tables.

    One polygon layer a level (``board``, ``council``, ``hscp``...): code, name, one ``state_``
    column a category, one ``services_`` column a category, and median minutes and share within 30
    minutes a category; ``services``: a point for each service that has one (a confidential place
    has none); ``gaps``: one row a gap with its area's shape. Layers carry a default QGIS style.

    Parameters
    ----------
    path
        The file to write; one that is there is replaced.
    study
        Its areas give the shapes.
    tables
        The tables of a run; coverage, travel, services and gaps are used where present.

    Raises
    ------
    FileError
        If the file is there and cannot be replaced, as when QGIS holds it open.
    """
    import pyogrio

    try:
        path.unlink(missing_ok=True)
    except OSError as problem:
        raise FileError(
            f"{path} could not be replaced ({problem}). If it is open in QGIS, close it there "
            "and run again."
        ) from problem
    layers = _layers(study, tables)
    stamp = f"{study.settings.as_of.isoformat()}T00:00:00.000Z"
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
    try:
        for name, (frame, _) in layers.items():
            pyogrio.write_dataframe(
                frame,
                path,
                layer=name,
                driver="GPKG",
                geometry_type="Point" if name == "services" else "MultiPolygon",
                promote_to_multi=name != "services",
                layer_options={"GEOMETRY_NAME": "geometry", "FID": "fid"},
            )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    _write_styles(path, {name: style for name, (_, style) in layers.items() if style}, stamp)
    return path


def _layers(
    study: Study, tables: Mapping[str, pd.DataFrame]
) -> dict[str, tuple[gpd.GeoDataFrame, str]]:
    """Every layer with its QGIS style."""
    public = study.settings.public
    layers: dict[str, tuple[gpd.GeoDataFrame, str]] = {}
    for level in sorted(set(study.areas["level"]), key=_level_order):
        frame = _areas(study, tables, level)
        states = [c for c in frame.columns if c.startswith("state_")]
        layers[level] = (frame, _state_style(states[0]) if states else "")
    if "services" in tables:
        layers["services"] = (_points(published(tables["services"], public=public)), _tier_style())
    if "gaps" in tables:
        layers["gaps"] = (_gaps(study, published(tables["gaps"], public=public)), "")
    return layers


def _level_order(level: str) -> tuple[int, str]:
    known = list(vocabulary.LEVELS)
    return (known.index(level) if level in known else len(known), level)


def _areas(study: Study, tables: Mapping[str, pd.DataFrame], level: str) -> gpd.GeoDataFrame:
    areas = study.level(level)
    wanted = [c for c in ("code", "name", "board_code", "hscp_code") if c in areas.columns]
    frame = areas[[*wanted, "geometry"]].reset_index(drop=True)
    wide = []
    coverage = tables.get("coverage")
    if coverage is not None and not coverage.empty:
        rows = coverage[(coverage["level"] == level) & (coverage["dimension"] == "category")]
        for measure, prefix in (("state", "state"), ("services", "services")):
            wide.append(_wide(rows, "value", measure, prefix))
    travel = tables.get("travel")
    if travel is not None and not travel.empty:
        rows = travel[travel["level"] == level]
        for measure, prefix in (("median_minutes", "minutes"), ("share_within_30", "within_30")):
            if measure in rows:
                wide.append(_wide(published(rows), "category", measure, prefix))
    for part in wide:
        frame = frame.merge(part, left_on="code", right_index=True, how="left")
    ordered = [c for c in frame.columns if c != "geometry"]
    return frame[[*ordered, "geometry"]]


def _wide(rows: pd.DataFrame, by: str, measure: str, prefix: str) -> pd.DataFrame:
    wide = rows.pivot(index="area_code", columns=by, values=measure)
    order = [c for c in vocabulary.CATEGORIES if c in wide.columns]
    order += sorted(set(wide.columns) - set(order))
    wide = wide[order]
    wide.columns = [f"{prefix}_{c}" for c in order]
    return wide


def _points(services: pd.DataFrame) -> gpd.GeoDataFrame:
    import geopandas as gpd

    placed = services[services["easting"].notna() & services["northing"].notna()]
    placed = placed.reset_index(drop=True)
    return gpd.GeoDataFrame(
        placed,
        geometry=gpd.points_from_xy(placed["easting"], placed["northing"]),
        crs="EPSG:27700",
    )


def _gaps(study: Study, gaps: pd.DataFrame) -> gpd.GeoDataFrame:
    import geopandas as gpd

    # A gap of a place that is no area of the study keeps its row; it has no shape.
    shapes = study.areas.geometry.reindex(gaps["area_code"])
    return gpd.GeoDataFrame(
        gaps.reset_index(drop=True), geometry=shapes.to_numpy(), crs=study.areas.crs
    )


# -- QGIS -----------------------------------------------------------------------------------------


def _option(name: str, value: str) -> str:
    return f'<Option type="QString" name={quoteattr(name)} value={quoteattr(value)}/>'


def _symbol(number: int, kind: str, layer: str, options: Mapping[str, str]) -> str:
    inner = "".join(_option(name, value) for name, value in options.items())
    return (
        f'<symbol type="{kind}" name="{number}" alpha="1" clip_to_extent="1">'
        f'<layer class="{layer}" enabled="1" pass="0" locked="0">'
        f'<Option type="Map">{inner}</Option></layer></symbol>'
    )


def _qml(field: str, words: Mapping[str, str], symbols: list[str]) -> str:
    categories = "".join(
        f'<category render="true" symbol="{number}" value={quoteattr(code)} '
        f"label={quoteattr(text)}/>"
        for number, (code, text) in enumerate(words.items())
    )
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.22.0" styleCategories="Symbology">'
        f'<renderer-v2 type="categorizedSymbol" attr={quoteattr(field)} symbollevels="0" '
        f'enableorderby="0" forceraster="0"><categories>{categories}</categories>'
        f"<symbols>{''.join(symbols)}</symbols></renderer-v2></qgis>"
    )


def _rgba(colour: str) -> str:
    return ",".join(str(round(channel * 255)) for channel in channels(colour)) + ",255"


def _state_style(field: str) -> str:
    symbols = []
    for number, style in enumerate(STATE_LOOKS.values()):
        # QGIS draws one pattern or one solid face; what is not known is the hatched one.
        solid = style is not UNKNOWN
        options = {
            "color": _rgba(style.fill) if solid else _HATCHING,
            "style": "solid" if solid else "b_diagonal",
            "outline_color": "255,255,255,255" if solid else _HATCHING,
            "outline_width": "0.2",
            "outline_style": "solid",
        }
        symbols.append(_symbol(number, "fill", "SimpleFill", options))
    return _qml(field, {state: vocabulary.STATES[state] for state in STATE_LOOKS}, symbols)


def _tier_style() -> str:
    symbols = [
        _symbol(
            number,
            "marker",
            "SimpleMarker",
            {
                "color": _rgba(colour),
                "name": shape,
                "size": "2.4",
                "outline_color": "255,255,255,255",
                "outline_width": "0.2",
            },
        )
        for number, (colour, shape) in enumerate(_TIER_LOOKS.values())
    ]
    return _qml("tier", {tier: vocabulary.TIERS[tier] for tier in _TIER_LOOKS}, symbols)


def _write_styles(path: Path, styles: Mapping[str, str], stamp: str) -> None:
    """The table in which QGIS looks for the default style of a layer."""
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(
            "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "
            "f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256), "
            "f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT, "
            "useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), "
            "update_time DATETIME)"
        )
        base.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
            "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner, "
            "ui, update_time) VALUES ('', '', ?, 'geometry', 'gapmap', ?, '', 1, '', '', NULL, ?)",
            [(layer, style, stamp) for layer, style in styles.items()],
        )
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, "
            "last_change) VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
            (stamp,),
        )
