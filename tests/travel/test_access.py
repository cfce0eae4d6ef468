"""What travel means for families: statuses by eye, and sums that must hold for any study."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from gapmap.errors import InputError
from gapmap.travel.access import STATUSES, access, nearest_services, travel_curve
from gapmap.travel.network import Network
from gapmap.travel.straight import StraightLine

A, B, BOARD, SCOTLAND = "S12000901", "S12000902", "S08000901", "S92000003"


@pytest.fixture
def people() -> pd.DataFrame:
    """Two homes in council A, one in B, one on B's isle, one in a field far from any road."""
    return pd.DataFrame(
        {
            "easting": [0, 1000, 2000, 3000, 90_000],
            "northing": 0,
            "council_code": [A, A, B, B, B],
            "board_code": BOARD,
            "under_5": [30, 10, 20, 5, 0],
        },
        index=["a1", "a2", "b1", "isle", "field"],
    )


@pytest.fixture
def road() -> Network:
    """Kilometre stones 2 minutes apart, and a ferry of 20 minutes to the isle at 3 km."""
    nodes = pd.DataFrame({"x": [0, 1000, 2000, 3000], "y": 0})
    edges = pd.DataFrame(
        {"from": [0, 1, 2], "to": [1, 2, 3], "minutes": [2, 2, 20], "km": 1,
         "ferry": [False, False, True]}
    )  # fmt: skip
    return Network(nodes, edges)


def site(service: str, easting: float | None, precision: str = "site") -> dict[str, object]:
    return {
        "service_id": service,
        "location_id": f"{service}-1",
        "easting": easting,
        "northing": None if easting is None else 0,
        "precision": precision,
    }


def service(name: str, serves: object = None, comes: bool = False, **more: object) -> dict:
    return {
        "service_id": name,
        "category": "befriending",
        "serves_codes": serves,
        "comes_to_family": comes,
        "has_site": True,
        **more,
    }


def ask(people, network, sites, services, **options) -> pd.DataFrame:
    columns = ["service_id", "location_id", "easting", "northing", "precision"]
    return nearest_services(
        people, pd.DataFrame(sites, columns=columns), pd.DataFrame(services), network, **options
    )


def statuses(answer: pd.DataFrame) -> list[str]:
    return answer["status"].tolist()


