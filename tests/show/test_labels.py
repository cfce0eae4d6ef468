"""Names find places: inside where they fit, never on each other."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from gapmap.show.labels import Wanted, place_labels

FRAME = (0.0, 0.0, 100.0, 100.0)


def boxes(placed, wanted):
    sizes = {one.key: one.sizes for one in wanted}
    return {
        one.key: (
            one.x - sizes[one.key][one.size][0] / 2,
            one.y - sizes[one.key][one.size][1] / 2,
            one.x + sizes[one.key][one.size][0] / 2,
            one.y + sizes[one.key][one.size][1] / 2,
        )
        for one in placed
    }


def test_a_name_that_fits_stands_inside():
    shapes = {"a": box(0, 0, 50, 100), "b": box(50, 0, 100, 100)}
    wanted = [Wanted("a", ((20, 4),)), Wanted("b", ((20, 4),))]
    placed, left_out = place_labels(wanted, shapes, FRAME)
    assert left_out == []
    assert all(one.inside and one.leader is None for one in placed)
    assert placed[0].x < 50 < placed[1].x


def test_a_name_too_wide_takes_its_second_form():
    placed, _ = place_labels(
        [Wanted("a", ((40, 4), (18, 8)))], {"a": box(30, 30, 55, 70), "b": box(55, 0, 100, 100)},
        FRAME,
    )  # fmt: skip
    assert placed[0].size == 1
    assert placed[0].inside


def test_a_small_area_is_named_beside_itself():
    placed, _ = place_labels([Wanted("a", ((20, 4),))], {"a": box(50, 50, 53, 53)}, FRAME)
    assert not placed[0].inside
    assert abs(placed[0].x - 51.5) + abs(placed[0].y - 51.5) < 20


def test_a_taken_box_stays_free():
    shapes = {"a": box(0, 0, 100, 100)}
    placed, _ = place_labels([Wanted("a", ((20, 6),))], shapes, FRAME, taken=[(0, 0, 100, 80)])
    assert placed[0].y - 3 >= 80


def test_no_room_at_all_is_said():
    placed, left_out = place_labels([Wanted("a", ((120, 4),))], {"a": box(0, 0, 100, 100)}, FRAME)
    assert (placed, left_out) == ([], ["a"])


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 9), st.integers(0, 9), st.floats(6, 30), st.sampled_from([3.0, 6.0])
        ),
        min_size=1,
        max_size=12,
        unique_by=lambda cell: cell[:2],
    )
)
def test_names_never_overlap_nor_leave_the_frame(cells):
    shapes = {f"{x}{y}": box(10 * x, 10 * y, 10 * x + 10, 10 * y + 10) for x, y, _, _ in cells}
    wanted = [Wanted(f"{x}{y}", ((width, height),)) for x, y, width, height in cells]
    placed, left_out = place_labels(wanted, shapes, FRAME)
    assert len(placed) + len(left_out) == len(wanted)
    rooms = list(boxes(placed, wanted).items())
    for n, (_, one) in enumerate(rooms):
        assert one[0] >= -0.7
        assert one[1] >= -0.7
        assert one[2] <= 100.7
        assert one[3] <= 100.7
        for _, other in rooms[:n]:
            wide = min(one[2], other[2]) - max(one[0], other[0])
            tall = min(one[3], other[3]) - max(one[1], other[1])
            assert min(wide, tall) <= 0.01


def test_order_of_the_labels_does_not_matter():
    shapes = {str(n): box(10 * n, 40, 10 * n + 10, 60) for n in range(8)}
    wanted = [Wanted(str(n), ((14, 4), (9, 8))) for n in range(8)]
    assert place_labels(wanted, shapes, FRAME) == place_labels(wanted[::-1], shapes, FRAME)
