"""The commands; no analysis in it."""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gapmap.errors import FaultsError, GapmapError
from gapmap.words import count_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from gapmap.study import Study

app = typer.Typer(
    name="gapmap",
    help="What is there for babies and parents, how far it is, and how sure we are.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

data_app = typer.Typer(
    help="Official files: what there is, and fetching one.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(data_app, name="data", epilog="Example: gapmap data get boards --to my-study")

#: A workbook of more rows would take longer to write than anyone would wait for it.
_MOST_ANNOTATED = 20_000

#: What several commands ask for in the same words.
AsOf = Annotated[
    str | None, typer.Option(metavar="YYYY-MM-DD", help="The date at which services count.")
]
StudyOption = Annotated[
    Path | None, typer.Option("--study", help="A study; without one, the bundled Scotland.")
]
StudyArgument = Annotated[
    Path | None,
    typer.Argument(metavar="[STUDY.toml]", help="A study; without one, the bundled Scotland."),
]

#: Faults printed on the screen; the file has them all.
_SHOWN = 20


def main() -> None:
    """Run the command line; a known error is one message and an exit code, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        # A Windows console that cannot show a letter shows a mark, and the run goes on.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    # A run makes millions of objects that stay: looking through them for rubbish every few hundred
    # would take a tenth of its time.
    gc.set_threshold(100_000, 20, 100)
    try:
        app()
    except FaultsError as error:
        _say(str(error), error=True)
        raise SystemExit(1) from None
    except GapmapError as error:
        _say(str(error), error=True)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        _say("Stopped. Nothing was changed.", error=True)
        raise SystemExit(1) from None


@app.command(
    epilog='Example: gapmap run --out results --services my-services.xlsx --area "NHS Grampian"'
)
def run(
    study: StudyArgument = None,
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("results"),
    as_of: AsOf = None,
    services: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Your services, added to the directory by their ids."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Your services instead of the directory's.")
    ] = False,
    area: Annotated[
        str | None,
        typer.Option(metavar="CODE_OR_NAME", help="Limit the products, not the reach, to an area."),
    ] = None,
    formats: Annotated[
        str, typer.Option(help="html,docx,pdf,xlsx; pages and tables are always written.")
    ] = "html",
    reports: Annotated[
        str,
        typer.Option(metavar="LEVELS", help="Areas with a report each: board,council,hscp."),
    ] = "",
    every_pdf: Annotated[
        bool, typer.Option("--every-pdf", help="With pdf: the areas' reports too, not one alone.")
    ] = False,
    template: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your organisation's .docx, for its look.")
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="Leave out notes, funders and internal fields.")
    ] = False,
    decisions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Which services are the same, as gapmap duplicates wrote it and you filled it in; "
            "by default the file of that name beside yours.",
        ),
    ] = None,
) -> None:
    """Work a study out: tables, maps and reports in one folder."""
    import gapmap as gm

    wanted = tuple(part.strip().lower() for part in formats.split(",") if part.strip())
    unknown = [part for part in wanted if part not in ("html", "docx", "pdf", "xlsx")]
    if unknown:
        raise typer.BadParameter(
            f'There is no format "{unknown[0]}". Use html, docx, pdf or xlsx.',
            param_hint="--formats",
        )
    _require_documents(wanted)
    if every_pdf and "pdf" not in wanted:
        raise typer.BadParameter("Give --formats html,pdf too.", param_hint="--every-pdf")
    levels = tuple(part.strip() for part in reports.split(",") if part.strip())
    if replace and services is None:
        raise typer.BadParameter("--replace needs --services FILE.", param_hint="--replace")
    with _progress() as tell:
        tell("Reading the study")
        chosen = _study(study, as_of, quiet=True)
        if public:
            chosen = chosen.with_settings(public=True)
        faults, warnings = None, []
        said: list[str] = []
        if services is not None:
            from gapmap.own_list import with_own_list

            tell(f"Reading and checking {Path(services).name}")
            same = decisions or _decisions_beside(services)
            chosen, faults, said = with_own_list(chosen, services, replace=replace, decisions=same)
            warnings = [f"{count_in_words(len(faults), 'fault')} in {Path(services).name}"]
        elif decisions is not None:
            from gapmap.own_list import with_decisions

            chosen, said = with_decisions(chosen, decisions)
        results = gm.run(
            chosen,
            out,
            area=area,
            formats=wanted,
            reports=levels,
            every_pdf=every_pdf,
            template=template,
            progress=tell,
            # Sentences on her list name services: a public record has only how many faults.
            warnings=warnings if public else [*warnings, *said],
        )
    for line in said:
        _say(line)
    wrong = False
    for found, name in (
        (faults, "faults.csv"),
        (_study_faults(study, chosen, results.faults, replaced=replace), "study-faults.csv"),
    ):
        if found is None or found.empty:
            continue
        # What a file's cells hold may be about people: a public folder has none of it.
        target = out.with_name(f"{out.name}-{name}") if public else out / name
        _save_faults(found, target)
        _print_faults(found, target)
        wrong |= bool((found["severity"] == "error").any())
    _last_screen(chosen, results)
    if wrong:
        _say("Some rows have errors, listed above: the results leave those cells out.", error=True)
        raise typer.Exit(1)


@app.command(epilog="Example: gapmap check my-services.xlsx")
def check(
    services: Annotated[str, typer.Argument(help="A file of services.")],
    out: Annotated[
        Path | None, typer.Option(help="Where to save the list of faults, as CSV.")
    ] = None,
) -> None:
    """List every fault of every row of a services file, with what to do about it."""
    import gapmap as gm

    with _progress() as tell:
        tell(f"Reading {Path(services).name}")
        rows = gm.read_services(services)
        tell(f"Checking {count_in_words(len(rows), 'row')}")
        if rows.attrs.get("own_workbook"):
            from gapmap.own_list import faults_of

            faults = faults_of(rows, _study(None, None))
        else:
            faults = gm.check_services(rows)
    target = out or Path(f"{Path(services).stem}-faults.csv")
    _save_faults(faults, target)
    _print_faults(faults, target)
    sheet = Path(services).is_file() and rows.attrs.get("format") in ("csv", "xlsx", "ods")
    if sheet and len(faults) and len(rows) > _MOST_ANNOTATED:
        _say(
            f"A copy of the sheet with each fault in its cell is made of at most "
            f"{_MOST_ANNOTATED:,} rows; this one has {len(rows):,}. Use the list, or check a part."
        )
    elif sheet and len(faults):
        from gapmap.check.workbook import annotate

        copy = target.parent / f"{Path(services).stem}-faults.xlsx"
        annotate(services, faults, copy, renamed=rows.attrs["renamed"])
        _say(f"{copy} is a copy of your sheet with each fault in its cell.")
    errors = int((faults["severity"] == "error").sum())
    warnings = int((faults["severity"] == "warning").sum())
    _say(
        f"{count_in_words(len(rows), 'row')} read, {count_in_words(errors, 'error')}, "
        f"{count_in_words(warnings, 'warning')}."
    )
    if errors:
        raise typer.Exit(1)


@app.command(epilog="Example: gapmap locate my-services.csv --out placed.csv")
def locate(
    services: Annotated[str, typer.Argument(help="A file of services.")],
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
) -> None:
    """Give every row its point, council and board, or say why it has none."""
    import gapmap as gm
    from gapmap.place.confidential import protect
    from gapmap.place.join import place
    from gapmap.report.tables import write_csv

    with _progress() as tell:
        tell(f"Reading {Path(services).name}")
        rows = gm.read_services(services)
        tell(f"Placing {count_in_words(len(rows), 'row')}")
        placed = protect(place(rows, gm.scotland().areas))
    wanted = ["easting", "northing", "placed_by", "council_code", "board_code", "outcome", "reason"]
    given = [column for column in rows.columns if column not in (*wanted, "geometry")]
    write_csv(placed[[*given, *wanted]], out)
    counts = placed["outcome"].value_counts()
    from gapmap.vocabulary import OUTCOMES

    _say(f"{count_in_words(len(placed), 'row')} in, {count_in_words(len(placed), 'row')} out:")
    for outcome, words in OUTCOMES.items():
        if counts.get(outcome, 0):
            _say(f"  {int(counts[outcome]):>7,}  {words}")
    _say(f"Written to {out}")
    if (placed["outcome"] == "rejected").any():
        _say(
            "Rows that are not usable as written have the reason in their last column.", error=True
        )
        raise typer.Exit(1)


@app.command(epilog='Example: gapmap near "KW15 1AX"')
def near(
    postcode: Annotated[str, typer.Argument(help="A Scottish postcode.")],
    study: StudyOption = None,
    as_of: AsOf = None,
    age: Annotated[
        int | None,
        typer.Option(
            min=-9, max=59, help="From this age in months (-9 is conception) to five: the road."
        ),
    ] = None,
) -> None:
    """Tell what serves a place, how far it is and by what means, and what is not known."""
    from gapmap.near import near as near_place
    from gapmap.near import refuse_what_is_no_place, road

    with _progress() as tell:
        refuse_what_is_no_place(postcode)
        tell("Reading the study")
        chosen = _study(study, as_of)
        tell(f"Looking from {postcode}")
        lines = near_place(chosen, postcode) if age is None else road(chosen, postcode, age)
    for line in lines:
        _say(line)


@app.command(epilog='Example: gapmap explain "NHS Fife: befriending" --results results')
def explain(
    what: Annotated[
        str,
        typer.Argument(help="A sentence of the key themes (14), a gap (gap 14), or a cell."),
    ],
    results: Annotated[
        Path | None,
        typer.Option(help="A folder of results; without one, the study is worked out again."),
    ] = None,
    study: StudyOption = None,
    as_of: AsOf = None,
) -> None:
    """Show the rows behind a sentence, a gap or a cell, and how sure it is."""
    from gapmap.gaps.explain import explain as explain_one
    from gapmap.gaps.explain import tables_of
    from gapmap.run import work_out

    if results is not None:
        told = explain_one(what, tables_of(results))
    else:
        with _progress() as tell:
            tell("Reading the study")
            worked = work_out(_study(study, as_of), progress=tell)
        told = explain_one(what, worked.tables)
    _say(told.title)
    for line in told.words:
        _say(f"  {line}")
    for name, rows in told.rows.items():
        _say("")
        _say(f"{count_in_words(len(rows), 'row')} of {name}:")
        _print_rows(rows)


@app.command(epilog="Example: gapmap compare 2020-02-01 2026-11-22")
def compare(
    a: Annotated[
        str, typer.Argument(help="The earlier: a date, a study.toml, or a folder of results.")
    ],
    b: Annotated[str, typer.Argument(help="The later, of the same kinds.")],
    out: Annotated[
        Path | None, typer.Option(help="A folder for the tables of what changed.")
    ] = None,
) -> None:
    """Tell what changed between two dates, studies or runs, and what only evidence changed."""
    from gapmap.gaps.compare import compare as compare_sides
    from gapmap.gaps.compare import frames
    from gapmap.report.tables import write_csv

    with _progress() as tell:
        tell("Reading both sides")
        change = compare_sides(_side(a), _side(b))
    for line in change.words:
        _say(line)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for name, table in frames(change).items():
            write_csv(table, out / f"{name}.csv")
        _say(f"The tables are in {out.absolute()}.")


@app.command(epilog="Example: gapmap calls --category infant_mental_health")
def calls(
    study: StudyOption = None,
    as_of: AsOf = None,
    category: Annotated[
        list[str] | None, typer.Option(help="Only this kind of service; may be given again.")
    ] = None,
    first: Annotated[int, typer.Option(min=1, help="How many to show.")] = 10,
) -> None:
    """Rank the calls and searches that would settle what is not known for most children."""
    from gapmap.gaps.calls import calls as rank_calls
    from gapmap.gaps.calls import in_words
    from gapmap.provision.evidence import study_categories

    with _progress() as tell:
        tell("Reading the study")
        chosen = _study(study, as_of)
        known = study_categories(chosen)
        wrong = [one for one in category or () if one not in known]
        if wrong:
            raise typer.BadParameter(
                f'There is no kind of service "{wrong[0]}". There are: {", ".join(known)}.',
                param_hint="--category",
            )
        tell("Ranking the calls")
        ranked = rank_calls(chosen, categories=category or None)
    for line in ranked["sentence"].head(first):
        _say(line)
    _say(in_words(ranked))


@app.command(epilog="Example: gapmap convert my-services.xlsx my-services.gpkg")
def convert(
    source: Annotated[str, typer.Argument(metavar="IN", help="A file of services.")],
    target: Annotated[
        Path,
        typer.Argument(
            metavar="OUT", help=".csv, .xlsx, .gpkg, .geojson, .topojson, .parquet or .json."
        ),
    ],
) -> None:
    """Write a list of services in another format, and list what that format cannot hold."""
    import gapmap as gm

    with _progress() as tell:
        tell(f"Reading {Path(source).name}")
        rows = gm.read_services(source)
        tell(f"Writing {target.name}")
        lost = gm.write_services(rows, target)
    _say(f"{count_in_words(len(rows), 'row')} written to {target}")
    if len(lost):
        _say("What this file does not hold:")
        for row in lost.itertuples():
            _say(f"  {row.column} ({count_in_words(row.rows, 'row')}): {row.why}")


@app.command(epilog="Example: gapmap duplicates my-services.xlsx")
def duplicates(
    services: Annotated[str, typer.Argument(help="A file of services.")],
    directory: Annotated[
        str | None,
        typer.Option(
            "--with", metavar="DIRECTORY", help="Another list; the bundled directory by default."
        ),
    ] = None,
    decisions: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What you decided before; by default the file of --out."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to write the pairs, .xlsx or .csv."),
    ] = None,
) -> None:
    """List services that may be the same, to be decided once and remembered."""
    import gapmap as gm
    from gapmap.check.duplicates import absent, candidates, read_decisions, write_candidates
    from gapmap.read.values import typed

    target = out or _beside(services, ".xlsx")
    with _progress() as tell:
        tell(f"Reading {Path(services).name}")
        rows = gm.read_services(services)
        tell("Reading the other list")
        other = typed(gm.read_services(directory)) if directory else gm.scotland().services
        before = decisions or (target if target.is_file() else _decisions_beside(services))
        known = read_decisions(before) if before else None
        tell(f"Comparing {len(rows):,} rows with {len(other):,}")
        table = candidates(rows, other, decisions=known)
        write_candidates(table, target)
    open_pairs = table[table["decision"] == ""]
    for pair in open_pairs.head(_SHOWN).itertuples():
        _say(f"{pair.name_a} ({pair.service_a}) and {pair.name_b} ({pair.service_b}):")
        _say(f"    {pair.verdict}, {pair.score:.0f} points: {pair.why}")
    if known is not None:
        ids = {*typed(rows)["service_id"], *other["service_id"]}
        for line in absent(known, ids):
            _say(line)
    decided = len(table) - len(open_pairs)
    of = f"; {decided:,} decided before" if decided else ""
    _say(f"{count_in_words(len(open_pairs), 'pair')} to decide{of}. All are in {target}.")
    if len(open_pairs):
        _say(
            "Write same, different or unsure in its last column and save it. "
            f"gapmap run --services {services} then takes the same ones as one."
        )


@app.command(epilog='Example: gapmap paper --area "NHS Highland" --out results')
def paper(
    study: StudyArgument = None,
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("results"),
    as_of: AsOf = None,
    area: Annotated[
        str | None, typer.Option(metavar="CODE_OR_NAME", help="One area; else the whole country.")
    ] = None,
    template: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your organisation's .docx, for its look.")
    ] = None,
) -> None:
    """Write a committee's paper: two pages of Word, one slide, its figures, council profiles."""
    import gapmap as gm
    from gapmap.report.paper import write_paper

    with _progress() as tell:
        tell("Reading the study")
        chosen = _study(study, as_of)
        results = gm.run(chosen, out, progress=tell)
        tell("Writing the paper")
        maps = {path.stem: path for path in sorted((out / "maps").glob("*.png"))}
        files = write_paper(
            out / "paper", chosen, results.tables, maps, area=area, template=template
        )
    for file in files:
        _say(str(file))


@app.command(epilog='Example: gapmap start "NHS Grampian" --sheet')
def start(
    area: Annotated[
        str, typer.Argument(metavar="AREA", help="A board, council or partnership: name or code.")
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The .xlsx to write; by default its name.")
    ] = None,
    study: StudyOption = None,
    as_of: AsOf = None,
    sheet: Annotated[
        bool, typer.Option("--sheet", help="Also two pages for a lead, as a web page and Word.")
    ] = False,
    public: Annotated[bool, typer.Option("--public", help="Leave out funders and notes.")] = False,
) -> None:
    """Make a workbook of what is held of an area, to be corrected and given back by --services."""
    from gapmap.report.correction_sheet import write_correction_sheet
    from gapmap.report.held import held
    from gapmap.report.start import write_start
    from gapmap.words import slug

    if out is not None and out.suffix.lower() != ".xlsx":
        raise typer.BadParameter("The workbook's name must end in .xlsx.", param_hint="--out")
    with _progress() as tell:
        tell("Reading the study")
        chosen = _study(study, as_of).with_settings(public=public)
        tell(f"Looking at {area}")
        known = held(chosen, area)
        target = out or Path(f"{slug(known.name)}-services.xlsx")
        tell(f"Writing {target.name}")
        files = [write_start(target, chosen, known)]
        if sheet:
            stem = target.with_name(target.stem.removesuffix("-services") + "-correction-sheet")
            files += write_correction_sheet(stem, chosen, known)
    for file in files:
        _say(str(file))
    _say(f"Correct it, then: gapmap run --services {target} --area {known.name!r}")


survey_app = typer.Typer(help="Ask services with a form, and read the forms that come back.",
                         no_args_is_help=True)  # fmt: skip
app.add_typer(survey_app, name="survey")


@survey_app.command("new", epilog='Example: gapmap survey new --out form.xlsx --area "NHS Fife"')
def survey_new(
    out: Annotated[Path, typer.Option(metavar="FILE", help="The .xlsx to write.")] = Path(
        "survey-form.xlsx"
    ),
    area: Annotated[
        str | None,
        typer.Option(metavar="CODE_OR_NAME", help="Ask about the councils of this area."),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="The form for reading a council's or board's plan.")
    ] = False,
) -> None:
    """Make the form for services to fill in, or the one for reading plans."""
    from datetime import date

    import gapmap as gm
    from gapmap.report.survey_form import write_plan_form, write_survey

    if out.suffix.lower() != ".xlsx":
        raise typer.BadParameter("The form's name must end in .xlsx.", param_hint="--out")
    if plan:
        write_plan_form(out, day=date.today())
    else:
        areas = gm.scotland().areas if area is not None else None
        write_survey(out, day=date.today(), areas=areas, area=area)
    _say(f"{out}")
    _say("Send it out; put what comes back into one folder, then: gapmap survey read FOLDER")


@survey_app.command("read", epilog="Example: gapmap survey read returned --out survey")
def survey_read(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Of the returned forms.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="A folder for the tables.")] = Path(
        "survey"
    ),
    read_on: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="Date of answers that bear none; else today."),
    ] = None,
) -> None:
    """Read every returned form, whatever was moved, into tables that gapmap run takes."""
    from datetime import date

    from gapmap.check.survey import survey_tables
    from gapmap.read.survey import read_forms
    from gapmap.report.survey_out import in_words, write_survey_tables
    from gapmap.study import full_date

    day = date.today() if read_on is None else full_date(read_on)
    with _progress() as tell:
        tell(f"Reading {folder}")
        forms = read_forms(folder)
        found = survey_tables(forms, read_on=day.isoformat())
        write_survey_tables(out, found)
    for line in in_words(forms, found, out):
        _say(line)


