"""Whether the templates of a folder say what they must, tried on made-up notices.

Each is parsed, rendered by mail and on paper with contexts full of distinctive values, and searched
for what its kind has to hold (CRPA R112-5 and R112-11-1 for acknowledgements).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

from jinja2 import TemplateSyntaxError, meta

from shared.calendar.local_days import plain_day
from shared.facts.envelope import Chrono
from shared.facts.vocabulary import NoticeKind, Way
from shared.site.checks.validation_errors import Wrong, near
from shared.site.checks.yaml_lines import Path
from shared.site.texts.by_way import asks_for_a_mail
from shared.site.texts.letters import Correspondence
from shared.site.texts.pages import Inside
from shared.site.texts.public_lines import HARD_WORDS, LONGEST_OPENING, NEXT, OPENING, NextSteps
from shared.site.texts.public_notice import render_translated, what_is_next
from shared.site.texts.samples import samples
from shared.site.texts.templates import (
    CONTEXTS,
    DEFAULTS,
    FRAMES,
    UnusableTemplate,
    environment_of,
    opening,
    render,
    template_of,
)

SUFFIX = ".txt.j2"


def check_templates(templates: Mapping[str, str]) -> Sequence[Wrong]:
    """Checks a site's text templates on made-up notices; a mistake has the line as its path."""
    return _check(tuple(sorted(templates.items())))


@lru_cache(maxsize=2)
def _check(texts: tuple[tuple[str, str], ...]) -> Sequence[Wrong]:
    # Compiling them is nine tenths of a check, and they change less often than the tables.
    return tuple(_mistakes(dict(texts)))


def _mistakes(templates: Mapping[str, str]) -> Iterator[Wrong]:
    expected = {*FRAMES, *(template_of(kind) for kind in CONTEXTS)}
    for name in sorted(expected - templates.keys() - DEFAULTS.keys()):
        yield _wrong(name, 1, "no such file", f"the text of '{name.removesuffix(SUFFIX)}'")
    for name in sorted(templates.keys() - expected):
        if not _base(name).startswith("_") and not (
            _is_translated(name) and _base(name) in expected
        ):
            yield _wrong(name, 1, "an unknown file", f"a kind of notice{near(name, expected)}")
    unsound = list(_parse(templates))
    yield from unsound
    if not unsound and expected <= templates.keys() | DEFAULTS.keys():
        for kind in CONTEXTS:
            yield from _say_what_they_must(templates, kind)
        yield from _open_plainly(templates)
        yield from _say_what_is_next(templates)
        yield from _translate(templates)


def _parse(templates: Mapping[str, str]) -> Iterator[Wrong]:
    environment = environment_of(templates)
    for name, text in sorted(templates.items()):
        try:
            tree = environment.parse(text, name, name)
            environment.get_template(name)
        except TemplateSyntaxError as error:
            yield _wrong(name, error.lineno, str(error.message), "a Jinja template")
            continue
        except RecursionError:
            yield _wrong(name, 1, "too many levels", "a plainer template")
            continue
        for included in meta.find_referenced_templates(tree):
            if included not in templates:
                what = f"the template {included}"
                yield _wrong(name, 1, what, f"a file that exists{near(included or '', templates)}")
        if _base(name).startswith("_"):
            continue  # its variables may be a loop's: rendering tells
        known = _variables(_base(name))
        for variable in sorted(meta.find_undeclared_variables(tree) - known):
            line = _line_of(text, variable)
            yield _wrong(
                name,
                line,
                f"the variable '{variable}'",
                f"one of its context{near(variable, known)}",
            )


def _variables(name: str) -> set[str]:
    """What a template may name: its kind's fields, or for a frame those of every kind it frames."""
    if name == NEXT:
        return {"way", "kind", *NextSteps.__dataclass_fields__}
    if name == OPENING:
        return {"way", "kind", *Correspondence.__dataclass_fields__}
    if name in FRAMES:
        context = Inside if name == "foot.inside.txt.j2" else Correspondence
        return {"way", *context.__dataclass_fields__}
    own = (kind for kind in CONTEXTS.values() if template_of(kind.kind) == name)
    return {"way", *(field for kind in own for field in kind.__dataclass_fields__)}


