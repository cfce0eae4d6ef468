"""The recipe: a study becomes a folder of results, one readable step after another."""

# Every import stands inside the function: the package binds the name `run` when it is imported,
# and that must load nothing heavy.
from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from gapmap.provision.coverage import Provision
    from gapmap.study import Study


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
    """

    folder: Path
    tables: Mapping[str, pd.DataFrame]
    counts: Mapping[str, Any]
    files: tuple[str, ...]


def run(
    study: Study,
    out: Path | str,
    *,
    area: str | None = None,
    formats: Sequence[str] = ("html",),
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
        If the folder cannot be written, or holds something else.
    GapmapError
        If rows or people got lost on the way; nothing is written then.

    Examples
    --------
    >>> import gapmap as gm
    >>> results = gm.run(gm.scotland(), "results")  # doctest: +SKIP
    """
    from gapmap.gaps.flag import flag
    from gapmap.place.confidential import protect
    from gapmap.provision.coverage import provision
    from gapmap.report.about import about_directory
    from gapmap.report.folder import staged

    tell = progress or (lambda step: None)
    settings = study.settings

    tell("Placing services")
    known = provision(study)
    safe = _with_services(study, protect(study.services))

    tell("Working out what is provided where")
    tables: dict[str, pd.DataFrame] = {}
    tables["services"], tables["locations"] = _placed_tables(known)
    tables["coverage"] = _coverage(study, known)
    tables["evidence"] = _evidence(study)

    tell("Measuring how far families live from it")
    people, nearest = _nearest(study, known)
    tables["nearest"], tables["travel"] = nearest, _travel(study, people, nearest)

    tell("Finding the gaps")
    tables["gaps"] = flag(tables, settings.rules, weight=settings.weight)
    tables["about"] = about_directory(study, tables["services"])
    tables["links"] = known.links.drop(columns="row").reset_index(drop=True)
    counts = _conserved(study, known, tables)
    if area is not None:
        safe, tables = _limited(safe, tables, area)

    with staged(out) as folder:
        _write(folder, safe, tables, counts, formats=formats, tell=tell, warnings=warnings)
        files = tuple(sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()))
    from pathlib import Path

    return Results(Path(out), tables, counts, files)


def _with_services(study: Study, services: pd.DataFrame) -> Study:
    from dataclasses import replace

    return replace(study, services=services)


def _placed_tables(known: Provision) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row per service, and one per place where a service has several."""
    import numpy as np

    from gapmap.place.confidential import protect
    from gapmap.vocabulary import columns

    rows = protect(known.placed)
    rows["counts_at_as_of"] = np.where(known.counting["counts"], "yes", "no")
    rows["counts_reason"] = known.counting["reason"]
    rows["last_known"] = known.counting["last_known"]
    first = ~rows["service_id"].duplicated()
    several = rows["service_id"].duplicated(keep=False)
    services = rows[first].reindex(columns=columns("placed_services"))
    places = rows[several].reindex(
        columns=["service_id", "location_id", *columns("placed_services")[1:]]
    )
    return services.reset_index(drop=True), places.reset_index(drop=True)


def _coverage(study: Study, known: Provision) -> pd.DataFrame:
    """Every level by every dimension."""
    import pandas as pd

    from gapmap.provision.coverage import coverage
    from gapmap.vocabulary import DIMENSIONS

    return pd.concat(
        [
            coverage(study, level=level, by=by, known=known)
            for level in dict.fromkeys(study.areas["level"])
            for by in DIMENSIONS
        ],
        ignore_index=True,
    )


def _evidence(study: Study) -> pd.DataFrame:
    import pandas as pd

    from gapmap.provision.evidence import evidence

    levels = dict.fromkeys(study.areas["level"])
    return pd.concat([evidence(study, level=level) for level in levels], ignore_index=True)


def _nearest(study: Study, known: Provision) -> tuple[pd.DataFrame, pd.DataFrame]:
    """People with the codes of their areas, and for each and every category the nearest service."""
    from gapmap.place.join import people_with_areas
    from gapmap.provision.evidence import study_categories
    from gapmap.travel.access import nearest_services
    from gapmap.travel.choose import choose_network
    from gapmap.travel.serving import serving

    settings = study.settings
    people = people_with_areas(study.people, study.areas, snap_metres=settings.snap_metres)
    sites, services = serving(known.placed, known.links, known.counting)
    network = choose_network(settings.travel_method, tolerance_metres=settings.network_tolerance)
    found = nearest_services(people, sites, services, network, categories=study_categories(study))
    return people, found


def _travel(study: Study, people: pd.DataFrame, nearest: pd.DataFrame) -> pd.DataFrame:
    """Travel of every level's areas, with their names."""
    import pandas as pd

    from gapmap.travel.access import access

    settings = study.settings
    names = dict(zip(study.areas["code"], study.areas["name"], strict=True))
    parts = []
    for level in dict.fromkeys(study.areas["level"]):
        table = access(
            people,
            nearest,
            by=f"{level}_code",
            weights=settings.weight,
            thresholds=settings.thresholds,
        )
        table["level"] = level
        table["area_name"] = table["area_code"].map(names)
        # People in no area of a level belong to none of its rows; the counts in run.json tell.
        parts.append(table[table["area_name"].notna()])
    travel = pd.concat(parts, ignore_index=True)
    first = ["level", "area_code", "area_name", "category"]
    return travel[first + [column for column in travel if column not in first]]


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


