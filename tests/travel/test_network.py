"""Network: shortest times by eye on a toy town, and against brute force on any graph."""

from __future__ import annotations

import itertools
from unittest import mock

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from shapely.geometry import LineString, Point, box

from gapmap.errors import CRSError, FileError, InputError
from gapmap.travel import _compiled
from gapmap.travel.network import Network
from gapmap.travel.rural import urban_rural
from gapmap.travel.straight import StraightLine

ENGINES = ("numba", "scipy")


def places(**at: tuple[float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(at, index=["easting", "northing"]).T
    return frame.astype(float)


@pytest.fixture(params=ENGINES)
def town(request: pytest.FixtureRequest) -> Network:
    """A street of four kilometre stones w-x-y-z, an isle i by ferry from z, a rock r cut off.

    w-x-y takes 2 minutes each; y to z is one way, 3 minutes; z back to w is a 10 minute bypass.
    The ferry takes 25 minutes, of which 10 are boarding; a second one, for feet, goes on to s.
    """
    nodes = pd.DataFrame(
        {
            "x": [0, 1000, 2000, 3000, 3000, 9000, 3000],
            "y": [0, 0, 0, 0, 5000, 9000, 9000],
        },
        index=list("wxyzirs"),
    )
    edges = pd.DataFrame(
        [
            ("w", "x", 2, 1, False, False, None, False),
            ("x", "y", 2, 1, False, False, None, False),
            ("y", "z", 3, 1, False, True, None, False),
            ("z", "w", 10, 5, False, True, None, False),
            ("z", "i", 25, 5, True, False, 10, False),
            ("i", "s", 12, 4, True, False, 5, True),
        ],
        columns=["from", "to", "minutes", "km", "ferry", "oneway", "boarding_minutes", "foot_only"],
    )
    return Network(nodes, edges, engine=request.param, access_kmh=6, tolerance_m=500)


class TestNearest:
    def test_by_eye(self, town: Network) -> None:
        homes = places(w=(0, 0), z=(3000, 0), i=(3000, 5000), s=(3000, 9000))
        answer = town.nearest(homes, places(clinic=(2000, 0)))
        assert answer["origin"].tolist() == list("wzis")
        # z goes round by the bypass; the isle crosses first.
        assert answer["minutes"].tolist() == [4, 14, 39, 51]
        assert answer["km"].tolist() == [2, 7, 7, 7]
        assert answer["ferry_minutes"].tolist() == [0, 0, 15, 22]
        assert answer["boarding_minutes"].tolist() == [0, 0, 10, 15]
        assert answer["foot_ferry"].tolist() == [False, False, False, True]
        assert answer["status"].tolist() == ["reachable", "reachable", "by_ferry", "by_ferry"]

    def test_the_way_to_a_service_counts_not_the_way_back(self, town: Network) -> None:
        there = town.nearest(places(y=(2000, 0)), places(site=(3000, 0)))
        back = town.nearest(places(z=(3000, 0)), places(site=(2000, 0)))
        assert there["minutes"].tolist() == [3]
        assert back["minutes"].tolist() == [14]

    def test_access_counts_at_both_ends(self, town: Network) -> None:
        # 100 m at 6 km/h is a minute, 300 m three.
        answer = town.nearest(places(home=(0, 100)), places(site=(1000, 300)))
        assert answer["minutes"].tolist() == [1 + 2 + 3]
        assert answer["km"].tolist() == [pytest.approx(0.1 + 1 + 0.3)]

    def test_ranks_are_kept_and_say_why_they_are_empty(self, town: Network) -> None:
        homes = places(w=(0, 0), rock=(9000, 9000), field=(0, 501))
        answer = town.nearest(homes, places(a=(1000, 0), b=(2000, 0)), k=3)
        assert answer["origin"].tolist() == ["w"] * 3 + ["rock"] * 3 + ["field"] * 3
        assert answer["rank"].tolist() == [1, 2, 3] * 3
        assert answer["destination"].tolist()[:2] == ["a", "b"]
        assert answer["destination"].isna().tolist() == [False, False] + [True] * 7
        assert answer["status"].tolist() == (
            ["reachable", "reachable", "unreachable"] + ["unreachable"] * 3 + ["off_network"] * 3
        )
        empty = answer[answer["destination"].isna()]
        assert empty[["minutes", "km", "ferry_minutes", "boarding_minutes"]].isna().all(axis=None)

    def test_ties_go_to_the_label_that_sorts_first(self, town: Network) -> None:
        for order in ("ba", "ab"):
            ends = {"a": (0, 0), "b": (2000, 0)}
            sites = places(**{name: ends[name] for name in order})
            answer = town.nearest(places(x=(1000, 0)), sites, k=2)
            assert answer["destination"].tolist() == ["a", "b"]
            assert answer["minutes"].tolist() == [2, 2]

    def test_a_point_between_two_nodes_joins_a_fixed_one(self) -> None:
        nodes = pd.DataFrame({"x": [0, 1000], "y": [0, 0]}, index=["b", "a"])
        road = pd.DataFrame({"from": ["b"], "to": ["a"], "minutes": [7], "km": [1]})
        found = {
            engine: Network(nodes, road, engine=engine).place(places(mid=(500, 0))).node[0]
            for engine in ENGINES
        }
        assert found["numba"] == found["scipy"]

    def test_a_service_at_several_places_counts_once(self, town: Network) -> None:
        sites = pd.DataFrame(
            {"easting": [1000, 2000, 2000], "northing": 0}, index=["one", "one", "two"]
        )
        answer = town.nearest(places(w=(0, 0)), sites, k=2)
        assert answer["destination"].tolist() == ["one", "two"]
        assert answer["minutes"].tolist() == [2, 4]

    def test_limit_is_inclusive(self, town: Network) -> None:
        homes = places(w=(0, 0), x=(1000, 0))
        site = places(y=(2000, 0))
        assert town.nearest(homes, site, limit=4)["minutes"].tolist() == [4, 2]
        close = town.nearest(homes, site, limit=3.999)
        assert close["status"].tolist() == ["unreachable", "reachable"]

    def test_a_destination_off_the_network_serves_nobody(self, town: Network) -> None:
        answer = town.nearest(places(w=(0, 0)), places(far=(50_000, 0)))
        assert answer["status"].tolist() == ["unreachable"]

    def test_no_destinations_and_no_origins(self, town: Network) -> None:
        answer = town.nearest(
            places(w=(0, 0)), places()[[]].reindex(columns=["easting"]).assign(northing=0.0)
        )
        assert answer["status"].tolist() == ["unreachable"]
        assert len(town.nearest(places(w=(0, 0)).iloc[:0], places(w=(0, 0)))) == 0

    def test_whole_number_labels_stay_whole(self, town: Network) -> None:
        sites = places(a=(2000, 0)).set_axis([7])
        answer = town.nearest(places(w=(0, 0), r=(9000, 9000)), sites)
        assert answer["destination"].tolist() == [7, pd.NA]
        assert answer["destination"].fillna(-1).astype(int).tolist() == [7, -1]

    def test_the_callers_frames_stay_as_they_were(self, town: Network) -> None:
        homes, sites = places(w=(0, 0)), places(y=(2000, 0))
        before = homes.copy(), sites.copy()
        town.nearest(homes, sites, k=2)
        assert_frame_equal(homes, before[0])
        assert_frame_equal(sites, before[1])


class TestPoints:
    def test_geometry_reads_as_easting_and_northing(self, town: Network) -> None:
        homes = places(w=(0, 0), i=(3000, 5000))
        shapes = gpd.GeoDataFrame(
            index=homes.index, geometry=[Point(*xy) for xy in homes.to_numpy()], crs=27700
        )
        site = places(y=(2000, 0))
        assert_frame_equal(town.nearest(homes, site), town.nearest(shapes, site))

    @pytest.mark.parametrize(("crs", "word"), [(None, "set_crs"), (4326, "to_crs")])
    def test_another_reference_system_is_refused(
        self, town: Network, crs: int | None, word: str
    ) -> None:
        shapes = gpd.GeoDataFrame(geometry=[Point(0, 0)], crs=crs)
        with pytest.raises(CRSError, match=word):
            town.nearest(shapes, shapes)

    def test_shapes_that_are_not_points_are_refused(self, town: Network) -> None:
        shapes = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1)], crs=27700)
        with pytest.raises(InputError, match="Polygon"):
            town.nearest(shapes, shapes)

    def test_rows_without_a_place_are_named(self, town: Network) -> None:
        homes = pd.DataFrame({"easting": [0, np.nan], "northing": [0, 0]}, index=["ok", "lost"])
        with pytest.raises(InputError, match=r"origins: 1 rows .*lost"):
            town.nearest(homes, places(y=(2000, 0)))

    @pytest.mark.parametrize("k", [0, -1, 1.5, True, "2"])
    def test_k_must_make_sense(self, town: Network, k: object) -> None:
        with pytest.raises(InputError, match="k must be"):
            town.nearest(places(w=(0, 0)), places(y=(2000, 0)), k=k)  # type: ignore[arg-type]

    @pytest.mark.parametrize("limit", [-1, np.nan, np.inf, "30", [30], True])
    def test_limit_must_make_sense(self, town: Network, limit: float) -> None:
        with pytest.raises(InputError, match="limit must be"):
            town.matrix(places(w=(0, 0)), places(y=(2000, 0)), limit=limit)

    @pytest.mark.parametrize("minutes", ["5", -1, None, np.nan])
    def test_reach_needs_minutes(self, town: Network, minutes: object) -> None:
        for ask in (town.reach, town.reach_polygon):
            with pytest.raises(InputError, match="minutes"):
                ask(places(y=(2000, 0)), minutes)  # type: ignore[operator]
        with pytest.raises(InputError, match=r"width_m must be .*'9'"):
            town.reach_polygon(places(y=(2000, 0)), 5, width_m="9")  # type: ignore[arg-type]

    def test_an_index_of_several_levels_is_refused(self, town: Network) -> None:
        one = places(y=(2000, 0))
        two = one.set_axis(pd.MultiIndex.from_tuples([("y", 1)]))
        for ask in (town.nearest, town.matrix, town.pairs, StraightLine().nearest):
            with pytest.raises(InputError, match=r"origins: the index has 2 levels, such as y, 1"):
                ask(two, one)
            with pytest.raises(InputError, match=r"destinations: .* reset_index|set_axis"):
                ask(one, two)

    @pytest.mark.parametrize(
        ("east", "north"),
        [
            ([-3.2], [55.9]),
            ([55.9], [-3.2]),
            ([-3.19, -4.25, -1.15], [55.95, 55.86, 60.15]),
            ([-8.58, -3.0], [57.81, 56.0]),
        ],
    )
    def test_degrees_are_no_metres(self, town: Network, east, north) -> None:
        points = pd.DataFrame({"easting": east, "northing": north})
        for ask in (town.place, StraightLine().place, urban_rural):
            with pytest.raises(CRSError, match=r"like degrees, .*\.to_crs\('EPSG:27700"):
                ask(points)
        # Shapes that were given the wrong system are the same.
        shapes = gpd.GeoDataFrame(geometry=gpd.points_from_xy(east, north), crs=27700)
        with pytest.raises(CRSError, match="look like degrees"):
            town.place(shapes)
        nodes = pd.DataFrame({"x": east, "y": north})
        none = pd.DataFrame({"from": [], "to": [], "minutes": [], "km": []})
        with pytest.raises(InputError, match=r"nodes: x and y must be metres .* look like degrees"):
            Network(nodes, none)

    @pytest.mark.parametrize(
        ("east", "north"),
        [
            ([0], [0]),
            ([30], [40]),
            ([0, 1], [0, 1]),
            ([0, 1, 0.5], [10, 11, 10.5]),
            ([-3], [56]),
            ([-3.2, 300_000], [55.9, 700_000]),
            ([0.5, 99.5], [0.5, 99.5]),
            ([0.25], [0.75]),
            ([], []),
        ],
    )
    def test_a_toy_town_near_the_origin_is_metres(self, town: Network, east, north) -> None:
        points = pd.DataFrame({"easting": east, "northing": north}, dtype=float)
        assert len(town.place(points)) == len(east)

    def test_degrees_in_another_reference_system(self) -> None:
        nodes = pd.DataFrame({"x": [385_000.0], "y": [6_672_000.0]})
        none = pd.DataFrame({"from": [], "to": [], "minutes": [], "km": []})
        helsinki = pd.DataFrame({"easting": [24.94], "northing": [60.17]})
        with pytest.raises(CRSError, match="metres of EPSG:32635"):
            Network(nodes, none, crs=32635).place(helsinki)
        # The national grid's own area is elsewhere.
        assert len(Network(nodes, none).place(helsinki)) == 1

    def test_geometry_and_columns_that_agree(self, town: Network) -> None:
        """Edinburgh Castle, by an independent table: NT 2512 7350 is 55.9486 N 3.1999 W."""
        columns = pd.DataFrame({"easting": [325_120.0], "northing": [673_500.0]}, index=["castle"])
        degrees = gpd.points_from_xy([-3.1999], [55.9486], crs=4326)
        both = gpd.GeoDataFrame(columns, geometry=degrees)
        assert town.place(both).x.tolist() == [325_120.0]
        blank = gpd.GeoDataFrame(columns, geometry=[None], crs=4326)
        assert town.place(blank).x.tolist() == [325_120.0]
        area = gpd.GeoDataFrame(columns, geometry=[box(325_000, 673_000, 326_000, 674_000)])
        assert town.place(area.set_crs(27700)).x.tolist() == [325_120.0]

    @pytest.mark.parametrize(
        ("crs", "error", "word"),
        [(4326, CRSError, "EPSG:4326"), (27700, InputError, "EPSG:27700"),
         (None, CRSError, "no reference system")],
    )  # fmt: skip
    def test_geometry_and_columns_that_contradict(self, town, crs, error, word) -> None:
        columns = pd.DataFrame(
            {"easting": [0, 2000, 325_120], "northing": [500, 0, 673_500]}, index=list("wyc")
        )
        shapes = gpd.points_from_xy([-3.2, -3.2, -3.1999], [55.9, 55.9, 55.9486])
        both = gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)
        with pytest.raises(error, match=rf"(?s)origins: .*{word}.* at w \(.* apart\), y .*drop"):
            town.nearest(both, places(y=(2000, 0)))

    def test_a_junction_that_no_point_may_join(self) -> None:
        nodes = pd.DataFrame({"x": [0, 100], "y": [0, 0], "snap": [False, True]})
        road = pd.DataFrame({"from": [0], "to": [1], "minutes": [1], "km": [0.1]})
        for engine in ENGINES:
            joined = Network(nodes, road, engine=engine).place(places(home=(0, 0)))
            assert joined.metres.tolist() == [100]


