from __future__ import annotations

from dataclasses import replace

import pytest

from gapmap.report.about import about_directory, about_lines, caveats, with_about
from gapmap.travel.method import how_far_off, travel_notes


def test_the_first_boxs_figures_by_eye(toy, tables):
    """T4 opens in 2021 and T9 closed in 2018, so eight of ten count; T8 is of 2012."""
    figures = about_directory(toy, tables["services"]).set_index("measure")["value"]
    assert figures["services"] == 10
    assert figures["counting"] == 8
    assert figures["sources"] == 3  # the two web pages tell of T4 and T9
    assert figures["recent"] == 7
    assert figures["area_only"] == 2  # one without a place, one whose place is not told


def test_several_sources_in_a_cell_count_each_once(toy, tables):
    services = toy.services.assign(source="One ; Two")
    figures = about_directory(replace(toy, services=services), tables["services"])
    assert figures.set_index("measure")["value"]["sources"] == 2


def test_figures_that_are_there_are_not_made_again(toy, tables):
    own = tables["about"].iloc[:0]
    assert with_about(toy, {**tables, "about": own})["about"] is own


def test_the_study_says_it_is_no_full_directory_once(toy):
    told = replace(
        toy,
        settings=replace(
            toy.settings, approximate=("This is a partial directory.", "Times are rough.")
        ),
    )
    lines = caveats(told)
    assert sum("directory" in line for line in lines) == 1
    assert lines.count("Times are rough.") == 1
    # What a study says of times beside that does not take the true method's place.
    assert travel_notes(told.settings)[0] in lines


@pytest.mark.parametrize("method", ["indicative", "straight", "roads.osm.pbf"])
def test_every_product_says_how_far_was_measured_once(toy, tables, method):
    """Of the bundled network, and of no other, also how far off it was found to be."""
    study = toy.with_settings(travel_method=method)
    lines = about_lines(study, tables)
    assert lines.count(travel_notes(study.settings)[0]) == 1
    assert sum("trips of known length" in line for line in lines) == (method == "indicative")
    assert (how_far_off(study.settings) in lines) == (method == "indicative")
    assert sum("by car" in line for line in lines) == (method != "straight")


def test_lines_of_the_cover_begin_with_the_counts(toy, tables):
    assert about_lines(toy, tables)[0].startswith(
        "8 services of 10 rows in the directory are open on 1 February 2020 as far as we know, "
        "from 3 sources; 7 of"
    )
