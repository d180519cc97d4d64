"""The texts of a site: which files `templates/` holds, and how they become a notice.

A file is named after its kind (`receipt.txt.j2`). Its first line is the subject, then an empty
line, then the body: paragraphs divided by empty lines, lists whose lines begin with `- `. The same
body leaves by mail and on paper; head and foot are `head.mail.txt.j2`, `foot.mail.txt.j2`,
`head.paper.txt.j2`, `foot.paper.txt.j2`, and `foot.inside.txt.j2` for our own people; the plain
first line and what is next stand in `opening.txt.j2` and `next.txt.j2` (public_lines.py); a folder
named after a second language (`en/`) has translations under the same names. The
variables are the fields of the kind's context (letters.py, pages.py), `kind`, and `way` (`mail` or
`paper`).

Filters: `jour` (11 mai 2026), `heure` (9 h 05), `nombre('jour ouvré', 'jours ouvrés')`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import DictLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from shared.calendar.local_days import plain_day, plain_hour
from shared.errors import PermanentFailure
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.template_cache import COMPILED
from shared.site.texts import public_lines
from shared.site.texts.alike_text import together
from shared.site.texts.alike_texts import AlikeTexts
from shared.site.texts.letters import (
    Correspondence,
    HoldingReply,
    PiecesRequest,
    Pointer,
    ReceiptTexts,
    Rectification,
    Reply,
    Simple,
    Sva,
    Svr,
    Transfer,
)
from shared.site.texts.meetings import TEXT, MeetingNews
from shared.site.texts.pages import (
    Alert,
    DigestTexts,
    ExerciseMail,
    Inside,
    PersonChangeMail,
    Roots,
    Weekly,
)
from shared.site.texts.public_lines import NEXT, OPENING, NextSteps

CONTEXTS: Mapping[NoticeKind, type[Correspondence] | type[Inside] | type[MeetingNews]] = {
    kind.kind: kind
    for kind in (
        ReceiptTexts,
        Simple,
        Svr,
        Sva,
        HoldingReply,
        PiecesRequest,
        Transfer,
        Pointer,
        Reply,
        Rectification,
        DigestTexts,
        Weekly,
        Alert,
        PersonChangeMail,
        ExerciseMail,
        MeetingNews,
        Roots,
    )
}
"""The context of each kind of notice: its fields are the variables of the template."""

FRAMES = (
    "head.mail.txt.j2",
    "foot.mail.txt.j2",
    "head.paper.txt.j2",
    "foot.paper.txt.j2",
    "foot.inside.txt.j2",
    OPENING,
    NEXT,
)
"""What stands around a body."""

DEFAULTS: Mapping[str, str] = {
    **public_lines.DEFAULTS,
    "person_changed.txt.j2": """{{ what }}


Bonjour {{ first_name }},

{{ what }}, le {{ at|jour }} à {{ at|heure }}, par {{ by }}.

Si ce n’est pas ce que vous attendiez, dites-le aujourd’hui au chef du bureau du courrier.
Votre page :
{{ url }}
""",
    "exercise.txt.j2": """EXERCICE jusqu’au {{ until }}, ceci n’est pas une alerte ({{ code }})

EXERCICE : ceci n’est pas une alerte, il n’y a rien à faire ni à répondre.

{{ text }}

Fin de l’exercice de la {{ authority }}.
""",
    "meeting.txt.j2": TEXT,
    "roots.txt.j2": """Empreintes du registre, {{ seals[-1].day|jour }}


{% if not outside %}
Bonjour {{ first_name }},

{% endif %}
{% for seal in seals %}
{{ seal.day|jour }}{{ ', scellée à ' ~ seal.at|heure if seal.at }},
{%- set n = seal.chains %} {{ n|nombre('histoire', 'histoires') }} :
{{ seal.root }}
{% endfor %}
{% if before %}
Et {{ before|nombre('autre, plus ancienne', 'autres, plus anciennes') }}, que la dernière contient.
{% endif %}

À garder, sans rien faire : tout changement de ce qui précède la contredirait.
{% if outside %}
Pour comparer : python3 verifier.py --root EMPREINTE, dans toute preuve de courrier.
{% else %}
Pour comparer : {{ desk_url }}/preuve
{% endif %}
""",
}
"""Texts of kinds that a site need not write."""

_UNUSABLE = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a template raises, once given a context it did not expect."""
_LATEST = dict[int, tuple[Mapping[str, str], AlikeTexts]]()


class UnusableTemplate(PermanentFailure):
    """Raised when a template that passed the site check can't be rendered with these values."""


