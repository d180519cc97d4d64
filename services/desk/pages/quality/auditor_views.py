"""`/auditeur/…`: what an auditor on site sees: figures, engagements, measures, what they drew.

Of items only those that were drawn in their presence, outline first, the content on a click, which
is noted. No search, no file but the proof of a draw; what they find becomes a finding of the label.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.domain.item import Item
from services.desk.evidence import draws
from services.desk.evidence.domain.sampling import Candidate
from services.desk.evidence.proof.sample import MODES, Sample
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.french.timeline import timeline
from services.desk.pages import drawn_pages, journal_entries
from services.desk.pages.downloads import our_file
from services.desk.pages.item.thread import thread, turns_of
from services.desk.pages.quality import label, label_dossier, label_findings, label_words, measures
from services.desk.pages.quality.auditor_sessions import DOOR
from services.desk.pages.visit import Visit
from services.desk.quality.domain.auditor_sessions import AuditorSession
from services.desk.quality.domain.new_statements import NewFinding
from services.desk.quality.store import auditor_sessions as store
from services.desk.quality.store import measures as measure_store
from services.desk.quality.store.label import label_facts, last_closed
from services.desk.store import other_items
from services.desk.store.sheets import ItemSheet, sheet
from shared.errors import Refused
from shared.facts.authors import by_auditor
from shared.facts.envelope import ItemId
from shared.facts.quality.label import FindingGrade
from shared.facts.vocabulary import Confidentiality
from shared.web.forms import Mistyped

NONE: Final = "Aucun courrier tiré devant vous ne porte ce numéro."


async def figures(visit: Visit) -> Response:
    """Shows an auditor the rates of the last twelve closed months, as they were closed."""
    closed = await last_closed(visit.connection, label_dossier.MONTHS)
    months = await label_dossier.closed_months(visit, closed)
    return await visit.html("quality/auditor_figures.html", months=months)


async def engagements(visit: Visit) -> Response:
    """Shows an auditor every engagement of the label with its state, evidence and gaps."""
    found, names = await label.view(visit), Names(visit.applied.site, visit.directory)
    return await visit.html(
        "quality/auditor_engagements.html",
        framework=found.framework,
        label=found.facts.label,
        modules=label.modules(found, names, visit.today),
    )


async def engagement(visit: Visit) -> Response:
    """Shows an auditor one engagement of the label with its proofs."""
    return await visit.html(
        "quality/auditor_engagement.html", **await label.engagement_context(visit)
    )


async def measures_(visit: Visit) -> Response:
    """Shows an auditor the corrective measures, the latest first."""
    found = await measure_store.every(visit.connection)
    lines = measures.lines(visit, found, await measure_store.words(visit.connection, found))
    return await visit.html("quality/auditor_measures.html", lines=list(reversed(lines)))


async def show_draws(visit: Visit) -> Response:
    """Shows an auditor all random draws; those made in their presence lead to their items."""
    mine = {draw.seq for draw in (await _session(visit)).draws}
    made = await label.draws_made(visit)
    return await visit.html(
        "quality/auditor_draws.html",
        path=f"{DOOR}/tirages",
        rows=[
            (draw.seq, label_words.draw_text(draw), draw.seed, draw.seq in mine)
            for draw in reversed(made)
        ],
    )


async def draw(visit: Visit) -> Response:
    """Shows an auditor a random draw that was made in their presence: its items, in outline."""
    made = await _draw(visit)
    reserved = await draws.reserved_items(visit.connection, made)
    return await visit.html(
        "quality/auditor_draw.html",
        draw=made.told,
        mode=MODES[made.told.mode],
        again=made.again,
        rows=[
            (kept, kept.item_id in reserved, kept.received_on, kept.result)
            for ranked in made.drawn
            for kept in (ranked.candidate,)
        ],
        path=DOOR,
    )


async def archive(visit: Visit) -> Response:
    """Downloads the proof of an auditor's random draw as a ZIP, without items that are réservé."""
    made = await _draw(visit)
    proofs = await draws.proofs_of(visit.connection, made, visit.now)
    async with visit.apart():
        content = await draws.pack_draw(visit.blobs, made, proofs, visit.now)
    return our_file(content, "application/zip", f"tirage-{made.told.seq}.zip")


