"""The committee from its facts; its minutes: the structure of the model, no remark lost."""

import io
import zipfile
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest

from services.desk.pages.quality import minutes_words
from services.desk.quality.domain import minutes
from services.desk.quality.domain.committee import Committee, fold, may_approve, may_note
from services.desk.quality.domain.minutes import BlockKind
from services.desk.quality.domain.proposals import left_waiting
from services.desk.quality.store.committee import CommitteeTexts
from shared.errors import PermanentFailure, Refused
from shared.facts.envelope import Digest
from shared.facts.quality.base import SubjectId
from shared.facts.quality.committee import (
    AgendaPoint,
    AgendaSet,
    AnswerGiven,
    College,
    CommitteeFact,
    MeetingCalled,
    MeetingHeld,
    MemberAppointed,
    MemberEnded,
    MinutesApproved,
    RemarkFollowed,
    RemarkKind,
    RemarkNoted,
    RemarkWithdrawn,
)
from tests.desk_builders import a_site
from tests.unit.desk.measures import NOW, a_fact

HELD = datetime(2026, 9, 10, 12, 30, tzinfo=UTC)
"""14:30 in Paris."""
WORDS = dict[tuple[UUID, Digest], str]()


def subject(kind: str, number: int) -> SubjectId:
    return SubjectId(UUID(int=("member", "meeting", "remark").index(kind) * 1000 + number))


def said(of: SubjectId, text: str) -> dict[str, Any]:
    """The fields of a fact about a subject, its text kept."""
    digest = Digest(f"{len(WORDS):064x}")
    WORDS[of, digest] = text
    return {"subject_id": of, "sha256": digest}


def member(number: int, name: str, organisation: str) -> MemberAppointed:
    kept = said(subject("member", number), f"chance\n{name}\n{organisation}")
    return a_fact(MemberAppointed, number=number, college=College.USERS, **kept)


def meeting(number: int = 1, at: datetime = HELD) -> MeetingCalled:
    place = said(subject("meeting", number), "Salle Balsan, préfecture")
    return a_fact(MeetingCalled, number=number, at=at, **place)


def remark(number: int, of: int, kind: RemarkKind, text: str, **fields: Any) -> RemarkNoted:
    kept = said(subject("remark", number), text)
    more = {"meeting": 1, "point": AgendaPoint.RECEPTION} | fields
    return a_fact(RemarkNoted, number=number, member=of, kind=kind, **more, **kept)


def answer(number: int, function: str, text: str) -> AnswerGiven:
    return a_fact(AnswerGiven, **said(subject("remark", number), f"{function}\n{text}"))


FACTS: list[CommitteeFact] = [
    member(1, "Odette Vannier", "Familles de l’Exemple"),
    member(2, "Gaspard Lheureux", ""),
    remark(
        1, 2, RemarkKind.OBSERVATION, "La borne est souvent en panne.", meeting=None, point=None
    ),
    meeting(),
    a_fact(
        MeetingHeld, subject_id=subject("meeting", 1), present=(1, 2), excused=()
    ),
    remark(2, 1, RemarkKind.QUESTION, "Peut-on venir sans rendez-vous ?"),
    remark(3, 1, RemarkKind.SATISFACTION, "L’accueil a changé en bien."),
    remark(4, 1, RemarkKind.OBSERVATION, "Notée deux fois."),
    a_fact(RemarkWithdrawn, **said(subject("remark", 4), "Erreur de saisie.")),
    remark(5, 1, RemarkKind.OBSERVATION, "Les horaires\nne sont pas affichés."),
    answer(1, "Responsable du point d’accueil", "Elle est remplacée en octobre."),
    answer(2, "Responsable du point d’accueil", "Oui, le matin."),
    answer(5, "Référente qualité", "Une affiche sera posée."),
    a_fact(RemarkFollowed, subject_id=subject("remark", 5), measure=3),
]  # fmt: skip


def committee(*more: CommitteeFact) -> Committee:
    return fold([*FACTS, *more])


def test_what_came_before_a_meeting_belongs_to_it_and_what_was_withdrawn_is_gone() -> None:
    found = committee()
    assert [found_remark.number for found_remark in found.of_meeting(1)] == [1, 2, 3, 5]
    assert found.remarks[1].between
    assert found.noted == 5
    assert [waits.number for waits in found.remarks.values() if not waits.followed] == [1, 2]
    assert found.next is None


