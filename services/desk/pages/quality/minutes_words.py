"""The minutes of a meeting in French, and as a file: every remark under its member, none lost."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from services.desk.french import labels_fr
from services.desk.pages.quality.committee_words import lines
from services.desk.quality.domain.committee import Committee, Meeting, Remark
from services.desk.quality.domain.minutes import (
    Block,
    BlockKind,
    escape_marks,
    member,
    name_members,
)
from services.desk.quality.store.committee import CommitteeTexts
from services.desk.quality.text_documents import TextDocument
from shared.calendar.local_days import plain_hour
from shared.facts.quality.committee import AgendaPoint, RemarkKind
from shared.site.tables.bundle import Site
from shared.site.texts.meetings import POINTS

NOTHING_SAID = "Aucune observation."


def blocks(
    meeting: Meeting,
    found: Committee,
    words: CommitteeTexts,
    sources: Mapping[AgendaPoint, Sequence[str]],
    site: Site,
) -> Sequence[Block]:
    """Makes the minutes of a committee meeting as blocks of text, with marks for members' names."""
    return list(_blocks(meeting, found, words, sources, site))


def _blocks(
    meeting: Meeting,
    found: Committee,
    words: CommitteeTexts,
    sources: Mapping[AgendaPoint, Sequence[str]],
    site: Site,
) -> Iterator[Block]:
    zone = site.zone
    day = labels_fr.long_day(meeting.at.astimezone(zone).date())
    place = escape_marks(words.of(meeting.subject, meeting.place))
    yield Block(BlockKind.TITLE, "COMPTE-RENDU")
    yield Block(BlockKind.TEXT, f"{place}, le {day}")
    yield Block(BlockKind.TEXT, f"OBJET : réunion du comité local des usagers du {day}")
    yield Block(BlockKind.HEADING, "Introduction")
    yield Block(
        BlockKind.TEXT,
        f"Les membres du comité local des usagers se sont réunis le {day} à"
        f" {clock(meeting.at, zone)}, {place}.",
    )
    for title, numbers in (("Présents", meeting.present), ("Excusés", meeting.excused)):
        if numbers:
            yield Block(BlockKind.TEXT, f"{title} : {', '.join(map(member, numbers))}.")
    yield Block(BlockKind.TEXT, "Ordre du jour :")
    for point in meeting.points:
        yield Block(BlockKind.NUMBERED, POINTS[point])
    yield Block(BlockKind.HEADING, "1 – Synthèse de la présentation")
    for point in meeting.points:
        yield Block(BlockKind.SUBHEADING, POINTS[point])
        # What came between two meetings stands under its member, in « 2 ».
        live = () if point is AgendaPoint.QUESTIONS else sources.get(point, ())
        for said in live or ("Point présenté en séance.",):
            yield Block(BlockKind.DASH, said)
    yield Block(BlockKind.HEADING, "2 – Restitution des échanges")
    remarks = found.of_meeting(meeting.number)
    if not remarks:
        yield Block(BlockKind.TEXT, NOTHING_SAID)
    for number in dict.fromkeys(remark.member for remark in remarks):
        yield Block(BlockKind.SUBHEADING, member(number))
        mine = [remark for remark in remarks if remark.member == number]
        yield from _of_member(mine, found, words)
    yield Block(BlockKind.HEADING, "Conclusion")
    yield Block(
        BlockKind.TEXT,
        "Entre deux réunions, vos remarques parviennent au référent qualité par le formulaire de"
        f" réclamation et de suggestion ({site.identity.website}) ou par courriel"
        f" ({site.identity.email}).",
    )
    later = [
        other
        for other in found.meetings.values()
        if other.number > meeting.number and not other.cancelled
    ]
    yield Block(
        BlockKind.TEXT,
        f"Prochaine réunion : {labels_fr.long_day(later[0].at.astimezone(zone).date())}."
        if later
        else "La date de la prochaine réunion sera communiquée.",
    )


def _of_member(
    remarks: Sequence[Remark], found: Committee, words: CommitteeTexts
) -> Iterator[Block]:
    """What a member said, by kind, then the answers with their function."""
    for kind, one, several in (
        (RemarkKind.OBSERVATION, "a formulé l’observation suivante :",
         "a formulé les observations suivantes :"),
        (RemarkKind.QUESTION, "a posé la question suivante :", "a posé les questions suivantes :"),
        (RemarkKind.SATISFACTION, "a exprimé sa satisfaction :", "a exprimé sa satisfaction :"),
    ):  # fmt: skip
        said = lines([remark for remark in remarks if remark.kind is kind], found, words)
        if said:
            yield Block(BlockKind.TEXT, several if len(said) > 1 else one)
        for line in said:
            yield Block(BlockKind.DASH, escape_marks(line.text))
    answered = [line for line in lines(remarks, found, words) if line.answer]
    if answered:
        yield Block(BlockKind.TEXT, "Réponses apportées :")
    for line in answered:
        who = f"{line.function} : " if line.function else ""
        yield Block(BlockKind.DASH, escape_marks(f"{who}{line.answer}"))


def clock(at: datetime, zone: ZoneInfo) -> str:
    """Formats a local time for minutes: « 14 h 30 »."""
    return plain_hour(at.astimezone(zone))


def odt(
    minutes: Sequence[Block], names: Mapping[int, str], authority: str, *, draft: bool
) -> bytes:
    """Renders the minutes of a meeting as a text document (.odt). Slow: call it in a thread."""
    state = "projet, non approuvé" if draft else "approuvé"
    document = TextDocument("Compte-rendu", f"{authority}, comité local des usagers, {state}")

    def text(block: Block) -> str:
        return name_members(block.text, lambda number: names.get(number, f"membre n° {number}"))

    numbered = list[str]()
    for block in minutes:
        if block.kind is not BlockKind.NUMBERED and numbered:
            document.numbers(numbered)
            numbered = []
        match block.kind:
            case BlockKind.TITLE:
                document.title(text(block))
            case BlockKind.HEADING:
                document.heading(text(block))
            case BlockKind.SUBHEADING:
                document.heading(text(block), 2)
            case BlockKind.TEXT:
                document.text(text(block))
            case BlockKind.DASH:
                document.dashes([text(block)])
            case BlockKind.NUMBERED:
                numbered.append(text(block))
    return document.save()
