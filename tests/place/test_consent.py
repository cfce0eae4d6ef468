"""A provider who does not agree is in no public product, and no absence is claimed for it."""

from __future__ import annotations

from gapmap.place.consent import publishable, refused
from gapmap.provision.coverage import coverage


def test_a_service_is_out_as_a_whole(toy) -> None:
    services = toy.services.assign(consent_to_publish="")
    services.loc[services["service_id"] == "T1", "consent_to_publish"] = "no"
    from dataclasses import replace

    study = replace(toy, services=services)
    assert refused(services).sum() == 1
    public = publishable(study)
    assert "T1" not in set(public.services["service_id"])
    assert len(public.services) == len(services) - 1
    assert any("did not agree" in line for line in public.settings.approximate)


def test_where_it_is_left_out_nothing_is_said_of_its_kind(toy) -> None:
    from dataclasses import replace

    services = toy.services.assign(consent_to_publish="")
    services.loc[services["service_id"] == "T1", "consent_to_publish"] = "no"
    states = coverage(publishable(replace(toy, services=services)), level="board", by="category")
    told = states.set_index(["area_code", "value"])["state"]
    assert told["S08000901", "infant_mental_health"] == "not_known"
    # The other board was searched too, and there it is still known that there is none.
    assert told["S08000902", "infant_mental_health"] == "none_found"


def test_all_agree_and_nothing_changes(toy) -> None:
    assert publishable(toy) is toy
