"""A study is replaced, never changed; rows that would count nowhere are refused."""

from __future__ import annotations

import pandas as pd
import pytest

from gapmap.errors import InputError
from gapmap.read.values import typed


def test_services_as_a_file_has_them_are_refused(toy) -> None:
    found = pd.DataFrame({"service_id": ["N"], "name": ["New"], "category": ["Family support"]})
    with pytest.raises(InputError, match=r"typed\(rows\)"):
        toy.with_services(found)
    both = toy.with_services(typed(found))
    assert both.services["category"].iat[-1] == "family_support"
    assert len(both.services) == len(toy.services) + 1


def test_a_row_wins_over_one_with_its_id(toy) -> None:
    mine = toy.services[toy.services["service_id"] == "T1"].assign(name="Mine")
    both = toy.with_services(mine)
    assert both.services.set_index("service_id").at["T1", "name"] == "Mine"
    assert len(both.services) == len(toy.services)
    assert toy.services.set_index("service_id").at["T1", "name"] != "Mine"
