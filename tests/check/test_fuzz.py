"""Thousands of spoilt inputs: each gives a fault list or a GapmapError, and loses no row."""

from __future__ import annotations

import io
import json
import random
import zipfile

import openpyxl
import pandas as pd
import pytest

from gapmap.check.services import bundled_areas, check_services
from gapmap.errors import GapmapError
from gapmap.place.locate import bundled_postcodes
from gapmap.read.services import read_services
from gapmap.read.values import typed
from gapmap.vocabulary import columns

NASTIES = [
    "", " ", "=cmd()", "'", '"', '"""', ";", "\t", "\x00", "\u202eabc", "é" * 300, "😀", "\ud800",
    "<script>alert(1)</script>", "../../etc/passwd", "NaN", "inf", "-inf", "1e400", "-0", "0",
    "1e5",
    "99999999999999999999", "31/02/2019", "2019-13-45", "0000-00-00", "EH1 3DG", "S12000036",
    "Scotland", "yes", "no", "None", "null", "TRUE", "1" * 40_000 + "!", "b" * 20_000 + "@",
    "a" * 40_000, "٣", "½", "1,2,3", "%s%n", "{0}",
    "IV27, IV28", "AB1-AB60", "POLYGON ((0 0, 1 1, 1 0, 0 0))", '{"type": "Polygon"}', "G1-1",
    "[]", "{}", "\\", "\n", "\r\n", "-9", "60", "57.1,-2.1", "NT 257 736", "http://[::1", "@",
]  # fmt: skip

CELLS = {
    "service_id": "a-1", "name": "Bumps and Babies", "category": "family_support",
    "organisation": "The Toy Trust", "postcode": "EH1 3DG", "latitude": "55.95",
    "longitude": "-3.19", "serves": "City of Edinburgh", "age_from": "0", "age_to": "5",
    "opened": "2019-10", "source_date": "3/10/2019", "capacity": "12", "delivery": "group",
}  # fmt: skip

SERVICE = {
    "id": "a-1", "name": "Bumps", "status": "active", "minimum_age": 0, "maximum_age": 4,
    "organization": {"id": "o", "name": "Trust"},
    "service_areas": [{"id": "1", "name": "Fife"}],
    "service_at_locations": [
        {"id": "2", "location": {"latitude": 55.9, "longitude": -3.2, "addresses": [{}]}}
    ],
    "attributes": [{"taxonomy_term": {"taxonomy": "gapmap", "name": "x"}, "link_type": "tier"}],
}  # fmt: skip


def good_rows(dice: random.Random) -> list[list[str]]:
    names = list(CELLS)
    dice.shuffle(names)
    body = [[f"{n}-{CELLS[k]}" if k == "service_id" else CELLS[k] for k in names] for n in range(4)]
    return [names, *body]


def spoil_cells(dice: random.Random, rows: list[list[str]]) -> None:
    for _ in range(dice.randint(1, 8)):
        row = dice.choice(rows)
        if row:
            row[dice.randrange(len(row))] = dice.choice(NASTIES)
    if dice.random() < 0.2:
        del dice.choice(rows)[:2]
    if dice.random() < 0.1:
        rows.insert(0, ["A title", dice.choice(NASTIES)])


def spoil_bytes(dice: random.Random, content: bytes) -> bytes:
    if not content or dice.random() < 0.4:
        return content
    spoilt = bytearray(content)
    for _ in range(dice.randint(1, 20)):
        spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
    return bytes(spoilt[: dice.randrange(len(spoilt))] if dice.random() < 0.3 else spoilt)


def as_csv(dice: random.Random) -> bytes:
    rows = good_rows(dice)
    spoil_cells(dice, rows)
    mark = dice.choice([",", ";", "\t", "|"])
    text = "\n".join(
        mark.join(f'"{cell}"' if dice.random() < 0.3 else cell for cell in row) for row in rows
    )
    return text.encode(dice.choice(["utf-8", "utf-8-sig", "cp1252", "utf-16"]), errors="replace")


