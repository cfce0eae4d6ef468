"""read_osm: a town drawn in the test, and true extracts against an independent computation."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from pyproj import Geod

from gapmap.errors import CRSError, FileError, InputError
from gapmap.travel.choose import choose_network
from gapmap.travel.network import Network
from gapmap.travel.osm import direction, kmh, limit_kmh, minutes_of, read_osm

osmium = pytest.importorskip("osmium", reason="the extra osm is not installed")

EXTRACTS = Path(os.environ.get("GAPMAP_EXTRACTS", Path(__file__).parents[1] / "extracts"))
NORTH = 1 / 111.3205  # degrees of latitude in a kilometre, about
Way = tuple[list[int], dict[str, str]]


def town(
    folder: Path, at: dict[int, tuple[float, float]], ways: list[Way],
    nodes: dict[int, dict[str, str]] | None = None,
) -> Path:  # fmt: skip
    """Write an extract: nodes by kilometres east and north of a point near Perth."""

    def tags(pairs: dict[str, str]) -> str:
        return "".join(f'<tag k="{k}" v="{v}"/>' for k, v in pairs.items())

    text = ['<osm version="0.6">']
    for ref, (east, north) in sorted(at.items()):
        lat, lon = 56.4 + north * NORTH, -3.4 + east * NORTH / np.cos(np.radians(56.4))
        own = tags((nodes or {}).get(ref, {}))
        text.append(f'<node id="{ref}" lat="{lat:.7f}" lon="{lon:.7f}">{own}</node>')
    for number, (refs, pairs) in enumerate(ways, 1):
        line = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        text.append(f'<way id="{number}">{line}{tags(pairs)}</way>')
    file = folder / "town.osm"
    file.write_text("\n".join([*text, "</osm>"]))
    return file


def read(*args, mode: str = "car", **options) -> Network:
    return read_osm(town(*args), mode=mode, cache=False, **options)


def minutes(network: Network, a: int, b: int) -> float:
    """Minutes from node to node; blank where there is no way."""
    ends = network.nodes.loc[[a, b], ["x", "y"]].set_axis(["easting", "northing"], axis=1)
    network.nodes["snap"] = True
    return float(network.pairs(ends[:1], ends[1:])["minutes"].iloc[0])


ROW = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (3, 0)}
SOUND = {1: (0, 0), 2: (1, 0), 3: (5, 0), 4: (6, 0)}
PRIMARY = {"highway": "primary"}


class TestTown:
    def test_a_road_is_as_long_and_as_quick_as_it_is(self, tmp_path) -> None:
        network = read(tmp_path, ROW, [([1, 2, 3, 4], PRIMARY)], spacing_m=9999)
        edge = network.edges.iloc[0]
        assert (edge["from"], edge["to"], len(network.edges)) == (1, 4, 1)
        # A degree is not quite the same length everywhere: within 0.4% of three kilometres.
        assert edge["km"] == pytest.approx(3, rel=0.004)
        assert edge["minutes"] == pytest.approx(edge["km"] / 65 * 60)

    def test_points_can_join_along_a_long_road(self, tmp_path) -> None:
        network = read(tmp_path, ROW, [([1, 2, 3, 4], PRIMARY)], spacing_m=1100)
        assert network.nodes.index.tolist() == [1, 2, 3, 4]

    def test_junctions_stay_and_short_chains_of_ways_join(self, tmp_path) -> None:
        ways = [([1, 2], PRIMARY), ([2, 3], PRIMARY | {"maxspeed": "20 mph"}), ([4, 3], PRIMARY)]
        network = read(tmp_path, ROW, ways, spacing_m=9999)
        assert sorted(network.edges[["from", "to"]].iloc[0]) == [1, 4]
        assert len(network.edges) == 1
        forked = read(tmp_path, ROW, [*ways, ([3, 1], PRIMARY)], spacing_m=9999)
        assert 3 in forked.nodes.index

    @pytest.mark.parametrize(
        ("tags", "there", "back"),
        [
            ({"oneway": "yes"}, True, False),
            ({"oneway": "-1"}, False, True),
            ({"oneway": "no"}, True, True),
            ({"highway": "motorway"}, True, False),
            ({"highway": "motorway", "oneway": "no"}, True, True),
        ],
    )
    @pytest.mark.parametrize("split", [False, True])
    @pytest.mark.parametrize("turned", [False, True])
    def test_one_way(self, tmp_path, tags, there, back, split, turned) -> None:
        pairs = PRIMARY | tags
        lines = [[1, 2], [2, 3, 4]] if split else [[1, 2, 3, 4]]
        ways = [(line, pairs) for line in lines]
        if turned:
            # The same road, one of its ways drawn the other way round.
            flip = {"yes": "-1", "-1": "yes"}
            if "oneway" not in pairs and there != back:
                flip, pairs = {}, pairs | {"oneway": "yes"}
                flip = {"yes": "-1"}
            mirror = pairs | (
                {"oneway": flip[pairs["oneway"]]} if pairs.get("oneway") in flip else {}
            )
            ways[0] = (ways[0][0][::-1], mirror)
        network = read(tmp_path, ROW, ways, spacing_m=9999)
        assert len(network.edges) == 1
        assert np.isfinite(minutes(network, 1, 4)) == there
        assert np.isfinite(minutes(network, 4, 1)) == back

    def test_a_roundabout_goes_round(self, tmp_path) -> None:
        ring = {1: (0, 0), 2: (1, 1), 3: (2, 0), 4: (1, -1), 5: (-1, 0), 6: (3, 0)}
        ways = [([1, 2, 3, 4, 1], PRIMARY | {"junction": "roundabout"}), ([5, 1], PRIMARY),
                ([3, 6], PRIMARY)]  # fmt: skip
        network = read(tmp_path, ring, ways, spacing_m=9999)
        out, home = minutes(network, 5, 6), minutes(network, 6, 5)
        assert out == pytest.approx(home, rel=0.01)
        first = network.edges.loc[network.edges["oneway"], ["from", "to"]]
        assert sorted(first.to_numpy().tolist()) == [[1, 3], [3, 1]]

    @pytest.mark.parametrize(
        ("barrier", "car", "foot"),
        [
            ({"barrier": "bollard"}, False, True),
            ({"barrier": "gate"}, True, True),
            ({"barrier": "gate", "access": "private"}, False, False),
            ({"barrier": "bollard", "motor_vehicle": "yes"}, True, True),
            ({"barrier": "wall"}, False, False),
            ({"barrier": "cattle_grid"}, True, True),
        ],
    )
    def test_barriers(self, tmp_path, barrier, car, foot) -> None:
        for mode, passes in (("car", car), ("foot", foot)):
            network = read(tmp_path, ROW, [([1, 2, 3], {"highway": "residential"})], {2: barrier},
                           mode=mode)  # fmt: skip
            assert np.isfinite(minutes(network, 1, 3)) == passes
            assert network.edges["km"].sum() == pytest.approx(2, rel=0.004)

    def test_a_ferry_takes_what_it_says_and_boards_once(self, tmp_path) -> None:
        shores = {1: (0, 0), 2: (1, 0), 3: (5, 0), 4: (9, 0), 5: (10, 0)}
        ways = [
            ([1, 2], PRIMARY),
            ([2, 3, 4], {"route": "ferry", "duration": "00:40", "motor_vehicle": "yes"}),
            ([4, 5], PRIMARY),
        ]
        network = read(tmp_path, shores, ways)
        site = network.nodes.loc[[5], ["x", "y"]].set_axis(["easting", "northing"], axis=1)
        home = network.nodes.loc[[2], ["x", "y"]].set_axis(["easting", "northing"], axis=1)
        answer = network.nearest(home, site).iloc[0]
        assert answer["ferry_minutes"] == pytest.approx(40)
        assert answer["boarding_minutes"] == 10
        assert answer["status"] == "by_ferry"
        assert not answer["foot_ferry"]
        assert answer["km"] == pytest.approx(1, rel=0.004)

    def test_a_ferry_route_says_for_its_ways_how_long_they_take(self, tmp_path) -> None:
        shores = {1: (0, 0), 2: (1, 0), 3: (4, 0), 4: (10, 0), 5: (11, 0)}
        sail = {"route": "ferry", "motor_vehicle": "yes"}
        file = town(
            tmp_path, shores, [([1, 2], PRIMARY), ([2, 3], sail), ([3, 4], sail), ([4, 5], PRIMARY)]
        )
        route = (
            '<relation id="1"><member type="way" ref="2" role=""/><member type="way" ref="3" '
            'role=""/><tag k="route" v="ferry"/><tag k="duration" v="PT1H30M"/></relation></osm>'
        )
        file.write_text(file.read_text().replace("</osm>", route))
        network = read_osm(file, cache=False)
        ferries = network.edges[network.edges["ferry"]]
        aboard = ferries["minutes"] - ferries["boarding_minutes"]
        assert aboard.sum() == pytest.approx(90)
        assert sorted(aboard) == pytest.approx([30, 60], rel=0.01)

    def sound(
        self, folder: Path, ferry: dict[str, str], *relations: dict[str, str], mode: str = "car"
    ) -> Network:
        """Two shores with a ferry of these tags between them, member of these relations."""
        file = town(folder, SOUND, [([1, 2], PRIMARY), ([2, 3], ferry), ([3, 4], PRIMARY)])
        text = ""
        for number, pairs in enumerate(relations, 1):
            own = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in pairs.items())
            text += f'<relation id="{number}"><member type="way" ref="2" role=""/>{own}</relation>'
        file.write_text(file.read_text().replace("</osm>", text + "</osm>"))
        return read_osm(file, mode=mode, cache=False, least_nodes=2)

    @pytest.mark.parametrize(
        ("ferry", "car", "foot"),
        [
            ({}, "cars", True),
            ({"foot": "no"}, "cars", False),
            ({"foot": "no", "motor_vehicle": "yes"}, "cars", False),
            ({"access": "private"}, None, False),
            ({"motor_vehicle": "no"}, "foot only", True),
            ({"motor_vehicle": "no", "foot": "no"}, None, False),
            ({"access": "no", "foot": "yes"}, "foot only", True),
        ],
    )
    def test_a_ferry_takes_whom_it_says(self, tmp_path, ferry, car, foot) -> None:
        by_car = self.sound(tmp_path, {"route": "ferry"} | ferry)
        assert np.isfinite(minutes(by_car, 1, 4)) == (car is not None)
        ferries = by_car.edges[by_car.edges["ferry"]]
        assert ferries["foot_only"].tolist() == ([] if car is None else [car == "foot only"])
        on_foot = self.sound(tmp_path, {"route": "ferry"} | ferry, mode="foot")
        assert np.isfinite(minutes(on_foot, 1, 4)) == foot

    @pytest.mark.parametrize(
        ("way", "relations", "foot_only"),
        [
            ({"route": "ferry"}, [{"motor_vehicle": "no"}], True),
            ({"route": "ferry", "motor_vehicle": "yes"}, [{"motor_vehicle": "no"}], False),
            # A line that two routes share takes cars if one of them does.
            ({"route": "ferry"}, [{"motor_vehicle": "no"}, {"motor_vehicle": "yes"}], False),
            ({}, [{"motor_vehicle": "no"}], True),
            ({}, [{"motor_vehicle": "yes"}], False),
            ({"name": "To the isle"}, [{}], False),
            # What a pier or a railway says of itself stands.
            ({"man_made": "pier"}, [{}], None),
            ({"railway": "rail"}, [{}], None),
            ({}, [], None),
        ],
    )
    def test_a_route_speaks_for_its_ways(self, tmp_path, way, relations, foot_only) -> None:
        routes = [{"type": "route", "route": "ferry", "duration": "00:40"} | r for r in relations]
        network = self.sound(tmp_path, way, *routes)
        ferries = network.edges[network.edges["ferry"]]
        assert ferries["foot_only"].tolist() == ([] if foot_only is None else [foot_only])
        assert np.isfinite(minutes(network, 1, 4)) == (foot_only is not None)
        if foot_only is not None:
            assert (ferries["minutes"] - ferries["boarding_minutes"]).tolist() == [40]

    def test_a_route_of_which_the_file_has_no_way(self, tmp_path) -> None:
        file = town(tmp_path, ROW, [([1, 2], PRIMARY)])
        route = (
            '<relation id="1"><member type="way" ref="99" role=""/><tag k="route" v="ferry"/>'
            '<tag k="duration" v="20"/></relation></osm>'
        )
        file.write_text(file.read_text().replace("</osm>", route))
        assert read_osm(file, cache=False).edges["ferry"].tolist() == [False]

    def test_a_ferry_without_cars_is_for_feet(self, tmp_path) -> None:
        ways = [([1, 2], PRIMARY), ([2, 3], {"route": "ferry", "motor_vehicle": "no",
                "foot": "yes", "duration": "PT1H"}), ([3, 4], PRIMARY)]  # fmt: skip
        network = read(tmp_path, ROW, ways)
        ferry = network.edges[network.edges["ferry"]].iloc[0]
        assert ferry["foot_only"]
        assert (ferry["minutes"], ferry["boarding_minutes"]) == (90, 30)

    def test_no_point_joins_a_sea_lane_or_a_motorway(self, tmp_path) -> None:
        at = ROW | {5: (4, 0), 6: (5, 0), 7: (2, 3)}
        sail = {"route": "ferry", "duration": "20"}
        ways = [([1, 2], PRIMARY), ([2, 3], sail), ([3, 4], sail), ([3, 7], sail),
                ([4, 5], {"highway": "motorway"}), ([5, 6], {"highway": "motorway"})]  # fmt: skip
        snap = read(tmp_path, at, ways, spacing_m=500).nodes["snap"]
        assert snap.to_dict() == {1: True, 2: True, 3: False, 4: False, 5: False, 6: False, 7: True}

    @pytest.mark.parametrize(
        ("missing", "kept", "told"),
        [
            ([], [(1, 2), (2, 3), (3, 4), (4, 5), (5, 6)], None),
            ([3], [(1, 2), (4, 5), (5, 6)], "1 road cut short"),
            ([2, 5], [(3, 4)], "1 road cut short"),
            ([1], [(2, 3), (3, 4), (4, 5), (5, 6)], "1 road cut short"),
            ([2, 4, 6], [], "1 road left out"),
        ],
    )
    def test_the_parts_of_a_road_that_have_their_nodes_stay(
        self, tmp_path, missing, kept, told
    ) -> None:
        at = {ref: (ref, 0) for ref in (1, 2, 3, 4, 5, 6)} | {7: (0, 9), 8: (1, 9)}
        there = {ref: spot for ref, spot in at.items() if ref not in missing}
        file = town(tmp_path, there, [([1, 2, 3, 4, 5, 6], PRIMARY), ([7, 8], PRIMARY)])
        said: list[str] = []
        for when in ("read", "kept"):
            network = read_osm(file, spacing_m=1100, progress=said.append)
            edges = network.edges[network.edges["to"] < 7]
            assert list(edges[["from", "to"]].itertuples(index=False, name=None)) == kept
            assert network.edges["km"].sum() == pytest.approx(len(kept) + 1, rel=0.004)
            for words in (network.label, " ".join(said)):
                assert (told in words) if told else ("lacks" not in words), when
            said.clear()

    def test_a_ferry_that_is_cut_short_takes_as_long_as_it_says(self, tmp_path) -> None:
        at = {1: (0, 0), 2: (1, 0), 3: (3, 0), 5: (7, 0)}
        sail = {"route": "ferry", "duration": "30"}
        ways = [([1, 2], PRIMARY), ([2, 3, 4, 5], sail), ([5, 6], PRIMARY)]
        network = read(tmp_path, at, ways)
        assert "1 road cut short and 1 road left out" in network.label
        ferry = network.edges[network.edges["ferry"]]
        assert (ferry["minutes"] - ferry["boarding_minutes"]).tolist() == [30]

    def test_components_are_labelled_from_the_largest(self, tmp_path) -> None:
        at = {i: (i, 0) for i in range(6)}
        ways = [([4, 5], PRIMARY), ([0, 1, 2, 3], PRIMARY)]
        nodes = read(tmp_path, at, ways, spacing_m=500).nodes
        assert nodes["component"].to_dict() == {0: 0, 1: 0, 2: 0, 3: 0, 4: 1, 5: 1}
        assert nodes["snap"].to_dict()[4] is False
        loose = read(tmp_path, at, ways, least_nodes=2).nodes
        assert loose["snap"].all()

    def test_bounds_keep_what_has_an_end_inside(self, tmp_path) -> None:
        whole = read(tmp_path, ROW, [([1, 2, 3, 4], PRIMARY)], spacing_m=500)
        x, y = whole.nodes.loc[2, ["x", "y"]]
        part = read(tmp_path, ROW, [([1, 2, 3, 4], PRIMARY)], spacing_m=500,
                    bounds=(x - 10, y - 10, x + 10, y + 10))  # fmt: skip
        assert part.nodes.index.tolist() == [1, 2, 3]
        with pytest.raises(InputError, match="bounds"):
            read(tmp_path, ROW, [([1, 2], PRIMARY)], bounds=(0, 0, 1, 1))


class TestRules:
    @pytest.mark.parametrize(
        ("tags", "car", "foot"),
        [
            ({"highway": "residential"}, 25, 4.8),
            ({"highway": "residential", "maxspeed": "20 mph"}, 20 * 1.609344 * 0.75, 4.8),
            ({"highway": "trunk", "oneway": "yes", "maxspeed": "70 mph"}, 90, 4.8),
            ({"highway": "trunk", "maxspeed": "60 mph"}, 75, 4.8),
            ({"highway": "secondary", "lanes": "1"}, 42, 4.8),
            ({"highway": "unclassified", "surface": "gravel"}, 20, 4.8),
            ({"highway": "primary", "junction": "roundabout"}, 30, 4.8),
            ({"highway": "trunk", "junction": "circular", "oneway": "yes"}, 30, 4.8),
            ({"highway": "residential", "junction": "roundabout"}, 25, 4.8),
            ({"highway": "motorway"}, 100, None),
            ({"highway": "footway"}, None, 4.8),
            ({"highway": "steps"}, None, 3),
            ({"highway": "track"}, None, 4.8),
            ({"highway": "service", "service": "driveway"}, None, 4.8),
            ({"highway": "residential", "access": "private"}, None, None),
            ({"highway": "residential", "access": "no", "foot": "yes"}, None, 4.8),
            ({"highway": "residential", "access": "private", "motor_vehicle": "yes"}, 25, None),
            ({"highway": "construction"}, None, None),
            ({"building": "yes"}, None, None),
        ],
    )
    def test_speeds(self, tags, car, foot) -> None:
        assert kmh(tags) == (None if car is None else pytest.approx(car))
        assert kmh(tags, mode="foot") == foot

    @pytest.mark.parametrize("text", ["", "none", "signals", "0", "RO:?"])
    def test_no_limit(self, text: str) -> None:
        assert limit_kmh(text) is None

    @pytest.mark.parametrize("text", ["", "soon", "0", "0:00", "1:xx", "P1Y"])
    def test_no_duration(self, text: str) -> None:
        assert minutes_of(text) is None

    def test_one_way_on_foot_is_its_own_tag(self) -> None:
        assert direction({"oneway": "yes"}, mode="foot") == 0
        assert direction({"oneway:foot": "yes"}, mode="foot") == 1


class TestFiles:
    def test_kept_beside_the_file_until_it_or_the_options_change(self, tmp_path) -> None:
        file = town(tmp_path, ROW, [([1, 2, 3], PRIMARY)])
        said: list[str] = []
        first = read_osm(file, progress=said.append)
        again = read_osm(file, progress=said.append)
        assert any("kept" in words for words in said)
        assert_frame_equal(again.edges, first.edges, check_dtype=False)
        assert again.label == first.label
        assert "OpenStreetMap contributors" in again.label
        assert len(read_osm(file, spacing_m=9999).edges) < len(first.edges)
        town(tmp_path, ROW, [([1, 2], PRIMARY)])
        assert 3 not in read_osm(file).nodes.index
        assert len(list((tmp_path / "town.osm.gapmap").iterdir())) == 3

    def test_not_there(self, tmp_path) -> None:
        with pytest.raises(FileError, match=r"none\.osm\.pbf cannot be read"):
            read_osm(tmp_path / "none.osm.pbf")

    def test_not_an_extract(self, tmp_path) -> None:
        bad = tmp_path / "bad.osm.pbf"
        bad.write_bytes(b"\x00\x01 not a map")
        with pytest.raises(FileError, match="not an OpenStreetMap extract"):
            read_osm(bad)

    def test_no_roads(self, tmp_path) -> None:
        with pytest.raises(InputError, match="no road"):
            read(tmp_path, ROW, [([1, 2], {"building": "yes"})])

    @pytest.mark.parametrize("bounds", [(1, 2, 3), "abcd", 5, (0, 0, 1, "x"), (9, 0, 1, 1),
                                        (0, 0, np.nan, 1)])  # fmt: skip
    def test_bounds_that_are_none(self, tmp_path, bounds) -> None:
        with pytest.raises(InputError, match=r"bounds must be four numbers .* found was"):
            read(tmp_path, ROW, [([1, 2], PRIMARY)], bounds=bounds)

    def test_settings_that_are_none_are_all_told(self, tmp_path) -> None:
        with pytest.raises(InputError, match=r"spacing_m must be .*'250'.* least_nodes must be"):
            read(tmp_path, ROW, [([1, 2], PRIMARY)], spacing_m="250", least_nodes=-1)
        with pytest.raises(CRSError, match="metres"):
            read(tmp_path, ROW, [([1, 2], PRIMARY)], crs=4326)

    def test_a_study_takes_every_file_that_is_read(self, tmp_path) -> None:
        file = town(tmp_path, ROW, [([1, 2, 3], PRIMARY)])
        packed = tmp_path / "town.osm.pbf"
        with osmium.SimpleWriter(str(packed)) as out:
            for thing in osmium.FileProcessor(str(file)):
                out.add(thing)
        shouted = tmp_path / "SHOUTED.OSM.PBF"
        shouted.write_bytes(packed.read_bytes())
        for path in (file, packed, shouted):
            network = choose_network(str(path), tolerance_metres=700)
            assert len(network.edges) == 2
            assert network.tolerance_m == 700
        with pytest.raises(InputError, match=r"\.osm\.pbf, .*\.osm.* \(\.gpkg\)"):
            choose_network("roads.shp")

    def test_unknown_mode(self, tmp_path) -> None:
        with pytest.raises(InputError, match="mode"):
            read_osm(tmp_path / "x.osm", mode="horse")


def independent(file: Path, mode: str) -> nx.DiGraph:
    """Every piece of every way in use, read and laid out without the code under test.

    Only the speed of a way (tested above) is shared; nothing is merged.
    """
    stops, graph = set(), nx.DiGraph()
    lane = {"car": ("motorcar", "motor_vehicle", "vehicle", "access"), "foot": ("foot", "access")}
    shut = {"no", "private", "agricultural", "forestry", "military", "emergency", "permit",
            "use_sidepath"}  # fmt: skip
    fine = {"cattle_grid", "gate", "lift_gate", "swing_gate", "toll_booth", "border_control",
            "entrance", "height_restrictor", "no", "kerb", "sally_port", "arch"}  # fmt: skip
    hard = {"fence", "wall", "hedge", "ditch", "city_wall"}
    earth = Geod(ellps="WGS84")
    for thing in osmium.FileProcessor(str(file)).with_locations():
        tags = dict(thing.tags)
        if thing.is_node() and "barrier" in tags:
            said = next((tags[name] for name in lane[mode] if name in tags), None)
            kind = tags["barrier"]
            blocked = kind not in fine if mode == "car" else kind in hard
            if said in shut if said is not None else blocked:
                stops.add(thing.id)
        if not thing.is_way() or tags.get("route") == "ferry":
            continue
        speed = kmh(tags, mode=mode) if "highway" in tags else None
        if speed is None:
            continue
        one = tags.get("oneway") if mode == "car" else tags.get("oneway:foot")
        implied = mode == "car" and (
            tags.get("junction") in ("roundabout", "circular")
            or tags["highway"] in ("motorway", "motorway_link")
        )
        forward = one not in ("-1", "reverse")
        backward = one in ("-1", "reverse") or (
            one not in ("yes", "true", "1") and not (implied and one not in ("no", "false", "0"))
        )
        for a, b in itertools.pairwise(thing.nodes):
            if not (a.location.valid() and b.location.valid()):
                continue
            km = earth.inv(a.lon, a.lat, b.lon, b.lat)[2] / 1000
            for use, u, v in ((forward, a.ref, b.ref), (backward, b.ref, a.ref)):
                known = graph.get_edge_data(u, v, {"minutes": np.inf})["minutes"]
                if use and u != v and km / speed * 60 < known:
                    graph.add_edge(u, v, minutes=km / speed * 60, km=km)
    graph.remove_nodes_from(stops)
    return graph


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["car", "foot"])
@pytest.mark.parametrize(
    ("name", "crs", "least"),
    [("Helsinki", 32635, 300), ("monaco", 32632, 300), ("liechtenstein", 32632, 2000)],
)
def test_true_extracts_against_networkx(name: str, crs: int, least: int, mode: str) -> None:
    found = sorted(EXTRACTS.glob(f"{name}*.osm.*"))
    if not found:
        assert "CI" not in os.environ, "tests/fetch_extracts.py must run before the tests"
        pytest.skip(f"no extract of {name}: run python tests/fetch_extracts.py")
    network = read_osm(found[0], mode=mode, crs=crs, cache=False)
    graph = independent(found[0], mode)
    ids = network.nodes.index[network.nodes.index.isin(list(graph))]
    assert len(ids) > least
    rng = np.random.default_rng(0)
    starts = rng.choice(ids, 6, replace=False)
    everywhere = network.nodes.assign(snap=True, x=np.arange(len(network.nodes)) * 10.0, y=0.0)
    # Nodes laid out in a row, so that each point joins exactly the node that is meant.
    ends = everywhere.loc[ids, ["x", "y"]].set_axis(["easting", "northing"], axis=1)
    ferryless = ~network.edges["ferry"]
    row = Network(everywhere, network.edges[ferryless], tolerance_m=1)
    reached = 0
    for start in starts:
        told = row.matrix(ends.loc[[start]], ends).iloc[0]
        true = pd.Series(nx.single_source_dijkstra_path_length(graph, start, weight="minutes"))
        true = true.reindex(ids)
        reached += int(true.notna().sum())
        np.testing.assert_allclose(told.to_numpy(), true.to_numpy(), atol=1e-6)
        some = rng.choice(ids[true.notna()], 20)
        answer = row.pairs(ends.loc[[start] * 20], ends.loc[some])
        for end, km in zip(some, answer["km"], strict=True):
            way = nx.shortest_path(graph, start, end, weight="minutes")
            length = sum(graph[u][v]["km"] for u, v in itertools.pairwise(way))
            assert km == pytest.approx(length, abs=1e-6)
    assert reached > least


def test_a_folder_that_cannot_be_written_is_no_hindrance(tmp_path, monkeypatch) -> None:
    file = town(tmp_path, ROW, [([1, 2, 3, 4], PRIMARY)])
    # What cannot become a folder stands for a folder that may not be written.
    file.with_name(file.name + ".gapmap").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "mine"))
    told: list[str] = []
    first = read_osm(file, progress=told.append)
    assert "mine" in told[-1]
    assert "kept in" in told[-1]
    again = read_osm(file, progress=told.append)
    assert "reading the network kept in" in told[-1]
    assert len(again.edges) == len(first.edges)
    (tmp_path / "mine").rename(tmp_path / "gone")
    (tmp_path / "mine").write_text("")
    read_osm(file, progress=told.append)
    assert "not kept for next time" in told[-1]
