"""Services whose provider did not agree to be published: they are in no public product."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gapmap.place.geography import containers
from gapmap.place.join import claims, place
from gapmap.vocabulary import SCOTLAND
from gapmap.words import count_in_words

if TYPE_CHECKING:
    import pandas as pd

    from gapmap.study import Study


def refused(services: pd.DataFrame) -> pd.Series:
    """Which rows belong to a service that must not be published.

    A service is out as a whole if one of its rows says no.

    Parameters
    ----------
    services
        Columns service_id and, if known, consent_to_publish.

    Returns
    -------
    pandas.Series
        bool, on the services' index.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"service_id": ["a", "b"], "consent_to_publish": ["no", ""]})
    >>> refused(rows).tolist()
    [True, False]
    """
    import pandas as pd

    if "consent_to_publish" not in services:
        return pd.Series(False, index=services.index)
    no = services["consent_to_publish"] == "no"
    return services["service_id"].isin(set(services.loc[no, "service_id"]))


def publishable(study: Study) -> Study:
    """The study without the services whose provider did not agree to be published.

    Where one is left out, the searches of its kind in its areas are left out too: else a public
    report would say "looked, found none" of a place where something is known to be.

    Parameters
    ----------
    study
        A study.

    Returns
    -------
    Study
        With one more line of what is approximate, where anything was left out; rows of linked
        tables that name such a service are gone with it.

    Examples
    --------
    >>> import gapmap as gm
    >>> study = gm.scotland()
    >>> publishable(study) is study
    True
    """
    out = refused(study.services)
    if not out.any():
        return study
    hidden = study.services[out]
    ids = set(hidden["service_id"])
    tables = {}
    for name, table in study.tables.items():
        kept = table[~table["service_id"].isin(ids)] if "service_id" in table else table
        tables[name] = kept.reset_index(drop=True)
    if len(study.table("searches")):
        tables["searches"] = _without_absences(study, hidden)
    told = (
        f"{count_in_words(len(ids), 'service')} left out, since the provider did not agree to be "
        "published; of that kind of service nothing is said there."
    )
    settings = replace(study.settings, approximate=(*study.settings.approximate, told))
    kept_rows = study.services[~out].reset_index(drop=True)
    kept_rows.index.name = study.services.index.name
    merged = study.merged
    if merged is not None:
        merged = merged[~merged["service_id"].isin(ids)].reset_index(drop=True)
    return replace(study, services=kept_rows, settings=settings, tables=tables, merged=merged)


def _without_absences(study: Study, hidden: pd.DataFrame) -> pd.DataFrame:
    """The searches, but for those of a hidden service's kind in an area of its own."""
    around = containers(study.areas)
    stated = claims(hidden, study.areas, service_areas=study.table("service_areas"))
    placed = place(hidden, study.areas)
    levels = [f"{level}_code" for level in dict.fromkeys(study.areas["level"])]
    near: set[tuple[str, str]] = set()
    for row, category in hidden["category"].items():
        mine = set(stated.loc[stated["row"] == row, "area_code"]) | set(placed.loc[row, levels])
        mine -= {""}
        if SCOTLAND in mine:
            mine |= set(around)
        wider = {whole for code in mine for whole in around.get(code, frozenset({code}))}
        inside = {code for code, whole in around.items() if whole & mine}
        near |= {(code, category) for code in wider | inside | {SCOTLAND}}
    searches = study.table("searches")
    pairs = zip(searches["area_code"], searches["category"], strict=True)
    return searches[[pair not in near for pair in pairs]].reset_index(drop=True)
