"""`/bureau/a-qualifier`: one item at a time, its original beside the few fields that decide."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from services.desk.domain.days import local_day
from services.desk.domain.item import Item, ItemStatus
from services.desk.french import labels_fr, silence_words
from services.desk.french.names import Names
from services.desk.french.rule_reasons import LetterText, danger_in, reasons
from services.desk.pages.highlights import Highlights
from services.desk.pages.item.thread import turns_of
from services.desk.pages.office import (
    claims,
    learner_proposal,
    near_letters,
    proposals,
    queue_list,
    sender,
)
from services.desk.pages.office.preview import ArrivalPreview, preview
from services.desk.pages.office.queue_address import QueueParams, parse_params
from services.desk.pages.visit import Visit
from services.desk.rights import Sight
from services.desk.store import classification, queue
from services.desk.store.queue_claims import Claim
from services.desk.store.receipt_batches import undated_beside
from services.desk.store.sheets import ItemSheet
from shared.content import plis
from shared.facts.authors import by_person
from shared.facts.envelope import Chrono, PersonId, ServiceId
from shared.facts.vocabulary import Channel, Confidentiality, Nature, Waiting
from shared.site.tables.routing import UNRECOGNISED
from shared.site.tables.services import Service

MOST_KEYS: Final = 6
TAKEN: Final = frozenset("cpejzvt/?!,;0123456789")
"""Keys of the page: confirm, pass, set aside, join, undo, service, category; search, help; who
writes."""

PLAIN: Final = ("sans-suite", "doublon")
"""Reasons to close, where the site offers none of its own."""
SPARE: Final = "abcdefghijklmnopqrstuvwxyz"


async def begin(visit: Visit) -> Response:
    """Redirects to the next letter that nobody has open; without one, shows what is left."""
    params = _params(visit)
    following = await _next(visit, params, params.after)
    if following is not None:
        return await visit.to(params.address(following, dernier=params.last))
    return await visit.html(
        "office/sorted.html",
        last=await last(visit),
        asked=params,
        left=await queue.count_left(visit.connection),
        **await proposals.sorting_context(visit),
    )


async def show_letter(visit: Visit) -> Response:
    """Shows one item to qualify with its form; one qualified already leads to the next."""
    chrono, params = visit.request.path_params["chrono"], _params(visit)
    sheet = await visit.item(chrono)
    if sheet.item.state is not ItemStatus.TO_QUALIFY and visit.refusal is None:
        return await visit.to(await onward(visit, params, sheet.item.chrono))
    waits = sheet.item.state is ItemStatus.TO_QUALIFY
    claim = await claims.claim_page(visit, sheet.item) if waits else None
    return await visit.html(
        "office/qualify.html", **await letter_values(visit, sheet, params, claim)
    )


async def letter_values(
    visit: Visit, sheet: ItemSheet, params: QueueParams, claim: Claim | None
) -> dict[str, Any]:
    """Returns the template values of one letter's page; `claim`: the colleague who has it open."""
    reserved = visit.sight(sheet.item) is not Sight.WHOLE
    opened = sheet.item.opened.arrival_id
    came = next((came for came in sheet.arrivals if came.arrival_id == opened), None)
    paper, pli = None if came is None else came.original, near_letters.letter_of(sheet)
    turns = {} if reserved else await turns_of(visit.connection, sheet)
    async with visit.apart():
        content = ArrivalPreview()
        if not reserved:
            pictures = f"/courrier/{sheet.item.chrono}/{opened}"
            zone = visit.applied.site.zone
            content = await preview(visit.blobs, pli, paper, turns, zone, pictures)
        letter, danger = _letter_text(sheet, content), visit.applied.site.routing.danger
        why, phrases = _why(sheet, letter, visit)
        alarming = danger_in(sheet.facts, danger, letter.subject, letter.text, *letter.attached)
        who = None if reserved else await sender.propose_sender(visit, sheet.item)
        subject = "" if reserved else await plis.subject_of(visit.blobs, sheet.item.noted)
    near = await near_letters.find_near(visit, sheet.item, None if reserved else pli)
    learned = await learner_proposal.propose(visit, sheet, None if reserved else pli)
    received = local_day(sheet.item.receipt, visit.applied.site.zone)
    listed = await queue_list.beside(visit, params, sheet.item.chrono)
    skip = params.address(apres=sheet.item.chrono, dernier=params.last)
    return {
        "chrono": sheet.item.chrono,
        "state": f"{sheet.item.chrono}:{sheet.item.seq}",
        "arrival": _arrival(sheet),
        "content": content,
        "why": why,
        "learned": learned.lines,
        "near": near,
        "mark": (highlights := Highlights((*phrases, *alarming))).mark,
        "places": highlights.places,
        "outline": highlights.outline,
        "sender": who,
        "chips": sender.CHIPS,
        "kind": sheet.item.classification.sender_kind.value,
        "subject": subject,
        "reserved": reserved,
        "claim": claims.notice(visit, claim),
        "skip": skip if listed["waiting"] > 1 else "",
        "waited": visit.applied.days.between(received, visit.today),
        "last": await last(visit),
        "keys": await _keys(visit),
        "undated": await _undated(visit, sheet.item),
        **listed,
        **(stands := _fields(sheet, visit)),
        "filled": {"service": stands["service"], "category": stands["category"]} | learned.fields,
    }