def test_a_remark_between_meetings_waits_for_the_next_that_is_called() -> None:
    later = remark(6, 1, RemarkKind.QUESTION, "Quand ?", meeting=None, point=None)
    assert committee(later).remarks[6].meeting is None
    called = committee(later, meeting(2, HELD.replace(year=2027)))
    assert called.remarks[6].meeting == 2
    again = remark(7, 1, RemarkKind.QUESTION, "Où ?", meeting=None, point=None)
    assert committee(later, meeting(2, HELD.replace(year=2027)), again).remarks[7].meeting == 2


def test_what_waited_for_a_meeting_that_is_cancelled_waits_for_the_next() -> None:
    later = remark(6, 1, RemarkKind.QUESTION, "Quand ?", meeting=None, point=None)
    gone = meeting(2, HELD.replace(year=2027)).model_copy(update={"cancelled": True})
    cancelled = committee(later, meeting(2, HELD.replace(year=2027)), gone)
    assert cancelled.next is None
    assert (cancelled.meetings[2].cancelled, cancelled.remarks[6].meeting) == (True, None)
    assert committee(later, gone, meeting(3)).remarks[6].meeting == 3


def test_an_end_of_a_mandate_that_is_taken_back_leaves_the_mandate_and_the_name() -> None:
    end = a_fact(MemberEnded, subject_id=subject("member", 1), last=date(2026, 3, 31))
    back = a_fact(
        MemberEnded, subject_id=subject("member", 1), last=date(2026, 3, 31), withdrawn=True
    )
    assert committee(end).members[1].last == date(2026, 3, 31)
    assert committee(end, back).members[1].erased_on() is None


def test_what_still_waits_once_another_meeting_is_called_is_proposed_as_a_measure() -> None:
    assert left_waiting(committee()) == []  # nobody meets again yet
    called = committee(meeting(2, HELD.replace(year=2027)))
    assert [proposal.source.number for proposal in left_waiting(called)] == [1, 2]
    reason = a_fact(RemarkFollowed, **said(subject("remark", 1), "Déjà remplacée."))
    called = committee(reason, meeting(2, HELD.replace(year=2027)))
    assert [proposal.source.number for proposal in left_waiting(called)] == [2]


def test_minutes_are_approved_once_every_question_has_its_answer() -> None:
    found = committee()
    may_approve(found.meetings[1], found.of_meeting(1))
    open_ = remark(6, 1, RemarkKind.QUESTION, "Et le soir ?")
    found = committee(open_)
    with pytest.raises(Refused) as refused:
        may_approve(found.meetings[1], found.of_meeting(1))
    assert refused.value.said == {"numbers": "6"}
    approved = a_fact(MinutesApproved, subject_id=subject("meeting", 1))
    with pytest.raises(Refused, match="approved"):
        may_note(committee(approved).meetings[1])
    waiting = fold([meeting()])
    with pytest.raises(Refused, match="not held"):
        may_approve(waiting.meetings[1], [])


@pytest.mark.parametrize(
    ("last", "erased"),
    [(date(2026, 3, 31), date(2029, 3, 31)), (date(2028, 2, 29), date(2031, 2, 28))],
)
def test_a_name_is_erased_three_years_after_the_mandate(last: date, erased: date) -> None:
    found = committee(a_fact(MemberEnded, subject_id=subject("member", 1), last=last))
    assert found.members[1].erased_on() == erased
    assert found.members[2].erased_on() is None
    assert [sits.number for sits in found.sitting] == [2]


def the_minutes(found: Committee) -> list[minutes.Block]:
    sources = {AgendaPoint.LABEL: ["Le label vaut trente-six mois."]}
    words = CommitteeTexts(WORDS)
    return list(minutes_words.blocks(found.meetings[1], found, words, sources, a_site()))


