from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapmap.errors import InputError
from gapmap.words import (
    count_in_words,
    date_in_words,
    list_in_words,
    minutes_in_words,
    roughly,
    sentence,
    share_in_words,
    shown,
    slug,
)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "under a minute"),
        (1, "about 1 minute"),
        (9.4, "about 9 minutes"),
        (12.4, "about 10 minutes"),
        (57.6, "about 1 hour"),
        (62.4, "about 1 hour"),
        (62.6, "about 1 hour 5"),
        (75, "about 1 hour 15"),
        (119, "about 2 hours"),
        (185, "about 3 hours"),
        (190, "about 3 hours 15"),
        (600, "about 10 hours"),
    ],
)
def test_minutes_as_people_say_them(minutes, words):
    assert minutes_in_words(minutes) == words


@given(st.floats(min_value=1, max_value=5000))
def test_minutes_in_words_are_never_far_from_the_minutes(minutes):
    words = minutes_in_words(minutes)
    numbers = [int(n) for n in re.findall(r"\d+", words)]
    said = numbers[0] * 60 + sum(numbers[1:]) if "hour" in words else numbers[0]
    assert abs(said - minutes) <= (0.5 if minutes < 10 else 2.5 if minutes < 180 else 7.5) + 1e-9
    assert not re.search(r"\b60\b(?! hours)", words)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0])
def test_a_status_is_never_said_as_minutes(value):
    with pytest.raises(InputError, match="not a travel time"):
        minutes_in_words(value)


@given(st.floats(min_value=0, max_value=1))
def test_only_all_is_all_and_only_none_is_none(share):
    words = share_in_words(share)
    assert (words == "none") == (share <= 1e-9)
    assert (words == "all") == (share >= 1 - 1e-9)
    if words.endswith("%"):
        assert abs(int(words[:-1]) - share * 100) <= 0.5 + 1e-9


@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan")])
def test_what_is_no_share_is_refused(value):
    with pytest.raises(InputError, match="not a share"):
        share_in_words(value)


@given(st.integers(min_value=0, max_value=10**7))
def test_a_count_can_be_read_back(number):
    words = count_in_words(number, "service")
    read = 0 if words.startswith("no ") else int(words.split()[0].replace(",", ""))
    assert read == number
    assert words.endswith("service" if number == 1 else "services")


@given(st.floats(min_value=10, max_value=1e7))
def test_roughly_is_within_a_twentieth_and_no_finer(number):
    words = roughly(number)
    assert words.startswith("roughly ")
    said = int(words.removeprefix("roughly ").replace(",", ""))
    assert math.isclose(said, number, rel_tol=0.5 if number < 100 else 0.051)
    assert said % 10 == 0


@given(st.lists(st.sampled_from(["Fife", "Orkney", "Moray", "Angus"]), max_size=8), st.none())
def test_a_list_names_everything(names, limit):
    words = list_in_words(names, limit=limit)
    parts = re.split(r", | and ", words) if words else []
    assert parts == names


def test_a_long_list_tells_how_many_more():
    assert list_in_words(list("abcde"), limit=3) == "a, b, c and 2 more"
    assert list_in_words(list("abcd"), limit=3) == "a, b, c and d"


@pytest.mark.parametrize("text", ["", "autumn", "2019-13", "19-10"])
def test_what_is_no_date_stays_as_it_is(text):
    assert date_in_words(text) == text


@given(st.text(), st.integers(min_value=5, max_value=50))
def test_shown_names_are_one_short_line_without_marks(text, longest):
    name = shown(text, longest=longest)
    assert len(name) <= longest
    assert name == " ".join(name.split())
    assert not re.search("[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\u200e\u200f]", name)
    assert shown(name, longest=longest) == name


@given(st.text())
def test_a_slug_is_always_a_safe_file_name(text):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug(text))
    assert len(slug(text)) <= 60


@given(st.text(alphabet=st.characters(categories=["L", "P", "Z"])))
def test_a_sentence_ends_once(text):
    said = sentence(text)
    assert said == "" or said[-1] in ".!?…"
    assert sentence(said) == said