@app.command(epilog='Example: gapmap new grampian --name "Early help in Grampian"')
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
    name: Annotated[str, typer.Option(help="Title of the study.")] = "My study",
) -> None:
    """Make the folder of a study of your own: settings, a spreadsheet with drop-downs, help."""
    from datetime import date

    from gapmap.report.new_study import new_study

    made = new_study(folder, name=name, as_of=date.today())
    for path in made:
        _say(f"  {path}")
    _say(f"Fill in {folder / 'services.xlsx'}, then: gapmap run {folder / 'study.toml'}")


@data_app.command("list", epilog="Example: gapmap data list")
def data_list() -> None:
    """List the official files that gapmap knows: what, whose, how large, and what for."""
    from gapmap.read.official import official_files

    files = official_files()
    for name, file in files.iterrows():
        moved = "" if file["address_certain"] == "yes" else "; its address may have changed"
        _say(f"{name}  (about {file['megabytes']} MB, {file['format']}{moved})")
        _say(f"    {file['what']}. {file['publisher']}; {file['licence']}.")
        _say(f"    {file['use']}")
        if file["setting"]:
            _say(f"    in study.toml: {file['setting']}")
    _say("")
    _say(
        f"{len(files)} files. Fetch one with: gapmap data get NAME --to FOLDER. "
        "Without a network, it says how to bring the file by hand."
    )