class TestJoining:
    """A street a-b-c of two kilometres, a home and a clinic beside b but away from it."""

    nodes = pd.DataFrame({"x": [0, 1000, 2000], "y": [0, 0, 0]}, index=list("abc"))
    street = pd.DataFrame({"from": list("ab"), "to": list("bc"), "minutes": 2.0, "km": 1.0})

    @pytest.mark.parametrize("engine", ENGINES)
    def test_a_point_between_two_nodes_need_not_turn_back(self, engine: str) -> None:
        home, clinic = places(home=(1400, 0)), places(clinic=(2000, 0))
        back = Network(self.nodes, self.street, engine=engine, access_kmh=24)
        onward = Network(self.nodes, self.street, engine=engine, access_kmh=24, join="around")
        assert back.nearest(home, clinic)["minutes"].tolist() == [3.0]
        assert onward.nearest(home, clinic)["minutes"].tolist() == [1.5]
        assert onward.nearest(home, clinic)["km"].tolist() == [0.6]
        way = onward.path(home, clinic)
        assert way["to"].tolist()[0] == "c"

    @pytest.mark.parametrize("engine", ENGINES)
    def test_a_one_way_street_is_left_and_reached_in_its_direction(self, engine: str) -> None:
        street = self.street.assign(oneway=True)
        town = Network(self.nodes, street, engine=engine, access_kmh=24, join="around")
        # From b back to a there is no street; into b from a there is.
        assert np.isnan(town.nearest(places(p=(1000, 0)), places(a=(0, 0)))["minutes"][0])
        arrive = town.nearest(places(a=(0, 0)), places(p=(600, 0)))
        assert arrive["minutes"].tolist() == [1.5]

    @pytest.mark.parametrize("engine", ENGINES)
    def test_a_ferry_is_not_stepped_across(self, engine: str) -> None:
        sound = self.street.assign(ferry=True, minutes=60.0)
        isles = Network(self.nodes, sound, engine=engine, access_kmh=24, join="around")
        found = isles.nearest(places(p=(1400, 0)), places(c=(2000, 0)))
        assert found["minutes"].tolist() == [61.0]

    def test_of_ways_equally_quick_the_shorter_is_told(self) -> None:
        edges = pd.DataFrame(
            {
                "from": list("aabd"),
                "to": list("bdcc"),
                "minutes": [1.0, 2, 2, 1],
                "km": [3, 1, 1, 1],
            }
        )
        nodes = pd.DataFrame({"x": [0, 1000, 2000, 1000], "y": [0, 0, 0, 900]}, index=list("abcd"))
        for engine in ENGINES:
            answer = Network(nodes, edges, engine=engine).nearest(
                places(a=(0, 0)), places(c=(2000, 0))
            )
            assert answer[["minutes", "km"]].to_numpy().tolist() == [[3.0, 2.0]]

    def test_no_other_way_of_joining(self) -> None:
        with pytest.raises(InputError, match="join must be"):
            Network(self.nodes, self.street, join="anywhere")