class TestStatus:
    def test_road_ferry_and_beyond(self, people, road) -> None:
        answer = ask(people, road, [site("s", 0)], [service("s")])
        assert answer["postcode"].tolist() == people.index.tolist()
        assert statuses(answer) == ["reachable"] * 3 + ["by_ferry", "off_network"]
        np.testing.assert_array_equal(answer["minutes"], [0, 2, 4, 24, np.nan])
        np.testing.assert_array_equal(answer["ferry_minutes"], [0, 0, 0, 20, np.nan])
        assert answer["service_id"].tolist()[:4] == ["s"] * 4
        assert answer["service_id"].isna().tolist() == [False] * 4 + [True]

    @pytest.mark.parametrize("codes", [(A,), [A], {A}, A, np.array([A])])
    def test_only_a_stated_serves_restricts(self, people, road, codes) -> None:
        answer = ask(people, road, [site("s", 0)], [service("s", codes)])
        assert statuses(answer) == ["reachable"] * 2 + ["no_known_service"] * 3
        inferred = ask(people, road, [site("s", 0)], [service("s", None, inferred_codes=(A,))])
        assert statuses(inferred)[:4] == ["reachable"] * 3 + ["by_ferry"]

    def test_a_board_serves_its_councils_and_scotland_serves_all(self, people, road) -> None:
        for code in (BOARD, SCOTLAND):
            answer = ask(people, road, [site("s", 0)], [service("s", (code,))])
            assert statuses(answer)[:4] == ["reachable"] * 3 + ["by_ferry"]

    def test_the_nearest_that_serves_them_not_the_nearest_building(self, people, road) -> None:
        sites = [site("near", 1000), site("far", 0)]
        answer = ask(people, road, sites, [service("near", (A,)), service("far")])
        assert answer["service_id"].tolist()[:3] == ["far", "near", "far"]
        assert answer["minutes"].tolist()[:3] == [0, 0, 4]

    def test_an_equal_time_goes_to_the_id_that_sorts_first(self, people, road) -> None:
        sites = [site("y", 0), site("x", 2000)]
        for services in (
            [service("x"), service("y")],
            [service("x", (A,)), service("y")],
            [service("x"), service("y", (BOARD,))],
        ):
            answer = ask(people, road, sites, services, k=2)
            assert answer.loc[answer["postcode"] == "a2", "service_id"].tolist() == ["x", "y"]

    @pytest.mark.parametrize("precision", ["town", "area", ""])
    def test_a_base_that_is_roughly_known_gives_no_minutes(self, people, road, precision) -> None:
        answer = ask(people, road, [site("s", 0, precision)], [service("s", (A,))])
        assert statuses(answer) == ["site_not_known"] * 2 + ["no_known_service"] * 3
        assert answer["minutes"].isna().all()

    def test_a_confidential_base_gives_no_minutes(self, people, road) -> None:
        sites = pd.DataFrame([site("s", 0)]).assign(location_confidential=True)
        answer = nearest_services(people, sites, pd.DataFrame([service("s", (A,))]), road)
        assert statuses(answer)[0] == "site_not_known"

    def test_a_service_that_comes_is_told_even_far_from_a_road(self, people, road) -> None:
        answer = ask(people, road, [], [service("s", (B,), True)])
        assert statuses(answer) == ["no_known_service"] * 2 + ["comes_to_family"] * 3

    def test_both_a_base_and_visits(self, people, road) -> None:
        answer = ask(people, road, [site("s", 0)], [service("s", (B,), True)])
        assert statuses(answer) == (
            ["no_known_service"] * 2 + ["reachable", "by_ferry", "comes_to_family"]
        )
        assert answer["comes_to_family"].tolist() == [False, False, True, True, True]

    def test_visits_of_a_service_that_states_no_area_stay_where_it_stands(
        self, people, road
    ) -> None:
        stands = ask(people, road, [], [service("s", None, True, inferred_codes=(A,))])
        assert statuses(stands) == ["comes_to_family"] * 2 + ["no_known_service"] * 3
        nowhere = ask(people, road, [], [service("s", None, True)])
        assert statuses(nowhere) == ["site_not_known"] * 5

    def test_no_way_there(self, people) -> None:
        nodes = pd.DataFrame({"x": [0, 1000, 2000, 3000], "y": 0})
        edges = pd.DataFrame({"from": [0], "to": [1], "minutes": [2], "km": [1]})
        answer = ask(people, Network(nodes, edges), [site("s", 0)], [service("s")])
        assert statuses(answer) == ["reachable"] * 2 + ["unreachable"] * 2 + ["off_network"]

    def test_a_category_that_nobody_offers(self, people, road) -> None:
        answer = ask(
            people, road, [site("s", 0)], [service("s")], categories=["befriending", "play_therapy"]
        )
        assert len(answer) == 2 * len(people)
        assert set(statuses(answer[answer["category"] == "play_therapy"])) == {"no_known_service"}

    def test_ranks_beyond_what_serves_a_place(self, people, road) -> None:
        sites = [site("s", 0), site("t", 1000)]
        services = [service("s"), service("t", (A,)), service("u", (B,))]
        answer = ask(people, road, sites, services, k=3)
        of = {p: rows["status"].tolist() for p, rows in answer.groupby("postcode", sort=False)}
        assert of["a1"] == ["reachable", "reachable", "no_known_service"]
        assert of["b1"] == ["reachable", "site_not_known", "no_known_service"]
        assert of["field"] == ["site_not_known", "site_not_known", "no_known_service"]

    def test_the_straight_line_answers_alike(self, people) -> None:
        sites = [site("near", 1000), site("far", 0)]
        answer = ask(people, StraightLine(), sites, [service("near", (A,)), service("far")])
        assert answer["service_id"].tolist() == ["far", "near", "far", "far", "far"]
        assert answer["km"].tolist() == [0, 0, 2, 3, 90]
        assert answer["minutes"].isna().all()

    def test_missing_columns_are_named(self, people, road) -> None:
        with pytest.raises(InputError, match="sites: the columns easting, northing, precision"):
            nearest_services(
                people, pd.DataFrame({"service_id": []}), pd.DataFrame([service("s")]), road
            )