@data_app.command("get", epilog="Example: gapmap data get boards --to my-study")
def data_get(
    name: Annotated[str, typer.Argument(help="As gapmap data list has it.")],
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Folder for the file.")] = Path(),
    address: Annotated[
        str, typer.Option(metavar="URL", help="Where the file is now, if its publisher moved it.")
    ] = "",
    again: Annotated[bool, typer.Option("--again", help="Fetch it although it is there.")] = False,
) -> None:
    """Fetch an official file, or check the one that you have put there."""
    from gapmap.read.official import get, official_files

    with _progress() as tell:
        tell(f"Looking for {name}")
        got = get(name, to, address=address, again=again, progress=_bytes_told(tell, name))
    entry = official_files().loc[name]
    for line in got.news:
        _say(line)
    _say(f"{got.path.absolute()} ({got.path.stat().st_size / 1e6:,.1f} MB)")
    _say(f"{entry['licence']}. Print with what you make of it: {entry['attribution']}")
    _say(entry["use"])
    if entry["setting"]:
        _say(f"In study.toml: {entry['setting']}")


@app.command(epilog="Example: gapmap doctor")
def doctor(
    out: Annotated[Path, typer.Option(help="Folder where you would write results.")] = Path(),
    quick: Annotated[bool, typer.Option("--quick", help="Without the tiny run.")] = False,
) -> None:
    """Say what is right and what is wrong with this installation, and how to mend it."""
    from gapmap.doctor import examine, in_words

    found = examine(out, quick=quick, progress=lambda step: _say(f"{step}...", error=True))
    for line in in_words(found):
        _say(line)
    if any(one.state == "wrong" for one in found):
        raise typer.Exit(1)


