"""An explanation as one HTML file: it needs no network, and its content policy allows none.

The program travels as its JSON document, compressed and in base64, so that no name and no line of the user's code can
be read as markup; the viewer (`viewer/` in the source tree, bundled into `_assets/`) puts it on the page as text. The
content policy names the hashes of the one script and the one style sheet, and forbids everything else.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import zlib
from dataclasses import replace
from functools import cache
from importlib.resources import files

from chainrule.explain.document import written
from chainrule.explain.formulas.latex import latex
from chainrule.explain.formulas.mathml import mathml
from chainrule.explain.program import Program
from chainrule.explain.text.forms import text

LANGUAGES = ("en", "zh")

# Of zlib: higher levels take twice as long for a tenth less.
_COMPRESSION = 4

# A derivation of more steps than this is not something that one reads.
_MOST_STEPS = 60

_PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="chainrule">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<div id="page"></div>
<noscript>{fallback}</noscript>
<script type="application/octet-stream" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
"""


def page(program: Program, *, language: str = "en", redact_source: bool = False, title: str | None = None) -> str:
    """The page of a program, as the text of one HTML file.

    Parameters
    ----------
    program
        What is explained.
    language
        What the page speaks at first: "en" or "zh". The reader can change it.
    redact_source
        Leave out the text of the user's code and the names of files and folders; line numbers remain. Names and
        expressions of values, which the drawing consists of, remain too.
    title
        The title of the window. By default the program's.

    Raises
    ------
    ValueError
        There is no such language.

    Examples
    --------
    >>> written_page = page(Program("f", "y = x", [], [], (), None))
    >>> written_page[:15], "<script src" in written_page
    ('<!DOCTYPE html>', False)
    """
    if language not in LANGUAGES:
        raise ValueError(f"the page speaks {' and '.join(LANGUAGES)}, not {language!r}")
    if redact_source:
        program = _redacted(program)
    readable = len(program.nodes) <= _MOST_STEPS
    plain = text(program) if readable else ""
    forms = {
        "language": language,
        "text": plain,
        "latex": latex(program) if readable else "",
        "mathml": mathml(program) if readable else "",
    }
    # The program is JSON already; the rest of the object goes before it.
    document = f'{json.dumps(forms)[:-1]}, "program": {written(program)}}}'
    style, script = _asset("viewer.css"), _asset("viewer.js")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    whole = _PAGE.format(
        lang="zh-Hans" if language == "zh" else "en",
        policy=html.escape(policy, quote=True).replace("&#x27;", "'"),
        title=html.escape(program.title if title is None else title),
        style=style,
        fallback=f"<pre>{html.escape(plain)}</pre>",
        data=base64.b64encode(zlib.compress(document.encode("utf-8", "replace"), _COMPRESSION)).decode(),
        script=script,
    )
    # A name may hold half a character, which no file can.
    return whole.encode("utf-8", "replace").decode()


def _redacted(program: Program) -> Program:
    """A program without the text of the user's code, and without the names of files."""
    names = {file: f"file {n}" for n, file in enumerate(sorted({site.file for site in program.sites}), 1)}
    return replace(
        program,
        sites=[replace(site, file=names[site.file], text="") for site in program.sites],
        frames=[replace(frame, file=names.get(frame.file, "")) for frame in program.frames],
        sources=[],
    )


@cache
def _asset(name: str) -> str:
    return files("chainrule.explain").joinpath("_assets", name).read_text("utf-8").strip()


def _hash(text: str) -> str:
    """How a content policy names an inline script or style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
