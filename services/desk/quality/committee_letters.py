"""A letter about a meeting to a member of the users' committee whom no mail reaches, as PDF.

The wording is the site's, the layout that of any letter (shared/paper/letter.typ), without a
departure code: nothing comes back by it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.calendar.local_days import plain_day
from shared.facts.vocabulary import Way
from shared.paper.letter import bare
from shared.site.tables.bundle import Site
from shared.site.texts.meetings import TITLE, MeetingNews
from shared.site.texts.templates import render

WINDOW: Final = 6
"""Lines of an address that the window of an envelope shows, the name included."""


@dataclass(frozen=True, slots=True)
class MeetingLetter:
    """The parts of a letter about a meeting that vary: what it says, to whom, when."""

    news: MeetingNews
    name: str
    organisation: str
    postal: str
    written: date


def pdf(letter: MeetingLetter, site: Site) -> bytes:
    """Makes the PDF of a letter about a meeting. Raises UnusableTemplate.

    Slow: call it in a thread.
    """
    text = render(site.templates, letter.news, Way.PAPER)
    identity = site.identity
    lines = [letter.name, letter.organisation, *letter.postal.splitlines()]
    postal = identity.postal
    return bare(
        {
            "authority": identity.authority,
            "service": TITLE,
            "references": [f"Téléphone\N{NO-BREAK SPACE}: {identity.phone}", identity.email],
            "place": f"{postal.town}, le {plain_day(letter.written)}",
            "address": [line for line in lines if line][:WINDOW],
            "subject": text.subject,
            "foot": [
                f"{identity.authority} – {postal.street}, {postal.postcode} {postal.town}",
                identity.data_protection,
            ],
        },
        text.body,
    )
