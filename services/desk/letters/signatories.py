"""Who may sign a letter « par délégation » today, and who does in the place of who is away."""

from collections.abc import Sequence

from services.desk.letters.domain.merge_fields import FillContext
from shared.errors import Refused
from shared.facts.envelope import PersonId
from shared.facts.vocabulary import NoticeKind
from shared.site.tables.people import Person


def signatories(about: FillContext, kind: NoticeKind) -> Sequence[Person]:
    """Lists who may sign a letter of this kind « par délégation » today; absent people last."""
    service = about.applied.site.service_now(about.item.service)
    return () if service is None else about.directory.signatories(service.id, kind, about.today)


def may_sign(about: FillContext, kind: NoticeKind, person: str) -> bool:
    """Whether somebody has a delegation of signature for a letter of this kind today."""
    return any(able.id == person for able in signatories(about, kind))


def present_signatory(about: FillContext, kind: NoticeKind, wanted: str) -> Person:
    """Returns who signs a letter instead of `wanted` while they are away, else `wanted`.

    The next person with a delegation who is there; `wanted` too where all are away. Raises Refused
    when `wanted` has no delegation for such a letter.
    """
    able = signatories(about, kind)
    found = next((person for person in able if person.id == wanted), None)
    if found is None:
        raise Refused(
            "Only whoever has a delegation for such a letter signs it.", "signing-no-delegation"
        )
    there = [person for person in able if not about.directory.is_away(person.id, about.today)]
    return found if found in there or not there else there[0]


def substitute(about: FillContext, kind: NoticeKind, holder: PersonId) -> Person | None:
    """Returns who signs in the place of an absent holder of a letter; `None` if nobody does."""
    if not about.directory.is_away(holder, about.today):
        return None
    there = (
        person
        for person in signatories(about, kind)
        if person.id != holder and not about.directory.is_away(person.id, about.today)
    )
    return next(there, None)
