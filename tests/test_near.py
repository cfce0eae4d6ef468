"""Which postcode a person means who types something else."""

from __future__ import annotations

import pytest

import gapmap as gm
from gapmap.errors import InputError
from gapmap.near import known_postcode


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


def test_a_known_place_with_no_family_of_the_study_near_is_not_offered(toy) -> None:
    with pytest.raises(InputError) as refused:
        known_postcode(toy, "Lochinver")
    assert "try" not in str(refused.value)
