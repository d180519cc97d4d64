"""`/courrier/CHRONO/lettre/ID`: a prepared letter is read, corrected, signed or sent back.

What was corrected is shown by words, to whoever reads it next and to whoever prepared it. Two
persons at once: the second one's text is shown beside the first one's, and nothing is overwritten.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.french import circuit_words, labels_fr
from services.desk.french.names import Names
from services.desk.letters import circuit_letter
from services.desk.letters.composer import address_of, matter_of
from services.desk.letters.domain.circuit_text import (
    PreparedText,
    WordChange,
    is_changed,
    word_changes,
)
from services.desk.letters.domain.copies import MOST_COPIES
from services.desk.letters.secure_mail import may_be_secure
from services.desk.letters.signatories import may_sign, substitute
from services.desk.pages.downloads import a_file, our_file
from services.desk.pages.item.thread import size_of
from services.desk.pages.letters import labels_fr as letter_words
from services.desk.pages.letters.circuit_acts import (
    LONGEST_REASON,
    THEN_MAILS,
    press_button,
    reading_service,
)
from services.desk.pages.letters.circuit_choice import circuit_offers
from services.desk.pages.letters.circuit_sheet import CircuitSheet, load_sheet
from services.desk.pages.letters.letter_form import COPIES
from services.desk.pages.letters.writers import note_done, note_writing
from services.desk.pages.visit import Visit
from services.desk.store.circuit_letters import CircuitState
from shared.errors import PermanentFailure
from shared.facts.envelope import PersonId
from shared.facts.vocabulary import NoticeKind, Way

LETTER: Final = "/courrier/{chrono}/lettre/{letter:uuid}"
DOCUMENT: Final = f"{LETTER}/lettre.pdf"
FILE: Final = f"{LETTER}/piece/{{number:int}}"
PDF: Final = "application/pdf"


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step of a letter as its page shows it: a sentence, its moment, what was corrected."""

    sentence: str
    at: str
    changes: Sequence[WordChange]
    """Empty where nothing was corrected."""
    reason: str


async def show(visit: Visit) -> Response:
    """Shows a prepared letter with its corrections; a POST corrects, passes on, signs or returns.

    Raises HTTPException 404 for another item's letter, 403 for whoever may not read the item whole.
    """
    if visit.request.method == "POST":
        await visit.not_again()
    known = await load_sheet(visit)
    if visit.request.method == "POST":
        pressed = await press_button(visit, known, visit.read())
        await note_done(visit, known.item.item_id)
        return pressed
    return await _page(visit, known)


async def download(visit: Visit) -> Response:
    """Downloads the PDF of a letter that was signed to leave on paper. Raises HTTPException 404."""
    known = await load_sheet(visit)
    if known.kept.document is None:
        raise HTTPException(404, "Cette lettre n’a pas été signée sur papier.")
    async with visit.apart():
        octets = await visit.blobs.get(known.kept.document)
    return our_file(octets, PDF, f"{known.item.chrono}-signee.pdf")


async def take_file(visit: Visit) -> Response:
    """Downloads a file that leaves with a prepared letter, by its number. Raises HTTPException 404.

    And 403 for whoever may not read the item whole.
    """
    known, number = await load_sheet(visit), visit.request.path_params["number"]
    if number >= len(known.now.files):
        raise HTTPException(404)
    wanted = known.now.files[number]
    async with visit.apart():
        try:
            octets = await visit.blobs.get(wanted.key)
        except PermanentFailure as error:
            raise HTTPException(404) from error
    return a_file(octets, wanted.name)