@app.command(epilog="Example: gapmap lab")
def lab(
    folder: Annotated[Path, typer.Option(help="Where your copies of the notebooks go.")] = Path(
        "gapmap-notebooks"
    ),
) -> None:
    """Open the notebooks that ship with gapmap in JupyterLab."""
    import importlib.util
    import shutil
    import subprocess

    from gapmap.bundled import notebooks_folder
    from gapmap.errors import MissingDependency

    if importlib.util.find_spec("jupyterlab") is None:
        raise MissingDependency("jupyterlab", "lab", "Opening the notebooks")
    folder.mkdir(parents=True, exist_ok=True)
    for notebook in sorted(notebooks_folder().glob("*.ipynb")):
        # What a person changed in her copy is hers.
        if not (folder / notebook.name).exists():
            shutil.copyfile(notebook, folder / notebook.name)
    _say(f"The notebooks are in {folder.absolute()}. Close JupyterLab with Ctrl+C.")
    raise typer.Exit(subprocess.call([sys.executable, "-m", "jupyterlab", str(folder)]))


def _require_documents(formats: tuple[str, ...]) -> None:
    """Say what is missing before the work, not after it."""
    from importlib.util import find_spec

    from gapmap.errors import MissingDependency

    for wanted, module in (("docx", "docx"), ("pdf", "typst")):
        if wanted in formats and find_spec(module) is None:
            raise MissingDependency(module, "documents", f"Writing {wanted}")