class TestMatrixAndPairs:
    def test_matrix_by_eye(self, town: Network) -> None:
        ends = places(w=(0, 0), z=(3000, 0), r=(9000, 9000))
        expected = pd.DataFrame(
            [[0, 7, np.nan], [10, 0, np.nan], [np.nan, np.nan, 0]], index=ends.index,
            columns=ends.index,
        )  # fmt: skip
        assert_frame_equal(town.matrix(ends, ends), expected)
        # Fewer origins than destinations: the search runs from the origins instead.
        assert_frame_equal(town.matrix(ends[:1], ends), expected[:1])
        assert np.isnan(town.matrix(ends, ends, limit=7).loc["z", "w"])

    def test_pairs_go_row_by_row(self, town: Network) -> None:
        start = places(w=(0, 0), z=(3000, 0), r=(9000, 9000), field=(0, 900), i=(3000, 5000))
        end = places(z=(3000, 0), w=(0, 0), x=(1000, 0), y=(2000, 0), w2=(0, 0))
        answer = town.pairs(start, end)
        assert answer["destination"].tolist()[:2] == ["z", "w"]
        np.testing.assert_array_equal(answer["minutes"], [7, 10, np.nan, np.nan, 35])
        assert answer["status"].tolist() == [
            "reachable", "reachable", "unreachable", "off_network", "by_ferry",
        ]  # fmt: skip

    def test_pairs_need_as_many_of_both(self, town: Network) -> None:
        with pytest.raises(InputError, match="2 origins and 1 destinations"):
            town.pairs(places(w=(0, 0), x=(1000, 0)), places(y=(2000, 0)))


