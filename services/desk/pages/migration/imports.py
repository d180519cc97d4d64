"""`/reprise`: another register taken over, column by column, tried before it is done.

The file is kept while its columns are mapped; what would be taken and what is refused stands below
the mapping, line by line. One press has it taken by `desk keep`, a hundred lines at a time
(services/desk/migration/job.py): the page says how far it is, and then the file goes.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.migration import importer
from services.desk.migration.importer import ImportPlan
from services.desk.migration.spreadsheet import column_map, grid
from services.desk.migration.spreadsheet.column_map import ImportField, Mapped
from services.desk.migration.spreadsheet.grid import Grid, GridCell
from services.desk.migration.spreadsheet.lines import LineRefusal
from services.desk.migration.store import imports
from services.desk.migration.store.imports import Import
from services.desk.pages import journal_entries
from services.desk.pages.refusals import french
from services.desk.pages.visit import Visit
from shared.errors import Refused
from shared.facts.envelope import PersonId
from shared.facts.vocabulary import Channel
from shared.web.forms import Form, Mistyped

MOST_OCTETS: Final = grid.MOST_OCTETS + 64 * 1024
MOST_SHOWN: Final = 100
MOST_LISTED: Final = 2_000
EXAMPLES: Final = 5
CHOSEN: Final = (ImportField.SERVICE, ImportField.CATEGORY, ImportField.CHANNEL)
"""Fields whose unknown words are chosen from a list."""

FIELDS: Final[Mapping[ImportField, str]] = {
    ImportField.NUMBER: "Numéro",
    ImportField.RECEIVED: "Date de réception",
    ImportField.CHANNEL: "Voie d’arrivée",
    ImportField.SENDER: "Expéditeur",
    ImportField.ADDRESS: "Adresse électronique",
    ImportField.POSTAL: "Adresse postale",
    ImportField.SUBJECT: "Objet",
    ImportField.NOTE: "Observations",
    ImportField.SERVICE: "Service",
    ImportField.AGENT: "Agent",
    ImportField.CATEGORY: "Catégorie",
    ImportField.ANSWERED: "Date de réponse (ligne close)",
    ImportField.STATE: "État (ligne close)",
}


async def begin(visit: Visit) -> Response:
    """Shows the form that uploads the file of another register; a POST stores it."""
    if visit.request.method == "POST":
        files = visit.read().files("fichier")
        if not files:
            raise Mistyped("fichier", "Choisissez un fichier .xlsx, .ods ou .csv.")
        name = (files[0].filename or "registre")[-120:]
        try:
            async with visit.apart():
                content = await files[0].read()
                table = await asyncio.to_thread(grid.read, name, content)
            guessed = column_map.guess(table.titles)
        except Refused as refused:
            raise Mistyped("fichier", french(refused, _names(visit))) from refused
        await visit.form()
        who = PersonId(visit.person.id)
        one = Import(uuid4(), name, column_map.write_map(guessed), None, who, visit.now)
        await imports.keep(visit.connection, one, content)
        await journal_entries.handed_in(visit, one.import_id)
        return await visit.to(f"/reprise/{one.import_id}")
    latest = await imports.latest(visit.connection)
    zone = visit.applied.site.zone
    return await visit.html(
        "migration/begin.html",
        latest=[
            {
                "name": earlier_import.name,
                "url": f"/reprise/{earlier_import.import_id}",
                "state": _state(earlier_import),
                "by": _names(visit).person(earlier_import.by),
                "at": labels_fr.moment(earlier_import.taken_at or earlier_import.at, zone),
            }
            for earlier_import in latest
        ],
    )


def _state(one: Import) -> str:
    if one.taken_at:
        return (
            f"{labels_fr.amount(one.items or 0, 'courrier')},"
            f" {labels_fr.amount(one.past or 0, 'ligne close')}"
        )
    if one.asked_at:
        return f"en cours : {_taken(one)} sur {one.total}"
    return f"arrêtée : {_taken(one)} sur {one.total}" if one.total else "pas encore"


def _taken(one: Import) -> int:
    return (one.items or 0) + (one.past or 0)


async def _waits(visit: Visit, import_id: UUID) -> Import:
    """The file that waits. Raises HTTPException 404."""
    one = await imports.find(visit.connection, import_id)
    if one is None:
        raise HTTPException(404, "Ce fichier n’attend plus : il a été retiré.")
    return one


async def go_on(visit: Visit) -> Response:
    """Shows and handles the page of one import: map columns, try, import, drop, progress."""
    import_id = visit.request.path_params["import_id"]
    one = await _waits(visit, import_id)
    if one.asked_at or one.taken_at:
        return await _going(visit, one)
    content = await imports.content(visit.connection, import_id) or b""
    async with visit.apart():
        table = await asyncio.to_thread(grid.read, one.name, content)
    if visit.request.method == "POST":
        await imports.lock(visit.connection, import_id)
        one = await _waits(visit, import_id)
        if one.asked_at or one.taken_at:
            return await _going(visit, one)
        return await _decided(visit, one, table, await visit.form())
    mapped = column_map.load_map(one.mapping)
    trouble, plan = "", None
    try:
        plan = await _planned(visit, table, mapped, one.next_number)
    except Refused as refused:
        trouble = french(refused, _names(visit))
    return await visit.html(
        "migration/mapping.html",
        one=one,
        columns=[
            (f"colonne-{n}", title, (mapped.columns.get(title) or ""), _example(table, n))
            for n, title in enumerate(table.titles)
            if title
        ],
        fields=[(field.value, said) for field, said in FIELDS.items()],
        plan=plan,
        trouble=trouble,
        unknown=_unknown(plan, visit),
        examples=_examples(plan, visit),
        refusals=_refusals(plan.refusals if plan else (), visit),
        most=MOST_SHOWN,
        taken=_taken(one),
    )


async def _going(visit: Visit, one: Import) -> Response:
    """It is being taken, or was: how far, and the lines that are not. It may be stopped."""
    here = f"/reprise/{one.import_id}"
    if visit.request.method == "POST":
        form = await visit.form()
        if one.taken_at or form.text("que") != "arreter":
            return await visit.to(here)
        await imports.stop(visit.connection, one.import_id)
        taken = labels_fr.amount(_taken(one), "ligne reprise")
        said = f"Reprise arrêtée : {taken}, le reste attend."
        return await visit.to(here, said=said)
    refusals = await imports.refused_lines(visit.connection, one.import_id)
    return await visit.html(
        "migration/taking.html",
        one=one,
        taken=_taken(one),
        refusals=_refusals(refusals, visit, most=MOST_LISTED),
        refused=len(refusals),
        most=MOST_LISTED,
    )


async def _decided(visit: Visit, one: Import, table: Grid, form: Form) -> Response:
    here = f"/reprise/{one.import_id}"
    if form.text("que") == "retirer":
        await imports.drop(visit.connection, one.import_id)
        kept = labels_fr.amount(_taken(one), "ligne")
        stay = "restent reprises" if _taken(one) > 1 else "reste reprise"
        taken = f"{kept} {stay}" if _taken(one) else "rien n’a été repris"
        return await visit.to("/reprise", said=f"Fichier retiré ; {taken}.")
    if form.text("que") != "reprendre":
        mapped, following = (
            _mapped(table, form, column_map.load_map(one.mapping)),
            form.number("suite"),
        )
        await imports.map_(visit.connection, one.import_id, column_map.write_map(mapped), following)
        return await visit.to(here, said="Correspondance gardée ; voici ce qu’elle donne.")
    plan = await _planned(visit, table, column_map.load_map(one.mapping), one.next_number)
    left = len(plan.open) + len(plan.past)
    who = PersonId(visit.person.id)
    await imports.ask(visit.connection, one, who, visit.now, left, plan.next_number)
    await imports.refuse(visit.connection, one.import_id, plan.refusals)
    return await visit.to(here)


async def _planned(visit: Visit, table: Grid, mapped: Mapped, following: int | None) -> ImportPlan:
    site = (visit.applied, visit.directory)
    return await importer.plan(visit.connection, table, mapped, site, visit.now, following)


def _mapped(table: Grid, form: Form, before: Mapped) -> Mapped:
    """The columns as chosen, and words of theirs for ours. Raises Mistyped."""
    columns: dict[str, ImportField | None] = {}
    for number, title in enumerate(table.titles):
        if title:
            what = form.word(f"colonne-{number}", ImportField)
            if what is not None and what in columns.values():
                raise Mistyped(f"colonne-{number}", f"« {FIELDS[what]} » est choisi deux fois.")
            columns[title] = what
    values = {what: dict(said) for what, said in before.values.items()}
    for n in range(MOST_SHOWN):
        what, theirs = form.word(f"genre-{n}", ImportField), form.text(f"leur-{n}")
        if what is not None and (ours := form.text(f"notre-{n}")):
            values.setdefault(what, {})[column_map.plain(theirs)] = ours
    return Mapped(columns, values)


def _unknown(plan: ImportPlan | None, visit: Visit) -> Sequence[Mapping[str, Any]]:
    """Their words that are none of ours, each once, with what may be meant."""
    site = visit.applied.site
    ours = {
        ImportField.SERVICE: [(row.id, row.name) for row in site.services.services],
        ImportField.CATEGORY: [(row.id, row.label) for row in site.routing.categories],
        ImportField.CHANNEL: [(channel.value, labels_fr.CHANNELS[channel]) for channel in Channel],
    }
    found = dict.fromkeys(
        (what, str(refusal.why.said["said"]))
        for refusal in (plan.refusals if plan else ())
        for what in CHOSEN
        if refusal.why.why == f"import-line-{what}"
    )
    return [
        {"field": what.value, "name": FIELDS[what], "said": said, "ours": ours[what]}
        for what, said in list(found)[:MOST_SHOWN]
    ]


def _refusals(
    refusals: Sequence[LineRefusal], visit: Visit, most: int = MOST_SHOWN
) -> Sequence[tuple[int, str]]:
    names = _names(visit)
    return [(refusal.number, french(refusal.why, names)) for refusal in refusals[:most]]


def _examples(plan: ImportPlan | None, visit: Visit) -> Sequence[Mapping[str, Any]]:
    names = _names(visit)
    return [
        {
            "number": line.number,
            "chrono": "ligne close" if line.closed else line.chrono or "numéro suivant",
            "received": labels_fr.short_day(line.received),
            "sender": line.sender,
            "subject": line.subject,
            "who": names.service(line.service)
            + (f", {names.person(line.agent)}" if line.agent else ""),
            "category": names.category(line.category),
        }
        for line in ([*plan.open[:EXAMPLES], *plan.past[:EXAMPLES]] if plan else ())
    ]


def _example(table: Grid, column: int) -> str:
    """The first thing that a column says."""
    cells: Sequence[GridCell] = [
        row[column] for _, row in table.rows[:50] if column < len(row) and row[column] is not None
    ]
    return "" if not cells else str(cells[0])[:60]


def _names(visit: Visit) -> Names:
    return Names(visit.applied.site, visit.directory)