class TestAccess:
    def nearest(self, minutes: list[float | None], status: list[str]) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "postcode": ["a1", "a2", "b1", "isle", "field"],
                "category": "befriending",
                "rank": 1,
                "minutes": minutes,
                "km": minutes,
                "status": status,
            }
        )

    def test_by_eye(self, people) -> None:
        answer = self.nearest(
            [10, 20, 30, 90, None], ["reachable"] * 3 + ["by_ferry", "off_network"]
        )
        table = access(people, answer, by=["council_code", "board_code"])
        assert table["level"].tolist() == ["council", "council", "board"]
        a, b, board = (row for _, row in table.iterrows())
        assert (a["people"], a["mean_minutes"], a["median_minutes"], a["p90_minutes"]) == (
            40, 12.5, 10, 20,
        )  # fmt: skip
        assert (a["share_within_15"], a["share_within_30"]) == (0.75, 1)
        assert (b["people"], b["mean_minutes"]) == (25, 42)
        assert b["share_by_ferry"] == pytest.approx(0.2)
        assert board["median_minutes"] == 20
        assert board["share_within_120"] == 1

    def test_those_without_a_way_are_in_every_share_and_in_no_average(self, people) -> None:
        answer = self.nearest([None, 20, None, None, None], ["unreachable", "reachable"] + [
            "site_not_known"
        ] * 3)  # fmt: skip
        row = access(people, answer).iloc[0]
        assert row["area_code"] == "all"
        assert (row["mean_minutes"], row["p90_minutes"], row["mean_km"]) == (20, 20, 20)
        assert row["share_within_120"] == pytest.approx(10 / 65)
        assert row["share_unreachable"] == pytest.approx(30 / 65)

    def test_nobody_with_a_way_means_no_average(self, people) -> None:
        answer = self.nearest([None] * 5, ["unreachable"] * 5)
        row = access(people, answer).iloc[0]
        assert row[["mean_minutes", "median_minutes", "p90_minutes", "mean_km"]].isna().all()
        assert row["share_within_120"] == 0

    def test_an_area_with_no_people_has_no_shares(self, people) -> None:
        answer = self.nearest([1] * 5, ["reachable"] * 5)
        table = access(people.assign(under_5=[1, 1, 0, 0, 0]), answer, by="council_code")
        assert table.loc[1, "people"] == 0
        assert table.filter(like="share_").loc[1].isna().all()

    def test_people_without_an_area_are_kept(self, people) -> None:
        answer = self.nearest([1] * 5, ["reachable"] * 5)
        lost = people.assign(council_code=[A, None, B, B, B])
        table = access(lost, answer, by="council_code")
        assert table["people"].sum() == 65
        assert table["area_code"].isna().tolist() == [False, False, True]

    def test_the_second_nearest(self, people, road) -> None:
        answer = ask(
            people, road, [site("s", 0), site("t", 1000)], [service("s"), service("t")], k=2
        )
        first, second = (access(people, answer, rank=r).iloc[0] for r in (1, 2))
        assert first["mean_minutes"] < second["mean_minutes"]
        with pytest.raises(InputError, match="k=3"):
            access(people, answer, rank=3)

    def test_answers_in_another_order_are_matched_by_place(self, people) -> None:
        answer = self.nearest([10, 20, 30, 90, None], ["reachable"] * 4 + ["off_network"])
        mixed = answer.sample(frac=1, random_state=0)
        assert_frame_equal(
            access(people, mixed, by="council_code"), access(people, answer, by="council_code")
        )

    def test_places_that_do_not_match_are_named(self, people) -> None:
        answer = self.nearest([1] * 5, ["reachable"] * 5)
        with pytest.raises(InputError, match="field"):
            access(people, answer[:4])

    @pytest.mark.parametrize("weight", [-1, None])
    def test_weights_must_be_numbers_of_people(self, people, weight) -> None:
        answer = self.nearest([1] * 5, ["reachable"] * 5)
        with pytest.raises(InputError, match="under_5"):
            access(people.assign(under_5=[1, 1, 1, 1, weight]), answer)

    def test_curve_by_eye(self, people) -> None:
        answer = self.nearest([10, 20, 30, 90, None], ["reachable"] * 4 + ["off_network"])
        curve = travel_curve(people, answer, by="council_code", minutes=(0, 10, 100))
        assert curve["area_code"].tolist() == [A] * 3 + [B] * 3
        assert curve["minutes"].tolist() == [0, 10, 100] * 2
        assert curve["share"].tolist() == [0, 0.75, 1, 0, 0, 1]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_statuses_and_sums_hold_for_any_study(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 30))
    people = pd.DataFrame(
        {
            "easting": rng.integers(0, 12, n) * 500.0,
            "northing": rng.choice([0.0, 0.0, 9000.0], n),
            "council_code": rng.choice([A, B, "S12000903"], n),
            "board_code": BOARD,
            "under_5": rng.random(n),
        }
    )
    nodes = pd.DataFrame({"x": np.arange(6) * 1000.0, "y": 0.0})
    edges = pd.DataFrame({"from": range(5), "to": range(1, 6), "minutes": rng.integers(0, 4, 5),
                          "km": 1.0, "ferry": rng.random(5) < 0.3})  # fmt: skip
    edges = edges[rng.random(5) < 0.8]
    network = Network(nodes, edges)
    m = int(rng.integers(0, 6))
    serves = [None, (), (A,), (B, A), (BOARD,), ("S12000999",)]
    services = pd.DataFrame(
        [
            {"service_id": f"s{i}", "category": str(rng.choice(["c", "d"])),
             "serves_codes": serves[rng.integers(6)], "comes_to_family": bool(rng.random() < 0.3)}
            for i in range(m)
        ],
        columns=["service_id", "category", "serves_codes", "comes_to_family"],
    )  # fmt: skip
    sites = pd.DataFrame(
        [site(f"s{rng.integers(m)}", float(rng.integers(0, 12) * 500),
              str(rng.choice(["site", "postcode", "town"]))) for _ in range(2 * m)],
        columns=["service_id", "location_id", "easting", "northing", "precision"],
    )  # fmt: skip
    answer = nearest_services(people, sites, services, network, categories=["c", "d"], k=k)
    assert len(answer) == n * 2 * k
    assert answer["status"].isin(STATUSES).all()
    timed = answer["status"].isin(["reachable", "by_ferry"])
    assert (answer["minutes"].notna() == timed).all()
    assert (answer["service_id"].notna() == timed).all()

    # Place by place, from the definitions.
    for category in ("c", "d"):
        own = services[services["category"] == category]
        for place, home in people.iterrows():
            rows = answer[(answer["category"] == category) & (answer["postcode"] == place)]
            best = []
            for row in own.itertuples():
                codes = row.serves_codes
                if codes and not {home["council_code"], BOARD} & set(codes):
                    continue
                bases = sites[(sites["service_id"] == row.service_id)
                              & sites["precision"].isin(["site", "postcode"])]  # fmt: skip
                if len(bases):
                    minutes = network.matrix(
                        people.loc[[place]], bases.set_index("service_id")
                    ).iloc[0, 0]
                    if not np.isnan(minutes):
                        best.append((minutes, row.service_id))
            expected = sorted(best)[:k]
            told = rows[rows["service_id"].notna()]
            assert list(zip(told["minutes"], told["service_id"], strict=True)) == expected

    table = access(people, answer, by=["council_code", "board_code"])
    shares = table[[f"share_{s}" for s in STATUSES]]
    assert (shares.sum(axis=1) == 1).all()
    assert (shares.iloc[:, ::-1].sum(axis=1) == 1).all()
    for level in ("council", "board"):
        for category in ("c", "d"):
            rows = table[(table["level"] == level) & (table["category"] == category)]
            assert rows["people"].sum() == pytest.approx(people["under_5"].sum())


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(0, 4), st.sampled_from("xyz")),
        min_size=1, max_size=25,
    )
)  # fmt: skip
def test_percentiles_against_people_laid_out_one_by_one(rows) -> None:
    people = pd.DataFrame(
        {"under_5": [w for _, w, _ in rows], "area_code": [a for _, _, a in rows]}
    )
    nearest = pd.DataFrame(
        {"postcode": people.index, "category": "c", "rank": 1, "status": "reachable",
         "minutes": [float(m) for m, _, _ in rows], "km": 1.0}
    )  # fmt: skip
    table = access(people, nearest, by="area_code").set_index("area_code")
    for area in people["area_code"].unique():
        each = sorted(m for m, w, a in rows for _ in range(w) if a == area)
        row = table.loc[area]
        if not each:
            assert np.isnan(row["median_minutes"])
            continue
        for column, q in (("median_minutes", 0.5), ("p90_minutes", 0.9)):
            enough = next(t for t in each if sum(m <= t for m in each) >= q * len(each) - 1e-9)
            assert row[column] == enough
        assert row["mean_minutes"] == pytest.approx(np.mean(each))


