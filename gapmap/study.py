"""A study: the settings and the tables of one analysis, at a date."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gapmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd


@dataclass(frozen=True)
class Rule:
    """One rule of what counts as a gap, as the study's settings state it.

    Parameters
    ----------
    id
        Short name, unique in the study.
    table
        The table whose rows it looks at: one of ``vocabulary.RULE_TABLES``.
    measure
        Column of that table.
    test
        ``is`` (the value is one of ``values``), ``below`` or ``above`` (``threshold``).
    level
        Kind of area.
    reason
        The sentence, with names of columns in braces.
    values
        For ``is``.
    threshold
        For ``below`` and ``above``.
    where
        Further columns that must have a value: ``{"dimension": "category"}``.
    """

    id: str
    table: str
    measure: str
    test: str
    level: str
    reason: str
    values: tuple[str, ...] = ()
    threshold: float | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Settings:
    """Everything that a study decides; each has a default that a planner can leave alone.

    Parameters
    ----------
    name
        Title of the study.
    as_of
        The date at which services count.
    about
        One paragraph on what the study is and is not.
    weight
        Column of people that rates and shares are of.
    stale_years
        Evidence older than this keeps a service but marks it as last known then.
    search_months
        A search older than this no longer shows that there is nothing.
    completeness_threshold
        Completeness of the evidence (0 to 1) from which an absence counts as looked for.
    snap_metres
        A point this close off the shore belongs to the nearest area.
    disagree_metres
        Forms of location further apart than this are a fault.
    thresholds
        Minutes of the shares in the travel tables.
    rural_minutes
        A remote place whose nearest base is farther than this is on the rural gap list.
    suppress_below
        A count of people (families referred, waiting) below this is never shown.
    travel_method
        ``indicative`` (the bundled network), ``straight``, or a path to an OpenStreetMap extract
        (``.osm.pbf``, ``.osm``) or an OS Open Roads GeoPackage.
    network_tolerance
        A point farther than this from the network is off it, in metres.
    rules
        What counts as a gap.
    approximate
        What is approximate, one sentence each; printed on every product.
    attribution
        Source and licence lines; printed on every product.
    also_at
        Further dates that the interactive map can be switched to; the reports tell what has
        changed since the earliest of them.
    public
        Leave out notes, funders and internal fields.
    exact_people
        Numbers of people below council level are official counts, not estimates: they are told
        without "roughly".
    official_classes
        Name of the file that official urban-rural classes are from; "" for none.
    """

    name: str
    as_of: date
    about: str = ""
    weight: str = "under_5"
    stale_years: int = 7
    search_months: int = 36
    completeness_threshold: float = 0.8
    snap_metres: float = 500.0
    disagree_metres: float = 1000.0
    thresholds: tuple[int, ...] = (15, 30, 60, 120)
    rural_minutes: float = 60.0
    suppress_below: int = 10
    travel_method: str = "indicative"
    network_tolerance: float = 5000.0
    rules: tuple[Rule, ...] = ()
    approximate: tuple[str, ...] = ()
    attribution: tuple[str, ...] = ()
    also_at: tuple[date, ...] = ()
    public: bool = False
    exact_people: bool = False
    official_classes: str = ""


@dataclass(frozen=True)
class Study:
    """Settings and tables of one analysis; never changed, only replaced.

    Parameters
    ----------
    settings
        What the study decides.
    services
        One row per service (or per service and location): the columns of
        ``vocabulary.TABLES["services"]``; text is text with "" for unknown, numbers are floats.
    areas
        GeoDataFrame in EPSG:27700: code, name, level (board, council, hscp...), board_code and
        hscp_code (councils only), geometry. Its index is the code.
    people
        Where families live: postcode (index), easting, northing, council_code, board_code,
        hscp_code, weights (under_1, under_2, under_3, under_5, population) and, where known,
        urban_rural (6-fold class) and, with an official lookup, official_class (whether it is
        from there).
    tables
        The linked tables by name: searches, service_areas, interventions,
        service_interventions, category_eligibility, referrals, contacts, area_facts, plans...
        A missing table is an empty frame.
    inputs
        Name and path of every file that the study was read from.
    merged
        Whose each field of the services is, once a list was laid over them: ``field_sources``.
    """

    settings: Settings
    services: pd.DataFrame
    areas: gpd.GeoDataFrame
    people: pd.DataFrame
    tables: Mapping[str, pd.DataFrame] = field(default_factory=lambda: MappingProxyType({}))
    inputs: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    merged: pd.DataFrame | None = None

    def table(self, name: str) -> pd.DataFrame:
        """A linked table; empty where the study has none of that name."""
        import pandas as pd

        return self.tables[name] if name in self.tables else pd.DataFrame()

    def level(self, level: str) -> gpd.GeoDataFrame:
        """The areas of one level, by code.

        Raises
        ------
        InputError
            If the study has no area of that level.
        """
        found = self.areas[self.areas["level"] == level]
        if found.empty:
            have = ", ".join(sorted(set(self.areas["level"])))
            raise InputError(f'This study has no areas of level "{level}". It has: {have}.')
        return found.sort_index()

    def outlined(self) -> Study:
        """The same study with only the levels that a map can draw: those with polygons."""
        kinds = self.areas.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
        return self if kinds.all() else replace(self, areas=self.areas[kinds])

    def at(self, as_of: date | str) -> Study:
        """The same study at another date.

        Parameters
        ----------
        as_of
            A date, or its ISO text ``YYYY-MM-DD``.

        Raises
        ------
        InputError
            If the text is no full date.
        """
        return self.with_settings(as_of=full_date(as_of))

    def with_settings(self, **changes: Any) -> Study:
        """The same study with some settings changed."""
        return replace(self, settings=replace(self.settings, **changes))

    def with_services(self, services: pd.DataFrame, *, replace: bool = False) -> Study:
        """The same study with a further list of services, laid over its own field by field.

        Parameters
        ----------
        services
            Typed rows, as ``gapmap.read.values.typed`` gives them. A field that they fill wins
            over that of the same service_id; a blank one does not wipe it, but the word "unknown"
            or "none" does (see ``gapmap.provenance.merge``).
        replace
            Use these alone.

        Returns
        -------
        Study
            ``field_sources`` tells of each field whose it is, and what the other list
            said.

        Raises
        ------
        InputError
            If the rows are as a file has them: their words would match nothing, and count nowhere.
        """
        from dataclasses import replace as changed

        from gapmap.provenance import field_sources, merge
        from gapmap.vocabulary import columns

        missing = [name for name in columns("services") if name not in services]
        if missing:
            raise InputError(
                f"These services lack {len(missing)} columns that a study's have: "
                f"{', '.join(missing[:5])}... Rows from a file become a study's by "
                "gapmap.read.values.typed(rows)."
            )
        if replace:
            own = field_sources(services, whose="own")
            return changed(self, services=services, merged=own)
        both = merge(self.services, services, held=self.field_sources())
        study = changed(self, services=both.services, merged=both.fields)
        served = self.table("service_areas")
        if served.empty:
            return study
        # Areas that she states anew are all of them: what a linked table added is outdated too.
        anew = both.fields[(both.fields["field"] == "serves") & (both.fields["whose"] == "own")]
        kept = served[~served["service_id"].isin(anew["service_id"])]
        return study.with_table("service_areas", kept.reset_index(drop=True))

    def field_sources(self) -> pd.DataFrame:
        """Of each filled field whose it is: ``vocabulary.TABLES["field_sources"]``."""
        from gapmap.provenance import field_sources

        if self.merged is not None:
            return self.merged
        return field_sources(self.services, self.tables.get("field_sources"))

    def with_table(self, name: str, table: pd.DataFrame) -> Study:
        """The same study with one linked table replaced."""
        return replace(self, tables=MappingProxyType({**self.tables, name: table}))

    def __repr__(self) -> str:
        return (
            f"<Study {self.settings.name!r} as of {self.settings.as_of:%d %B %Y}: "
            f"{len(self.services)} service rows, {len(self.areas)} areas, "
            f"{len(self.people):,} people points>"
        )


def full_date(value: date | str) -> date:
    """A date from its ISO text; a date stays as it is.

    Examples
    --------
    >>> full_date("2020-02-01")
    datetime.date(2020, 2, 1)
    """
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        raise InputError(
            f'The date "{value}" was not understood. Write it as year-month-day: 2020-02-01.'
        ) from None
