"""`/bureau/file/lot`: letters of the queue that are alike, decided by one act; each is its own.

The page shows what will happen to each, and which are left out and why. What it showed is signed:
nothing else is decided. Each letter has facts, and an undoing, of its own.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.responses import Response

from services.desk.accounts.store import sessions
from services.desk.domain.batches import Exclusion, common_holds, exclusion, warnings_of
from services.desk.domain.decisions.classification import Qualify, Reclassify
from services.desk.domain.item import Item
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.office import sender
from services.desk.pages.office.batch_choice import (
    BatchChoice,
    BatchLine,
    describe_act,
    parse_choice,
    seen_of,
)
from services.desk.pages.office.queue import asides
from services.desk.pages.office.queue_address import LIST, QueueParams, parse_params
from services.desk.pages.refusals import UNREADABLE, french
from services.desk.pages.visit import Visit
from services.desk.service import Qualification, RegisterService
from services.desk.store import item_numbers, items, queue, queue_claims, readable_items
from services.desk.store.items import StoredItemRow
from services.desk.store.queue import QueueRow
from shared.errors import Refused
from shared.facts.envelope import Chrono, PersonId
from shared.facts.vocabulary import Category, SenderKind
from shared.web.forms import Mistyped

BATCH: Final = f"{LIST}/lot"
MOST: Final = 100
"""Letters of one act: what somebody can look through."""
WHY: Final[Mapping[Exclusion, str]] = {
    Exclusion.SORTED: "Il n’est plus à qualifier.",
    Exclusion.CHANGED: "Il a changé depuis que la page l’a montré.",
    Exclusion.DANGER: "Des mots de danger : il se lit et se décide seul.",
    Exclusion.RESERVED: "Réservé : il se lit et se décide seul.",
    Exclusion.HELD: "Ses envois sont retenus pour une autre raison que ceux des autres.",
    Exclusion.NOT_HELD: "Ses envois ne sont pas retenus, ceux des autres le sont.",
    Exclusion.JOINED: "D’autres courriers y sont joints : il se lit et se décide seul.",
    Exclusion.ELSEWHERE: "Un collègue le regarde.",
}


async def preview(visit: Visit) -> Response:
    """Shows what one act would do to each of the chosen letters; decides nothing."""
    params = parse_params(visit.request.query_params, visit.applied.site)
    ticked, found = await _chosen(visit, params)
    rows, choice = found[:MOST], parse_choice(visit.request.query_params, visit)
    kept = await _kept(visit, [row.chrono for row in rows], lock=False)
    excluded = await _excluded(visit, kept)
    along = [row for row in rows if row.chrono in kept and row.chrono not in excluded]
    alike = any(len({*same}) == 1 and any(same) for same in _likeness(along))
    kinds = await _kinds(visit, choice, {row.chrono: kept[row.chrono] for row in along})
    names = Names(visit.applied.site, visit.directory)
    there = {row.chrono for row in rows}
    lines = list[BatchLine]()
    out = [
        BatchLine(chrono, "", "", WHY[Exclusion.SORTED])
        for chrono in ticked[:MOST]
        if chrono not in there
    ]
    for row in rows:
        letter = kept.get(row.chrono)
        if letter is None or row.chrono in excluded:
            why = UNREADABLE if letter is None else WHY[excluded[row.chrono]]
            out.append(BatchLine(row.chrono, row.sender, row.subject, why))
            continue
        kind = kinds[row.chrono]
        said = describe_act(letter.item, choice, kind, names, visit)
        seen = seen_of(row.chrono, letter.item.seq, kind)
        lines.append(BatchLine(row.chrono, row.sender, row.subject, said, seen))
    return await visit.html(
        "office/batch.html",
        asked=params,
        lines=lines if alike else [],
        out=out,
        unlike=bool(along) and not alike,
        more=len(found) > MOST or len(ticked) > MOST,
        choice=choice,
        numbers=[row.chrono for row in rows],
        most=MOST,
        kinds=[(kind.value, labels_fr.SENDERS[kind]) for _, kind in sender.KEYS],
        services=[(row.id, row.name) for row in visit.applied.site.services.services],
        categories=[(row.id, row.label) for row in visit.applied.site.routing.categories],
        asides=asides(visit),
    )


async def _kinds(
    visit: Visit, choice: BatchChoice, kept: Mapping[Chrono, StoredItemRow]
) -> Mapping[Chrono, SenderKind]:
    """Who writes each letter: as chosen for all, or as the queue would propose it."""
    if choice.kind is not None:
        return dict.fromkeys(kept, choice.kind)
    async with visit.apart():
        return {
            chrono: SenderKind((await sender.propose_sender(visit, letter.item)).kind)
            for chrono, letter in kept.items()
        }


def _likeness(rows: Sequence[QueueRow]) -> tuple[Sequence[str], Sequence[str]]:
    """Of each letter, in what it may be like the others: its sender, its rule."""
    return [row.sender for row in rows], [row.rule or "" for row in rows]


async def _chosen(visit: Visit, params: QueueParams) -> tuple[Sequence[Chrono], Sequence[QueueRow]]:
    """The numbers that were ticked, and what waits of them; or all that the filter shows."""
    if visit.request.query_params.get("tous"):
        return (), await queue.rows(visit.connection, params.which, None, MOST + 1)
    asked_for = visit.request.query_params.getlist("courrier")
    ticked = [Chrono(text.replace("\0", "")[:40]) for text in dict.fromkeys(asked_for)]
    return ticked, await queue.named_rows(visit.connection, ticked[:MOST])


async def _kept(
    visit: Visit, numbers: Sequence[Chrono], *, lock: bool
) -> Mapping[Chrono, StoredItemRow]:
    """The letters with their facts; locked in order of id: two acts never wait for each other."""
    ids = await item_numbers.by_chronos(visit.connection, numbers)
    if lock:
        await items.lock_rows(visit.connection, sorted(set(ids.values())))
    found = await readable_items.peek(visit.connection, sorted(set(ids.values())))
    return {letter.item.chrono: letter for letter in found.values()}


async def _excluded(
    visit: Visit, kept: Mapping[Chrono, StoredItemRow]
) -> Mapping[Chrono, Exclusion]:
    ids = [letter.item.item_id for letter in kept.values()]
    others = await queue_claims.held_by_others(visit.connection, ids, PersonId(visit.person.id))
    warned = {chrono: warnings_of(letter.facts) for chrono, letter in kept.items()}
    common, found = common_holds(list(warned.values())), dict[Chrono, Exclusion]()
    for chrono, letter in kept.items():
        why = exclusion(letter.item, warned[chrono], common)
        if why is None and letter.item.item_id in others:
            why = Exclusion.ELSEWHERE
        if why is not None:
            found[chrono] = why
    return found


async def decide(visit: Visit) -> Response:
    """Handles the form that decides the letters of the preview, each by itself."""
    form = await visit.form()
    seen = [tuple(text.split(":")) for text in form.texts("vu")][:MOST]
    if not seen or not {"vu", "choix"} <= visit.offers.keys():
        raise Mistyped("vu", "Choisissez d’abord des courriers de la file.")
    choice = BatchChoice.read(form.text("choix"))
    kept = await _kept(visit, [Chrono(chrono) for chrono, _, _ in seen], lock=True)
    excluded, by = await _excluded(visit, kept), visit.decider(form.decision)
    names = Names(visit.applied.site, visit.directory)
    done, out = list[BatchLine](), list[BatchLine]()
    for chrono, seq, kind in seen:
        letter = kept.get(Chrono(chrono))
        if letter is None or chrono in excluded:
            why = UNREADABLE if letter is None else WHY[excluded[Chrono(chrono)]]
        elif str(letter.item.seq) != seq:
            why = WHY[Exclusion.CHANGED]
        else:
            why = await _decided(visit, by, letter.item, choice, SenderKind(kind))
        if letter is None or why:
            out.append(BatchLine(chrono, "", "", why))
        else:
            said = describe_act(letter.item, choice, SenderKind(kind), names, visit)
            done.append(BatchLine(chrono, "", "", said))
    await sessions.keep_answer(visit.connection, form.decision, LIST)
    return await visit.html("office/batch_done.html", done=done, out=out)


async def _decided(
    visit: Visit, by: RegisterService, item: Item, choice: BatchChoice, kind: SenderKind
) -> str:
    """Decides a letter, or says why that is refused: the others are decided all the same."""
    try:
        async with visit.connection.transaction():
            await _decide(visit, by, item, choice, kind)
    except Refused as refused:
        return french(refused, Names(visit.applied.site, visit.directory))
    return ""


async def _decide(
    visit: Visit, by: RegisterService, item: Item, choice: BatchChoice, kind: SenderKind
) -> None:
    item_id, what = item.item_id, item.classification
    if choice.aside:
        of_kind, _, code = choice.aside.partition(":")
        category = visit.applied.site.category[Category(code)] if of_kind == "category" else None
        reason = code if category is None else category.reason or code
        await by.dismiss(item_id, reason, None if category is None else Category(category.id))
        return
    change = Reclassify(
        category=None if choice.category in {"", what.category} else choice.category,
        sender_kind=None if kind is what.sender_kind else kind,
    )
    service = None if choice.service in {"", item.service} else choice.service
    await by.qualify(item_id, Qualification(Qualify(change, service=service)), visit.blobs)


async def take_back(visit: Visit) -> Response:
    """Handles the form that takes back what one act decided, letter by letter."""
    form = await visit.form()
    numbers = [Chrono(chrono) for chrono in form.texts("courrier")][:MOST]
    await _kept(visit, numbers, lock=True)
    by, done = visit.decider(form.decision), 0
    for chrono in numbers:
        try:
            async with visit.connection.transaction():
                await by.sort_again(chrono, visit.midnight)
        except Refused:
            continue
        done += 1
    left = len(numbers) - done
    said = f"{done} courrier{'s' if done > 1 else ''} à trier de nouveau."
    if left:
        where = "leurs pages disent" if left > 1 else "sa page dit"
        said += f" {left} ne se reprend{'ent' if left > 1 else ''} plus : {where} pourquoi."
    return await visit.to(LIST, said=said)
