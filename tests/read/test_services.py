from __future__ import annotations

import json
import zipfile

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from shapely.geometry import Point, box

from gapmap.errors import FileError, GapmapError, InputError
from gapmap.read.services import read_services

TEXT = "Service name{0}Post code{0}Notes\nCafé{0}EH1 3DG{0}first\n{0}{0}\nTea; Talk{0}{0}\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimited_text_in_every_dialect(tmp_path, encoding, mark):
    text = TEXT.format(mark).replace("Tea; Talk", '"Tea; Talk"')
    file = tmp_path / "a.csv"
    file.write_bytes(text.encode(encoding))
    frame = read_services(file)
    assert frame.columns.tolist() == ["name", "postcode", "notes"]
    assert frame["name"].tolist() == ["Café", "Tea; Talk"]
    # The blank third line is a row of the sheet, though it holds nothing.
    assert frame.index.tolist() == [2, 4]
    assert frame.index.name == "row"
    assert frame.attrs["renamed"] == {
        "Service name": "name",
        "Post code": "postcode",
        "Notes": "notes",
    }


def test_cells_are_exactly_as_found(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text('name,postcode,capacity,extra\n"  Tea ",eh13dg,007,NA\n', encoding="utf-8")
    frame = read_services(file)
    assert frame.iloc[0].tolist() == ["  Tea ", "eh13dg", "007", "NA"]
    assert frame.attrs["unrecognised"] == ["extra"]


def test_a_quoted_cell_over_two_lines_is_one_row(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text('name,notes\nA,"one\ntwo"\nB,\n', encoding="utf-8")
    frame = read_services(file)
    assert frame["notes"].tolist() == ["one\ntwo", ""]
    assert frame.index.tolist() == [2, 3]


def test_header_below_titles_in_the_fullest_sheet(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Read me"
    book.active["A1"] = "How to fill this in"
    page = book.create_sheet("Services")
    page["A1"] = "Services in our area, spring 2025"
    page.merge_cells("A1:D1")
    page.append([])
    page.append(["Name", "Postcode", "Places", "Opened"])
    page.append(["Tea Club", "EH1 3DG", 12, pd.Timestamp("2019-10-03").to_pydatetime()])
    page.append([None, None, None, None])
    page.append(["Play", None, 7.5, "2020"])
    file = tmp_path / "a.xlsx"
    book.save(file)
    frame = read_services(file)
    assert frame.index.tolist() == [4, 6]
    assert frame.to_dict("records") == [
        {"name": "Tea Club", "postcode": "EH1 3DG", "capacity": "12", "opened": "2019-10-03"},
        {"name": "Play", "postcode": "", "capacity": "7.5", "opened": "2020"},
    ]
    assert frame.attrs["sheet"] == "Services"
    assert frame.attrs["other_sheets"] == ["Read me"]
    assert read_services(file, sheet=2).equals(frame)
    with pytest.raises(InputError, match='no sheet "Srvices"'):
        read_services(file, sheet="Srvices")


def test_open_document_sheet(tmp_path):
    pytest.importorskip("odf")
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    document = OpenDocumentSpreadsheet()
    page = Table(name="Services")
    for cells in (["Name", "Places"], ["Tea Club", 12], ["Play", None]):
        row = TableRow()
        for value in cells:
            if isinstance(value, int):
                cell = TableCell(valuetype="float", value=value)
            else:
                cell = TableCell(valuetype="string") if value else TableCell()
            if value is not None:
                cell.addElement(P(text=str(value)))
            row.addElement(cell)
        page.addElement(row)
    # Programs store the blank rest of a sheet as one row repeated a million times.
    page.addElement(TableRow(numberrowsrepeated=1_000_000))
    document.spreadsheet.addElement(page)
    file = tmp_path / "a.ods"
    document.save(str(file))
    frame = read_services(file)
    assert frame.to_dict("list") == {"name": ["Tea Club", "Play"], "capacity": ["12", ""]}


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "shp", "zip", "parquet"])
def test_geodata(tmp_path, ending):
    frame = gpd.GeoDataFrame(
        {"Name": ["Tea Club", "Play"], "Places": [12, 7]},
        geometry=[Point(-3.19, 55.953), Point(-4.25, 55.86)],
        crs="EPSG:4326",
    )
    file = tmp_path / f"a.{ending}"
    if ending == "parquet":
        frame.to_parquet(file)
    elif ending == "zip":
        frame.to_file(tmp_path / "inner.shp")
        with zipfile.ZipFile(file, "w") as archive:
            for part in tmp_path.glob("inner.*"):
                archive.write(part, part.name)
    else:
        frame.to_file(file)
    found = read_services(file)
    assert found["name"].tolist() == ["Tea Club", "Play"]
    assert found["capacity"].tolist() == ["12", "7"]
    assert found["latitude"].tolist() == ["55.953", "55.86"]
    assert found["longitude"].tolist() == ["-3.19", "-4.25"]
    assert found.index.tolist() == [2, 3]


def test_geodata_in_metres_and_shapes_that_are_no_points(tmp_path):
    frame = gpd.GeoDataFrame(
        {"name": ["A", "B", "C"]},
        geometry=[Point(325750, 673650), box(0, 0, 1, 1), None],
        crs="EPSG:27700",
    )
    file = tmp_path / "a.gpkg"
    frame.to_file(file)
    found = read_services(file)
    assert found["easting"].tolist() == ["325750", "", ""]
    assert found["northing"].tolist() == ["673650", "", ""]
    assert found["geometry"].iloc[1].startswith("POLYGON")


def test_mapping_is_stronger_than_the_synonyms(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("Q1,Name,type\nTea Club,Morag,group\n", encoding="utf-8")
    frame = read_services(file, mapping={"Q1": "name", "type": ""})
    assert frame.columns.tolist() == ["name", "Name", "type"]
    assert frame.attrs["proposed"] == {"Name": "name"}
    assert frame.attrs["unrecognised"] == ["type"]
    with pytest.raises(InputError, match="Q9"):
        read_services(file, mapping={"Q9": "name"})
    with pytest.raises(InputError, match="nme"):
        read_services(file, mapping={"Q1": "nme"})


def test_unsure_names_are_proposed_not_taken(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("name,postcod,x,colour\nA,EH1 3DG,1,blue\n", encoding="utf-8")
    frame = read_services(file)
    assert frame.columns.tolist() == ["name", "postcod", "x", "colour"]
    assert frame.attrs["proposed"] == {"postcod": "postcode", "x": "easting"}
    assert frame.attrs["unrecognised"] == ["colour"]


def test_two_columns_for_one_name(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("title,name,name\nOne,Two,Three\n", encoding="utf-8")
    frame = read_services(file)
    assert frame["name"].tolist() == ["Two"]
    assert frame["title"].tolist() == ["One"]
    assert frame["name (2)"].tolist() == ["Three"]


BAD = {
    "missing.csv": None,
    "empty.csv": b"",
    "blank.csv": b"\xef\xbb\xbf  \n\n",
    "binary.csv": bytes(range(256)) * 20,
    "picture.csv": b"\x89PNG\r\n\x1a\n" + b"0" * 50,
    "document.pdf": b"%PDF-1.7 ...",
    "locked.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "broken.xlsx": b"PK\x03\x04" + b"\0" * 300,
    "letter.docx": b"PK\x03\x04",
    "strange.abc": b"name,postcode\nA,B\n",
    "cut.geojson": b'{"type": "FeatureCollection", "features": [{"type": "Fea',
    "list.json": b"[1, 2, 3]",
    "nothing.json": b"3",
    "not.gpkg": b"SQLite format 3\0" + b"\0" * 100,
    "not.zip": b"PK\x05\x06" + b"\0" * 18,
    "not.parquet": b"PAR1....PAR1",
    "deep.json": b"[" * 100_000,
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_says_so(tmp_path, name):
    file = tmp_path / name
    if name == "letter.docx":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("word/document.xml", "<w/>")
    elif BAD[name] is not None:
        file.write_bytes(BAD[name])
    with pytest.raises(FileError) as caught:
        read_services(file)
    assert name in str(caught.value)
    assert isinstance(caught.value, (GapmapError, OSError))


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(FileError, match="folder"):
        read_services(tmp_path)


def test_a_workbook_with_a_wrong_ending_is_read(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["name", "postcode"])
    book.active.append(["A", "EH1 3DG"])
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "a.xlsx").rename(tmp_path / "a.csv")
    assert read_services(tmp_path / "a.csv")["name"].tolist() == ["A"]


def test_header_only(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("name,postcode\n", encoding="utf-8")
    frame = read_services(file)
    assert frame.columns.tolist() == ["name", "postcode"]
    assert len(frame) == 0


def test_geojson_without_places(tmp_path):
    file = tmp_path / "a.geojson"
    features = [{"type": "Feature", "properties": {"name": "A"}, "geometry": None}]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert read_services(file)["name"].tolist() == ["A"]


def test_a_formula_without_a_stored_value_is_not_lost(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["name", "postcode"])
    book.active.append(["=A1&B1", "EH1 3DG"])
    book.save(tmp_path / "a.xlsx")
    assert read_services(tmp_path / "a.xlsx")["name"].tolist() == ["=A1&B1"]


def test_a_form_comes_in_by_a_mapping_file(tmp_path):
    form = tmp_path / "form.csv"
    form.write_text("Timestamp,What is it called?,Where do families come?\n1,Tea,EH1 3DG\n")
    rules = tmp_path / "mapping.csv"
    rules.write_text("found,ours\nWhat is it called?,name\nWhere do families come?,postcode\n")
    frame = read_services(form, mapping=rules)
    assert frame[["name", "postcode"]].iloc[0].tolist() == ["Tea", "EH1 3DG"]
    rules.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="no mapping"):
        read_services(form, mapping=rules)


# -- what is not what it seems --------------------------------------------------------------------

HEAD = "service_id,name,category,postcode,notes\n"


def of_text(tmp_path, text, name="a.csv"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return read_services(tmp_path / name)


@pytest.mark.parametrize(
    ("body", "swallowed"),
    [
        # a mark opened in row 2 swallows row 3, until the next mark
        ('1,"Tea Club,befriending,EH1 3DG,\n2,Rhyme Time,befriending,EH1 3DG,"late"\n', {2: 2}),
        # opened in the last cell of row 3 and never closed
        ('1,Tea,befriending,EH1 3DG,\n2,Rhyme,befriending,EH1 3DG,"late\n3,C,,,\n4,D,,,\n', {3: 3}),
        # lines and commas within a cell are nobody's fault
        ('1,Tea,befriending,EH1 3DG,"1 High Street,\nEdinburgh"\n2,Rhyme,,,\n', {}),
        ('1,"Say ""hi""",befriending,EH1 3DG,"two\nlines"\n2,Rhyme,,,\n', {}),
        ('1,A 6" ruler club,befriending,EH1 3DG,\n2,Rhyme,,,\n', {}),
    ],
)
def test_a_quotation_mark_that_is_not_closed_is_seen(tmp_path, body, swallowed):
    frame = of_text(tmp_path, HEAD + body)
    assert frame.attrs["swallowed"] == swallowed


def test_rows_behind_an_open_mark_are_an_error_with_their_row(tmp_path):
    from gapmap.check.services import check_services

    frame = of_text(
        tmp_path, HEAD + '1,"Tea Club,befriending,EH1 3DG,\n2,Rhyme,befriending,EH1 3DG,"late"\n'
    )
    faults = check_services(frame)
    one = faults[faults["problem"].str.contains("quotation mark")].iloc[0]
    assert (one["row"], one["severity"]) == (2, "error")
    assert "1 further line" in one["remedy"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<html><body><table><tr><td>name</td></tr></table></body></html>", "a web page"),
        ("\ufeff\n<!DOCTYPE html>\n<html>", "a web page"),
        ('<table border="1"><tr><td>name</td></tr></table>', "a web page"),
        (
            '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "XML spreadsheet",
        ),
        ('<?xml version="1.0"?><feed/>', "an XML file"),
        ('[{"name": "Tea Club"}]', "a JSON file"),
    ],
)
@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_a_sheet_that_is_something_else_says_what(tmp_path, text, says, name):
    with pytest.raises(FileError, match=says) as refused:
        of_text(tmp_path, text, name)
    assert name in str(refused.value)


def test_a_text_table_named_as_a_workbook_is_still_read(tmp_path):
    assert of_text(tmp_path, HEAD + "1,Tea,,,\n", "a.xlsx")["name"].tolist() == ["Tea"]


def test_an_archive_named_as_a_workbook_is_told(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("services.txt", "name\nTea\n")
    with pytest.raises(FileError, match="zip archive or document, not a workbook"):
        read_services(tmp_path / "a.xlsx")


def test_what_nobody_sees_is_kept_as_found_told_and_left_out_of_products(tmp_path):
    from gapmap.check.services import check_services
    from gapmap.read.values import typed

    hidden = "Wee\u202e Ones\u200b \u2066Club\u2069\u0007"
    frame = of_text(tmp_path, HEAD + f"1,{hidden},befriending,EH1 3DG,\n")
    assert frame["name"].tolist() == [hidden]
    assert typed(frame)["name"].tolist() == ["Wee Ones Club"]
    problems = check_services(frame)["problem"].str.contains("see")
    assert problems.any()


def test_emoji_and_line_breaks_are_seen(tmp_path):
    from gapmap.read.values import typed

    name = "Family \U0001f469‍\U0001f467 group"
    frame = of_text(tmp_path, HEAD + f'1,{name},befriending,EH1 3DG,"two\nlines"\n')
    rows = typed(frame)
    assert rows["name"].tolist() == [name]
    assert rows["notes"].tolist() == ["two\nlines"]
