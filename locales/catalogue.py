"""Keep the catalogues and the code in step.

`python -m locales.catalogue update` rewrites messages.pot and merges it into both catalogues (English translates
itself); `python -m locales.catalogue check` prints every entry that is missing, fuzzy, unused, or whose placeholders
or tags differ from the msgid's, and exits 1.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent
LOCALES = ("zh_Hans", "en")
KEYWORDS = {"say": None, "sentence": None, "count": (1, 2)}
# Integrations speak protocols; what people read is said by Muster itself.
SOURCES = ("bot", "handlers")
# Templates say `{{ say("…") }}`. Scripts say nothing of their own: Python gives them their table of sentences.
TEMPLATES = "web/templates/**.html"
METHODS = [("**.py", "python"), (TEMPLATES, "jinja2")]
# A template that cannot be read is an error, not one without sentences.
OPTIONS = {TEMPLATES: {"silent": "false"}}
_MARK = re.compile(r"\{[a-z_]+\}|</?[a-z]+>|/[a-z]+\b")


def extract() -> Catalog:
    """All sentences of the code, as a template."""
    template = Catalog(project="Muster", charset="utf-8", fuzzy=False)
    for source in SOURCES:
        found = extract_from_dir(
            str(ROOT / source), keywords=KEYWORDS, method_map=METHODS, options_map=OPTIONS
        )
        for name, _line, message, comments, context in sorted(found, key=lambda item: (item[0], item[1])):
            template.add(
                message, locations=[(f"{source}/{name}", 0)], auto_comments=comments, context=context
            )
    return template


def path_of(locale: str) -> Path:
    """The locale's catalogue."""
    return FOLDER / locale / "LC_MESSAGES" / "messages.po"


def load(locale: str) -> Catalog:
    """The locale's catalogue as it is on disk, empty when there is none yet."""
    if not path_of(locale).exists():
        return Catalog(locale=locale, charset="utf-8", fuzzy=False)
    with path_of(locale).open("rb") as file:
        return read_po(file, locale=locale)


def update() -> None:
    """Rewrite the template and merge it into the catalogues."""
    template = extract()
    _write(FOLDER / "messages.pot", template)
    for locale in LOCALES:
        catalogue = load(locale)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        for entry in catalogue:
            if entry.id and locale == "en":
                entry.string = entry.id
        path_of(locale).parent.mkdir(parents=True, exist_ok=True)
        _write(path_of(locale), catalogue)


def problems() -> Iterator[str]:
    """One line for each thing that is wrong."""
    template = extract()
    wanted = {_key(entry): entry for entry in template if entry.id}
    for locale in LOCALES:
        catalogue = load(locale)
        have = {_key(entry): entry for entry in catalogue if entry.id}
        yield from (f"{locale}: missing: {key}" for key in wanted.keys() - have.keys())
        yield from (f"{locale}: unused: {key}" for key in have.keys() - wanted.keys())
        yield from (f"{locale}: obsolete: {key}" for key in catalogue.obsolete)
        for key in wanted.keys() & have.keys():
            yield from (f"{locale}: {problem}: {key}" for problem in _faults(have[key]))
    if (FOLDER / "messages.pot").read_bytes() != _bytes(template):
        yield "messages.pot: out of date"


def _faults(entry: Message) -> Iterator[str]:
    if entry.fuzzy:
        yield "fuzzy"
    strings = [entry.string] if isinstance(entry.string, str) else list(entry.string or [""])
    if not all(strings):
        yield "not translated"
        return
    ids = [entry.id] if isinstance(entry.id, str) else list(entry.id)
    for string in strings:
        if sorted(_MARK.findall(string)) not in [sorted(_MARK.findall(msgid)) for msgid in ids]:
            yield "placeholders, tags or commands differ"


def _key(entry: Message) -> str:
    return entry.id if isinstance(entry.id, str) else entry.id[0]


def _bytes(catalogue: Catalog) -> bytes:
    buffer = BytesIO()
    write_po(buffer, catalogue, omit_header=False, sort_output=True, no_location=True, width=110)
    text = buffer.getvalue().decode()
    return re.sub(r'"(POT-Creation-Date|PO-Revision-Date): .*\n', "", text).encode()


def _write(path: Path, catalogue: Catalog) -> None:
    path.write_bytes(_bytes(catalogue))


def main() -> int:
    """Run one of the two jobs."""
    if sys.argv[1:] == ["update"]:
        update()
        return 0
    found = sorted(problems())
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
