"""The recipe: a study becomes a folder of results, one readable step after another."""

# Every import stands inside the function: the package binds the name `run` when it is imported,
# and that must load nothing heavy.
from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from gapmap.provision.coverage import Provision
    from gapmap.show.layers import Earlier
    from gapmap.study import Study
    from gapmap.travel.access import Measure


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
    """

    study: Study
    tables: dict[str, pd.DataFrame]
    counts: dict[str, Any]
    faults: pd.DataFrame


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
        If the study has no area of a kind that is to have reports.
    GapmapError
        If rows or people got lost on the way; nothing is written then.

    Examples
    --------
    >>> import gapmap as gm
    >>> results = gm.run(gm.scotland(), "results")  # doctest: +SKIP
    """
    from pathlib import Path

    from gapmap.errors import FileError
    from gapmap.place.limit import limit
    from gapmap.report.folder import staged
    from gapmap.words import count_in_words

    tell = progress or (lambda step: None)
    for level in reports:
        study.level(level)
    if template is not None and not Path(template).is_file():
        raise FileError(f"There is no template {template}. Give the path of a .docx file.")
    safe, tables, counts, faults = work_out(study, progress=tell)
    if len(faults):
        said = count_in_words(len(faults), "fault")
        warnings = (*warnings, f"{said} in the study's linked tables")
    before = _earlier(study, tables["coverage"])
    if area is not None:
        safe, tables = limit(safe, tables, area)
        before = _of_area(before, tables, _report_levels(safe, ())[0])
    levels = _report_levels(safe, reports)

    with staged(out) as folder:
        _write(
            folder,
            safe,
            tables,
            counts,
            before,
            formats=formats,
            levels=levels,
            every_pdf=every_pdf,
            template=template,
            tell=tell,
            warnings=warnings,
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

    from gapmap.check.duplicates import resolved
    from gapmap.check.linked import settled
    from gapmap.gaps.indicators import indicator_tables
    from gapmap.place.confidential import is_confidential, protect, protect_fields
    from gapmap.place.consent import publishable
    from gapmap.place.personal import depersonalised
    from gapmap.provenance import disagreements
    from gapmap.provision.coverage import provision
    from gapmap.provision.tables import coverage_table, evidence_table, service_tables
    from gapmap.report.about import about_directory
    from gapmap.travel.choose import choose_network
    from gapmap.vocabulary import columns

    tell = progress or (lambda step: None)
    study = resolved(study)
    settings = study.settings

    tell("Placing services")
    study, faults = settled(study)
    study = depersonalised(study)
    if study.settings.public:
        study = publishable(study)
    known = provision(study)
    safe = replace(study, services=protect(study.services))

    tell("Working out what is provided where")
    tables: dict[str, pd.DataFrame] = {}
    tables["services"], tables["locations"] = service_tables(known)
    looked = evidence_table(study)
    tables["coverage"], tables["evidence"] = coverage_table(study, known, looked), looked

    tell("Measuring how far families live from it")
    network = choose_network(
        settings.travel_method, tolerance_metres=settings.network_tolerance, progress=tell
    )
    people, nearest = _nearest(study, known, network)
    tables["nearest"], tables["travel"] = nearest, _travel(study, people, nearest)
    tables["rural"] = _rural(study, people, nearest)

    # Their place among the tables; rules may look at any indicator, so they are found with these.
    tables["gaps"] = pd.DataFrame(columns=columns("gaps"))
    tables["about"] = about_directory(study, tables["services"])
    hidden = known.links["row"].map(is_confidential(known.placed)).to_numpy(bool)
    # How far off a shore a house stands is a place too.
    links = known.links.assign(note=known.links["note"].where(~hidden, ""))
    tables["links"] = links.drop(columns="row").reset_index(drop=True)
    fields = protect_fields(study.field_sources(), study.services)
    tables["field_sources"], tables["disagreements"] = fields, disagreements(fields)
    counts = _conserved(study, known, tables)

    tell("Finding the gaps, how sure they are, and what would change them")
    tables |= indicator_tables(study, tables, known, network=network)
    tables |= _changed(study, known, tables["coverage"])
    return Worked(safe, tables, counts, faults)


def _changed(study: Study, known: Provision, covered: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What changed since the earliest other date that the study names; nothing if it names none."""
    from gapmap.gaps.changes import changes
    from gapmap.gaps.compare import frames, side

    earlier = [day for day in study.settings.also_at if day < study.settings.as_of]
    if not earlier:
        return {}
    before = side(study.at(min(earlier)))
    table, change = changes(study, before, side(study, known=known, covered=covered))
    return {"changes": table, **frames(change)}


def _earlier(study: Study, covered: pd.DataFrame) -> tuple[Earlier, ...]:
    """The further dates of the interactive map, worked out before anything is hidden or limited."""
    from gapmap.check.linked import settled
    from gapmap.gaps.compare import side
    from gapmap.show.layers import earlier

    study, _ = settled(study)
    days = study.settings.also_at
    now = side(study, covered=covered) if days else None
    return tuple(earlier(study, day, now=now) for day in days)


def _of_area(
    before: tuple[Earlier, ...], tables: Mapping[str, pd.DataFrame], level: str
) -> tuple[Earlier, ...]:
    """The further dates, with sentences of the limited area alone."""
    from dataclasses import replace

    changed = tables.get("changes")
    if changed is None:
        return tuple(replace(one, words=()) for one in before)
    told = changed[changed["level"] == level]
    return tuple(
        replace(
            one,
            words=tuple(
                f"{area}: {reason}"
                for area, reason, since in zip(
                    told["area_name"], told["reason"], told["since"], strict=True
                )
                if since == one.as_of.isoformat()
            ),
        )
        for one in before
    )


def _nearest(study: Study, known: Provision, network: Measure) -> tuple[pd.DataFrame, pd.DataFrame]:
    """People with the codes of their areas, and for each and every category the nearest service."""
    from gapmap.place.catchments import with_catchments
    from gapmap.place.join import named_polygons, people_with_areas
    from gapmap.provision.evidence import study_categories
    from gapmap.travel.access import nearest_services
    from gapmap.travel.serving import serving

    settings = study.settings
    people = people_with_areas(study.people, study.areas, snap_metres=settings.snap_metres)
    sites, services = serving(known.placed, known.links, known.counting)
    among = with_catchments(people, known.links, named_polygons(study))
    found = nearest_services(among, sites, services, network, categories=study_categories(study))
    return people, found


def _travel(study: Study, people: pd.DataFrame, nearest: pd.DataFrame) -> pd.DataFrame:
    """Travel of every level's areas, with their names."""
    import pandas as pd

    from gapmap.travel.access import access
    from gapmap.vocabulary import columns

    settings = study.settings
    # The usual minutes are always there, since others rely on them; a study adds its own.
    usual = {int(name.rsplit("_", 1)[1]) for name in columns("travel") if "_within_" in name}
    names = dict(zip(study.areas["code"], study.areas["name"], strict=True))
    parts = []
    for level in dict.fromkeys(study.areas["level"]):
        table = access(
            people,
            nearest,
            by=f"{level}_code",
            weights=settings.weight,
            thresholds=sorted(usual | set(settings.thresholds)),
        )
        table["level"] = level
        table["area_name"] = table["area_code"].map(names)
        # People in no area of a level belong to none of its rows; the counts in run.json tell.
        parts.append(table[table["area_name"].notna()])
    travel = pd.concat(parts, ignore_index=True)
    first = ["level", "area_code", "area_name", "category"]
    return travel[first + [column for column in travel if column not in first]]


def _rural(study: Study, people: pd.DataFrame, nearest: pd.DataFrame) -> pd.DataFrame:
    """Remote and island places beyond reach of what does not come to them."""
    from gapmap.gaps.rural_places import rural_places
    from gapmap.travel.names import place_names
    from gapmap.travel.rural import urban_rural

    if "urban_rural" not in people:
        people = people.assign(urban_rural=urban_rural(people))
    services = study.services.drop_duplicates("service_id").set_index("service_id")
    return rural_places(
        people,
        nearest,
        threshold=study.settings.rural_minutes,
        weight=study.settings.weight,
        service_names=services["name"],
        area_names=study.areas.set_index("code")["name"],
        place_names=place_names(),
        exact_people=study.settings.exact_people,
    )


def _write(
    folder: Path,
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    counts: Mapping[str, Any],
    before: Sequence[Earlier],
    *,
    formats: Sequence[str],
    levels: Sequence[str],
    every_pdf: bool,
    template: Path | None,
    tell: Callable[[str], None],
    warnings: Sequence[str],
) -> None:
    """Everything that the folder holds; run.json last, since it marks a whole run."""
    from gapmap.report.area import safe_code
    from gapmap.report.documents import write_documents
    from gapmap.report.geopackage import write_geopackage
    from gapmap.report.record import write_record
    from gapmap.report.tables import published, write_csv, write_tables
    from gapmap.report.workbook import write_workbook
    from gapmap.show.area_map import area_map
    from gapmap.show.figure import numbers, save_map
    from gapmap.show.interactive import MAP_TABLES, interactive_map, save_interactive
    from gapmap.show.standard import standard_maps

    public = study.settings.public
    # A level that is known by its postcodes has no outlines to draw; its tables are written.
    drawn = study.outlined()
    tell("Writing tables")
    write_tables(tables, folder / "tables", public=public)
    write_workbook(folder / "gapmap.xlsx", study, tables)
    write_geopackage(folder / "gapmap.gpkg", drawn, tables)

    tell("Drawing maps")
    (folder / "maps").mkdir()
    maps = {}
    for name, figure in standard_maps(drawn, tables).items():
        maps[name] = save_map(figure, folder / "maps" / name)
        shown = published(numbers(figure), public=public)
        write_csv(shown, folder / "maps" / f"{name}.csv")
    for level in levels:
        for code in study.level(level).index:
            figure = area_map(study, tables, level=level, code=code)
            maps[code] = save_map(figure, folder / "maps" / safe_code(code))
    page = interactive_map(
        drawn,
        **{name: tables[name] for name in MAP_TABLES},
        also_at=before,
    )
    save_interactive(page, folder / "map.html")

    tell("Writing reports")
    write_documents(
        folder,
        study,
        tables,
        maps,
        formats=formats,
        level=levels,
        every_pdf=every_pdf,
        template=template,
    )
    write_record(folder, study, counts, warnings)


def _report_levels(study: Study, wanted: Sequence[str]) -> list[str]:
    """The kinds of area asked for; else boards, and councils in a study without a board.

    A run that is limited to one area may hold none of a kind that was asked for.
    """
    have = dict.fromkeys(study.areas["level"])
    asked = [level for level in dict.fromkeys(wanted) if level in have]
    return asked or [next((one for one in ("board", "council") if one in have), next(iter(have)))]


def _conserved(
    study: Study, known: Provision, tables: Mapping[str, pd.DataFrame]
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
    return {
        "service_rows_in": len(study.services),
        "services_out": len(services),
        "further_locations_out": int(extra),
        "service_rows_by_outcome": {str(name): int(n) for name, n in outcomes.items()},
        "services_that_count": int((services["counts_at_as_of"] == "yes").sum()),
        "people_points_in": len(study.people),
        "people_points_out_per_category": int(per_category.min()) if len(per_category) else 0,
        f"{weight}_in": round(people, 6),
    }
