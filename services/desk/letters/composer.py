"""From a standard letter to what leaves: filled, checked, then ordered or taken as a document.

What a person confirms is what leaves, to the letter: the whole text is composed here, checked here
and kept as a pli; notify adds nothing to it. A letter on paper states nothing: it leaves when its
departure code is read, or its chrono keyed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from services.desk import reply_address
from services.desk.decider import Decider
from services.desk.domain.decisions import Command, decide
from services.desk.domain.decisions.context import DecisionContext, in_hand
from services.desk.domain.decisions.replies import HoldOn, SendReply, TransferItem
from services.desk.domain.decisions.waits import AskPieces, AskThird
from services.desk.domain.item import Item
from services.desk.letters.addressees import addressee
from services.desk.letters.domain.enclosures import FileToSend, check_files
from services.desk.letters.domain.form import FormFinding, check
from services.desk.letters.domain.library import LetterVersion
from services.desk.letters.domain.merge_fields import (
    FillContext,
    Filled,
    day_of,
    fill,
    lines_of,
    whole_text,
)
from services.desk.store import clocks, items, letter_uses
from services.desk.store.letter_uses import LetterWay, Use
from shared.calendar.local_days import plain_day
from shared.content.plis import Correspondent, Store
from shared.errors import Refused, VaguemestreError
from shared.facts.envelope import BlobKey, ItemId, PersonId
from shared.facts.vocabulary import NoticeKind, Way
from shared.paper.glyphs import lacks
from shared.site.texts.by_way import said_by
from shared.site.texts.letters import Correspondence
from shared.site.texts.templates import TemplateText

DATES: Mapping[NoticeKind, str] = {
    NoticeKind.HOLDING_REPLY: "nouvelle_date",
    NoticeKind.PIECES: "date_limite",
    NoticeKind.THIRD: "date_réponse",
}
"""The field that says the date which a letter of this kind gives."""
LOOKED_AT: Final = 1_000
"""Characters of a name, an address or a part of a letter in which those without glyph are looked
for: whoever writes a mail may call themselves by a hundred thousand."""
DOUBTFUL: Final = 300
"""Different characters, in a hundredth of a second or three."""


@dataclass(frozen=True, slots=True)
class ComposedLetter:
    """A standard letter filled for one item, with the result of its form check."""

    version: LetterVersion
    matter: FillContext
    asked: Mapping[str, str]
    """What the agent said, by field."""
    filled: Filled
    text: TemplateText
    context: Correspondence
    findings: Sequence[FormFinding]
    adapted: bool
    """The agent changed more than the fields."""
    files: Sequence[FileToSend] = ()
    """Files that leave with it."""
    copies: Sequence[str] = ()
    """Addresses to which copies of it go, by mail."""

    @property
    def complete(self) -> bool:
        """Whether the letter passes every point of the form check that blocks sending."""
        return not any(finding.blocks for finding in self.findings)

    @property
    def until(self) -> date | None:
        """The date that the letter announces to the sender, or `None`. Raises Refused."""
        name = DATES.get(self.version.content.notice)
        text = self.asked.get(name or "", "").strip()
        return day_of(name, text) if name and text else None


async def matter(by: Decider, item_id: ItemId, blobs: Store) -> FillContext:
    """Locks an item and returns the data with which a letter is filled. Raises Refused."""
    item = (await items.lock(by.connection, [item_id]))[item_id].item
    in_hand(item)
    return await matter_of(by, item, blobs)


async def matter_of(by: Decider, item: Item, blobs: Store) -> FillContext:
    """Returns the data with which a letter is filled, for an item already locked."""
    today = by.now.astimezone(by.applied.site.zone).date()
    try:
        pli = await reply_address.pli_to_answer(blobs, item)
    except VaguemestreError:
        pli = None
    return FillContext(item, pli, by.applied, by.person, today, by.directory)


def compose(
    version: LetterVersion,
    about: FillContext,
    asked: Mapping[str, str],
    way: Way,
    changed: Filled | None = None,
    files: Sequence[FileToSend] = (),
    copies: Sequence[str] = (),
) -> ComposedLetter:
    """Fills and checks a standard letter for an item, as it would be sent by email or on paper.

    `changed`: the text as the agent edited it; `files`: what leaves with it; `copies`: the
    addresses that get a copy. Raises Refused, also for copies of what is no email to the sender,
    and UnusableTemplate.
    """
    proposed = fill(version.content, about, asked, way)
    filled = proposed
    if changed is not None:
        filled = replace(changed, body=said_by(way, changed.body))
    anonymous = version.content.anonymity is not None
    kind = version.content.notice
    check_files(files)
    if copies and (way is Way.PAPER or kind is NoticeKind.THIRD):
        raise Refused("Copies leave with a mail to the sender alone.", "letter-copies-paper")
    text, context = whole_text(
        filled,
        about,
        kind,
        way,
        anonymous=anonymous,
        enclosures=[file.name for file in files],
    )
    promised = DATES.get(kind)
    day = asked.get(promised or "", "").strip()
    return ComposedLetter(
        version=version,
        matter=about,
        asked=asked,
        filled=filled,
        text=text,
        context=context,
        findings=check(
            filled,
            text,
            context,
            about.agent,
            way,
            promised=plain_day(day_of(promised, day)) if promised and day else "",
            delegated=_signs(about, kind),
            by_hand=_not_printed(text, filled, addressee(kind, about, asked)),
        ),
        adapted=_flat(filled) != _flat(proposed),
        files=files,
        copies=copies,
    )


def _signs(about: FillContext, kind: NoticeKind) -> bool | None:
    """Whether whoever signs may; `None`: the site asks nobody for a delegation here."""
    if kind not in about.applied.site.identity.delegation_required:
        return None
    return about.has_delegation(kind)


def _not_printed(text: TemplateText, filled: Filled, to: Correspondent | None) -> Sequence[str]:
    """What paper does not show of all that the agent did not write: a name, an address."""
    rest = text.body.removeprefix(filled.body.strip())
    known = [] if to is None else [to.name, to.postal]
    parts = [*known, text.head, text.opening, rest, text.after, text.foot]
    return lacks("\n".join(part[:LOOKED_AT] for part in parts), DOUBTFUL)


def _flat(filled: Filled) -> tuple[str, list[str]]:
    """What was changed on purpose: a browser gives a text back with other ends of lines."""
    return filled.subject.strip(), filled.body.split()


def addressee_of(letter: ComposedLetter) -> Correspondent | None:
    """Returns to whom a letter goes; `None`: to the sender of an item that has no pli."""
    return addressee(letter.version.content.notice, letter.matter, letter.asked)


def address_of(letter: ComposedLetter) -> str:
    """Returns the email address that the letter is to be sent to; empty when none is known."""
    to = addressee_of(letter)
    return "" if to is None else to.address.strip()


async def may_leave(by: Decider, letter: ComposedLetter) -> None:
    """Raises Refused where a mail may not say what a letter says; states nothing."""
    item = letter.matter.item
    told = await clocks.of_items(by.connection, [item.item_id])
    running = {name: clock for (_, name), clock in told.items()}
    ground = DecisionContext(
        letter.matter.signer,
        by.decision,
        by.now,
        by.applied,
        by.directory,
        running,
        by.leads,
        by.origin,
    )
    decide(item, order_of(letter, BlobKey("")), ground)


def check_complete(letter: ComposedLetter) -> None:
    """Raises Refused when a letter fails a point of the form check that blocks sending."""
    if not letter.complete:
        lacking = ", ".join(finding.point for finding in letter.findings if finding.blocks)
        raise Refused(f"The letter is not complete: {lacking}.", "letter-incomplete")


def order_of(
    letter: ComposedLetter, pli: BlobKey, way: Way = Way.MAIL, copies: Sequence[BlobKey] = ()
) -> Command:
    """Returns the decision that sending a letter is. Raises Refused without its date.

    `pli`: key of the letter's pli; `copies`: keys of the plis of its copies.
    """
    also = tuple(copies)
    name = letter.version.name
    match letter.version.content.notice:
        case NoticeKind.HOLDING_REPLY:
            return HoldOn(_dated(letter), way, pli, template=name, copies=also)
        case NoticeKind.PIECES:
            labels = letter.matter.applied.site.labels.pieces
            lines = lines_of(letter.asked.get("pièces", ""))
            codes = tuple(line for line in lines if line in labels)
            return AskPieces(_dated(letter), codes, way, pli, template=name, copies=also)
        case NoticeKind.TRANSFER:
            to = letter.asked.get("administration", "").strip()
            return TransferItem(to, way, pli=pli, template=name, copies=also)
        case NoticeKind.THIRD:
            to = letter.asked.get("administration", "").strip()
            return AskThird(to, _dated(letter), pli, template=name)
        case _:
            return SendReply(pli, way, template=name, copies=also)


def _dated(letter: ComposedLetter) -> date:
    until = letter.until
    if until is None and letter.version.content.notice in DATES:
        raise Refused("Give the date that the letter announces.", "letter-no-date")
    return until or letter.matter.today


async def note_use(
    by: Decider, letter: ComposedLetter, how: LetterWay, files: Sequence[BlobKey] = ()
) -> None:
    """Stores which letter was composed for which item, and by which way, once a decision.

    `files`: keys of blobs, those of the letter's files and of the PDF that the office prints.
    """
    use = Use(
        item_id=letter.matter.item.item_id,
        version=letter.version.name,
        kind=letter.version.content.notice,
        by=how,
        person=PersonId(by.person.id),
        at=by.now,
        until=letter.until,
        addressee=letter.asked.get("administration", "").strip() or None,
        adapted=letter.adapted,
        files=files,
    )
    await letter_uses.keep_use(by.connection, by.decision, use)
