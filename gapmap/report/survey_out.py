"""What returned forms come to, as a folder of tables, and what the screen says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gapmap.errors import FileError
from gapmap.report.tables import write_csv
from gapmap.words import count_in_words

if TYPE_CHECKING:
    from pathlib import Path

    from gapmap.check.survey import SurveyTables
    from gapmap.read.survey import Form

#: The file of names, e-mail addresses and telephone numbers.
PEOPLE_FILE = "personal-do-not-publish.csv"


def write_survey_tables(folder: Path, found: SurveyTables) -> list[Path]:
    """Write the tables of returned forms, their log, and the file of people apart from both.

    Parameters
    ----------
    folder
        Is made if need be; files of an earlier reading are replaced.
    found
        As ``gapmap.check.survey.survey_tables`` gives it.

    Returns
    -------
    list of Path
        services.csv first; a table without rows is written too, with its head.

    Raises
    ------
    FileError
        If a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise FileError(f"{folder} cannot be made: {problem}.") from None
    files = [write_csv(table, folder / f"{name}.csv") for name, table in found.tables.items()]
    files.append(write_csv(found.log, folder / "log.csv"))
    files.append(write_csv(found.people, folder / PEOPLE_FILE))
    return files


def in_words(forms: list[Form], found: SurveyTables, folder: Path) -> list[str]:
    """What was read, left blank and not understood, file by file.

    Parameters
    ----------
    forms, found
        The files, and what they come to.
    folder
        Where the tables are.
    """
    lines = []
    log = found.log
    for form in forms:
        mine = log[log["file"] == form.file]
        of_file = " ".join(mine.loc[mine["outcome"] == "The file", "what"])
        if not form.kind:
            told = of_file
        else:
            counts = mine["outcome"].value_counts()
            counts = counts.drop("The file", errors="ignore")
            told = "; ".join(f"{outcome.lower()} {int(n)}" for outcome, n in sorted(counts.items()))
            told = f"{told}. {of_file}".strip()
        lines.append(f"{form.file}: {told}")
    tables = ", ".join(
        f"{count_in_words(len(table), 'row')} of {name}"
        for name, table in found.tables.items()
        if len(table)
    )
    lines.append(f"{tables or 'Nothing'} in {folder}.")
    if len(found.people):
        lines.append(
            f"Names, e-mail addresses and telephone numbers are in {folder / PEOPLE_FILE} only. "
            "Keep that file to yourself."
        )
    lines.append(f"Every cell is in {folder / 'log.csv'}.")
    if tables:
        lines.append(f"Then: gapmap check {folder} and gapmap run --services {folder}")
    return lines