async def _page(visit: Visit, known: CircuitSheet) -> Response:
    kept, item = known.kept, known.item
    names = Names(visit.applied.site, visit.directory)
    holder = kept.lies_with(item)
    me = PersonId(visit.person.id)
    reading = reading_service(visit)
    async with visit.apart():
        about = await matter_of(reading, item, visit.blobs)
    version = await circuit_letter.version_of(visit.connection, kept, about, visit.now)
    by, signer = reading_service(visit), visit.directory.person(holder)
    letter = circuit_letter.composed_of(version, about, kept, known.now, Way.MAIL, signer)
    instead = substitute(about, kept.kind, holder) if kept.state is CircuitState.SIGNING else None
    waits = kept.is_open and not item.ended
    mine = waits and known.is_read and me in {holder, None if instead is None else instead.id}
    if mine:
        await note_writing(visit, item.item_id)
    typed = _typed(visit, known)
    signs = may_sign(about, kept.kind, visit.person.id)
    return await visit.html(
        "letters/circuit.html",
        chrono=item.chrono,
        state=labels_fr.STATES[item.state],
        kind=letter_words.KINDS[kept.kind],
        effect=letter_words.EFFECTS[kept.kind],
        where=circuit_words.where(kept, holder, names, visit.today)
        if waits or not kept.is_open
        else "n’est plus attendue",
        mine=mine,
        waits=waits,
        returned=waits and holder == kept.prepared_by,
        preparer=names.person(kept.prepared_by),
        own=kept.prepared_by == me,
        instead=None if instead is None or instead.id == me else names.person(instead.id),
        takes_back=waits and (visit.may_decide(item) or kept.prepared_by == me) and not mine,
        steps=list(_steps(visit, known, names)),
        reason=_last_reason(known),
        overall=_overall(known),
        now=(typed if mine else None) or known.now,
        step=kept.step,
        clash=[] if typed is None else word_changes(known.now.whole, typed.whole),
        letter=letter,
        signature=letter.text.body.removeprefix(letter.filled.body.strip()).strip(),
        findings=[(finding, letter_words.finding_sentence(finding)) for finding in letter.findings],
        address=address_of(letter),
        secure_mail=may_be_secure(letter),
        then_mails=visit.refusal is not None and THEN_MAILS in visit.refusal.typed,
        files=[(file.name, size_of(file.size)) for file in known.now.files],
        copies=_typed_copies(visit) if mine and typed else ", ".join(known.now.copies),
        third=known.kept.kind is NoticeKind.THIRD,
        most_copies=MOST_COPIES,
        wrote="" if about.pli is None else about.pli.text,
        signs=signs,
        document=kept.document is not None,
        url=visit.request.url.path,
        longest_reason=LONGEST_REASON,
        **circuit_offers(visit, by, about, kept.kind),
    )


def _typed(visit: Visit, known: CircuitSheet) -> PreparedText | None:
    """What was typed before a refusal, where it differs from what stands."""
    if visit.refusal is None or "body" not in visit.refusal.typed:
        return None
    given = {name: values[0] if values else "" for name, values in visit.refusal.typed.items()}
    copies = [part.strip() for part in given.get(COPIES, "").split(",") if part.strip()]
    typed = PreparedText.of(
        given.get("subject", ""), given["body"], known.now.asked, copies, known.now.files
    )
    return None if typed == known.now else typed


def _typed_copies(visit: Visit) -> str:
    given = () if visit.refusal is None else visit.refusal.typed.get(COPIES, ())
    return "".join(given[:1])


def _steps(visit: Visit, known: CircuitSheet, names: Names) -> Sequence[ShownStep]:
    shown = list[ShownStep]()
    for n, (step, text) in enumerate(zip(known.steps, known.texts, strict=True)):
        before = known.texts[n - 1] if n else text
        changes = word_changes(before.whole, text.whole)
        shown.append(
            ShownStep(
                circuit_words.act(step, names),
                labels_fr.moment(step.at, visit.applied.site.zone),
                changes if is_changed(changes) else (),
                known.reasons[n],
            )
        )
    return list(reversed(shown))


def _last_reason(known: CircuitSheet) -> str:
    return known.reasons[-1] if known.kept.state is CircuitState.RETURNED else ""


def _overall(known: CircuitSheet) -> Sequence[WordChange]:
    """All that was corrected since the letter was prepared; empty where nothing was."""
    changes = word_changes(known.texts[0].whole, known.now.whole)
    return changes if is_changed(changes) else ()
