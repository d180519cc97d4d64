"""`/courrier/CHRONO`: what came, where it stands, what can be done, how limits count, the past."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any, Final

from services.desk.domain.clocks import answer_clock
from services.desk.domain.days import local_day
from services.desk.domain.decisions.closure import Undo, target_of
from services.desk.french import circuit_words, clock_count, labels_fr, secure_mail_words
from services.desk.french.circuit_words import CircuitNotice
from services.desk.french.rule_reasons import danger_in
from services.desk.french.timeline import TimelineEntry, timeline
from services.desk.french.versions import counted_by
from services.desk.pages import journal_entries
from services.desk.pages.highlights import Highlights, searched_words
from services.desk.pages.item import notes, opinions, replies
from services.desk.pages.item.action import About
from services.desk.pages.item.actions import UNDONE, folded_actions, main_actions, offered_actions
from services.desk.pages.item.closure import MERGE
from services.desk.pages.item.copies import CHOICES, undelivered_copies
from services.desk.pages.item.held_notices import held_notices
from services.desk.pages.item.item_title import item_title
from services.desk.pages.item.lateness import offered_causes
from services.desk.pages.item.letter_returns import came_back
from services.desk.pages.item.postal_proofs import registered_letters
from services.desk.pages.item.sent_folder_reply import unjudged_reply
from services.desk.pages.item.silence import silence_sentence
from services.desk.pages.item.third_party import awaited_third
from services.desk.pages.item.thread import left_out, thread, turns_of
from services.desk.pages.office import claims, near_letters, proposals
from services.desk.reply_address import addressee
from services.desk.rights import Sight
from services.desk.store import reply_writers
from services.desk.store.sheets import ItemSheet
from shared.content import plis
from shared.content.plis import Correspondent
from shared.errors import Refused
from shared.facts.envelope import PersonId
from shared.facts.items import Items
from shared.facts.items.corrections import ItemAbsorbed, ItemMergedInto
from shared.facts.items.replies import ReplyObserved, ReplySent
from shared.facts.items.routing import NoteWritten
from shared.facts.standing import standing, withdrawn
from shared.facts.vocabulary import Priority

ITEM_PAGE: Final = "/courrier/{chrono}"
WORDS: Final = "mots"
"""In the address: the words of the search that led here, marked in what is shown."""


async def item_context(about: About) -> dict[str, Any]:
    """Returns the values for the template of an item's page.

    Without content if the person may not read it. Notes the reading and ends the visit.
    """
    visit, sheet, one = about.visit, about.sheet, about.item
    applied, names = visit.applied, about.names
    hidden = visit.sight(one) is not Sight.WHOLE
    actions, whole = offered_actions(about), "tout" in visit.request.query_params
    by = await counted_by(visit.connection, applied, sheet)
    counted = clock_count.counts(sheet, by, names, visit.today)
    rule = await proposals.offered_rule(visit, one) if actions else None
    observed = await unjudged_reply(about) if actions else None
    named_by = await notes.names_reader(about)
    turns = {} if hidden else await turns_of(visit.connection, sheet)
    elsewhere = await secure_mail_words.elsewhere(visit.connection, one.item_id, applied.site.zone)
    signing = None if hidden else await _signing(about)
    letter = near_letters.letter_of(sheet) if about.open and not hidden else None
    likely = await near_letters.likely_letters(visit, one, letter)
    writers = [] if hidden else await _writers(about)
    claim = await claims.read_notice(visit, one)
    await journal_entries.record_reading(visit, ITEM_PAGE)
    await visit.end()
    # Files alone from here on: no connection waits for them.
    who = None if hidden else await addressee(visit.blobs, one)
    words_noted = "" if hidden else await plis.subject_of(visit.blobs, one.noted)
    contents = [] if hidden else await thread(sheet, applied, visit.blobs, turns, whole=whole)
    noted = await notes.note_texts(about)
    near = await near_letters.compare_letters(visit, letter, likely)
    past = _past(about, may=visit.may_decide(one))
    words = visit.request.query_params.get(WORDS, "")
    highlights = searched_words(words)
    danger = () if highlights.any else applied.site.routing.danger
    alarming = danger_in(sheet.facts, danger, *(part for sent in contents for part in sent.texts))
    highlights = Highlights(alarming) if alarming else highlights
    category = names.category(one.classification.category)
    began = one.opened.arrival_id or one.opened.pli  # else the first message came later
    opening = contents[0].subject if began and contents else ""
    return {
        "chrono": one.chrono,
        "title": item_title(words_noted, opening, who, category),
        "words": words.strip() if highlights.any and not alarming else "",
        "alarming": alarming,
        "mark": highlights.mark,
        "places": highlights.places,
        "outline": highlights.outline,
        "state": labels_fr.STATES[one.state],
        "due": _due(about),
        "urgent": ""
        if one.classification.priority is Priority.NORMALE
        else labels_fr.PRIORITIES[one.classification.priority],
        "facts": [*_sender(about, who), *_summary(about), *_numbers(sheet)],
        "linked": None
        if sheet.linked is None
        else (sheet.linked.chrono, labels_fr.LINKS[sheet.linked.why]),
        "absorbed": [chrono for chrono in one.absorbed if chrono not in sheet.hidden],
        "departures": _departures(sheet),
        **elsewhere,
        "signing": signing,
        "actions": actions,
        "mains": main_actions(about, actions),
        "folded": partial(folded_actions, actions),
        "causes": offered_causes(about) if actions else [],
        "decides": bool(actions),
        "may_answer": about.may_be_answered and bool(actions) and not hidden,
        "seen": observed,
        "returned": came_back(about),
        "undelivered": undelivered_copies(about, contents),
        "copy_choices": CHOICES,
        "registered": registered_letters(about),
        "held": held_notices(about),
        "rule": rule,
        "at_once": [(one.value, replies.SEEN[one], key) for one, key in replies.AT_ONCE],
        "reserved": labels_fr.CONFIDENTIALITIES[one.classification.confidentiality]
        if hidden
        else "",
        "contents": contents,
        "left_out": 0 if hidden or whole else left_out(sheet),
        "counts": counted,
        "holders": clock_count.holders(sheet, applied, names, visit.today),
        "near": near,
        "joins": any(action.slug == MERGE for group in actions.values() for action in group),
        "merged": _merged(about),
        "writers": writers,
        "claim": claim,
        "timeline": [line for line in past if not line[1].minor],
        "minor": [line for line in past if line[1].minor],
        "notes": noted,
        "named_by": named_by,
        "opinions": opinions.asked_opinions(about, noted),
        "third": awaited_third(about),
        "may_note": about.there and not hidden,
        "weekday": lambda day: labels_fr.DAYS[day.weekday()][:3],
    }


async def _signing(about: About) -> CircuitNotice | None:
    """What is said of its letter that is read or signed here."""
    visit = about.visit
    return await circuit_words.newest(
        visit.connection,
        about.item,
        visit.person.id,
        about.names,
        visit.today,
        visit.applied.site.zone,
    )


async def _writers(about: About) -> Sequence[str]:
    """Colleagues who write a letter about it now."""
    visit, me = about.visit, PersonId(about.visit.person.id)
    others = await reply_writers.others(visit.connection, about.item.item_id, me)
    return [about.names.person(person) for person in others]


def _sender(about: About, who: Correspondent | None) -> Sequence[tuple[str, str]]:
    """Who writes, as far as the person may know it."""
    kind = labels_fr.SENDERS[about.item.classification.sender_kind]
    parts = () if who is None else (who.name, who.address, *who.postal.splitlines())
    said = ", ".join(part for part in parts if part.strip())
    return [("Expéditeur", f"{said} ({kind})" if said else kind)]


def _numbers(sheet: ItemSheet) -> Sequence[tuple[str, str]]:
    """What a restore of the database made of its number."""
    former = [("Ancien numéro", ", ".join(sheet.former))] if sheet.former else []
    return former + [
        (
            "Même numéro",
            ("" if number == sheet.item.chrono else f"{number}, ")
            + f"porté avant la restauration par {had}",
        )
        for number, had in sheet.namesakes.items()
    ]


def _departures(sheet: ItemSheet) -> Sequence[str]:
    """The numbers of what left, and which were keyed by mistake."""
    taken_back = withdrawn(sheet.facts)
    undone = {
        fact.departure
        for fact in sheet.facts
        if isinstance(fact, ReplySent) and fact.event_id in taken_back
    }
    return [
        f"{departure} (annulé)" if departure in undone else departure
        for departure in sheet.departures
    ]


def _due(about: About) -> tuple[date, str, str] | None:
    """The day by which an answer is due, what is left in words, and a mark."""
    clock = answer_clock(about.sheet.clocks)
    if clock is None or not about.open:
        return None
    left = labels_fr.days_left(about.visit.today, clock.limit, about.visit.applied.days)
    late = clock.limit < about.visit.today
    return clock.limit, left, "late" if late else "risk" if clock.rungs else ""


def _past(about: About, *, may: bool) -> Sequence[tuple[str, TimelineEntry, bool]]:
    """The past, newest first: its moment, what happened, whether the person may take it back."""
    zone = about.visit.applied.site.zone
    undoable = _undoable(about) if may else _own_notes(about)
    moments = reversed(timeline(about.sheet, about.names))
    return [
        (labels_fr.moment(moment.at, zone), moment, moment.seq in undoable) for moment in moments
    ]


def _undoable(about: About) -> frozenset[int]:
    """The statements that can be taken back from here, by their numbers."""
    found = set[int]()
    for fact in about.sheet.facts:
        if isinstance(fact, ItemAbsorbed | ReplyObserved) or _is_unread_note(about, fact):
            continue
        try:
            target_of(about.item, about.sheet.facts, Undo(UNDONE, fact.seq))
        except Refused:
            continue
        found.add(fact.seq)
    if about.item.merged_into is not None:
        return frozenset({merger.seq}) if (merger := _merger(about)) is not None else frozenset()
    return frozenset() if about.item.destroyed else frozenset(found)


def _is_unread_note(about: About, fact: Items) -> bool:
    """Whether it is a colleague's note of an item that the reader reads in outline alone."""
    outline = about.visit.sight(about.item) is not Sight.WHOLE
    return outline and isinstance(fact, NoteWritten) and not notes.is_own_note(about, fact.seq)


