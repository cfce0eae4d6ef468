"""Every data file is described in data/README.md, with the checksum it has."""

from __future__ import annotations

TABLE = """# Files

| file | what | sha256 | approximate |
|---|---|---|---|
| `a/one.csv` | first | `00` | no |
| `gone.csv` | lost | `11` | no |

Text with `a/one.csv` in it.
"""


def test_every_data_file_is_described_and_unchanged(script, data):
    text = (data / "README.md").read_text(encoding="utf-8")
    assert script("checksums").faults(text, data) == [], "run python data/build/checksums.py"


def test_refresh_changes_only_the_checksums_of_rows(script, tmp_path):
    build = script("checksums")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.csv").write_text("x\n")
    (tmp_path / "new.csv").write_text("y\n")
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "make.py").write_text("")
    assert build.data_files(tmp_path) == ["a/one.csv", "new.csv"]
    assert len(build.faults(TABLE, tmp_path)) == 3
    after = build.refreshed(TABLE, tmp_path)
    sha = build.checksum(tmp_path / "a" / "one.csv")
    assert after == TABLE.replace("`00`", f"`{sha}`")
    assert build.listed(after) == {"a/one.csv": sha, "gone.csv": "11"}
    assert build.faults(after, tmp_path) == [
        "new.csv: no row in data/README.md",
        "gone.csv: in data/README.md, but there is no such file",
    ]
