"""A family's road in the toy town: months, ways, who refers, and where it breaks."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pandas as pd
import pytest

from gapmap.gaps.journey import journey, stock_families
from gapmap.travel.straight import StraightLine

SOUTH, NORTH = "S08000901", "S08000902"
#: In A, near its middle; in D.
IN_A, IN_D = "ZA2 2AA", "ZA7 7AA"


def road(toy, postcode: str, **options: int) -> pd.DataFrame:
    return journey(toy, postcode, StraightLine(), **options)


def test_what_is_open_to_a_family_in_the_south(toy) -> None:
    open_ = road(toy, IN_A).query("kind == 'open'").set_index("service_id")
    assert set(open_.index) == {"T1", "T2", "T3", "T6", "T10"}
    # T5 serves B, T7 and T8 the north, T4 is not open yet, T9 is closed.
    assert open_.loc["T1", ["from_months", "to_months", "status", "comes_to_family"]].tolist() == [
        -9,
        60,
        "reachable",
        "yes",
    ]
    assert open_.loc["T2", ["from_months", "to_months"]].tolist() == [0, 12]
    # A confidential base is measured to from nowhere.
    assert open_.loc["T10", "status"] == "site_not_known"


def test_the_road_breaks_where_no_service_of_a_tier_is_known(toy) -> None:
    table = road(toy, IN_D)
    breaks = table[table["kind"] == "break"]
    special = breaks[breaks["tier"] == "specialist"]
    # Mother and Baby Unit until 12 months; Cedar House, whose ages are not known, ends no break.
    assert special[["from_months", "to_months", "ages_known"]].values.tolist() == [
        [-9, 0, "no"],
        [12, 60, "no"],
    ]
    assert special["sentence"].iloc[1] == (
        "12 months to 5 years: no specialist service is known to be open to any family there; "
        "one whose ages we do not know may be."
    )


def test_a_service_for_some_families_only_ends_no_break(toy) -> None:
    services = toy.services.copy()
    services.loc[services["service_id"] == "T1", "eligibility_narrow"] = "yes"
    table = road(replace(toy, services=services), IN_A)
    assert table.set_index("service_id").loc["T1", "for_some_only"] == "yes"
    breaks = table[(table["kind"] == "break") & (table["tier"] == "specialist")]
    assert breaks[["from_months", "to_months"]].values.tolist() == [[-9, 0], [12, 60]]


def test_the_road_from_an_age_on(toy) -> None:
    table = road(toy, IN_A, age_from=24, age_to=36)
    assert (table["from_months"].min(), table["to_months"].max()) == (24, 36)
    assert "T2" not in set(table["service_id"])


def test_who_can_refer_is_told_only_where_a_service_says_so(toy) -> None:
    said = pd.DataFrame(
        {
            "service_id": ["T1", "T1", "T3"],
            "from_role": ["midwife", "gp", "gp"],
            "accepted": ["yes", "yes", "yes"],
            "route_kind": ["referral", "referral", "signposting"],
        }
    )
    study = replace(toy, tables=MappingProxyType(dict(toy.tables) | {"referrals": said}))
    open_ = road(study, IN_A).query("kind == 'open'").set_index("service_id")
    assert open_.loc["T1", "who_refers"] == "midwife;gp"
    assert open_.loc["T1", "sentence"].endswith("way in: midwife and GP.")
    assert "who can refer is not known" in open_.loc["T3", "sentence"]


def test_of_services_open_to_whoever_comes_only_the_nearest_is_told(toy) -> None:
    second = toy.services[toy.services["service_id"] == "T6"].assign(
        service_id="T11", easting=301_000.0, northing=719_000.0
    )
    second.index = pd.Index([99], name="row")
    study = replace(toy, services=pd.concat([toy.services, second]))
    units = road(study, IN_A)
    assert units.loc[units["category"] == "maternity_unit", "service_id"].tolist() == ["T6"]


def test_a_service_of_a_part_of_the_area_says_so(toy) -> None:
    rows = road(toy, "ZA7 2AA").query("kind == 'open'").set_index("service_id")  # in B
    assert rows.loc["T5", "part_of_area"] == "yes"
    assert "ask whether this is in it" in rows.loc["T5", "sentence"]
    assert (rows.drop("T5")["part_of_area"] == "no").all()


@pytest.mark.parametrize("with_classes", [True, False])
def test_every_board_has_families_that_live_in_it(toy, with_classes: bool) -> None:
    people = toy.people if with_classes else toy.people.drop(columns="urban_rural")
    nearest = pd.DataFrame(
        {
            "postcode": people.index,
            "category": "maternity_unit",
            "rank": 1,
            "minutes": [float(n) for n in range(len(people))],
            "status": ["by_ferry" if n > 90 else "reachable" for n in range(len(people))],
        }
    )
    families = stock_families(replace(toy, people=people), nearest)
    assert not families.duplicated("postcode").any()
    lives = families["postcode"].map(toy.people["board_code"])
    assert (lives == families["area_code"]).all()
    assert families.groupby("area_code").size().between(3, 6).all()
    labels = set(families.loc[families["area_code"] == NORTH, "family_label"])
    assert "An island or a ferry away" in labels
    # Without classes of their own, people have those that gapmap works out.
    assert "Remote countryside" in labels


def test_a_service_of_a_kind_without_a_tier_comes_last_and_breaks_nothing(toy) -> None:
    services = toy.services.copy()
    services.loc[services["service_id"] == "T3", ["category", "tier"]] = ["toy_library", ""]
    table = road(replace(toy, services=services), IN_A)
    assert "T3" in set(table["service_id"])