def _limited(
    study: Study, tables: Mapping[str, pd.DataFrame], area: str
) -> tuple[Study, dict[str, pd.DataFrame]]:
    """Study and tables with only what one area holds; travel was worked out before."""
    from dataclasses import replace

    from gapmap.errors import InputError
    from gapmap.place.geography import containers, resolve

    found = resolve([area], study.areas)
    if found.empty or not found["area_code"].iat[0]:
        note = found["note"].iat[0] if len(found) else "No area was named."
        raise InputError(str(note))
    code = found["area_code"].iat[0]
    around = containers(study.areas)
    keep = {one for one, inside in around.items() if code in inside} | {code}
    # An area of another level with the same councils is the same place.
    areas = study.areas[study.areas["code"].isin(keep)]
    limited = {
        name: table[table["area_code"].isin(keep)].reset_index(drop=True)
        if "area_code" in table and name != "links"
        else table
        for name, table in tables.items()
    }
    codes = [f"{level}_code" for level in dict.fromkeys(areas["level"])]
    services = limited["services"]
    near = [column for column in codes if column in services]
    from gapmap.place.join import join

    links = join(study.services.assign(easting=float("nan"), northing=float("nan")), study.areas)
    reaching = set(around.get(code, ())) | keep
    serves = set(links.loc[links["area_code"].isin(reaching), "service_id"])
    stands = services[near].isin(keep).any(axis=1)
    chosen = services[stands | services["service_id"].isin(serves)]
    limited["services"] = chosen.reset_index(drop=True)
    of_chosen = set(chosen["service_id"])
    limited["locations"] = limited["locations"][
        limited["locations"]["service_id"].isin(of_chosen)
    ].reset_index(drop=True)
    own = study.services[study.services["service_id"].isin(of_chosen)]
    people = study.people
    for column in codes:
        if column in people and people[column].isin(keep).any():
            people = people[people[column].isin(keep)]
            break
    nearest = limited["nearest"]
    limited["nearest"] = nearest[nearest["postcode"].isin(people.index)].reset_index(drop=True)
    return replace(study, areas=areas, services=own, people=people), limited


def _write(
    folder: Path,
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    counts: Mapping[str, Any],
    *,
    formats: Sequence[str],
    tell: Callable[[str], None],
    warnings: Sequence[str],
) -> None:
    """Everything that the folder holds; run.json last, since it marks a whole run."""
    from gapmap.report.documents import write_documents
    from gapmap.report.geopackage import write_geopackage
    from gapmap.report.tables import write_tables
    from gapmap.report.workbook import write_workbook
    from gapmap.show.figure import save_map
    from gapmap.show.interactive import interactive_map, save_interactive
    from gapmap.show.standard import standard_maps

    public = study.settings.public
    tell("Writing tables")
    write_tables(tables, folder / "tables", public=public)
    write_workbook(folder / "gapmap.xlsx", study, tables)
    write_geopackage(folder / "gapmap.gpkg", study, tables)

    tell("Drawing maps")
    (folder / "maps").mkdir()
    maps = {}
    for name, figure in standard_maps(study, tables).items():
        maps[name] = save_map(figure, folder / "maps" / name)
    page = interactive_map(
        study,
        **{name: tables[name] for name in ("coverage", "services", "gaps", "travel", "nearest")},
    )
    save_interactive(page, folder / "map.html")

    tell("Writing reports")
    write_documents(folder, study, tables, maps, formats=formats, level=_report_level(study))
    _write_record(folder, study, counts, warnings)


def _report_level(study: Study) -> str:
    """Boards have a report each; a study with none, or limited to less than one, its councils."""
    have = dict.fromkeys(study.areas["level"])
    return next((level for level in ("board", "council") if level in have), next(iter(have)))


def _write_record(
    folder: Path, study: Study, counts: Mapping[str, Any], warnings: Sequence[str]
) -> None:
    """run.json: versions, settings, inputs with checksums, counts, warnings, and the only clock."""
    import dataclasses
    import hashlib
    import json
    import platform
    from datetime import datetime
    from importlib.metadata import version

    import gapmap

    def plain(value: Any) -> Any:
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {
                field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)
            }
        if isinstance(value, dict) or hasattr(value, "items"):
            return {str(key): plain(item) for key, item in value.items()}
        if isinstance(value, (tuple, list)):
            return [plain(item) for item in value]
        return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)

    inputs = {
        name: {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        for name, path in sorted(study.inputs.items())
    }
    libraries = ("numpy", "pandas", "geopandas", "shapely", "scipy", "matplotlib", "folium")
    record = {
        "gapmap": gapmap.__version__,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in libraries},
        "settings": plain(study.settings),
        "inputs": inputs,
        "counts": plain(counts),
        "warnings": list(warnings),
    }
    text = json.dumps(record, indent=2, ensure_ascii=False, sort_keys=False)
    (folder / "run.json").write_text(text + "\n", encoding="utf-8")
