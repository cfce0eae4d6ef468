"""The recipe: a study becomes a folder of results, one readable step after another."""

# Every import stands inside the function: the package binds the name `run` when it is imported,
# and that must load nothing heavy.
from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from gapmap.gaps.earlier import Earlier
    from gapmap.provision.coverage import Provision
    from gapmap.study import Study

#: With maps of so many areas another Python is worth its start.
_MANY = 8


class Results(NamedTuple):
    """What a run found and where it is.

    Parameters
    ----------
    folder
        The folder of results.
    tables
        Its tables by name, as ``gapmap.vocabulary.TABLES`` describes them.
    counts
        How many rows and people came in and what became of them.
    files
        Every file, relative to the folder, in order.
    faults
        What has no meaning in the study's linked tables: ``TABLES["table_faults"]``.
    """

    folder: Path
    tables: Mapping[str, pd.DataFrame]
    counts: Mapping[str, Any]
    files: tuple[str, ...]
    faults: pd.DataFrame


class Worked(NamedTuple):
    """What a study comes to, before anything is written.

    Parameters
    ----------
    study
        The study, its confidential places protected.
    tables
        As in ``Results``.
    counts
        As in ``Results``.
    faults
        As in ``Results``.
    before
        What it says at its further dates (``also_at``).
    """

    study: Study
    tables: dict[str, pd.DataFrame]
    counts: dict[str, Any]
    faults: pd.DataFrame
    before: tuple[Earlier, ...]


def run(
    study: Study,
    out: Path | str,
    *,
    area: str | None = None,
    formats: Sequence[str] = ("html",),
    reports: Sequence[str] = (),
    every_pdf: bool = False,
    template: Path | None = None,
    progress: Callable[[str], None] | None = None,
    warnings: Sequence[str] = (),
) -> Results:
    """Work a study out and write everything that DESIGN calls a run's folder.

    Parameters
    ----------
    study
        The study, as ``scotland`` or ``open_study`` give it.
    out
        Folder of the results; an earlier run in it is replaced when all went well.
    area
        Code or name of one area: products are limited to it and what lies in it; how far
        families travel is not.
    formats
        html (always written), docx, pdf, xlsx (the tables' workbook is always written).
    reports
        Kinds of area that have a report each: board, council, hscp... If not given, boards;
        councils where the study has no board.
    every_pdf
        With format pdf: the areas' reports as PDF too, not the national one alone.
    template
        An organisation's ``.docx``, whose look the Word files take.
    progress
        Is told each step in words.
    warnings
        Lines to keep in run.json.

    Returns
    -------
    Results
        The folder, the tables and the counts.

    Raises
    ------
    FileError
        If the folder cannot be written, or holds something else; if the template is not there.
    InputError
        If the study has no area of that code or name, or of a kind that is to have reports.
    GapmapError
        If rows or people got lost on the way; nothing is written then.

    Examples
    --------
    >>> import gapmap as gm
    >>> results = gm.run(gm.scotland(), "results")  # doctest: +SKIP
    """
    from pathlib import Path

    from gapmap.errors import FileError
    from gapmap.gaps.earlier import of_area
    from gapmap.place.geography import area_named
    from gapmap.place.limit import limit
    from gapmap.report.aside import aside
    from gapmap.report.folder import staged
    from gapmap.report.results import write_results
    from gapmap.words import count_in_words

    tell = progress or (lambda step: None)
    # What cannot be met is said before the work, not after it.
    for level in reports:
        study.level(level)
    if area is not None:
        area_named(area, study.areas)
    if template is not None and not Path(template).is_file():
        raise FileError(f"There is no template {template}. Give the path of a .docx file.")
    drawn = sum(len(study.level(level)) for level in _report_levels(study, reports))
    # The other Python starts while this one works out what it is to draw.
    with staged(out) as folder, aside(worth_it=area is None and drawn >= _MANY) as do:
        safe, tables, counts, faults, before = work_out(study, progress=tell)
        if len(faults):
            said = count_in_words(len(faults), "fault")
            warnings = (*warnings, f"{said} in the study's linked tables")
        if area is not None:
            safe, tables = limit(safe, tables, area)
            before = of_area(before, tables, _report_levels(safe, ())[0])
        write_results(
            folder,
            safe,
            tables,
            counts,
            before,
            formats=formats,
            levels=_report_levels(safe, reports),
            every_pdf=every_pdf,
            template=template,
            tell=tell,
            warnings=warnings,
            do=do,
        )
        files = tuple(sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()))
    return Results(Path(out), tables, counts, files, faults)