class TestPath:
    def test_leg_by_leg(self, town: Network) -> None:
        way = town.path(places(home=(0, 100)), places(isle=(3000, 5000)))
        assert way["kind"].tolist() == ["access", "road", "road", "road", "ferry", "access"]
        assert way["to"].tolist()[:-1] == ["w", "x", "y", "z", "i"]
        assert way[["from", "to"]].isna().sum().tolist() == [1, 1]
        assert way["minutes"].tolist() == [1, 2, 2, 3, 25, 0]
        assert way["boarding_minutes"].sum() == 10
        direct = town.nearest(places(home=(0, 100)), places(isle=(3000, 5000))).iloc[0]
        assert way["minutes"].sum() == direct["minutes"]
        assert way["km"].sum() == pytest.approx(direct["km"])

    def test_each_leg_begins_where_the_last_one_ended(self, town: Network) -> None:
        way = town.path(places(z=(3000, 100)), places(y=(2000, 100)))
        lines = [list(line.coords) for line in way.geometry]
        assert all(a[-1] == b[0] for a, b in itertools.pairwise(lines))
        assert (lines[0][0], lines[-1][-1]) == ((3000, 100), (2000, 100))

    def test_the_edges_own_drawing_in_the_direction_of_travel(self) -> None:
        bend = LineString([(0, 0), (0.5, 1), (1, 0)])
        road = gpd.GeoDataFrame(TestRefusals.road, geometry=[bend], crs=27700)
        network = Network(TestRefusals.nodes, road)
        back = network.path(places(b=(1, 0)), places(a=(0, 0)))
        assert list(back.geometry.iloc[1].coords) == list(bend.coords)[::-1]

    def test_no_way(self, town: Network) -> None:
        assert len(town.path(places(w=(0, 0)), places(r=(9000, 9000)))) == 0
        assert len(town.path(places(far=(0, 800)), places(w=(0, 0)))) == 0

    def test_one_of_each(self, town: Network) -> None:
        with pytest.raises(InputError, match="one origin"):
            town.path(places(w=(0, 0), x=(1000, 0)), places(y=(2000, 0)))


