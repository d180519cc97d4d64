"""The users' committee in French: colleges, points of the agenda, remarks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.desk.quality.domain.committee import Committee, Remark
from services.desk.quality.store.committee import CommitteeTexts
from shared.facts.quality.committee import College, RemarkKind
from shared.site.texts.meetings import POINTS

COLLEGES: Final[Mapping[College, str]] = {
    College.USERS: "usagers",
    College.ASSOCIATIONS: "associations",
    College.PROFESSIONALS: "professionnels",
    College.ELECTED: "élus",
    College.ADMINISTRATION: "administration",
}
KINDS: Final[Mapping[RemarkKind, str]] = {
    RemarkKind.OBSERVATION: "observation",
    RemarkKind.QUESTION: "question",
    RemarkKind.SATISFACTION: "satisfaction",
}


@dataclass(frozen=True, slots=True)
class RemarkLine:
    """A remark of a committee member in French words, as a page shows it."""

    number: int
    who: str
    kind: str
    point: str
    text: str
    function: str
    answer: str
    measure: int | None
    no_measure: str
    answered: bool
    followed: bool
    meeting: int | None


def lines(
    remarks: Sequence[Remark], found: Committee, words: CommitteeTexts
) -> Sequence[RemarkLine]:
    """Formats remarks of committee members for a page, in the order given."""
    return [_line(remark, found, words) for remark in remarks]


def _line(remark: Remark, found: Committee, words: CommitteeTexts) -> RemarkLine:
    function, answer = words.answer(remark)
    return RemarkLine(
        number=remark.number,
        who=who(remark.member, found, words),
        kind=KINDS[remark.kind],
        point="" if remark.point is None else POINTS[remark.point],
        text=words.of(remark.subject, remark.said),
        function=function,
        answer=answer,
        measure=remark.measure,
        no_measure=words.of(remark.subject, remark.no_measure),
        answered=remark.answered,
        followed=remark.followed,
        meeting=remark.meeting,
    )


def who(number: int, found: Committee, words: CommitteeTexts) -> str:
    """Formats a committee member: « Odette Vannier (Familles de l’Indre) »."""
    member = found.members.get(number)
    if member is None:
        return f"membre n° {number}"
    organisation = words.organisation(member)
    name = words.name(member)
    return f"{name} ({organisation})" if organisation else name


def choices(found: Committee, words: CommitteeTexts) -> Sequence[tuple[str, str]]:
    """Returns the members in office of the users' committee as choices of a form."""
    return [(str(member.number), who(member.number, found, words)) for member in found.sitting]