def work_out(study: Study, *, progress: Callable[[str], None] | None = None) -> Worked:
    """Work a study out without writing anything.

    Parameters
    ----------
    study
        The study.
    progress
        Is told each step in words.

    Returns
    -------
    Worked
        The study with its confidential places protected, its tables and its counts.

    Raises
    ------
    GapmapError
        If rows or people got lost on the way.

    Examples
    --------
    >>> import gapmap as gm
    >>> worked = work_out(gm.scotland())  # doctest: +SKIP
    """
    from dataclasses import replace

    import pandas as pd

    from gapmap.gaps.changes import changed
    from gapmap.gaps.compare import side
    from gapmap.gaps.distances import distances
    from gapmap.gaps.earlier import earlier
    from gapmap.gaps.indicators import indicator_tables
    from gapmap.place.confidential import protect, protect_fields
    from gapmap.provenance import disagreements
    from gapmap.provision.coverage import provision
    from gapmap.provision.tables import coverage_table, evidence_table, links_table, service_tables
    from gapmap.report.about import about_directory
    from gapmap.travel.choose import choose_network
    from gapmap.vocabulary import columns

    tell = progress or (lambda step: None)
    tell("Placing services")
    study, faults, left_out = _ready(study)
    settings = study.settings
    known = provision(study)

    tell("Working out what is provided where")
    tables: dict[str, pd.DataFrame] = {}
    tables["services"], tables["locations"] = service_tables(known)
    looked = evidence_table(study)
    tables["coverage"], tables["evidence"] = coverage_table(study, known, looked), looked

    tell("Measuring how far families live from it")
    network = choose_network(
        settings.travel_method, tolerance_metres=settings.network_tolerance, progress=tell
    )
    tables |= distances(study, known, network)

    # Their place among the tables; rules may look at any indicator, so they are found with these.
    tables["gaps"] = pd.DataFrame(columns=columns("gaps"))
    tables["about"] = about_directory(study, tables["services"])
    tables["links"] = links_table(known)
    fields = protect_fields(study.field_sources(), study.services)
    tables["field_sources"], tables["disagreements"] = fields, disagreements(fields)
    # The label of true roads tells how many an extract cut short.
    counts = _conserved(study, known, tables, left_out) | {"measured_on": network.label}

    tell("Finding the gaps, how sure they are, and what would change them")
    tables |= indicator_tables(study, tables, known, network=network)
    now = side(study, known=known, covered=tables["coverage"])
    before = tuple(earlier(study, day, now=now) for day in settings.also_at)
    tables |= changed(study, before, now)
    safe = replace(study, services=protect(study.services))
    return Worked(safe, tables, counts, faults, before)


def _ready(study: Study) -> tuple[Study, pd.DataFrame, dict[str, int]]:
    """A study as it is worked out, and how many of its service rows that leaves out, by why.

    The same service stands once, words are codes, no names of people.
    """
    from gapmap.check.duplicates import resolved
    from gapmap.check.linked import settled
    from gapmap.place.consent import publishable
    from gapmap.place.personal import depersonalised

    single = resolved(study)
    ready, faults = settled(single)
    ready = depersonalised(ready)
    told = publishable(ready) if study.settings.public else ready
    left_out = {
        "service_rows_made_one": len(study.services) - len(single.services),
        "service_rows_not_to_be_published": len(ready.services) - len(told.services),
    }
    return _bare(told), faults, left_out


def _bare(study: Study) -> Study:
    """A study without what the readers noted of its files, which pandas copies at every step."""
    from dataclasses import replace

    frames = {name: getattr(study, name).copy(deep=False) for name in ("services", "people")}
    for frame in frames.values():
        frame.attrs = {}
    return replace(study, **frames)


def _report_levels(study: Study, wanted: Sequence[str]) -> list[str]:
    """The kinds of area asked for; else boards, and councils in a study without a board.

    A run that is limited to one area may hold none of a kind that was asked for.
    """
    have = dict.fromkeys(study.areas["level"])
    asked = [level for level in dict.fromkeys(wanted) if level in have]
    return asked or [next((one for one in ("board", "council") if one in have), next(iter(have)))]


def _conserved(
    study: Study,
    known: Provision,
    tables: Mapping[str, pd.DataFrame],
    left_out: Mapping[str, int],
) -> dict[str, Any]:
    """Counts in and out; what does not add up stops the run."""
    from gapmap.errors import GapmapError

    services, locations = tables["services"], tables["locations"]
    extra = len(locations) - locations["service_id"].nunique()
    outcomes = known.placed["outcome"].value_counts().sort_index()
    nearest, weight = tables["nearest"], study.settings.weight
    per_category = nearest[nearest["rank"] == 1].groupby("category", observed=True).size()
    people = float(study.people[weight].sum())
    lost = []
    if len(services) + extra != len(study.services):
        lost.append(f"{len(study.services)} service rows came in, {len(services) + extra} came out")
    if len(per_category) and (per_category != len(study.people)).any():
        lost.append(f"{len(study.people)} people points came in, not all came out per category")
    shares = tables["travel"].filter(regex="^share_(?!within)")
    if len(shares) and not ((shares.sum(axis=1) - 1).abs() < 1e-9).all():
        lost.append("shares of travel status do not sum to 1")
    if lost:
        raise GapmapError(
            f"Something was lost on the way: {'; '.join(lost)}. Nothing was written. Please report "
            "this with your study's run.json."
        )
    official = study.people.get("official_class")
    return {
        "service_rows_in": len(study.services) + sum(left_out.values()),
        **left_out,
        "services_out": len(services),
        "further_locations_out": int(extra),
        "service_rows_by_outcome": {str(name): int(n) for name, n in outcomes.items()},
        "services_that_count": int((services["counts_at_as_of"] == "yes").sum()),
        "people_points_in": len(study.people),
        "people_points_out_per_category": int(per_category.min()) if len(per_category) else 0,
        "people_points_with_official_class": 0 if official is None else int(official.sum()),
        f"{weight}_in": round(people, 6),
    }