def as_xlsx(dice: random.Random) -> bytes:
    rows = good_rows(dice)
    spoil_cells(dice, rows)
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(
            [
                openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", cell)
                .encode("utf-8", "replace")
                .decode()[:30_000]
                for cell in row
            ]
        )
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def spoil_tree(dice: random.Random, value: object) -> object:
    if dice.random() < 0.08:
        return dice.choice([None, 3, -1e308, True, "x", [], {}, [[]], {"a": 1}, *NASTIES])
    if isinstance(value, dict):
        return {k: spoil_tree(dice, v) for k, v in value.items() if dice.random() > 0.05}
    if isinstance(value, list):
        return [spoil_tree(dice, part) for part in value] * dice.choice([1, 1, 1, 2])
    return value


def as_open_referral(dice: random.Random) -> bytes:
    page = {"total_items": 2, "contents": [SERVICE, SERVICE]}
    return json.dumps(spoil_tree(dice, page)).encode("utf-8", "replace")


def as_aliss(dice: random.Random) -> bytes:
    service = {
        "id": "a", "name": "Tea", "organisation": {"name": "T"}, "url": "https://a.org",
        "service_areas": [{"code": "S12000036"}], "locations": [{"latitude": 55.9}],
        "categories": [{"name": "x"}], "last_updated": "2025",
    }  # fmt: skip
    page = {"meta": {"attribution": [{"text": "A"}]}, "data": [service, service]}
    return json.dumps(spoil_tree(dice, page)).encode("utf-8", "replace")


def as_geojson(dice: random.Random) -> bytes:
    feature = {
        "type": "Feature",
        "properties": {"name": "Tea", "places": 3},
        "geometry": {"type": "Point", "coordinates": [-3.19, 55.95]},
    }
    layer = spoil_tree(dice, {"type": "FeatureCollection", "features": [feature, feature]})
    return json.dumps(layer).encode("utf-8", "replace")


def as_zip(dice: random.Random) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("services.csv", "id,name,organization_id\n1,Tea,o\n")
        archive.writestr("organizations.csv", as_csv(dice))
        archive.writestr("locations.csv", "id,latitude\n1,55.9\n")
    return target.getvalue()


def as_people(dice: random.Random) -> bytes:
    """An official table of data zones."""
    rows = [["Year", "DataZone", "Sex", "AllAges", *(f"Age{age}" for age in range(6))]]
    for zone in ("S01006506", "S01006507", "S92000003"):
        rows += [["2021", zone, "All", "6", *["1"] * 6]]
    spoil_cells(dice, rows)
    return "\n".join(",".join(row) for row in rows).encode("utf-8", "replace")


def as_lookup(dice: random.Random) -> bytes:
    rows = [["Postcode", "WD22CD", "WD22NM"], ["EH1 3DG", "S13000001", "A"], ["EH13DH", "S2", "B"]]
    spoil_cells(dice, rows)
    return "\n".join(",".join(row) for row in rows).encode("utf-8", "replace")


def as_decisions(dice: random.Random) -> bytes:
    rows = [["service_a", "service_b", "decision"], ["a", "b", "same"], ["b", "c", "different"]]
    spoil_cells(dice, rows)
    return "\n".join(",".join(row) for row in rows).encode("utf-8", "replace")


def as_catchments(dice: random.Random) -> bytes:
    feature = {
        "type": "Feature",
        "properties": {"service_id": "a-1"},
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[-3.2, 55.9], [-3.1, 55.9], [-3.1, 56], [-3.2, 55.9]]],
        },
    }
    layer = {"type": "FeatureCollection", "features": [feature, feature]}
    # Half of them whole but for their bytes: a polygon has so many parts that few would be.
    spoilt = spoil_tree(dice, layer) if dice.random() < 0.5 else layer
    return json.dumps(spoilt).encode("utf-8", "replace")


def read_each(file) -> None:
    """The other inputs of a study, read as it reads them."""
    from gapmap.check.duplicates import read_decisions
    from gapmap.place.catchments import shape_of
    from gapmap.read.lookup import read_lookup
    from gapmap.read.people import read_people
    from gapmap.read.study_folder import _catchments

    kind = file.name.split(".")[0]
    if kind == "people":
        centres = file.with_name("centres.csv")
        centres.write_text("code,easting,northing\nS01006506,1,2\nS01006507,3,4\n")
        assert set(read_people(file, centres=centres).index) <= {"S01006506", "S01006507"}
    elif kind == "lookup":
        people = pd.DataFrame({"easting": 1.0, "northing": 2.0}, index=["EH1 3DG", "EH1 3DH"])
        assert len(read_lookup(file, people, level="ward").codes) == 2
    elif kind == "decisions":
        read_decisions(file)
    else:
        shapes = [shape_of(text) for text in _catchments(file)["geometry"]]
        assert all(shape is None or shape.is_valid for shape in shapes)


