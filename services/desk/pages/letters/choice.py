"""Which letter answers an item: chosen on its page among the approved ones and the house's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.domain.decisions.context import not_ended
from services.desk.domain.paper_letters import COMPOSED
from services.desk.letters import store as letters
from services.desk.letters.domain import house_letters
from services.desk.letters.domain.approval import known_as
from services.desk.letters.domain.house_letters import house_letter, is_ours
from services.desk.letters.domain.library import LetterState, LetterVersion
from services.desk.letters.domain.merge_fields import FillContext
from services.desk.letters.library import in_use
from services.desk.pages.letters import labels_fr
from services.desk.pages.visit import Visit
from shared.errors import Refused
from shared.facts.envelope import ServiceId
from shared.facts.vocabulary import NoticeKind

KIND: Final = "genre"
"""In the address: letters of this kind alone are offered."""


@dataclass(frozen=True, slots=True)
class LetterGroup:
    """The letters of one kind with which an item may be answered: the house's own, then others."""

    name: str
    ours: str
    """Its id; empty where the house has none of this kind."""
    title: str
    approved: Sequence[LetterVersion]


async def choose(visit: Visit) -> Response:
    """Shows the letters with which an item may be answered: the free reply, then approved ones.

    A kind in the address shows that kind alone. Raises HTTPException 403 or 404 for whoever may not
    decide about the item, Refused when it has ended.
    """
    found = await visit.item(visit.request.path_params["chrono"], decides=True)
    not_ended(found.item)
    usable = await _usable(visit, found.item.service)
    only = visit.request.query_params.get(KIND, "")
    return await visit.html(
        "letters/choose.html",
        chrono=found.item.chrono,
        groups=[
            LetterGroup(
                labels_fr.KINDS[kind].capitalize(),
                house_letters.OF_KIND.get(kind, ""),
                house_letters.TITLES.get(kind, ""),
                chosen,
            )
            for kind in COMPOSED
            if only in {"", kind.value}
            and ((chosen := _of_kind(usable, kind)) or kind in house_letters.OF_KIND)
        ],
    )


async def letter_of(visit: Visit, about: FillContext, letter: str) -> LetterVersion:
    """Finds the letter of an id for an item: one of the house's own, or an approved one.

    Raises HTTPException 404 when the item's service can't use it.
    """
    if is_ours(letter):
        return house_letter(letter, about, visit.now)
    try:
        return await in_use(visit.connection, letter, about.item.service, about.applied.site)
    except Refused:
        raise HTTPException(
            404, "Ce courrier type n’a pas de version en vigueur pour ce service."
        ) from None


async def others_of(visit: Visit, about: FillContext, now: LetterVersion) -> list[LetterVersion]:
    """Returns the approved letters that may take the place of a text of the house that is open.

    None in place of the free reply, which is chosen among them, nor of an approved letter.
    """
    if now.number or now.content.notice is NoticeKind.REPLY:
        return []
    usable = await _usable(visit, about.item.service)
    return [version for version in usable if version.content.kind is now.content.kind]


def _of_kind(usable: Sequence[LetterVersion], kind: NoticeKind) -> Sequence[LetterVersion]:
    return [version for version in usable if version.content.kind is kind]


async def _usable(visit: Visit, service: ServiceId) -> Sequence[LetterVersion]:
    mine = sorted(known_as(service, visit.applied.site))
    library = await letters.library(visit.connection, mine)
    return [version for version in library if version.state is LetterState.APPROVED]