class TestReach:
    def test_nodes_by_eye(self, town: Network) -> None:
        clinic = places(y=(2000, 0))
        assert town.reach(clinic, 4)["minutes"].to_dict() == {"w": 4, "x": 2, "y": 0}
        away = town.reach(clinic, 28, towards=False)
        assert away["minutes"].to_dict() == {"w": 4, "x": 2, "y": 0, "z": 3, "i": 28}
        assert away.loc["i", "ferry_minutes"] == 15

    def test_ground_by_eye(self, town: Network) -> None:
        # In 3 minutes from y: all of x-y, half of w-x, and all of y-z, which is one way.
        ground = town.reach_polygon(places(y=(2000, 0)), 3, towards=False, width_m=50)
        west, south, east, north = ground.total_bounds
        assert (west, east) == (450, 3050)
        assert (south, north) == (-50, 50)
        towards = town.reach_polygon(places(y=(2000, 0)), 3, width_m=50)
        assert towards.total_bounds[2] == 2050

    def test_the_sea_is_not_ground(self, town: Network) -> None:
        ground = town.reach_polygon(places(z=(3000, 0)), 60, towards=False, width_m=50)
        assert ground.geometry.iloc[0].intersects(Point(3000, 5000))
        assert not ground.geometry.iloc[0].intersects(Point(3000, 2500))

    def test_nothing_in_reach(self, town: Network) -> None:
        assert len(town.reach(places(far=(0, 900)), 60)) == 0
        assert town.reach_polygon(places(far=(0, 900)), 60).geometry.iloc[0].is_empty