OTHERS = {
    "people.csv": as_people, "lookup.csv": as_lookup, "decisions.csv": as_decisions,
    "catchments.geojson": as_catchments,
}  # fmt: skip

MAKERS = {
    "csv": as_csv, "xlsx": as_xlsx, "json": as_open_referral, "aliss.json": as_aliss,
    "geojson": as_geojson, "zip": as_zip,
}  # fmt: skip


@pytest.fixture(scope="module")
def loaded():
    # A small table of postcodes: what is looked for here is a crash, not a place.
    return {"areas": bundled_areas(), "postcodes": bundled_postcodes().iloc[::100]}


def survives(file, loaded) -> str:
    """Read, understand and check a file; what it came to."""
    try:
        frame = read_services(file)
    except GapmapError:
        return "refused"
    understood = typed(frame)
    assert len(understood) == len(frame)
    assert set(columns("services")) <= set(understood.columns)
    faults = check_services(frame, **loaded)
    assert set(faults["row"]) <= {0, *frame.index}
    assert faults.notna().all(axis=None)
    return "checked"


def run(kind: str, count: int, tmp_path, loaded) -> dict[str, int]:
    ends = {"refused": 0, "checked": 0}
    for seed in range(count):
        dice = random.Random(f"{kind} {seed}")
        content = spoil_bytes(dice, MAKERS[kind](dice))
        file = tmp_path / f"spoilt.{kind}"
        file.write_bytes(content)
        try:
            ends[survives(file, loaded)] += 1
        except Exception as error:
            error.add_note(f"input: random.Random('{kind} {seed}')")
            raise
    return ends


@pytest.mark.parametrize("kind", MAKERS)
def test_a_few_spoilt_inputs_of_each_kind(kind, tmp_path, loaded):
    ends = run(kind, 12, tmp_path, loaded)
    assert sum(ends.values()) == 12


def spoil_others(name: str, count: int, tmp_path) -> dict[str, int]:
    ends = {"refused": 0, "read": 0}
    file = tmp_path / name
    for seed in range(count):
        dice = random.Random(f"{name} {seed}")
        file.write_bytes(spoil_bytes(dice, OTHERS[name](dice)))
        try:
            read_each(file)
            ends["read"] += 1
        except GapmapError:
            ends["refused"] += 1
        except Exception as error:
            error.add_note(f"input: random.Random('{name} {seed}')")
            raise
    return ends


@pytest.mark.parametrize("name", OTHERS)
def test_other_inputs_that_are_spoilt_are_read_or_refused(name, tmp_path):
    ends = spoil_others(name, 40, tmp_path)
    assert min(ends.values()) > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_hundreds_of_other_inputs_that_are_spoilt(name, tmp_path):
    assert min(spoil_others(name, 500, tmp_path).values()) > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "count"),
    [("csv", 2000), ("xlsx", 500), ("json", 1000), ("aliss.json", 500), ("geojson", 500),
     ("zip", 500)],
)  # fmt: skip
def test_five_thousand_spoilt_inputs(kind, count, tmp_path, loaded):
    ends = run(kind, count, tmp_path, loaded)
    # Both ends are reached, so that the inputs are neither all hopeless nor all harmless.
    assert ends["checked"] > count // 20
    assert ends["refused"] > 0


@pytest.mark.slow
def test_every_nasty_in_every_column(tmp_path, loaded):
    # A lone half of a character pair cannot be in a frame of today's pandas at all.
    nasties = [nasty for nasty in NASTIES if nasty != "\ud800"]
    for column in [*columns("services"), "age_from", "phone"]:
        rows = [{**CELLS, "service_id": f"a-{n}", column: v} for n, v in enumerate(nasties)]
        frame = pd.DataFrame(rows).fillna("")
        assert len(typed(frame)) == len(nasties)
        assert check_services(frame, **loaded)["problem"].notna().all()
