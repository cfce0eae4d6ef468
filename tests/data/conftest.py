"""Lets the tests of the bundled data load the build scripts, which are no package."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="session")
def data() -> Path:
    return DATA


@pytest.fixture(scope="session")
def script() -> Callable[[str], ModuleType]:
    """Loads data/build/NAME.py, with its neighbours importable while it loads."""

    def load(name: str) -> ModuleType:
        sys.path.insert(0, str(DATA / "build"))
        try:
            spec = importlib.util.spec_from_file_location(
                f"build_{name}", DATA / "build" / f"{name}.py"
            )
            module = importlib.util.module_from_spec(spec)
            # Dataclasses look their module up by name while it loads.
            sys.modules[spec.name] = module
            spec.loader.exec_module(module)
        finally:
            sys.path.remove(str(DATA / "build"))
        return module

    return load