@dataclass(frozen=True)
class TemplateText:
    """The rendered text of a notice by its parts, in this order; each paragraph is one line."""

    subject: str
    head: str
    body: str
    foot: str
    opening: str = ""
    """The plain first line of a text to the public, above its body."""
    after: str = ""
    """What is next, below the body and its signature."""
    translation: str = ""
    """The same in the site's second language, its first line a heading."""
    language: str = ""
    """Of the translation: `en`."""

    @property
    def whole(self) -> str:
        """The whole text of the notice, head and foot included."""
        french = (self.head, self.opening, self.body, self.after)
        return together(_whole, *french, self.translation, self.foot)


def template_of(kind: NoticeKind) -> str:
    """Returns the file name of the template for a kind of notice."""
    return f"{kind}.txt.j2"


def render(
    templates: Mapping[str, str],
    context: Correspondence | Inside | MeetingNews,
    way: Way = Way.MAIL,
) -> TemplateText:
    """Renders a notice with the site's text templates. Raises UnusableTemplate."""
    text = text_of(templates, template_of(context.kind), context, way)
    subject, body = together(_subject, text), together(_body, text)
    head, foot, first = "", "", ""
    if isinstance(context, Inside):
        foot = text_of(templates, "foot.inside.txt.j2", context, way)
    elif isinstance(context, Correspondence):
        head, foot = frame(templates, context, way)
        first = opening(templates, context, context.kind, way)
    return TemplateText(subject, head, body, foot, first)


def frame(templates: Mapping[str, str], context: Correspondence, way: Way) -> tuple[str, str]:
    """Renders the site's head and foot around a text that a person wrote.

    Raises UnusableTemplate.
    """
    head, foot = f"head.{way}.txt.j2", f"foot.{way}.txt.j2"
    return text_of(templates, head, context, way), text_of(templates, foot, context, way)


def opening(
    templates: Mapping[str, str], context: Correspondence, kind: NoticeKind, way: Way
) -> str:
    """Renders the plain first line of a text to the public. Raises UnusableTemplate."""
    return together(_sentence, text_of(templates, OPENING, context, way, kind))


def _subject(text: str) -> str:
    return " ".join(text.partition("\n")[0].split())


def _body(text: str) -> str:
    return text.partition("\n")[2].strip()


def _sentence(text: str) -> str:
    return re.sub(r"[ \n]+", " ", text)


def _whole(*parts: str) -> str:
    return f"{join_paragraphs(*parts)}\n"


def join_paragraphs(*parts: str) -> str:
    """Joins paragraphs, one empty line between two, without those that are empty."""
    return "\n\n".join(part for part in parts if part)


def text_of(
    templates: Mapping[str, str],
    name: str,
    context: Correspondence | Inside | MeetingNews | NextSteps,
    way: Way = Way.MAIL,
    kind: NoticeKind | None = None,
) -> str:
    """Renders one file with the fields of a context, tidied. Raises UnusableTemplate."""
    values = {**vars(context), "way": way.value} | ({"kind": kind.value} if kind else {})
    try:
        return texts_of(templates).render(name, values)
    except _UNUSABLE as error:
        raise UnusableTemplate(f"templates/{name}: {type(error).__name__}: {error}") from error


def environment_of(templates: Mapping[str, str]) -> ImmutableSandboxedEnvironment:
    """Makes the sandboxed, strict Jinja environment of a site's text templates.

    Names ending in `.txt.j2` are not HTML-escaped, because a text mail is no markup.
    """
    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader(templates),
        undefined=StrictUndefined,
        autoescape=lambda name: name is None or not name.endswith(".txt.j2"),
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=COMPILED,
    )
    environment.filters |= {"jour": plain_day, "heure": plain_hour, "nombre": nombre}
    environment.globals.clear()
    return environment


def texts_of(templates: Mapping[str, str]) -> AlikeTexts:
    """Returns the texts of a site's templates, found by the mapping itself, which nobody changes.

    To compare texts takes longer.
    """
    found = _LATEST.get(id(templates))
    if found is None or found[0] is not templates:
        sources = {**DEFAULTS, **templates}
        found = templates, AlikeTexts(environment_of(sources), sources)
        if len(_LATEST) > 3:  # noqa: PLR2004  (of sites, or of rules that are tried)
            _LATEST.clear()
        _LATEST[id(templates)] = found
    return found[1]


def nombre(count: int, one: str, many: str) -> str:
    """Formats a number with its noun in French: « 1 jour ouvré »; 0 is singular."""
    return f"{count} {many if abs(count) > 1 else one}"
