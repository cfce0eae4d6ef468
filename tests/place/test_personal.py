"""E-mail addresses and telephone numbers are found in text, and nothing else is taken for one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gapmap.place.personal import depersonalised, without_contacts


@pytest.mark.parametrize(
    "text",
    ["0131 496 0000", "01314960000", "+44 131 496 0000", "+44 (0)131 496 0000", "07700 900123"],
)
def test_numbers_are_found(text: str) -> None:
    assert without_contacts(f"ring {text} now") == "ring [telephone left out] now"


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/report/01314960000",
        "S08000015",
        "from 2019-10-03 to 2020",
        "page 0131",
        "1,250 families",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert without_contacts(text) == text


def test_every_table_but_contacts_is_cleaned_and_the_study_is_not_changed(toy) -> None:
    services = toy.services.assign(doubt="ask jo@example.org")
    tables = {"barriers": services[["service_id", "doubt"]], "contacts": services[["doubt"]]}
    study = replace(toy, services=services, tables=tables)
    clean = depersonalised(study)
    assert (clean.services["doubt"] == "ask [e-mail left out]").all()
    assert (clean.table("barriers")["doubt"] == "ask [e-mail left out]").all()
    assert (clean.table("contacts")["doubt"] == "ask jo@example.org").all()
    assert (study.services["doubt"] == "ask jo@example.org").all()