def _study(path: Path | None, as_of: str | None, *, quiet: bool = False) -> Study:
    """A study with its linked tables understood; what has no meaning there is told."""
    import gapmap as gm
    from gapmap.check.linked import settled
    from gapmap.errors import InputError

    chosen, faults = settled(gm.scotland() if path is None else gm.open_study(path))
    errors = faults[faults["severity"] == "error"]
    if len(errors) and not quiet:
        for fault in errors.head(5).itertuples():
            _say(f"{fault.table}, row {fault.row}: {fault.problem}. {fault.remedy}", error=True)
        _say(f"{len(errors):,} such faults; gapmap run lists them all.", error=True)
    if as_of is None:
        return chosen
    try:
        return chosen.at(as_of)
    except InputError as problem:
        raise typer.BadParameter(str(problem), param_hint="--as-of") from None


def _side(text: str) -> Study | Path:
    """One side of a comparison: a date of the bundled study, a study, or a folder of results."""
    path = Path(text)
    if path.is_dir() and (path / "run.json").is_file():
        return path
    return _study(path, None) if path.exists() else _study(None, text)


def _study_faults(
    path: Path | None, study: Study, of_tables: pd.DataFrame, *, replaced: bool
) -> pd.DataFrame:
    """The faults of a study's own files: its services, unless others replaced them, its tables."""
    import pandas as pd

    import gapmap as gm

    if path is None or replaced:
        return of_tables
    of_services = gm.check_services(
        gm.read_services(study.inputs["services"]), areas=study.areas, settings=study.settings
    )
    of_services.insert(0, "table", "services")
    return pd.concat([of_services, of_tables], ignore_index=True)


