"""Prints the README's command that follows a marker, so that CI runs exactly what people read."""

import re
import sys
from pathlib import Path

readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
found = re.search(rf"<!-- {sys.argv[1]} command -->\s*```sh\n(.+?)\n```", readme, re.DOTALL)
if found is None:
    sys.exit(f"README.md has no command marked {sys.argv[1]}")
print(found[1])
