"""Write the pages of the gallery: one for each program in `docs/gallery`, and an index.

    python scripts/write_gallery.py [FOLDER]

writes to `docs/_build/gallery` unless a folder is named. The pictures of small programs, which `docs/gallery/README.md`
shows, are written anew beside them.
"""

from __future__ import annotations

import ast
import html
import re
import runpy
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import chainrule as cr

ROOT = Path(__file__).resolve().parents[1]
GALLERY = ROOT / "docs" / "gallery"
PAGES = ROOT / "docs" / "_build" / "gallery"

# A picture of more characters is not kept with the sources.
LARGEST_PICTURE = 32_000

INDEX = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>chainrule: gallery</title>
<style>body {{ font: 1rem/1.5 system-ui; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }}</style>
<h1>Gallery</h1>
{entries}
</html>
"""


def programs() -> list[Path]:
    """The programs of the gallery, in the order in which its README lists them."""
    listed = re.findall(r"\]\((\w+)\.py\)", (GALLERY / "README.md").read_text(encoding="utf-8"))
    return [GALLERY / f"{name}.py" for name in listed]


def explained(program: Path) -> Any:
    """The explanation of a program: of `FUNCTION`, at `POINT`, with respect to the arguments `ARGNUMS`."""
    names = runpy.run_path(str(program))
    with np.errstate(all="ignore"):
        return cr.explain(names["FUNCTION"], *names["POINT"], argnums=names["ARGNUMS"])


def what_to_see(program: Path) -> tuple[str, str]:
    """The title of a program and what its docstring says beside it."""
    title, _, rest = (ast.get_docstring(ast.parse(program.read_text(encoding="utf-8"))) or "").partition("\n\n")
    return title, rest


def picture(explanation: Any) -> str:
    """The drawing without the numbers that it carries for programs."""
    return re.sub(r"<metadata.*?</metadata>\n?", "", explanation.svg(), flags=re.DOTALL)


def write(folder: Path) -> None:
    """Write all pages, with a line for each."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    files = programs()
    for k, program in enumerate(files, 1):
        began = time.perf_counter()
        explanation = explained(program)
        page = folder / f"{program.stem}.html"
        explanation.save(page)
        drawing = picture(explanation)
        if len(drawing) <= LARGEST_PICTURE:
            (GALLERY / f"{program.stem}.svg").write_text(drawing, encoding="utf-8")
        title, rest = what_to_see(program)
        entries.append(
            f'<h2><a href="{page.name}">{html.escape(title)}</a></h2>\n<p>{html.escape(rest).replace("`", "")}</p>'
        )
        size, seconds = page.stat().st_size // 1000, time.perf_counter() - began
        print(f"[{k}/{len(files)}] {page.name}: {size} kB in {seconds:.1f} s", file=sys.stderr)
    (folder / "index.html").write_text(INDEX.format(entries="\n".join(entries)), encoding="utf-8")
    print(folder / "index.html")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else PAGES)