async def item(visit: Visit) -> Response:
    """Shows an auditor the outline of an item that was drawn in their presence."""
    candidate, found = await _item(visit)
    return await visit.html(
        "quality/auditor_item.html",
        **_outline(visit, candidate, found),
        **await _finding_form(visit),
        contents=None,
        timeline=(),
    )


async def content(visit: Visit) -> Response:
    """Shows an auditor the content of an item that they drew, and records that they read it."""
    candidate, found = await _item(visit)
    if _is_reserved(candidate, found):
        raise HTTPException(404, NONE)
    await journal_entries.record_audited(visit, candidate.chrono)
    names = Names(visit.applied.site, visit.directory, found.hidden)
    zone = visit.applied.site.zone
    turns = await turns_of(visit.connection, found)
    async with visit.apart():
        contents = await thread(found, visit.applied, visit.blobs, turns, whole=True)
    return await visit.html(
        "quality/auditor_item.html",
        **_outline(visit, candidate, found),
        **await _finding_form(visit),
        contents=contents,
        timeline=[(labels_fr.moment(entry.at, zone), entry) for entry in timeline(found, names)],
    )


async def picture(visit: Visit) -> Response:
    """Shows an auditor a scanned page of an item that they drew, as a picture."""
    candidate, found = await _item(visit)
    wanted = visit.request.path_params["arrival"]
    arrival = next((known for known in found.arrivals if known.arrival_id == wanted), None)
    gone = wanted in found.item.gone or found.item.destroyed
    if arrival is None or gone or arrival.erased_at or _is_reserved(candidate, found):
        raise HTTPException(404, NONE)
    await journal_entries.record_audited(visit, candidate.chrono)
    digest = drawn_pages.digest_of(arrival.original)
    return await drawn_pages.answer(
        visit, digest, lambda: visit.blobs.get(arrival.original), kept=False
    )


async def findings(visit: Visit) -> Response:
    """Shows the findings (constats) of an auditor on site, with the form that states one."""
    facts = await label_facts(visit.connection)
    mine = by_auditor((await _session(visit)).number)
    rows = []
    for found in facts.findings.values():
        if found.stated.by == mine:
            said = await label_findings.finding_texts(visit, found)
            rows.append((found, label_words.GRADES[found.stated.grade], said.finding,
                         label_findings.engagement_text(visit, found)))  # fmt: skip
    return await visit.html(
        "quality/auditor_findings.html", rows=rows, **await _finding_form(visit)
    )


async def state(visit: Visit) -> Response:
    """Records a finding (constat) of an auditor on site, about an item that they drew or none."""
    form, session = await visit.form(), await _session(visit)
    row = label.framework_of(visit).engagement.get(form.text("engagement"))
    if row is None:
        raise Mistyped("engagement", "Choisissez dans la liste.")
    grade = form.word("classe", FindingGrade)
    if grade is None:
        raise Mistyped("classe", "Choisissez dans la liste.")
    text = form.require("constat", "Écrivez ce que vous avez constaté.")
    chrono = form.text("courrier")
    about = None
    if chrono:
        chosen = (await _candidates(visit, session)).get(chrono)
        if chosen is None:
            raise Mistyped("courrier", "Choisissez dans la liste.")
        about = ItemId(chosen.item_id)
    invited = session.invited
    number = await label.service(visit).state_finding(
        row, NewFinding(grade, invited.step, invited.occurrence, visit.today, text, about)
    )
    return await visit.to(f"{DOOR}/constats", said=f"Constat n° {number} noté.")