def _beside(services: str, ending: str) -> Path:
    """The file of decisions that belongs to a file of services."""
    here = Path(services) if Path(services).exists() else Path(Path(services).name or "services")
    return here.with_name(f"{here.stem}-duplicates{ending}")


def _decisions_beside(services: str) -> Path | None:
    return next(
        (file for end in (".xlsx", ".csv") if (file := _beside(services, end)).is_file()), None
    )


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """A line that tells the step and how long the last one took; plain lines where no terminal."""
    from rich.console import Console
    from rich.status import Status

    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda step: console.print(f"{step}...", markup=False)
        return
    with Status("Starting", console=console) as status:

        def tell(step: str) -> None:
            from rich.text import Text

            status.update(Text(f"{step}..."))

        yield tell


def _bytes_told(tell: Callable[[str], None], name: str) -> Callable[[int, int], None]:
    """Tells of a download now and then: at each twentieth of it, or each ten megabytes."""
    last = -1

    def told(here: int, whole: int) -> None:
        nonlocal last
        step = 20 * here // whole if whole else here // 10_000_000
        if step != last:
            last = step
            of = f" of {whole / 1e6:,.1f}" if whole else ""
            tell(f"Fetching {name}: {here / 1e6:,.1f}{of} MB")

    return told


def _say(text: str, *, error: bool = False) -> None:
    typer.echo(text, err=error)