def _own_notes(about: About) -> frozenset[int]:
    """The notes that somebody wrote who may only read: these alone they take back."""
    mine = (seq for seq in _undoable(about) if notes.is_own_note(about, seq))
    return frozenset(mine) if about.there else frozenset()


def _merger(about: About) -> ItemMergedInto | None:
    """The fact by which it is merged now."""
    found = [fact for fact in standing(about.sheet.facts) if isinstance(fact, ItemMergedInto)]
    return found[-1] if found else None


def _merged(about: About) -> tuple[str, int] | None:
    """Into which item it was merged, and the number of the fact that parts them again.

    No number where the reader may not know of that item, and 0 for whoever may not part them.
    """
    merger = _merger(about)
    if merger is None or about.item.destroyed:
        return None
    known = "" if merger.survivor_chrono in about.sheet.hidden else merger.survivor_chrono
    return known, merger.seq if about.visit.may_decide(about.item) else 0


def _summary(about: About) -> Sequence[tuple[str, str]]:
    """The rows of the description, those that say something."""
    one, names, site = about.item, about.names, about.visit.applied.site
    what, received = one.classification, local_day(one.receipt, site.zone)
    holder = one.signatory or one.agent
    head = None if about.service is None else about.service.head
    doubt = " (première vue, à confirmer)" if one.provisional else ""
    perimeter = "" if what.perimeter else f"hors périmètre : {names.reason(what.reason or '')}"
    role = " (à la signature)" if one.signatory else "" if holder else " (responsable du service)"
    pieces = "" if one.pieces_until is None else f"avant le {labels_fr.short_day(one.pieces_until)}"
    holding = "" if one.holding_until is None else labels_fr.long_day(one.holding_until)
    rows = (
        (
            "Objet",
            labels_fr.kind_of_item(names.category(what.category), what.nature)
            + (f" ({names.theme(what.theme)})" if what.theme else ""),
        ),
        ("Périmètre", perimeter),
        ("Reçu", f"{labels_fr.long_day(received)}, {labels_fr.CHANNELS[one.channel]}{doubt}"),
        ("Service", names.service(one.service)),
        ("Suivi par", f"{names.person(holder or head)}{role}"),
        ("En copie", ", ".join(map(names.service, one.copies))),
        ("Pour information", ", ".join(map(names.person, one.informed))),
        ("En attente", ", ".join(labels_fr.WAITINGS[waiting] for waiting in sorted(one.waits))),
        ("Pièces attendues", pieces),
        ("Ce que vaut le silence", silence_sentence(one, about.visit.applied, about.visit.now)),
        ("Date annoncée", holding),
        ("Fusionné avec", names.item(one.merged_chrono) if one.merged_chrono else ""),
        ("Classé", "" if one.closed is None else names.reason(one.closed)),
    )
    return [row for row in rows if row[1]]