class TestRefusals:
    nodes = pd.DataFrame({"x": [0.0, 1.0], "y": [0.0, 0.0]}, index=["a", "b"])
    road = pd.DataFrame({"from": ["a"], "to": ["b"], "minutes": [1.0], "km": [1.0]})

    def test_every_fault_is_told_at_once(self) -> None:
        edges = pd.DataFrame(
            {"from": ["a", "q"], "to": ["b", "b"], "minutes": [-1.0, 1.0], "km": [1.0, np.nan]}
        )
        with pytest.raises(InputError) as caught:
            Network(self.nodes, edges)
        for words in ("minutes must be", "-1.0 at row 0", "km must be", "names no node: q"):
            assert words in str(caught.value)

    def test_missing_columns_are_all_named(self) -> None:
        with pytest.raises(InputError, match=r"'x'.*'minutes'.*'km'"):
            Network(self.nodes.drop(columns="x"), self.road[["from", "to"]])

    def test_what_is_no_frame_or_has_no_row(self) -> None:
        with pytest.raises(InputError, match=r"nodes: .*x, y, but got list; edges: .* got dict"):
            Network([1], {})  # type: ignore[arg-type]
        with pytest.raises(InputError, match="nodes: there is no row"):
            Network(self.nodes[:0], self.road[:0])
        levels = self.nodes.set_axis(pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]))
        with pytest.raises(InputError, match="nodes: the index has 2 levels"):
            Network(levels, self.road)

    def test_faults_of_settings_and_of_both_frames_are_told_at_once(self) -> None:
        nodes = self.nodes.assign(x=["here", 1], snap=["no", True])
        edges = self.road.assign(
            to="nowhere", minutes=-1, ferry="yes", oneway=3, boarding_minutes="long"
        )
        with pytest.raises(InputError) as told:
            Network(nodes, edges, tolerance_m="5", access_kmh=None, join="x")  # type: ignore[arg-type]
        for words in (
            "tolerance_m must be metres, a number above 0, not '5'",
            "access_kmh must be km/h, a number above 0, not None",
            "join must be",
            "x must be a number of metres; it is here at a",
            "snap must be true or false; it is no at row a",
            "nodes['snap'] == 'no'",
            "minutes must be a number of at least 0; it is -1",
            "boarding_minutes must be a number of at least 0; it is long",
            "oneway must be true or false; it is 3",
            "ferry must be true or false; it is yes at row 0",
            "to names no node: nowhere",
        ):
            assert words in str(told.value)

    def test_a_blank_snap_means_yes(self) -> None:
        nodes = self.nodes.assign(snap=[None, False])
        joined = Network(nodes, self.road).place(places(b=(1, 0)))
        assert joined.metres.tolist() == [1]

    def test_doubled_labels(self) -> None:
        with pytest.raises(InputError, match="more than one row: a"):
            Network(self.nodes.set_axis(["a", "a"]), self.road)

    def test_boarding_is_part_of_the_minutes(self) -> None:
        edges = self.road.assign(ferry=True, boarding_minutes=2.0)
        with pytest.raises(InputError, match="cannot be more"):
            Network(self.nodes, edges)

    def test_flags_are_true_or_false(self) -> None:
        with pytest.raises(InputError, match="oneway must be true or false; it is maybe"):
            Network(self.nodes, self.road.assign(oneway="maybe"))
        blank = Network(self.nodes, self.road.assign(oneway=[None]))
        assert blank.matrix(places(b=(1, 0)), places(a=(0, 0))).iloc[0, 0] == 1

    @pytest.mark.parametrize("crs", [4326, "EPSG:2225", "nonsense"])
    def test_metres_are_needed(self, crs: object) -> None:
        with pytest.raises(CRSError):
            Network(self.nodes, self.road, crs=crs)

    @pytest.mark.parametrize("setting", ["access_kmh", "tolerance_m"])
    @pytest.mark.parametrize("value", [0, -1, np.nan, np.inf, "5", None, True])
    def test_settings_are_above_nothing(self, setting: str, value: object) -> None:
        with pytest.raises(InputError, match=setting):
            Network(self.nodes, self.road, **{setting: value})

    def test_unknown_engine(self) -> None:
        with pytest.raises(InputError, match="engine"):
            Network(self.nodes, self.road, engine="magic")