async def _read(visit: Visit, number: int) -> AuditorSession | None:
    return (await store.sessions(visit.connection, visit.applied.site.zone)).get(number)


async def _session(visit: Visit) -> AuditorSession:
    number = visit.roles.auditor
    found = None if number is None else await _read(visit, number)
    if found is None:
        raise HTTPException(404)
    return found


async def _draw(visit: Visit) -> Sample:
    """The draw of the address. Raises HTTPException 404 unless it was made before the auditor."""
    seq = visit.request.path_params["number"]
    if (await _session(visit)).draw(seq) is None:
        raise HTTPException(404, "Aucun tirage fait devant vous ne porte ce numéro.")
    return await _sample(visit, seq)


async def _sample(visit: Visit, seq: int) -> Sample:
    try:
        return await draws.repeat_draw(visit.connection, seq)
    except Refused as refused:
        raise HTTPException(404, "Ce tirage ne peut pas être lu.") from refused


async def _candidates(visit: Visit, session: AuditorSession) -> Mapping[str, Candidate]:
    """The items that were drawn in the auditor's presence, by chrono."""
    found = dict[str, Candidate]()
    for told in session.draws:
        sample = await _sample(visit, told.seq)
        chosen = set(told.chosen)
        found |= {
            ranked.candidate.chrono: ranked.candidate
            for ranked in sample.drawn
            if ItemId(ranked.candidate.item_id) in chosen
        }
    return found


async def _item(visit: Visit) -> tuple[Candidate, ItemSheet]:
    """The item of the address. Raises HTTPException 404 unless it was drawn before the auditor."""
    chosen = await _candidates(visit, await _session(visit))
    candidate = chosen.get(visit.request.path_params["chrono"])
    found = None if candidate is None else await sheet(visit.connection, ItemId(candidate.item_id))
    if candidate is None or found is None:
        raise HTTPException(404, NONE)
    hidden = await other_items.hidden_numbers(visit.connection, found.facts, _was_always_normal)
    return candidate, replace(found, hidden=hidden)


def _was_always_normal(item: Item) -> bool:
    now = item.classification.confidentiality
    return now is Confidentiality.NORMAL and not item.was_reserved


def _is_reserved(candidate: Candidate, found: ItemSheet) -> bool:
    """Whether an item is réservé or ever was: the SG opens it before the auditor, on a screen."""
    return candidate.masked or not _was_always_normal(found.item)


def _outline(visit: Visit, candidate: Candidate, found: ItemSheet) -> dict[str, Any]:
    """What is shown of an item before anybody clicks: no word of its sender's."""
    names = Names(visit.applied.site, visit.directory)
    reserved = _is_reserved(candidate, found)
    rows = [
        ("Service", names.service(candidate.service)),
        ("Reçu le", labels_fr.long_day(candidate.received_on) if candidate.received_on else ""),
        ("Limite", labels_fr.long_day(candidate.limit_day) if candidate.limit_day else ""),
        ("Réponse, à l’arrêt de la liste", candidate.result),
        ("Jours ouvrés", "" if candidate.days < 0 else str(candidate.days)),
        ("État", labels_fr.STATES[found.item.state]),
    ]
    return {
        "chrono": candidate.chrono,
        "reserved": reserved,
        "outline": [] if reserved else [(name, said) for name, said in rows if said],
        "path": DOOR,
    }


async def _finding_form(visit: Visit) -> dict[str, Any]:
    chosen = await _candidates(visit, await _session(visit))
    framework = label.framework_of(visit)
    return {
        "engagement_choices": [
            (row.id, f"{row.text} (module {row.module})") for row in framework.engagements
        ],
        "grades": [(grade.value, words) for grade, words in label_words.GRADES.items()],
        "items": [(chrono, chrono) for chrono in sorted(chosen)],
        "action": f"{DOOR}/constats",
    }
