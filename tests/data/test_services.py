"""Every row of the directory obeys the model; the directory says what was known at two dates."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from gapmap import vocabulary

DATA = Path(__file__).parents[2] / "data"
SERVICES = DATA / "services"

#: Records of the compiled facts that are not rows of their own, and why.
SETTLED_AWAY = {
    "M0007": "a general community team: a note on the area",
    "M0037": "the same unit as S0028",
}


def table(name: str) -> pd.DataFrame:
    """A table of the directory, every cell as text."""
    return pd.read_csv(SERVICES / f"{name}.csv", dtype=str, keep_default_na=False)


def first_day(partial: str) -> date:
    """The first day that a partial date can mean."""
    parts = [int(part) for part in partial.split("-")] + [1, 1]
    return date(*parts[:3])


def is_date(text: str) -> bool:
    """Whether a text is a year, a month or a day, and not after the facts were read."""
    if not re.fullmatch(r"\d{4}(-\d\d){0,2}", text):
        return False
    return date(1900, 1, 1) <= first_day(text) <= date(2026, 12, 31)


ROWS = table("services")
AREAS = pd.read_csv(DATA / "people" / "councils.csv", dtype=str)
NAMES = pd.read_csv(DATA / "build" / "areas.csv", dtype=str)
BOARD_OF = dict(zip(AREAS["council_code"], AREAS["board_code"], strict=True))
COUNCILS = sorted(BOARD_OF)
BOARDS = sorted(set(BOARD_OF.values()))
CODES = {*COUNCILS, *BOARDS, "Scotland"}

each_row = pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id="-".join(filter(None, [row["service_id"], row["location_id"]])))
        for row in ROWS.to_dict("records")
    ],
)
placed = pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=row["service_id"])
        for row in ROWS[ROWS["latitude"] != ""].to_dict("records")
    ],
)


@pytest.fixture(scope="module")
def postcodes() -> pd.DataFrame:
    """The offline geocoder."""
    return pd.read_parquet(DATA / "people" / "postcodes.parquet").set_index("postcode")


@pytest.fixture(scope="module")
def councils() -> gpd.GeoDataFrame:
    """The council polygons, in metres."""
    return gpd.read_file(DATA / "boundaries" / "councils.geojson").to_crs(27700).set_index("code")


def metres(row: dict[str, str]) -> gpd.GeoSeries:
    """The point of a row, in metres."""
    point = gpd.points_from_xy([float(row["longitude"])], [float(row["latitude"])], crs=4326)
    return gpd.GeoSeries(point).to_crs(27700)


def areas_served(row: dict[str, str]) -> set[str]:
    """Councils that a row says it serves."""
    served: set[str] = set()
    for code in filter(None, row["serves"].split(";")):
        served |= {c for c in COUNCILS if code in (c, BOARD_OF[c], "Scotland")}
    return served


# -- the file -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(SERVICES.glob("*.csv")), ids=lambda p: p.name)
def test_file_is_plain_utf8(path: Path) -> None:
    raw = path.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    text = raw.decode("utf-8")
    assert "\ufffd" not in text
    rows = list(csv.reader(text.splitlines()))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert all(cell == cell.strip() for row in rows for cell in row)


def test_columns_are_those_of_the_model() -> None:
    assert list(ROWS.columns) == vocabulary.columns("services")


def test_every_compiled_record_is_accounted_for() -> None:
    compiled = (
        [f"S{n:04d}" for n in range(1, 127)]
        + [f"M{n:04d}" for n in range(1, 46)]
        + [f"N{n:04d}" for n in range(1, 7)]
    )
    assert len(compiled) == 177
    assert sorted([*ROWS["service_id"].unique(), *SETTLED_AWAY]) == sorted(compiled)
    note = (DATA.parent / "docs" / "services-settled.md").read_text(encoding="utf-8")
    assert all(record in note for record in SETTLED_AWAY)
    assert set(re.findall(r"\b[SMN]\d{4}\b", note)) <= set(compiled)


# -- every row ------------------------------------------------------------------------------------


@each_row
def test_required_cells(row: dict[str, str]) -> None:
    for column in ("name", "category", "tier", "organisation", "sector", "funding", "status"):
        assert row[column], column
    assert row["source"]
    assert row["source_type"]
    assert row["read_on"] == "2026-11"
    assert row["location_confidential"]


@each_row
def test_values_come_from_the_vocabulary(row: dict[str, str]) -> None:
    for column in vocabulary.TABLES["services"]:
        value = row[column.name]
        if column.allowed is None or not value:
            continue
        for part in value.split(";") if column.kind == "list" else [value]:
            assert part in column.allowed, (column.name, part)


@each_row
def test_ages_are_sensible(row: dict[str, str]) -> None:
    ages = [row["age_from_months"], row["age_to_months"]]
    numbers = [int(age) for age in ages if age]
    assert all(-9 <= age <= 18 * 12 for age in numbers)
    if all(ages):
        assert numbers[0] < numbers[1]


@each_row
def test_dates(row: dict[str, str]) -> None:
    for column in ("opened", "closed", "open_by", "source_date"):
        assert not row[column] or is_date(row[column]), column
    assert not row["funding_ends"] or re.fullmatch(r"\d{4}(-\d\d){0,2}", row["funding_ends"])
    for start in ("opened", "open_by"):
        if row[start] and row["closed"]:
            assert first_day(row[start]) <= first_day(row["closed"])
        if row[start] and row["source_date"]:
            # evidence of a later date is the evidence's date; open_by is the earliest of it
            assert row[start][:4] <= row["source_date"][:4], start
    assert not row["closed"] or row["status"] == "closed"


@each_row
def test_an_undated_or_old_row_says_so(row: dict[str, str]) -> None:
    if not row["source_date"]:
        assert re.search(r"undated|(date|dates|year)\b.* not read|cannot be dated", row["doubt"])
    if row["status"] in ("unknown", "likely_closed"):
        assert row["doubt"]


@each_row
def test_areas_served_exist(row: dict[str, str]) -> None:
    served = [code for code in row["serves"].split(";") if code]
    assert set(served) <= CODES
    assert len(served) == len(set(served))
    assert bool(served) == bool(row["coverage_of_area"])
    if row["category"] == "maternity_unit":
        assert not served, "run by a board proves nothing about whom it serves"


@each_row
def test_precision_matches_what_is_recorded(row: dict[str, str]) -> None:
    has_point = bool(row["postcode"] or row["latitude"])
    if row["precision"] in vocabulary.PRECISE:
        assert has_point
    else:
        assert not has_point
    if row["precision"] == "town":
        assert row["town"]


@each_row
def test_confidential_places_are_withheld(row: dict[str, str]) -> None:
    if row["location_confidential"] == "yes":
        for column in ("address", "town", "postcode", "latitude", "longitude", "grid_ref", "uprn"):
            assert row[column] == ""
        assert row["precision"] == "area"


@each_row
def test_postcode_is_real_or_doubted(row: dict[str, str], postcodes: pd.DataFrame) -> None:
    if not row["postcode"]:
        return
    assert row["postcode"] in postcodes.index
    if not postcodes.loc[row["postcode"], "live"]:
        assert row["postcode"] in row["doubt"]


@placed
def test_point_and_postcode_agree_or_doubted(row: dict[str, str], postcodes: pd.DataFrame) -> None:
    if row["postcode"]:
        at = postcodes.loc[row["postcode"]]
        point = metres(row).iloc[0]
        apart = ((point.x - at["easting"]) ** 2 + (point.y - at["northing"]) ** 2) ** 0.5
        assert apart <= 500 or row["postcode"] in row["doubt"]


@placed
def test_point_lies_in_an_area_claimed(row: dict[str, str], councils: gpd.GeoDataFrame) -> None:
    point = metres(row).iloc[0]
    away = councils.distance(point)
    assert away.min() <= 500
    claimed = areas_served(row)
    if claimed:
        assert away[sorted(claimed)].min() <= 500
    # a unit with no area stated stands at least in the board that runs it
    elif row["organisation"].startswith("NHS "):
        by_name = dict(zip(NAMES["name"], NAMES["code"], strict=True))
        board = by_name[row["organisation"]]
        own = [code for code, parent in BOARD_OF.items() if parent == board]
        assert away[own].min() <= 500


@each_row
def test_no_trace_of_a_person_or_a_machine(row: dict[str, str]) -> None:
    text = " ".join(row.values())
    assert not re.search(r"\.rds|\.txt\b|@\w+\.\w|\b0\d{9,10}\b", text)
    assert "Tyrrell" not in text


def test_ids_are_unique() -> None:
    assert not ROWS.duplicated(["service_id", "location_id"]).any()


def test_rows_of_one_team() -> None:
    teams = ROWS[ROWS["team_id"] != ""].groupby("team_id")["service_id"].agg(sorted)
    assert sorted(teams) == [
        ["M0002", "M0003"],
        ["M0010", "M0011"],
        ["S0006", "S0013"],
        ["S0008", "S0014", "S0021"],
    ]


def test_no_two_rows_are_the_same_service() -> None:
    key = ROWS.assign(name=ROWS["name"].str.lower())[["name", "category", "serves"]]
    alone = key[(ROWS["team_id"] == "") & (ROWS["location_id"] == "")]
    assert not alone.duplicated().any()


def test_a_program_owner_is_provision_nowhere() -> None:
    mellow = ROWS.set_index("service_id").loc["M0036"]
    assert mellow["serves"] == ""
    assert mellow["postcode"] == ""


def test_funders_names_are_not_terms_of_money() -> None:
    named = ROWS.set_index("service_id").loc[
        ["M0009", "M0010", "M0011", "M0014", "M0015", "M0016", "M0020", "M0021", "M0032", "M0033"]
    ]
    assert (named["funder"] != "").all()
    assert set(named["funding"]) <= {"fixed_term", "unknown"}


# -- what was known at two dates, by a few lines of plain code ------------------------------------


def start(row: dict[str, str]) -> date:
    """The day from which a row can count."""
    return first_day(row["opened"] or row["open_by"] or row["source_date"] or row["read_on"])


def counts(row: dict[str, str], as_of: date) -> bool:
    """Whether a row counts at a date."""
    if row["status"] in ("planned", "likely_closed"):
        return False
    if row["status"] == "closed" and not row["closed"]:
        return False
    if row["closed"] and first_day(row["closed"]) <= as_of:
        return False
    return start(row) <= as_of


def looked(area: str, category: str, as_of: date) -> bool:
    """Whether somebody searched the area, or one that contains it, within three years."""
    within = {area, BOARD_OF.get(area, area), vocabulary.SCOTLAND}
    years_ago = as_of.replace(year=as_of.year - 3)
    return any(
        search["category"] == category
        and search["area_code"] in within
        and years_ago <= first_day(search["date"]) <= as_of
        for search in table("searches").to_dict("records")
    )


def state(area: str, category: str, as_of: date) -> str:
    """What an area has."""
    own = {area} if area in BOARD_OF else {c for c in COUNCILS if BOARD_OF[c] == area}
    part_of = {
        (link["service_id"], link["area_code"]): link["coverage"]
        for link in table("service_areas").to_dict("records")
    }
    served_by: dict[str, list[bool]] = {council: [] for council in own}
    any_of_it = False
    for row in ROWS.to_dict("records"):
        if row["category"] != category or not counts(row, as_of):
            continue
        for council in areas_served(row) & own:
            any_of_it = True
            key = (row["service_id"], council)
            coverage = part_of.get(key, row["coverage_of_area"])
            if coverage != "part":
                served_by[council].append(row["eligibility_narrow"] != "yes")
    if any_of_it:
        whole = all(served_by.values()) and any(any(opens) for opens in served_by.values())
        return "provided" if whole else "partly"
    return "none_found" if looked(area, category, as_of) else "not_known"


def test_february_2020_says_what_the_exercise_found() -> None:
    as_of = date(2020, 2, 1)
    found = {board: state(board, "infant_mental_health", as_of) for board in BOARDS}
    assert found.pop("S08000031") == "partly"
    assert len(found) == 13
    assert set(found.values()) == {"none_found"}
    counting = ROWS[[counts(row, as_of) for row in ROWS.to_dict("records")]]
    infant = counting[counting["category"] == "infant_mental_health"]
    assert list(infant["service_id"]) == ["S0022"]
    units = counting[counting["category"] == "mother_baby_unit"]
    assert list(units["service_id"]) == ["S0001", "S0002"]
    assert set(units["serves"]) == {"Scotland"}


@pytest.mark.parametrize(
    ("area", "name"),
    [
        ("S08000016", "Borders"),
        ("S08000019", "Forth Valley"),
        ("S08000025", "Orkney"),
        ("S08000026", "Shetland"),
        ("S08000028", "Western Isles"),
        ("S12000035", "Argyll and Bute"),
    ],
)
def test_today_no_gap_is_claimed_where_nobody_looked(area: str, name: str) -> None:
    assert state(area, "infant_mental_health", date(2026, 11, 22)) == "not_known", name


def test_today_a_team_of_one_council_leaves_its_board_partly() -> None:
    as_of = date(2026, 11, 22)
    assert state("S12000017", "infant_mental_health", as_of) == "provided"
    assert state("S08000022", "infant_mental_health", as_of) == "partly"


def test_boards_with_a_team_that_we_know() -> None:
    as_of = date(2026, 11, 22)
    have = {
        category: sum(state(board, category, as_of) in ("provided", "partly") for board in BOARDS)
        for category in (
            "perinatal_mental_health",
            "infant_mental_health",
            "maternity_neonatal_psychology",
        )
    }
    assert have == {
        "perinatal_mental_health": 9,
        "infant_mental_health": 9,
        "maternity_neonatal_psychology": 7,
    }


@pytest.mark.parametrize("island", ["S08000025", "S08000026", "S08000028"])
def test_family_nurses_were_looked_for_in_the_island_boards(island: str) -> None:
    assert state(island, "family_nurse_partnership", date(2026, 11, 22)) == "none_found"


def test_no_maternity_unit_is_open_without_evidence_within_the_limit() -> None:
    units = ROWS[(ROWS["category"] == "maternity_unit") & (ROWS["status"] == "open")]
    for row in units.to_dict("records"):
        recent = row["source_date"] and first_day(row["source_date"]) >= date(2019, 11, 22)
        assert recent or "undated" in row["doubt"], row["service_id"]
    doubtful = ["S0028", "S0036", "S0037", "S0042", "S0047", "S0049", "S0050"]
    doubtful += [f"M00{n}" for n in range(38, 46)]
    assert set(ROWS.set_index("service_id").loc[doubtful, "status"]) <= {
        "unknown",
        "closed",
        "likely_closed",
    }
