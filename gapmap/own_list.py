"""A list of a person's own, laid on a study: her services, and what else her workbook tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from gapmap.study import Study


class WithOwn(NamedTuple):
    """A study with a person's own list on it.

    Parameters
    ----------
    study
        The study.
    faults
        What is wrong with her rows, as ``gapmap.check.services.check_services`` lists it.
    said
        What became of her list, a sentence each.
    """

    study: Study
    faults: pd.DataFrame
    said: list[str]


def with_own_list(
    study: Study, source: str, *, replace: bool = False, decisions: Path | None = None
) -> WithOwn:
    """Lay a file of services on a study.

    Parameters
    ----------
    study
        The study.
    source
        Any file that ``gapmap.read_services`` reads; a workbook of ``gapmap start``; a folder that
        ``gapmap survey read`` made. Of the last two the searches, contacts, referrals and the
        other linked tables are taken too.
    replace
        Her services instead of the study's.
    decisions
        A file of what is the same service (``gapmap duplicates`` makes it): her row of a service
        that the study has under another id is laid on that one.

    Returns
    -------
    WithOwn

    Raises
    ------
    FaultsError
        If the file as a whole cannot be used.
    GapmapError
        If it cannot be read.

    Examples
    --------
    >>> import gapmap as gm
    >>> laid = with_own_list(gm.scotland(), "my-services.xlsx")  # doctest: +SKIP
    """
    from dataclasses import replace as _replace

    from gapmap.check.linked import settled
    from gapmap.check.services import check_services
    from gapmap.errors import FaultsError
    from gapmap.provenance import disagreements
    from gapmap.read.own_workbook import own_tables
    from gapmap.read.services import read_services
    from gapmap.read.values import typed
    from gapmap.words import count_in_words, list_in_words, shown

    rows = read_services(source)
    faults = check_services(rows) if replace else faults_of(rows, study)
    whole_file = faults[(faults["row"] == 0) & (faults["severity"] == "error")]
    if len(whole_file):
        raise FaultsError(
            f"{source} cannot be used:\n"
            + "\n".join(f"- {row.problem} {row.remedy}" for row in whole_file.itertuples()),
            faults,
        )
    hers = typed(rows)
    hers["serves"] = _coded_areas(hers["serves"], study.areas)
    more = own_tables(source)
    before = set(study.services["service_id"])
    said: list[str] = []
    if decisions is not None:
        study, said = with_decisions(study, decisions, also=hers)
        hers, taken = _under_the_directorys_ids(hers, study)
        said += taken
    laid = study.with_services(hers, replace=replace)
    # A feed's licence asks that its attribution be printed wherever its data is shown.
    lines = (*study.settings.attribution, *rows.attrs.get("attribution", ()))
    laid = laid.with_settings(attribution=tuple(dict.fromkeys(lines)))
    for name, table in settled(_replace(study, tables=more.tables))[0].tables.items():
        laid, added = _with_rows(laid, name, table)
        if added:
            said.append(f"{count_in_words(added, 'row')} of {name} taken from the same file.")
    if not replace:
        differ = disagreements(laid.field_sources())
        if len(differ):
            services = differ["service_id"].nunique()
            said.append(
                f"Your list and the directory differ in {count_in_words(len(differ), 'field')} of "
                f"{count_in_words(services, 'service')}. Yours is used; tables/disagreements.csv "
                "shows both."
            )
    gone = [one for one in more.given if one not in set(hers["service_id"]) and one in before]
    if gone and not replace:
        names = study.services.drop_duplicates("service_id").set_index("service_id")["name"]
        told = list_in_words([shown(names[one], longest=60) for one in gone], limit=5)
        said.append(
            f"{count_in_words(len(gone), 'service')} that the workbook was made with "
            f"{'is' if len(gone) == 1 else 'are'} not in what you gave: {told}. "
            f"{'It is' if len(gone) == 1 else 'They are'} kept: a deleted row deletes nothing. If "
            "one has closed, give its row with status closed and the date."
        )
    return WithOwn(laid, faults, said)


def with_decisions(
    study: Study, path: Path, *, also: pd.DataFrame | None = None
) -> tuple[Study, list[str]]:
    """The study with the services of a file of decisions made one.

    Parameters
    ----------
    study
        The study.
    path
        Columns service_a, service_b, decision.
    also
        Rows that are laid on the study afterwards; decisions on these are not told as idle.

    Returns
    -------
    tuple
        The study, whose table ``duplicates`` has these decisions too, and what became of them.

    Raises
    ------
    InputError
        If the decisions contradict each other.
    FileError
        If the file cannot be read.
    """
    import pandas as pd

    from gapmap.check.duplicates import absent, read_decisions, resolved
    from gapmap.words import count_in_words

    known = pd.concat([study.table("duplicates"), read_decisions(path)], ignore_index=True)
    ids = set(study.services["service_id"]) | (set() if also is None else set(also["service_id"]))
    said = absent(known, ids)
    one = resolved(study.with_table("duplicates", known))
    fewer = len(study.services) - len(one.services)
    if fewer:
        said.append(f"{count_in_words(fewer, 'row')} made one with others, as {path.name} says.")
    return one, said


def _under_the_directorys_ids(hers: pd.DataFrame, study: Study) -> tuple[pd.DataFrame, list[str]]:
    """Her rows, those of services that the study has under other ids with these ids."""
    from gapmap.check.duplicates import merged, same_groups
    from gapmap.words import count_in_words

    decisions = study.table("duplicates")
    source = hers.attrs
    theirs = dict.fromkeys(study.services["service_id"])
    before = len(hers)
    hers, _ = merged(hers, decisions)
    ids: dict[str, str] = {}
    for group in same_groups(decisions):
        there = [one for one in theirs if one in group]
        if there:
            ids |= {one: there[0] for one in group if one not in theirs}
    meant = hers["service_id"].map(lambda one: ids.get(one, one))
    known = int((meant != hers["service_id"]).sum())
    hers = hers.assign(service_id=meant.astype("str"))
    hers.attrs = source
    said = []
    if before > len(hers):
        said.append(f"{count_in_words(before - len(hers), 'row')} of yours made one with others.")
    if known:
        said.append(
            f"{count_in_words(known, 'row')} of yours taken as services that the directory has "
            "under other ids, as you decided."
        )
    return hers, said


def _coded_areas(serves: pd.Series, areas: gpd.GeoDataFrame) -> pd.Series:
    """Areas by their codes, so that a name and its code are the same claim; others as they are."""
    from gapmap.place.geography import resolve
    from gapmap.vocabulary import SCOTLAND

    cells = {cell: [part.strip() for part in cell.split(";")] for cell in set(serves) if cell}
    found = resolve([part for parts in cells.values() for part in parts], areas)["area_code"]
    known = {claim: "Scotland" if code == SCOTLAND else code for claim, code in found.items()}
    meant = {
        cell: ";".join(dict.fromkeys(known.get(part) or part for part in parts if part))
        for cell, parts in cells.items()
    }
    return serves.map(lambda cell: meant.get(cell, "")).astype("str")


#: Columns by which a row of hers takes the place of one that is held; all, where none is named.
_SAME = {"referrals": ("service_id", "category", "area_code", "from_role")}


def _with_rows(study: Study, name: str, table: pd.DataFrame) -> tuple[Study, int]:
    """The study with further rows of a linked table; those that it has already are not told."""
    import pandas as pd

    held = study.table(name)
    if held.empty:
        return study.with_table(name, table.reset_index(drop=True)), len(table)
    shared = [column for column in table.columns if column in held]
    there = set(map(tuple, held[shared].fillna("").astype(str).to_numpy()))
    rows = map(tuple, table[shared].fillna("").astype(str).to_numpy())
    new = table[[row not in there for row in rows]]
    if new.empty:
        return study, 0
    if name in _SAME:
        keys = [column for column in _SAME[name] if column in shared]
        hers = set(map(tuple, new[keys].astype(str).to_numpy()))
        held = held[[row not in hers for row in map(tuple, held[keys].astype(str).to_numpy())]]
    both = pd.concat([held, new.reindex(columns=held.columns.union(new.columns, sort=False))])
    both = both.fillna("").astype("str").reset_index(drop=True)
    return study.with_table(name, both), len(new)


def faults_of(rows: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The faults of a file of services; of a workbook of ``gapmap start`` only of what she changed.

    A row that she left as the workbook had it is not her fault; one that she changed is looked at
    with what the study holds in the cells that she left blank, since that is what will be used.

    Parameters
    ----------
    rows
        As ``gapmap.read_services`` gives them.
    study
        The study that they are laid on.

    Returns
    -------
    pandas.DataFrame
        As ``gapmap.check.services.check_services`` gives it.

    Examples
    --------
    >>> import gapmap as gm
    >>> faults_of(gm.read_services("my-services.xlsx"), gm.scotland())  # doctest: +SKIP
    """
    import pandas as pd

    from gapmap.check.services import check_services
    from gapmap.read.values import typed
    from gapmap.vocabulary import columns

    faults = check_services(rows)
    if not rows.attrs.get("own_workbook"):
        return faults
    hers = typed(rows)
    hers["serves"] = _coded_areas(hers["serves"], study.areas)
    laid = study.with_services(hers)
    fields = laid.field_sources()
    words = fields[fields["whose"] == "own"]
    changed = set(words["service_id"])
    known = set(study.services["service_id"])
    untouched = hers["service_id"].isin(known) & ~hers["service_id"].isin(changed)
    mine = faults[~faults["row"].isin(set(rows.index[untouched.to_numpy()]))]
    partly = hers["service_id"].isin(known & changed).to_numpy()
    if not partly.any():
        return mine.reset_index(drop=True)
    used = laid.services.drop_duplicates(["service_id", "location_id"])
    used = used.set_index(["service_id", "location_id"])
    full = rows[partly].reindex(columns=columns("services"), fill_value="").astype(object)
    keys = list(zip(hers.loc[partly, "service_id"], hers.loc[partly, "location_id"], strict=True))
    for name in full.columns:
        for label, key in zip(full.index, keys, strict=True):
            if not str(full.at[label, name]).strip() and key in used.index and name in used:
                value = used.at[key, name]
                full.at[label, name] = "" if value != value else value
    full.attrs = {**rows.attrs, "renamed": {}, "proposed": {}, "unrecognised": []}
    seen = check_services(full)
    there = mine[~mine["row"].isin(set(full.index))]
    seen = seen[seen["row"] != 0]
    return pd.concat([there, seen]).sort_values("row", kind="stable").reset_index(drop=True)
