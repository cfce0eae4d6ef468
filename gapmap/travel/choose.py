"""The network that a study names: the bundled one, straight lines, or a file of true roads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gapmap.errors import InputError

if TYPE_CHECKING:
    from gapmap.travel.network import Network
    from gapmap.travel.straight import StraightLine


def choose_network(
    method: str,
    *,
    tolerance_metres: float | None = None,
    progress: Callable[[str], None] | None = None,
) -> Network | StraightLine:
    """The network of a study's settings.

    Parameters
    ----------
    method
        ``indicative`` (the bundled network), ``straight``, or the path of an OpenStreetMap extract
        (`ENDINGS`) or of an OS Open Roads GeoPackage.
    tolerance_metres
        A place farther than this from the network is off it; the network's own by default.
    progress
        Called with a few words at each step of reading true roads, which may take minutes.

    Raises
    ------
    InputError
        If the method is none of these.

    Examples
    --------
    >>> choose_network("straight").label
    'in a straight line'
    """
    from gapmap.travel.indicative import indicative_network
    from gapmap.travel.osm import ENDINGS
    from gapmap.travel.straight import StraightLine

    if method == "straight":
        return StraightLine()
    if method == "indicative":
        network = indicative_network()
    elif method.lower().endswith(ENDINGS):
        from gapmap.travel.osm import read_osm

        network = read_osm(method, progress=progress)
    elif method.lower().endswith(".gpkg"):
        from gapmap.travel.open_roads import read_open_roads

        network = read_open_roads(method)
    else:
        raise InputError(
            f'The study\'s travel method is "{method}". Use "indicative", "straight", or the path '
            f"of an OpenStreetMap extract ({', '.join(ENDINGS)}) or of an OS Open Roads GeoPackage "
            "(.gpkg)."
        )
    if tolerance_metres is not None:
        network.tolerance_m = float(tolerance_metres)
    return network
