"""What a run's products show when they are limited to one area."""

from __future__ import annotations

import pandas as pd

from gapmap.place.limit import limit
from gapmap.run import work_out

A, SOUTH = "S12000901", "S08000901"


def test_a_council_keeps_what_is_only_told_of_its_board_and_families_that_live_in_it(toy) -> None:
    worked = work_out(toy)
    study, tables = limit(worked.study, worked.tables, "Aldertown")
    assert set(tables["coverage"]["area_code"]) == {A, "S37000901"}
    assert set(tables["pathways"]["area_code"]) == {SOUTH}
    of_board = worked.tables["gaps"]["area_code"] == SOUTH
    assert len(tables["gaps"]) >= of_board.sum()
    assert set(tables["gaps"]["area_code"]) <= {A, "S37000901", SOUTH}
    assert set(tables["journeys"]["postcode"]) <= set(study.people.index)
    # What is told of a wider area is told as a run of everything tells it.
    whole = worked.tables["pathways"]
    pd.testing.assert_frame_equal(
        tables["pathways"], whole[whole["area_code"] == SOUTH].reset_index(drop=True)
    )
