"""What a member of the users' committee is written: a meeting is called, moved or cancelled.

The text stands alone, without the head and foot of letters about an item: it has no reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from shared.facts.quality.committee import AgendaPoint
from shared.facts.vocabulary import NoticeKind

TITLE: Final = "Comité local des usagers"
LASTS: Final = 2
"""Hours that a meeting is said to last in a diary."""
POINTS: Final[Mapping[AgendaPoint, str]] = {
    AgendaPoint.ENGAGEMENTS: "Les modules et leurs engagements",
    AgendaPoint.RECEPTION: "Le point d’appui numérique et le pré-accueil",
    AgendaPoint.LETTERS: "Les courriers et courriels types",
    AgendaPoint.SURVEY: "L’enquête de satisfaction",
    AgendaPoint.MEASURES: "Les mesures correctives et leurs effets",
    AgendaPoint.LABEL: "La labellisation et son calendrier",
    AgendaPoint.NEXT_MEETING: "La prochaine réunion",
    AgendaPoint.QUESTIONS: "Les questions diverses",
}


@dataclass(frozen=True, kw_only=True)
class MeetingNews:
    """The template values of a text to a member of the users' committee about a meeting."""

    kind: ClassVar[NoticeKind] = NoticeKind.MEETING
    must_show: ClassVar[tuple[str, ...]] = ("authority", "at", "place")

    authority: str
    phone: str
    email: str
    at: datetime
    """Local."""
    place: str
    points: tuple[str, ...]
    """Of the agenda, in words."""
    moved: bool = False
    """Whether it had another day or place before."""
    cancelled: bool = False


_TEXT: Final = (
    (
        "{% if cancelled %}Réunion annulée{% elif moved %}Réunion déplacée{% else %}Invitation"
        "{% endif %}@: comité local des usagers, {{ at|jour }}"
    ),
    "",
    "Madame, Monsieur,",
    "",
    "{% if cancelled %}",
    (
        "La réunion du comité local des usagers prévue le {{ at|jour }} à {{ at|heure }}"
        " ({{ place }}) n’aura pas lieu. Nous vous préviendrons de la prochaine."
    ),
    "{% else %}",
    "{% if moved %}",
    "La réunion du comité local des usagers change de date ou de lieu. Elle se tiendra@:",
    "{% else %}",
    "Nous vous invitons à la prochaine réunion du comité local des usagers@:",
    "{% endif %}",
    "- le {{ at|jour }}, à {{ at|heure }}",
    "- {{ place }}",
    "",
    "À l’ordre du jour@:",
    "{% for point in points %}",
    "- {{ point }}",
    "{% endfor %}",
    "",
    "Si vous ne pouvez pas venir, merci de nous le dire@: {{ phone }}, {{ email }}.",
    "{% endif %}",
    "{% if way == 'mail' %}",
    "",
    (
        "La pièce jointe {{ 'retire la réunion de' if cancelled else 'inscrit la réunion dans' }}"
        " votre agenda."
    ),
    "{% endif %}",
    "",
    (
        "Nous vous écrivons parce que vous êtes membre du comité. Vos coordonnées ne servent"
        " qu’à cela et sont effacées à la fin de votre mandat."
    ),
    "",
    "{{ authority }}",
)
TEXT: Final = "\n".join(_TEXT).replace("@", "\N{NO-BREAK SPACE}")
"""The text of a site that writes none of its own; `@` stands for the space before a colon."""