NONE = pd.DataFrame(columns=["postcode", "category", "rank", "minutes", "km", "status"])


@pytest.mark.parametrize("by", [None, "board_code", ["board_code", "class"]])
@pytest.mark.parametrize("rows", [0, 1])
def test_nothing_to_summarise_has_the_columns_of_something(by, rows) -> None:
    people = pd.DataFrame({"under_5": [3], "board_code": ["S"], "class": ["x"]})[:rows]
    some = pd.DataFrame({"under_5": [3], "board_code": ["S"], "class": ["x"]})
    nearest = pd.DataFrame(
        {"postcode": [0], "category": "c", "rank": 1, "minutes": 1.0, "km": 1.0,
         "status": "reachable"}
    )  # fmt: skip
    none, one = access(people, NONE, by=by), access(some, nearest, by=by)
    assert none.columns.tolist() == one.columns.tolist()
    assert len(none) == 0
    curve = travel_curve(people, NONE, by=by)
    assert curve.columns.tolist() == ["level", "area_code", "category", "minutes", "share"]
    assert len(curve) == 0


@pytest.mark.parametrize("wrong", [30, "30", None])
def test_thresholds_are_a_list(wrong) -> None:
    people = pd.DataFrame({"under_5": [3]})
    with pytest.raises(InputError, match=r"thresholds must be a list of minutes, .* not"):
        access(people, NONE, thresholds=wrong)
    with pytest.raises(InputError, match="minutes must be a list"):
        travel_curve(people, NONE, minutes=wrong)