class TestSaveAndLoad:
    def test_round_trip(self, town: Network, tmp_path) -> None:
        town.save(tmp_path / "net")
        again = Network.load(tmp_path / "net")
        assert_frame_equal(again.nodes.astype(float), town.nodes.astype(float))
        assert_frame_equal(again.edges, town.edges)
        homes = places(w=(0, 0), z=(3000, 0), i=(3000, 5000), field=(0, 501))
        site = places(clinic=(2000, 100))
        assert_frame_equal(again.nearest(homes, site), town.nearest(homes, site))

    def test_the_nodes_are_points_that_other_programs_read(self, town: Network, tmp_path) -> None:
        town.save(tmp_path)
        points = gpd.read_parquet(tmp_path / "nodes.parquet")
        assert points.crs == 27700
        assert points.loc["i"].geometry == Point(3000, 5000)

    def test_the_same_network_gives_the_same_bytes(self, town: Network, tmp_path) -> None:
        town.save(tmp_path / "a")
        town.save(tmp_path / "b")
        for name in ("nodes.parquet", "edges.parquet", "network.json"):
            assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()

    def test_drawn_edges_keep_their_drawing(self, tmp_path) -> None:
        road = gpd.GeoDataFrame(
            TestRefusals.road, geometry=[LineString([(0, 0), (0.5, 1), (1, 0)])], crs=27700
        )
        Network(TestRefusals.nodes, road).save(tmp_path)
        assert Network.load(tmp_path).edges.geometry[0].length == road.geometry[0].length

    def test_something_else_is_refused(self, tmp_path) -> None:
        with pytest.raises(FileError, match="not a saved network"):
            Network.load(tmp_path)
        (tmp_path / "network.json").write_text('{"format": 0}')
        with pytest.raises(FileError):
            Network.load(tmp_path)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Small graphs with ties, loops, parallel and free edges, and points on and off them."""
    n = draw(st.integers(1, 12))
    cell = st.integers(0, 4)
    labels = draw(st.permutations([f"n{i:02d}" for i in range(n)]))
    xy = draw(st.lists(st.tuples(cell, cell), min_size=n, max_size=n))
    nodes = pd.DataFrame(np.array(xy) * 1000.0, columns=["x", "y"], index=list(labels))
    node = st.sampled_from(list(labels))
    edge = st.tuples(node, node, st.integers(0, 3), st.integers(0, 3), st.booleans(), st.booleans())
    edges = pd.DataFrame(
        draw(st.lists(edge, max_size=30)),
        columns=["from", "to", "minutes", "km", "ferry", "oneway"],
    ).astype({"minutes": float, "km": float, "ferry": bool, "oneway": bool})
    edges["boarding_minutes"] = np.where(edges["ferry"], edges["minutes"] / 2, 0)
    edges["foot_only"] = edges["ferry"] & (edges["minutes"] == 1)
    point = st.tuples(st.integers(-3, 11), st.integers(-3, 11))

    def points(least: int, names: str) -> pd.DataFrame:
        at = draw(st.lists(point, min_size=least, max_size=8))
        labels = draw(st.lists(st.sampled_from(names), min_size=len(at), max_size=len(at)))
        xy = np.array(at, dtype=float).reshape(-1, 2) * 500
        return pd.DataFrame(xy, columns=["easting", "northing"], index=labels)

    return nodes, edges, points(0, "pqr"), points(0, "abcd")


@settings(max_examples=100, deadline=None)
@given(
    graphs(),
    st.integers(1, 5),
    st.sampled_from([None, 2.0, 5.0]),
    st.sampled_from(["nearest", "around"]),
    st.integers(1, 3),
)
def test_both_engines_agree_and_agree_with_brute_force(case, k, limit, join_by, workers) -> None:
    nodes, edges, origins, sites = case
    fast, plain = (
        Network(nodes, edges, engine=engine, tolerance_m=1200, join=join_by) for engine in ENGINES
    )
    with mock.patch.object(_compiled, "workers", return_value=workers):
        answer = fast.nearest(origins, sites, k=k, limit=limit)
        matrix = fast.matrix(origins, sites, limit=limit)
    assert_frame_equal(answer, plain.nearest(origins, sites, k=k, limit=limit))
    assert_frame_equal(matrix, plain.matrix(origins, sites, limit=limit))
    few = min(len(origins), len(sites))
    pairs = fast.pairs(origins[:few], sites[:few])
    assert_frame_equal(pairs, plain.pairs(origins[:few], sites[:few]))
    for i in range(few):
        way = fast.path(origins[i : i + 1], sites[i : i + 1])
        told = pairs.iloc[i]
        assert len(way) == 0 or way["minutes"].sum() == pytest.approx(told["minutes"])
        assert (len(way) > 0) == bool(told["status"] in ("reachable", "by_ferry"))
        if len(way):
            for column in ("km", "ferry_minutes", "boarding_minutes"):
                assert way[column].sum() == pytest.approx(told[column])
            assert way["foot_ferry"].any() == told["foot_ferry"]

    graph = nx.DiGraph()
    graph.add_nodes_from(nodes.index)
    for edge in edges.to_dict("records"):
        ways = [(edge["from"], edge["to"])] + (
            [] if edge["oneway"] else [(edge["to"], edge["from"])]
        )
        for a, b in ways:
            # A free edge takes a billionth of a minute, so that no way is without time.
            minutes = max(edge["minutes"], 1e-9)
            rank = (minutes, 0 if edge["ferry"] else edge["km"], edge["ferry"])
            if a != b and rank < graph.get_edge_data(a, b, {"rank": (np.inf,)})["rank"]:
                graph.add_edge(a, b, w=minutes, rank=rank)

    def join(x: float, y: float, network: Network, row: int, frame: pd.DataFrame, neighbours):
        """The nodes joined and minutes to them, the nearest checked against the network's own."""
        far = np.hypot(nodes["x"] - x, nodes["y"] - y)
        joined = network.place(frame)
        if far.min() > 1200:
            assert joined.node[row] == -1
            return []
        assert joined.metres[row] == far.min()
        nearest = nodes.index[network._order[joined.node[row]]]
        joined_to = [nearest]
        if join_by == "around":
            for m, edge in neighbours[nearest].items():
                stretch = np.hypot(*(nodes.loc[m] - nodes.loc[nearest])[["x", "y"]])
                if not edge["rank"][-1] and far[m] <= stretch:
                    joined_to.append(m)
        return [(n, far[n] / 1000 / 20 * 60) for n in joined_to if far[n] <= 1200]

    expected = np.full(matrix.shape, np.inf)
    for i, (x, y) in enumerate(origins.to_numpy()):
        for start, leave in join(x, y, fast, i, origins, graph.succ):
            reached = nx.single_source_dijkstra_path_length(graph, start, weight="w")
            for j, (name, (x2, y2)) in enumerate(zip(sites.index, sites.to_numpy(), strict=True)):
                for end, arrive in join(x2, y2, fast, j, sites, graph.pred):
                    minutes = leave + reached.get(end, np.inf) + arrive
                    column = matrix.columns.get_loc(name)
                    expected[i, column] = min(expected[i, column], minutes)
    expected[expected > (limit or np.inf) + 1e-7] = np.inf
    got = matrix.to_numpy(na_value=np.inf)
    # At the limit itself, a rounding of the sum decides in the brute force, not here.
    edge_case = np.zeros(got.shape, bool) if limit is None else np.abs(expected - limit) < 1e-7
    assert np.allclose(
        np.where(edge_case, 0, np.nan_to_num(got, posinf=-1)),
        np.where(edge_case, 0, np.nan_to_num(expected, posinf=-1)),
        atol=1e-7,
    )

    # The ranks are the row of the matrix in order of minutes, then of label.
    for i in range(len(origins)):
        row = sorted((v, c) for c, v in matrix.iloc[i].items() if not np.isnan(v))
        rows = answer.iloc[i * k : (i + 1) * k]
        there = rows[rows["destination"].notna()]
        assert list(zip(there["minutes"], there["destination"], strict=True)) == row[:k]
        assert ((there["ferry_minutes"] + there["boarding_minutes"]) <= there["minutes"]).all()
        assert ((there["status"] == "by_ferry") == (there["ferry_minutes"] > 0)).all()


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_nearest_node_of_many_points_is_the_nearest_of_all(seed) -> None:
    rng = np.random.default_rng(seed)
    nodes = pd.DataFrame(rng.normal(0, 3000, (200, 2)), columns=["x", "y"])
    nodes.loc[0] = [40_000, 0]
    none = pd.DataFrame({"from": [], "to": [], "minutes": [], "km": []})
    points = pd.DataFrame(rng.normal(0, 9000, (300, 2)), columns=["easting", "northing"])
    far = np.hypot(
        points["easting"].to_numpy()[:, None] - nodes["x"].to_numpy(),
        points["northing"].to_numpy()[:, None] - nodes["y"].to_numpy(),
    )
    for engine in ENGINES:
        network = Network(nodes, none, engine=engine, tolerance_m=4000)
        joined = network.place(points)
        near = far.min(axis=1) <= 4000
        assert (joined.node >= 0).tolist() == near.tolist()
        chosen = network._order[joined.node[near]]
        assert (chosen == far.argmin(axis=1)[near]).all()


@pytest.mark.parametrize("engine", ["numba", "scipy"])
def test_of_ferries_side_by_side_the_documented_one_is_taken(engine):
    nodes = pd.DataFrame({"x": [0.0, 1000.0], "y": 0.0}, index=["a", "b"])
    ends = pd.DataFrame({"easting": [0.0, 1000.0], "northing": 0.0}, index=["a", "b"])
    pair = {"from": ["a", "a"], "to": ["b", "b"], "minutes": 25.0, "km": 1.0, "ferry": True}

    def way(**columns):
        network = Network(nodes, pd.DataFrame(pair | columns), engine=engine)
        return network.nearest(ends.iloc[:1], ends.iloc[1:]).iloc[0]

    # Less aboard first; of the same, one that cars can take.
    assert way(boarding_minutes=[5.0, 15.0])["ferry_minutes"] == 10.0
    assert way(boarding_minutes=[15.0, 5.0])["ferry_minutes"] == 10.0
    assert not way(boarding_minutes=10.0, foot_only=[True, False])["foot_ferry"]
    assert not way(boarding_minutes=10.0, foot_only=[False, True])["foot_ferry"]
