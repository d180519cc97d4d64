"""A notice to the public from a site's texts: French first, what is next, then its translation."""

from collections.abc import Mapping
from dataclasses import replace

from shared.facts.vocabulary import NoticeKind, Way
from shared.site.texts.alike_text import NOTHING, together
from shared.site.texts.letters import Correspondence
from shared.site.texts.public_lines import NEXT, OPENING, NextSteps
from shared.site.texts.templates import (
    TemplateText,
    join_paragraphs,
    render,
    template_of,
    text_of,
    texts_of,
)


def render_public(
    templates: Mapping[str, str],
    letter: Correspondence,
    steps: NextSteps,
    way: Way,
    language: str | None,
) -> TemplateText:
    """Renders a notice to the public with what is next, and its translation if it has one.

    `language`: the site's second one; `None`: it has none, or no room. Raises UnusableTemplate.
    """

    def parts() -> tuple[str, ...]:
        text = render(templates, letter, way)
        after = what_is_next(templates, steps, letter.kind, way)
        said = render_translated(templates, letter, steps, language) if language else NOTHING
        return text.subject, text.head, text.body, text.foot, text.opening, after, said

    values = {**vars(letter), **vars(steps), "way": way.value}
    if letter.reference != steps.reference:
        made = parts()
    else:
        made = texts_of(templates).parts(f"{letter.kind} {language}", values, parts)
    text = TemplateText(*made)
    return replace(text, language=language) if language and text.translation else text


def what_is_next(templates: Mapping[str, str], steps: NextSteps, kind: NoticeKind, way: Way) -> str:
    """Renders what a notice says comes next; may be empty. Raises UnusableTemplate."""
    return text_of(templates, NEXT, steps, way, kind)


def render_translated(
    templates: Mapping[str, str], context: Correspondence, steps: NextSteps, language: str
) -> str:
    """Renders an email to the public in another language, as far as the site translated it.

    Returns "" for a kind that has no translation. Raises UnusableTemplate.
    """
    folder, kind = f"{language}/", context.kind
    if f"{folder}{template_of(kind)}" not in templates:
        return NOTHING
    text = text_of(templates, f"{folder}{template_of(kind)}", context)
    line, after = (
        text_of(templates, name, values, kind=kind) if name in templates else NOTHING
        for name, values in ((f"{folder}{OPENING}", context), (f"{folder}{NEXT}", steps))
    )
    return together(_translated, text, line, after)


def _translated(text: str, line: str, after: str) -> str:
    first, _, body = text.partition("\n")
    return join_paragraphs(first.strip(), " ".join(line.split()), body.strip(), after)
