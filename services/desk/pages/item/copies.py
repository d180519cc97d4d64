"""Copies by email of a letter of an item that were not delivered, and what was done of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from services.desk.domain.decisions.letter_returns import SettleCopy
from services.desk.french import delivery_words, labels_fr
from services.desk.pages.item.action import About
from services.desk.pages.item.thread import MessageContent
from services.desk.pages.visit import Visit
from shared.facts.envelope import NoticeId
from shared.facts.vocabulary import Way
from shared.web.forms import Mistyped

COPY: Final = "/courrier/{chrono}/copie/{notice:uuid}"
CHOICES: Final = (
    ("courriel", Way.MAIL, "Envoyée de nouveau"),
    ("papier", Way.PAPER, "Remise sur papier"),
    ("note", None, "C’est noté"),
)
"""What can be said of one: its word in the form, the way by which it left again, the button."""


@dataclass(frozen=True, slots=True)
class UndeliveredCopy:
    """A copy that a mail server refused or returned, as an item's page says it in French.

    `url`: where a person says what was done of it.
    """

    sentence: str
    url: str


def undelivered_copies(
    about: About, contents: Iterable[MessageContent]
) -> Sequence[UndeliveredCopy]:
    """Returns an item's copies by email that were not delivered and that nobody has settled.

    `contents`: its messages, of which those that we wrote know to whom each copy went.
    """
    whom = {copy.notice_id: copy.address for message in contents for copy in message.copies}
    settled, zone = about.item.copies_settled, about.visit.applied.site.zone
    return [
        UndeliveredCopy(
            delivery_words.undelivered_copy(
                whom.get(notice.notice_id, ""), notice.state, labels_fr.moment(notice.at, zone)
            ),
            f"/courrier/{about.item.chrono}/copie/{notice.notice_id}",
        )
        for notice in about.sheet.notices
        if notice.is_undelivered_copy and notice.notice_id not in settled
    ]


async def settle(visit: Visit) -> Response:
    """Handles the form that says what was done of a copy that was not delivered."""
    sheet = await visit.item(visit.request.path_params["chrono"], decides=True)
    form = await visit.form()
    ways = {word: way for word, way, _ in CHOICES}
    said = form.text("faire")
    if said not in ways:
        raise Mistyped("copie", "Dites ce qui a été fait de cette copie.")
    notice = NoticeId(visit.request.path_params["notice"])
    by, item = visit.decider(form.decision), sheet.item
    after = await by.settle_copy(item.item_id, SettleCopy(notice, ways[said]))
    told = f"{after.chrono} : copie non remise, {delivery_words.COPY_OUTCOMES[ways[said]]}."
    return await visit.to(f"/courrier/{after.chrono}", said=told)
