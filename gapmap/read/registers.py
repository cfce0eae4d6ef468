"""Registers of Scotland that are known by their columns: what each column is, and what to print."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from gapmap.read.synonyms import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class Register:
    """A register and what is known of its shape.

    Parameters
    ----------
    name
        What it is called.
    marks
        Columns (written plainly) by which it is known; all must be there.
    columns
        Its column, written plainly -> ours, beyond what the table of synonyms has; of several for
        one of ours, the first that is there is taken.
    attribution
        To be printed wherever its data is shown.
    """

    name: str
    marks: frozenset[str]
    columns: Mapping[str, str]
    attribution: str


#: The registers, the most particular first.
REGISTERS = (
    Register(
        "Care Inspectorate datastore",
        frozenset(["csnumber", "servicename", "careservice"]),
        MappingProxyType({"careservice": "category", "serviceprovider": "organisation"}),
        "Contains Care Inspectorate data, licensed under the Open Government Licence v3.0.",
    ),
    Register(
        "A cut of the Care Inspectorate datastore",
        frozenset(["cs number", "subtype"]),
        MappingProxyType({"subtype": "category"}),
        "Contains Care Inspectorate data, licensed under the Open Government Licence v3.0.",
    ),
    Register(
        "NHS hospitals (open data)",
        frozenset(["hospitalcode", "hospitalname"]),
        MappingProxyType({"xcoordinate": "easting", "ycoordinate": "northing"}),
        "Contains Public Health Scotland data, licensed under the Open Government Licence v3.0.",
    ),
    Register(
        "GP practices (open data)",
        frozenset(["practicecode", "gppracticename"]),
        MappingProxyType({}),
        "Contains Public Health Scotland data, licensed under the Open Government Licence v3.0.",
    ),
)


def recognise(columns: Iterable[str]) -> tuple[Register, dict[str, str]] | None:
    """The register that these columns are of, and a mapping of its columns to ours.

    Examples
    --------
    >>> register, mapping = recognise(["CSNumber", "ServiceName", "CareService"])
    >>> register.name, mapping
    ('Care Inspectorate datastore', {'CareService': 'category'})
    >>> recognise(["name", "postcode"]) is None
    True
    """
    by_plain = {plain(name): name for name in columns}
    for register in REGISTERS:
        if register.marks <= set(by_plain):
            mapping: dict[str, str] = {}
            for theirs, ours in register.columns.items():
                if theirs in by_plain and ours not in mapping.values():
                    mapping[by_plain[theirs]] = ours
            return register, mapping
    return None
