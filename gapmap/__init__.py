"""gapmap: what is there for babies and parents in Scotland, how far it is, and how sure we are.

The public names are loaded when first used, so that importing the package loads no plotting.

Examples
--------
>>> import gapmap as gm
>>> gm.vocabulary.STATES["not_known"]
'Not yet known'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# The one eager name: module and function are both called run, and only an import here lets the
# function win. The module itself imports nothing heavy until it is called.
from gapmap.run import run as run

__version__ = "0.1.0"

if TYPE_CHECKING:
    from gapmap import vocabulary as vocabulary
    from gapmap.bundled import scotland as scotland
    from gapmap.check.services import check_services as check_services
    from gapmap.errors import GapmapError as GapmapError
    from gapmap.gaps.compare import compare as compare
    from gapmap.gaps.explain import explain as explain
    from gapmap.gaps.flag import flag as flag
    from gapmap.place.join import join as join
    from gapmap.place.locate import locate as locate
    from gapmap.provision.coverage import coverage as coverage
    from gapmap.read.services import read_services as read_services
    from gapmap.read.study_folder import open_study as open_study
    from gapmap.report.services_out import write_services as write_services
    from gapmap.show.bivariate import bivariate_map as bivariate_map
    from gapmap.show.catchment import catchment_map as catchment_map
    from gapmap.show.catchment import reach_map as reach_map
    from gapmap.show.choropleth import choropleth as choropleth
    from gapmap.show.interactive import interactive_map as interactive_map
    from gapmap.show.lasting import fragility_map as fragility_map
    from gapmap.show.rural import rural_map as rural_map
    from gapmap.study import Settings as Settings
    from gapmap.study import Study as Study
    from gapmap.travel.access import access as access
    from gapmap.travel.access import nearest_services as nearest_services
    from gapmap.travel.access import travel_curve as travel_curve
    from gapmap.travel.indicative import indicative_network as indicative_network
    from gapmap.travel.network import Network as Network
    from gapmap.travel.open_roads import read_open_roads as read_open_roads
    from gapmap.travel.osm import read_osm as read_osm
    from gapmap.travel.rural import urban_rural as urban_rural
    from gapmap.travel.straight import StraightLine as StraightLine

#: Public name -> the module that has it.
_HOMES = {
    "GapmapError": "gapmap.errors",
    "Settings": "gapmap.study",
    "Study": "gapmap.study",
    "open_study": "gapmap.read.study_folder",
    "read_services": "gapmap.read.services",
    "scotland": "gapmap.bundled",
    "locate": "gapmap.place.locate",
    "join": "gapmap.place.join",
    "check_services": "gapmap.check.services",
    "coverage": "gapmap.provision.coverage",
    "Network": "gapmap.travel.network",
    "StraightLine": "gapmap.travel.straight",
    "urban_rural": "gapmap.travel.rural",
    "access": "gapmap.travel.access",
    "nearest_services": "gapmap.travel.access",
    "travel_curve": "gapmap.travel.access",
    "indicative_network": "gapmap.travel.indicative",
    "read_open_roads": "gapmap.travel.open_roads",
    "read_osm": "gapmap.travel.osm",
    "flag": "gapmap.gaps.flag",
    "explain": "gapmap.gaps.explain",
    "compare": "gapmap.gaps.compare",
    "bivariate_map": "gapmap.show.bivariate",
    "catchment_map": "gapmap.show.catchment",
    "choropleth": "gapmap.show.choropleth",
    "fragility_map": "gapmap.show.lasting",
    "reach_map": "gapmap.show.catchment",
    "interactive_map": "gapmap.show.interactive",
    "rural_map": "gapmap.show.rural",
    "write_services": "gapmap.report.services_out",
}
_MODULES = ("vocabulary", "errors")

__all__ = sorted([*_HOMES, "__version__", "run", "vocabulary"])


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in _MODULES:
        return import_module(f"gapmap.{name}")
    raise AttributeError(f"module 'gapmap' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__]