def test_every_threshold_that_is_none_is_told() -> None:
    with pytest.raises(InputError, match=r"not '30' .* not -1"):
        access(pd.DataFrame({"under_5": [3]}), NONE, thresholds=["30", 15, -1])


def test_what_is_no_frame() -> None:
    with pytest.raises(InputError, match=r"people: expected a pandas DataFrame .* got list"):
        access([1], NONE)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"people: expected a pandas DataFrame .* got dict"):
        nearest_services({}, NONE, NONE, None)  # type: ignore[arg-type]


def test_a_status_that_is_none_is_told_not_counted_as_reachable():
    people = pd.DataFrame({"under_5": [30.0, 10.0]}, index=["a", "b"])
    nearest = pd.DataFrame(
        {"postcode": ["a", "b"], "category": "c", "rank": 1, "minutes": None, "km": None}
    ).assign(status=["Unreachable", None])
    with pytest.raises(InputError, match="status holds 'Unreachable', a blank"):
        access(people, nearest)


@pytest.mark.parametrize("said", [None, float("nan"), pd.NA, "perhaps", 2])
def test_whether_it_comes_must_be_said_not_guessed(said):
    people = pd.DataFrame({"easting": [0.0], "northing": [0.0]}, index=["a"])
    sites = pd.DataFrame({"service_id": [], "easting": [], "northing": [], "precision": []})
    services = pd.DataFrame(
        {"service_id": ["s", ""], "category": ["c", None], "serves_codes": [[None], "X"]}
    ).assign(comes_to_family=pd.Series([said, "no"], dtype=object))
    with pytest.raises(InputError) as refused:
        nearest_services(people, sites, services, StraightLine())
    for told in ("service s (category c): comes_to_family is", "row 1: service_id", "row 1: cat"):
        assert told in str(refused.value)
    fine = services.iloc[:1].assign(comes_to_family="no")
    found = nearest_services(people, sites, fine, StraightLine(), categories=["c", "c"])
    assert found["status"].tolist() == ["site_not_known"]
    with pytest.raises(InputError, match="give a list"):
        nearest_services(people, sites, fine, StraightLine(), categories="c")