def test_minutes_have_the_structure_of_the_model_and_every_remark_under_its_member() -> None:
    points = (AgendaPoint.RECEPTION, AgendaPoint.LABEL)
    found = committee(a_fact(AgendaSet, subject_id=subject("meeting", 1), points=points))
    blocks = the_minutes(found)
    words = CommitteeTexts(WORDS)
    names = {1: words.name(found.members[1]), 2: words.name(found.members[2])}
    octets = minutes_words.odt(blocks, names, "Préfecture de l’exemple", draft=True)
    outline, paragraphs = _outline(octets)
    assert outline == [
        (1, "Introduction"),
        (1, "1 – Synthèse de la présentation"),
        (2, "Le point d’appui numérique et le pré-accueil"),
        (2, "La labellisation et son calendrier"),
        (1, "2 – Restitution des échanges"),
        (2, "Gaspard Lheureux"),
        (2, "Odette Vannier"),
        (1, "Conclusion"),
    ]
    assert paragraphs[:3] == [
        "COMPTE-RENDU",
        "Salle Balsan, préfecture, le jeudi 10 septembre 2026",
        "OBJET : réunion du comité local des usagers du jeudi 10 septembre 2026",
    ]
    begin = paragraphs.index("Gaspard Lheureux")
    assert paragraphs[begin : paragraphs.index("Conclusion")] == [
        "Gaspard Lheureux",
        "a formulé l’observation suivante :",
        "– La borne est souvent en panne.",
        "Réponses apportées :",
        "– Responsable du point d’accueil : Elle est remplacée en octobre.",
        "Odette Vannier",
        "a formulé l’observation suivante :",
        "– Les horairesne sont pas affichés.",  # a line break stands between, which is no text
        "a posé la question suivante :",
        "– Peut-on venir sans rendez-vous ?",
        "a exprimé sa satisfaction :",
        "– L’accueil a changé en bien.",
        "Réponses apportées :",
        "– Responsable du point d’accueil : Oui, le matin.",
        "– Référente qualité : Une affiche sera posée.",
    ]
    assert "1. Le point d’appui numérique et le pré-accueil" in paragraphs
    assert "– Le label vaut trente-six mois." in paragraphs
    assert not any("Notée deux fois" in paragraph for paragraph in paragraphs)


def test_approved_minutes_keep_no_name_and_read_as_they_were() -> None:
    blocks = the_minutes(committee())
    kept = minutes.write_minutes(blocks)
    assert "Vannier" not in kept
    assert minutes.read(kept) == blocks
    assert any(block.kind is BlockKind.NUMBERED for block in blocks)
    gone = minutes.name_members("Présents : [[membre 1]].", lambda number: f"membre n° {number}")
    assert gone == "Présents : membre n° 1."
    with pytest.raises(PermanentFailure):
        minutes.read("(texte effacé)")


def _outline(octets: bytes) -> tuple[list[tuple[int, str]], list[str]]:
    """The headings with their level, and all paragraphs of the text, of a document."""
    text = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        assert archive.testzip() is None
        body = ET.fromstring(archive.read("content.xml"))  # noqa: S314  (ours)
        styles = archive.read("styles.xml").decode()
    assert "text:page-number" in styles
    assert "text:page-count" in styles
    found = [tag for tag in body.iter() if tag.tag in {f"{text}h", f"{text}p"}]
    return (
        [
            (int(tag.get(f"{text}outline-level", "0")), "".join(tag.itertext()))
            for tag in found
            if tag.tag == f"{text}h"
        ],
        ["".join(tag.itertext()) for tag in found],
    )


def test_what_came_between_two_meetings_stands_once_in_the_minutes() -> None:
    points = (AgendaPoint.QUESTIONS,)
    found = committee(a_fact(AgendaSet, subject_id=subject("meeting", 1), points=points))
    sources = {AgendaPoint.QUESTIONS: ["[[membre 2]] : La borne est souvent en panne."]}
    words = CommitteeTexts(WORDS)
    blocks = minutes_words.blocks(found.meetings[1], found, words, sources, a_site())
    assert [block.text for block in blocks if "La borne" in block.text] == [
        "La borne est souvent en panne."
    ]


def test_a_mark_that_somebody_typed_names_nobody() -> None:
    typed = remark(6, 1, RemarkKind.OBSERVATION, "Comme [[membre 2]] le dit.")
    texts = [block.text for block in the_minutes(committee(typed)) if "le dit" in block.text]
    assert texts == ["Comme [ [membre 2]] le dit."]
    assert minutes.name_members(texts[0], lambda _: "Gaspard Lheureux") == texts[0]


def test_a_meeting_that_moves_counts_its_calls_and_the_committee_is_known_as_it_stood() -> None:
    later = HELD.replace(day=17)
    moved = meeting(at=later).model_copy(update={"happened_at": NOW.replace(year=2027)})
    found = committee(moved)
    now = found.meetings[1]
    assert (now.at, now.calls, now.called_at.year) == (later, 2, 2027)
    before = found.as_of(NOW)
    assert (before.meetings[1].at, before.meetings[1].calls) == (HELD, 1)