async def _undated(visit: Visit, item: Item) -> int:
    """How many letters came with one whose day is doubtful, and want theirs as well."""
    if Waiting.RECEIPT_TO_CONFIRM not in item.waits:
        return 0
    return await undated_beside(visit.connection, item.item_id)


def _params(visit: Visit) -> QueueParams:
    return parse_params(visit.request.query_params, visit.applied.site)


async def _next(visit: Visit, params: QueueParams, after: str | None) -> Chrono | None:
    place = None if after is None else await queue.place_of(visit.connection, after)
    me = PersonId(visit.person.id)
    found = await queue.claim_next(visit.connection, me, params.which, place)
    return None if found is None else found.chrono


async def onward(visit: Visit, params: QueueParams, after: Chrono) -> str:
    """Claims the letter after this one for the person; returns its address, or the queue's."""
    following = await _next(visit, params, after)
    return params.address(following or "", dernier=after)


async def last(visit: Visit, named: str | None = None) -> dict[str, str] | None:
    """Returns the item that the person qualified last today, in French words, or `None`.

    `named`: the one that is meant, by default the one that the address names.
    """
    since, named = visit.midnight, named or _params(visit).last
    found = await classification.last(visit.connection, by_person(visit.person.id), since, named)
    if found is None:
        return None
    names = Names(visit.applied.site, visit.directory)
    what = f"{names.service(found.service)}, {names.category(found.category)}"
    if found.into is not None:
        what = f"joint à {found.into}"
    elif found.closed:
        what = "écarté"
    return {"chrono": found.chrono, "what": what}


def _arrival(sheet: ItemSheet) -> str:
    opened = sheet.item.opened.arrival_id
    return "" if opened is None else str(opened)


def _fields(sheet: ItemSheet, visit: Visit) -> dict[str, Any]:
    item, site = sheet.item, visit.applied.site
    what = item.classification
    row = site.category.get(what.category)
    regimes = [site.regime[code] for code in row.allowed if code in site.regime] if row else []
    return {
        "facts": _facts(item, visit),
        "linked": None
        if sheet.linked is None
        else (sheet.linked.chrono, labels_fr.LINKS[sheet.linked.why]),
        "service": item.service,
        "category": what.category,
        "nature": what.nature.value,
        "confidentiality": what.confidentiality.value,
        "day": local_day(item.receipt, site.zone).isoformat(),
        "doubtful_day": Waiting.RECEIPT_TO_CONFIRM in item.waits,
        "regimes": [(regime.id, silence_words.regime(regime)) for regime in regimes],
        "services": [(service.id, service.name) for service in site.services.services],
        "categories": [(category.id, category.label) for category in site.routing.categories],
        "natures": [(nature.value, labels_fr.NATURES[nature]) for nature in Nature],
        "confidentialities": [
            (confidentiality.value, labels_fr.CONFIDENTIALITIES[confidentiality])
            for confidentiality in Confidentiality
        ],
        "asides": asides(visit),
        "about": what.theme or "",
        "themes": themes(site.labels.every_theme),
    }


