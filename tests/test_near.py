"""What serves a postcode, in words; and which postcode a person means who types something else."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import gapmap as gm
from gapmap.errors import InputError
from gapmap.near import known_postcode, near, refuse_what_is_no_place, road
from gapmap.travel.method import how_far_off


@pytest.fixture(scope="module")
def scotland():
    return gm.scotland()


def test_a_postcode_is_known_however_it_is_typed(scotland) -> None:
    assert known_postcode(scotland, " kw151ax ") == "KW15 1AX"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Portree", "For Portree try IV51 "),
        ("lochinvr", "For Lochinver try IV27 "),  # as near to Lochinvar: both are told
        ("Lochinvr", "For Lochinvar try DG7 "),
        ("Iona", "For Iona try PA76 6"),
        ("fair isle", "For Fair Isle try ZE2 9JU"),
        ("Foula", "For Foula try ZE2 9P"),
        ("Unst", "For Unst try ZE2 9D"),
        ("Lochmaddy", "For Lochmaddy try HS6 "),
        ("Tarbert", r"For Tarbert \(Argyll and Bute\) try PA29 6"),
        ("Tarbert", r"For Tarbert \(Na h-Eileanan Siar\) try HS3 3"),
        ("EH1 9ZZ", "Postcodes like it: EH1 "),
    ],
)
def test_what_is_no_postcode_is_refused_with_one_to_try(scotland, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        known_postcode(scotland, text)


def test_a_place_that_nobody_knows_is_only_refused(scotland) -> None:
    with pytest.raises(InputError) as refused:
        known_postcode(scotland, "Atlantis")
    assert "try" not in str(refused.value)


def test_what_can_be_no_place_is_refused_before_a_study_is_read(scotland) -> None:
    with pytest.raises(InputError) as early:
        refuse_what_is_no_place("rubbish")
    with pytest.raises(InputError) as late:
        known_postcode(scotland, "rubbish")
    assert str(early.value) == str(late.value)
    # Whether these are places of the study is the study's to say.
    for text in ("Portree", "EH1 9ZZ", "kw151ax"):
        refuse_what_is_no_place(text)


def test_a_known_place_with_no_family_of_the_study_near_is_not_offered(toy) -> None:
    with pytest.raises(InputError) as refused:
        known_postcode(toy, "Lochinver")
    assert "try" not in str(refused.value)


# -- what serves a place ---------------------------------------------------------------------------


def of_kind(lines: list[str], kind: str) -> str:
    (line,) = [one for one in lines if one.startswith(f"{kind}: ")]
    return line.removeprefix(f"{kind}: ")


def test_who_comes_is_named_and_that_it_is_for_a_part_only(scotland) -> None:
    """Knoydart is in Highland; the befrienders of Caithness and the east are not for it."""
    told = near(scotland, "PH41 4PL")
    assert of_kind(told, "Befriending").startswith(
        "Comes to some families: Home-Start Caithness (in part of Highland only); "
        "Home-Start East Highland (in part of Highland only)."
    )
    assert of_kind(told, "Family Nurse Partnership").startswith(
        "Comes to some families: Family Nurse Partnership, NHS Highland (for some families only)."
    )
    assert of_kind(told, "Health visiting").startswith("Comes to the family: Health visiting (")
    # One whose base is not known is named too.
    assert of_kind(told, "Universal group").startswith("Serves them, base not recorded: Bookbug")


def test_a_boat_that_takes_no_cars_is_told(scotland) -> None:
    boat = "a boat that takes no cars"
    told = near(scotland, "PH41 4PL")
    assert f"aboard a ferry, with {boat} on the way." in of_kind(told, "Maternity unit")
    assert any(line.startswith(f"Minutes beyond {boat}") for line in told)
    assert any(f"with {boat};" in line for line in road(scotland, "PH41 4PL", 0))
    # Kirkwall's ferry takes cars.
    assert not any(boat in line for line in near(scotland, "KW15 1AX"))


def test_how_distance_was_measured_is_what_the_study_says(scotland) -> None:
    assert near(scotland, "KW15 1AX")[1:3] == [
        "By car, roughly: no traffic, no wait for a ferry. A partial directory.",
        how_far_off(scotland.settings),
    ]
    straight = scotland.with_settings(travel_method="straight")
    for told in (near(straight, "KW15 1AX"), road(straight, "KW15 1AX", 0)):
        assert told[1:3] == [
            "Distances are in a straight line, without roads. A partial directory.",
            "",
        ]
        assert not any("By car" in line for line in told)


def test_of_many_services_the_first_are_named_and_the_rest_counted(toy) -> None:
    befrienders = toy.services[toy.services["service_id"] == "T8"]
    more = [
        befrienders.assign(service_id=f"X{n}", name=f"Friends {n}", eligibility_narrow=narrow)
        for n, narrow in enumerate(["yes", "no", "no", "no", "no"])
    ]
    services = pd.concat([toy.services, *more], ignore_index=True)
    told = near(replace(toy, services=services), "ZA7 7AA")
    # Those for some families only come last.
    assert of_kind(told, "Befriending").startswith(
        "Comes to the family: Friends 1; Friends 2; Friends 3; and 3 more."
    )


def test_a_study_without_councils_tells_of_its_own_areas_and_widens_no_claim(scotland) -> None:
    boards = replace(scotland, areas=scotland.areas[scotland.areas["level"] == "board"])
    lines = near(boards, "KW15 1AX")
    assert lines[0].startswith("KW15 1AX (NHS Orkney), on ")
    assert all("In NHS Orkney: " in line for line in lines if line.startswith("Infant mental"))
    # What serves a council that the study does not have is not open to everybody for that.
    assert not any("Glasgow Infant and Family Team" in line for line in lines)
    assert any("Glasgow Infant and Family Team" in line for line in near(scotland, "G1 1AB"))
    far = scotland.areas[scotland.areas["name"] == "Orkney Islands"]
    alone = near(replace(scotland, areas=far), "G1 1AB")
    assert alone[0].startswith("G1 1AB, on ")
    assert not any(" In " in line for line in alone)
