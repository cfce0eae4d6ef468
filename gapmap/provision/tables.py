"""What a run's tables say of services and areas: every level, every dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gapmap.place.confidential import is_confidential, protect
from gapmap.provision.coverage import coverage
from gapmap.provision.evidence import evidence
from gapmap.vocabulary import DIMENSIONS, columns

if TYPE_CHECKING:
    from gapmap.provision.coverage import Provision
    from gapmap.study import Study


def service_tables(known: Provision) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row per service, and one per place where a service has several.

    Parameters
    ----------
    known
        What ``gapmap.provision.coverage.provision`` found.

    Returns
    -------
    tuple of two DataFrames
        services, with the columns of ``TABLES["placed_services"]``, one row per service_id;
        locations, the same with location_id, every row of a service that has more than one.
        Confidential places are left out of both.

    Examples
    --------
    >>> import gapmap as gm
    >>> from gapmap.provision.coverage import provision
    >>> services, locations = service_tables(provision(gm.scotland()))
    >>> services["service_id"].is_unique
    True
    """
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


def coverage_table(study: Study, known: Provision, looked: pd.DataFrame) -> pd.DataFrame:
    """``coverage`` of every level by every dimension, in one table.

    Parameters
    ----------
    study, known, looked
        As for ``gapmap.provision.coverage.coverage``; evidence of every level.
    """
    return pd.concat(
        [
            coverage(study, level=level, by=by, known=known, looked=looked)
            for level in dict.fromkeys(study.areas["level"])
            for by in DIMENSIONS
        ],
        ignore_index=True,
    )


def evidence_table(study: Study) -> pd.DataFrame:
    """``evidence`` of every level, in one table.

    Parameters
    ----------
    study
        The study.
    """
    levels = dict.fromkeys(study.areas["level"])
    return pd.concat([evidence(study, level=level) for level in levels], ignore_index=True)


def links_table(known: Provision) -> pd.DataFrame:
    """The links of services to areas, with nothing that tells where a confidential house stands.

    Parameters
    ----------
    known
        What ``gapmap.provision.coverage.provision`` found.
    """
    hidden = known.links["row"].map(is_confidential(known.placed)).to_numpy(bool)
    # How far off a shore a house stands is a place too.
    links = known.links.assign(note=known.links["note"].where(~hidden, ""))
    return links.drop(columns="row").reset_index(drop=True)