def _facts(item: Item, visit: Visit) -> Sequence[tuple[str, str, str]]:
    """What is urgent or special about it: words, and the colour of their chip."""
    chips = list[tuple[str, str, str]]()
    if item.opened.danger:
        chips.append(("mots de danger : la permanence est prévenue", "late", ""))
    if item.classification.priority != "normale":
        chips.append((labels_fr.PRIORITIES[item.classification.priority], "risk", ""))
    if item.opened.hold:
        chips.append((visit.applied.site.labels.reason(item.opened.hold), "wait", "retenu : "))
    if item.channel is not Channel.EMAIL:
        chips.append((labels_fr.CHANNELS[item.channel], "", ""))
    return chips


def _letter_text(sheet: ItemSheet, content: ArrivalPreview) -> LetterText:
    opened = sheet.item.opened.arrival_id
    source = next((came.source for came in sheet.arrivals if came.arrival_id == opened), "")
    text = content.text or "\n".join(content.paper.read)
    return LetterText(
        content.subject, text, tuple(file.text for file in content.attachments), source
    )


def _why(sheet: ItemSheet, letter: LetterText, visit: Visit) -> tuple[str, Sequence[str]]:
    """What is proposed, by which rule and for which reasons; the phrases that the rule found."""
    item, names = sheet.item, Names(visit.applied.site, visit.directory)
    proposal = item.opened.proposal
    where = f"{names.service(item.service)}, {names.category(item.classification.category)}"
    if proposal is None or proposal.category is None or proposal.rule == UNRECOGNISED:
        return f"Aucune règle ne l’a reconnu : {where} par défaut.", ()
    said = f"Règle « {proposal.rule} » : {where}"
    rules = {rule.id: rule for rule in visit.applied.site.routing.rules}
    if (rule := rules.get(proposal.rule)) is None:
        return f"{said}.", ()
    found = reasons(rule, letter, names)
    because = f", parce que : {' ; '.join(found.sentences)}" if found.sentences else ""
    return f"{said}{because}.", found.phrases


async def _keys(visit: Visit) -> Sequence[tuple[str, str, str]]:
    """The frequent services in the site's order: letter, id, short name."""
    office = visit.applied.site.identity.mail_office
    rows = [service for service in visit.applied.site.services.services if service.id != office]
    letters = letters_of(rows)
    busy = [
        service_id
        for service_id in await classification.frequent(visit.connection)
        if service_id in letters
    ]
    shown = {*busy[:MOST_KEYS]}
    # A new register has no frequent service yet: those that the site names first.
    shown |= {ServiceId(row.id) for row in rows if row.id in letters and not busy}
    keys = [(letters[row.id], row.id, row.short) for row in rows if row.id in shown]
    return keys[:MOST_KEYS]


def letters_of(services: Sequence[Service]) -> Mapping[str, str]:
    """Assigns each service a letter as its keyboard key, from its short name where possible.

    Depends on the site alone, so that a service keeps its letter.
    """
    taken, letters = set(TAKEN), dict[str, str]()
    for service in services:
        wanted = (key for key in service.short.lower() + SPARE if key in SPARE and key not in taken)
        if (key := next(wanted, None)) is not None:
            taken.add(key)
            letters[service.id] = key
    return letters


def themes(words: Mapping[str, str]) -> Sequence[tuple[str, str, str]]:
    """Assigns each theme of complaints a capital letter as its key; returns key, code, words.

    Depends on the site alone, so that a theme keeps its key; capitals clash with no other key.
    """
    taken, found = set[str](), list[tuple[str, str, str]]()
    for code, said in words.items():
        letters = (letter for letter in said.upper() + SPARE.upper() if letter in SPARE.upper())
        key = next((letter for letter in letters if letter not in taken), "")
        taken.add(key)
        found.append((key, code, said))
    return found


def asides(visit: Visit) -> Sequence[tuple[str, str]]:
    """Returns the choices of why an item needs no answer: categories, then plain reasons."""
    site = visit.applied.site
    rows = [
        (f"category:{category.id}", category.label)
        for category in site.routing.categories
        if not category.perimeter and category.service == site.identity.mail_office
    ]
    codes = site.labels.offered.get("close", PLAIN)
    plain = [(f"reason:{code}", site.labels.reason(code)) for code in codes]
    return [*rows, *plain]