def _save_faults(faults: pd.DataFrame, path: Path) -> None:
    from gapmap.report.tables import write_csv

    write_csv(faults, path)


def _print_faults(faults: pd.DataFrame, path: Path) -> None:
    """The worst first, as a table that a person reads; the file holds them all."""
    if faults.empty:
        _say("No faults found.")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    order = {"error": 0, "warning": 1, "note": 2}
    worst = faults.assign(_rank=faults["severity"].map(order)).sort_values(
        ["_rank", "row"], kind="stable"
    )
    table = Table(title=None, show_lines=False, pad_edge=False)
    tables = "table" in faults
    for heading in (
        *(("Table",) if tables else ()),
        *("Row", "Column", "Found", "What is wrong", "What to do"),
    ):
        table.add_column(heading, overflow="fold")
    for fault in worst.head(_SHOWN).itertuples():
        table.add_row(
            *(
                Text(_clip(str(cell)))
                for cell in (
                    *((fault.table,) if tables else ()),
                    "file" if fault.row == 0 else fault.row,
                    fault.column,
                    fault.found,
                    fault.problem,
                    fault.remedy,
                )
            )
        )
    Console(highlight=False).print(table)
    if len(faults) > _SHOWN:
        _say(f"... and {len(faults) - _SHOWN:,} more.")
    _say(f"{'It is' if len(faults) == 1 else f'All {len(faults):,} are'} in {path}")


