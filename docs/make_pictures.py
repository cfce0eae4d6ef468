"""Draws the pictures of the gallery: python docs/make_pictures.py [NAME ...].

Each block of code in maps.md that a picture follows is run as it is printed, on the bundled study;
its `figure` becomes that picture. pictures.json keeps what each says, so that a test can tell when
a picture is no longer what its code draws.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import sys
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

import gapmap as gm
from gapmap.run import work_out
from gapmap.show.figure import MapFigure, alt_text, numbers, save_map

HERE = Path(__file__).parent
PAGE = HERE / "maps.md"
RECORD = HERE / "pictures" / "pictures.json"

_PART = re.compile(r"```python\n(.*?)```|!\[[^\]]*\]\(pictures/([\w-]+)\.png\)", re.DOTALL)


def figures(page: str, space: dict[str, Any]) -> dict[str, MapFigure]:
    """Run the page's code in order; the figure that stands before each picture, by its name."""
    made: dict[str, MapFigure] = {}
    for code, name in _PART.findall(page):
        if code:
            exec(compile(code, str(PAGE), "exec"), space)
        # The interactive map's picture is taken in a browser, and follows no figure of its own.
        elif space["figure"] not in made.values():
            made[name] = space["figure"]
    return made


def bundled() -> dict[str, Any]:
    """What the page takes for granted: the study and a run's tables."""
    return {"gm": gm, "tables": work_out(gm.scotland()).tables}


def told(figure: MapFigure) -> dict[str, str]:
    """What a picture says, without its dots: the same with any font and on any machine."""
    table = numbers(figure).map(lambda one: f"{one:.4g}" if isinstance(one, float) else str(one))
    text = table.to_csv(index=False, lineterminator="\n")
    return {
        "title": figure.gapmap_title,
        "alt": alt_text(figure),
        "numbers": hashlib.sha256(text.encode()).hexdigest()[:16],
    }


def small(figure: MapFigure) -> bytes:
    """A picture for the screen: few bytes, the same each time."""
    with TemporaryDirectory() as folder:
        (file,) = save_map(figure, Path(folder) / "picture", formats=("png",), dpi=140)
        with Image.open(file) as sharp:
            picture = sharp.convert("RGB")
    few = picture.quantize(96, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, "png", optimize=True)
    return out.getvalue()


def main(names: list[str]) -> None:
    """Draw the pictures named, or all, and write down what each says."""
    record = json.loads(RECORD.read_text("utf-8")) if RECORD.is_file() else {}
    with TemporaryDirectory() as folder, chdir(folder):  # the page saves files
        made = figures(PAGE.read_text("utf-8"), bundled())
    for name, figure in made.items():
        if not names or name in names:
            (RECORD.parent / f"{name}.png").write_bytes(small(figure))
            record[name] = told(figure)
    kept = {name: record[name] for name in made}
    RECORD.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
