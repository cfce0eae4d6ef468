"""Refreshes the SHA-256 column of the table of files in data/README.md.

    python data/build/checksums.py [--check]

With --check nothing is written; the differences are printed and the exit code is 1.
Every data file must have a row there: one without a row is named, so that somebody writes it.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent
# What is not data: texts about it, the settings of the study, and the scripts that make it.
SKIPPED = {"README.md", "LICENCE-DATA.md", "study.toml"}
ROW = re.compile(r"^\| `(?P<file>[^`]+)` \|(?P<middle>.*)\| (?P<sha>`[0-9a-f]*`|) ?\|(?P<rest>.*)$")


def data_files(data: Path) -> list[str]:
    """Every data file below `data`, as a relative path with forward slashes, sorted."""
    found = (p for p in data.rglob("*") if p.is_file())
    names = (p.relative_to(data).as_posix() for p in found)
    return sorted(
        n
        for n in names
        if not n.startswith("build/")
        and n not in SKIPPED
        and not any(part.startswith((".", "__")) for part in n.split("/"))
    )


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def listed(text: str) -> dict[str, str]:
    """The files of the table in `text` with the checksum printed beside each."""
    rows = (ROW.match(line) for line in text.splitlines())
    return {row["file"]: row["sha"].strip("`") for row in rows if row}


def refreshed(text: str, data: Path) -> str:
    """`text` with every checksum of its table as the files in `data` have it now."""
    lines = []
    for line in text.splitlines(keepends=True):
        row = ROW.match(line)
        if row and (data / row["file"]).is_file():
            line = (
                f"| `{row['file']}` |{row['middle']}| `{checksum(data / row['file'])}` |"
                f"{row['rest']}\n"
            )
        lines.append(line)
    return "".join(lines)


def faults(text: str, data: Path) -> list[str]:
    """What is wrong with the table in `text`: files without a row, rows without a file, sums."""
    table, files = listed(text), data_files(data)
    wrong = [f"{name}: no row in data/README.md" for name in files if name not in table]
    wrong += [
        f"{name}: in data/README.md, but there is no such file"
        for name in table
        if name not in files
    ]
    wrong += [
        f"{name}: changed since its checksum was written"
        for name in files
        if name in table and table[name] != checksum(data / name)
    ]
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    readme = DATA / "README.md"
    text = readme.read_text(encoding="utf-8")
    if not options.check:
        text = refreshed(text, DATA)
        readme.write_text(text, encoding="utf-8")
    wrong = faults(text, DATA)
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