def _print_rows(rows: pd.DataFrame) -> None:
    """The first rows, each with its filled cells: no table of twenty columns on a screen."""
    for row in rows.head(_SHOWN).to_dict("records"):
        cells = [
            f"{name}: {_clip(str(value))}"
            for name, value in row.items()
            if value == value and str(value) not in ("", "<NA>")
        ]
        _say("  - " + "; ".join(cells))
    if len(rows) > _SHOWN:
        _say(f"  ... and {len(rows) - _SHOWN:,} more.")


def _clip(text: str, longest: int = 160) -> str:
    return text if len(text) <= longest else text[: longest - 3] + "..."


def _last_screen(study: Study, results: Any) -> None:
    """What was found in five lines, and where the files are."""
    from gapmap.provision.counting import NO_DATE
    from gapmap.travel.method import travel_notes
    from gapmap.vocabulary import STATES, WEIGHTS
    from gapmap.words import date_in_words

    tables = results.tables
    services, gaps, coverage = tables["services"], tables["gaps"], tables["coverage"]
    settings = study.settings
    level = "board" if (coverage["level"] == "board").any() else coverage["level"].iloc[0]
    cells = coverage[(coverage["level"] == level) & (coverage["dimension"] == "category")]
    states = cells["state"].value_counts()
    counting = int((services["counts_at_as_of"] == "yes").sum())
    placed = int(((services["outcome"] == "used") & (services["counts_at_as_of"] == "yes")).sum())
    people = cells.drop_duplicates("area_code")["people"].sum()
    areas = cells["area_code"].nunique()
    kinds = cells["value"].nunique()
    _say("")
    _say(
        f"{count_in_words(counting, 'service')} of {len(services):,} are open on "
        f"{date_in_words(settings.as_of)}; {placed:,} have a place on the map."
    )
    undated = int((services["counts_reason"] == NO_DATE).sum())
    if undated:
        have = "has" if undated == 1 else "have"
        _say(
            f"{count_in_words(undated, 'service')} {have} no date that says when it ran, and no "
            "number counts it. Write source_date or opened in the list."
        )
    _say(
        f"{count_in_words(areas, 'board' if level == 'board' else 'area')}, "
        f"{people:,.0f} {WEIGHTS.get(settings.weight, settings.weight)}; of {areas * kinds:,} "
        "cells (area by kind of service):"
    )
    _say(
        "  " + "; ".join(f"{words.lower()} {int(states.get(s, 0))}" for s, words in STATES.items())
    )
    of_place = ["place", "near", "island", "area_code"]
    remote = len(tables["rural"][of_place].drop_duplicates()) if "rural" in tables else 0
    _say(
        f"{count_in_words(len(gaps), 'gap')}"
        f"{', each with its reason, in tables/gaps.csv' if len(gaps) else ''}; "
        f"{count_in_words(remote, 'remote place')} far from help that does not come to them, in "
        "tables/rural.csv."
    )
    _say(f"{travel_notes(settings)[0]} The directory is partial.")
    _say("")
    folder = results.folder.absolute()
    _say(f"Open {folder / 'report.html'} first; the map is {folder / 'map.html'}.")
