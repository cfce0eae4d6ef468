"""Places that must not be told: a refuge or a recovery house is known by its area and no finer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

#: Columns that tell, or help to tell, where a service stands.
TELLING = (
    "address",
    "town",
    "postcode",
    "easting",
    "northing",
    "latitude",
    "longitude",
    "grid_ref",
    "uprn",
    "placed_by",
    "snapped_metres",
    "disagree_metres",
    "doubt",
    "notes",
)


def is_confidential(services: pd.DataFrame) -> pd.Series:
    """Which rows have a place that must not be told.

    Parameters
    ----------
    services
        Column location_confidential; anything but a blank or "no" counts as yes, since a wrong
        yes hides a point and a wrong no endangers people.

    Returns
    -------
    pandas.Series
        bool, on the services' index.

    Examples
    --------
    >>> import pandas as pd
    >>> is_confidential(pd.DataFrame({"location_confidential": ["yes", "", "no"]})).tolist()
    [True, False, False]
    """
    import pandas as pd

    if "location_confidential" not in services:
        return pd.Series(False, index=services.index)
    said = services["location_confidential"].astype(object)
    said = said.where(said.notna(), "").astype(str).str.strip().str.lower()
    return ~said.isin(["", "no", "n", "false", "0", "nan"])


def protect(services: pd.DataFrame) -> pd.DataFrame:
    """The same rows, with everything that tells where a confidential service stands left out.

    Parameters
    ----------
    services
        Any frame of services, before or after placing. Area codes stay.

    Returns
    -------
    pandas.DataFrame
        A copy; text becomes "", numbers NaN; precision becomes ``area`` and reason says why.

    Examples
    --------
    >>> import pandas as pd
    >>> house = pd.DataFrame({"name": ["House"], "postcode": ["EH1 3DG"], "easting": [325750.0],
    ...                       "location_confidential": ["yes"]})
    >>> protect(house)[["postcode", "easting"]].values.tolist()
    [['', nan]]
    """
    import pandas as pd

    safe = services.copy()
    hidden = is_confidential(services).to_numpy()
    if not hidden.any():
        return safe
    for column in TELLING:
        if column in safe:
            blank = np.nan if pd.api.types.is_numeric_dtype(safe[column]) else ""
            safe.loc[hidden, column] = blank
    if "precision" in safe:
        safe.loc[hidden, "precision"] = "area"
    if "outcome" in safe:
        safe.loc[hidden & (safe["outcome"] == "used").to_numpy(), "outcome"] = "area_only"
    if "reason" in safe:
        safe.loc[hidden, "reason"] = "Its place is confidential: it is known by its area only."
    return safe


def protect_fields(fields: pd.DataFrame, services: pd.DataFrame) -> pd.DataFrame:
    """Whose each field is, without the fields that tell where a confidential service stands.

    Parameters
    ----------
    fields
        Columns service_id, field, value, other_value: what either list says of the place goes.
    services
        Columns service_id, location_confidential.

    Returns
    -------
    pandas.DataFrame
        A service that either list calls confidential is protected.

    Examples
    --------
    >>> import pandas as pd
    >>> fields = pd.DataFrame({"service_id": ["a", "a"], "field": ["name", "postcode"],
    ...                        "value": ["House", "EH1 3DG"], "other_value": ["", ""]})
    >>> rows = pd.DataFrame({"service_id": ["a"], "location_confidential": ["yes"]})
    >>> protect_fields(fields, rows)["field"].tolist()
    ['name']
    """
    hidden = set(services.loc[is_confidential(services), "service_id"])
    said = fields["field"] == "location_confidential"
    either = fields["value"].isin(["yes"]) | fields["other_value"].isin(["yes"])
    hidden |= set(fields.loc[said & either, "service_id"])
    telling = fields["field"].isin(TELLING) & fields["service_id"].isin(hidden)
    return fields[~telling].reset_index(drop=True)
