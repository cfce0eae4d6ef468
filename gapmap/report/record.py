"""run.json: what a run was made with and from, and the only clock of a run's folder."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import gapmap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gapmap.study import Study


def write_record(
    folder: Path, study: Study, counts: Mapping[str, Any], warnings: Sequence[str]
) -> None:
    """Write run.json: versions, settings, inputs with checksums, counts in and out, warnings.

    Parameters
    ----------
    folder
        The run's folder.
    study
        The study as it was worked out.
    counts
        How many rows and people came in and what became of them.
    warnings
        Lines that a later reader should see.
    """

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