def _say_what_they_must(templates: Mapping[str, str], kind: NoticeKind) -> Iterator[Wrong]:
    name = template_of(kind)
    for sample in samples(kind):
        ways = (Way.MAIL,) if isinstance(sample, Inside) else tuple(Way)
        for way in ways:
            try:
                text = render(templates, sample, way)
            except UnusableTemplate as error:
                yield _wrong(name, 1, f"an error by {way} ({error})", "a text for every notice")
                return
            if not text.subject or not text.body:
                yield _wrong(name, 1, "no subject or no body", "a line, an empty line, the text")
            said = _flat(f"{text.subject}\n{text.whole}")
            if way is Way.PAPER and asks_for_a_mail(said):
                yield _wrong(name, 1, "« répondez à ce message » on paper", "`way` asked first")
            for words in getattr(sample, "must_say", ()):
                if words not in said.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"):
                    yield _wrong(name, 1, f"no « {words} » by {way}", "these words of R112-11-1")
            for must in sample.must_show:
                lacking = [text for text in _texts(sample, must) if _flat(text) not in said]
                if lacking:
                    yield _wrong(name, 1, f"no '{must}' by {way}", f"it in the text of '{kind}'")


def _open_plainly(templates: Mapping[str, str]) -> Iterator[Wrong]:
    letters = (sample for kind in CONTEXTS for sample in samples(kind)[:1])
    for sample in letters:
        if not isinstance(sample, Correspondence):
            continue
        try:
            hard = hard_to_read(opening(templates, sample, sample.kind, Way.MAIL))
        except UnusableTemplate as error:
            yield _wrong(OPENING, 1, f"an error ({error})", "a line for every notice")
            return
        if hard:
            expected = "one short sentence in plain words"
            yield _wrong(OPENING, 1, f"{hard} for '{sample.kind}'", expected)


def hard_to_read(line: str) -> str:
    """Returns what makes a first line hard to read: its length or a word; "" for a plain one."""
    if not 0 < len(line) <= LONGEST_OPENING:
        return f"{len(line)} characters"
    words = line.lower().replace("\u00a0", " ")
    return next((f"the word '{word}'" for word in HARD_WORDS if word in words), "")


def _say_what_is_next(templates: Mapping[str, str]) -> Iterator[Wrong]:
    code = NextSteps(
        reference=Chrono("99-2031-A-004321"), page="https://x.example/suivi", code="K7QF-2MWX-3A"
    )
    for kind in (NoticeKind.RECEIPT, NoticeKind.PIECES):
        for steps in (code, NextSteps(reference=code.reference)):
            try:
                said = what_is_next(templates, steps, kind, Way.PAPER)
            except UnusableTemplate as error:
                yield _wrong(NEXT, 1, f"an error ({error})", "a text for every notice")
                return
            if any(value not in said for value in (steps.page, steps.code)):
                yield _wrong(NEXT, 1, "no page or code", "how the letter is followed")


def _base(name: str) -> str:
    return name.rpartition("/")[2]


def _is_translated(name: str) -> bool:
    return re.match(r"[a-z]{2}/", name) is not None


def _translate(templates: Mapping[str, str]) -> Iterator[Wrong]:
    languages = sorted({name[:2] for name in templates if _is_translated(name)})
    for name in (f"{language}/{OPENING}" for language in languages):
        if name not in templates:
            yield _wrong(name, 1, "no file", "the line that says which language is binding")
    every = (sample for kind in CONTEXTS for sample in samples(kind))
    for sample in (sample for sample in every if isinstance(sample, Correspondence)):
        steps = NextSteps(reference=sample.reference)
        for language in languages:
            name = f"{language}/{template_of(sample.kind)}"
            try:
                said = render_translated(templates, sample, steps, language)
            except UnusableTemplate as error:
                yield _wrong(name, 1, f"an error ({error})", "a text for every notice")
                continue
            if said and sample.reference not in said:
                yield _wrong(name, 1, "no 'reference'", f"it in the text of '{sample.kind}'")


def _texts(sample: object, path: str) -> list[str]:
    """The value of a dotted name as a text would hold it; of a list, each of its values."""
    value: object = sample
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, tuple) else getattr(value, step)
    values = value if isinstance(value, tuple) else (value,)
    return [
        plain_day(value) if isinstance(value, date) else str(getattr(value, "after", value))
        for value in values
    ]


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _line_of(text: str, variable: str) -> int:
    pattern = re.compile(rf"\b{re.escape(variable)}\b")
    return next((n for n, line in enumerate(text.splitlines(), 1) if pattern.search(line)), 1)


def _wrong(name: str, line: int, found: str, expected: str) -> Wrong:
    path: Path = (line,)
    return Wrong(f"templates/{name}", path, found, expected)
