"""`/qualite/label/referentiel`: what the framework promises, what is new in it, what was read."""

from typing import Final

from starlette.responses import Response

from services.desk.french.names import Names
from services.desk.pages.quality import figure_words, label, label_words
from services.desk.pages.visit import Visit
from services.desk.quality.domain.frameworks import ComparedRow, compare_frameworks
from services.desk.quality.store.label import label_facts
from shared.facts.envelope import PersonId
from shared.web.forms import Mistyped

PATH: Final = f"{label.HOME}/referentiel"


async def framework(visit: Visit) -> Response:
    """Shows each engagement's source, who read it in the framework, and what a version changes."""
    found = label.framework_of(visit)
    facts = await label_facts(visit.connection)
    reads = facts.reads_of(found.name)
    names = Names(visit.applied.site, visit.directory)
    quality = visit.applied.site.quality
    before = quality.framework_named(quality.compared_with)
    rows = [
        (
            row,
            label_words.CERTAINTIES[row.source.certainty],
            None
            if read is None
            else (
                read.page,
                names.person(read.reader),
                read.read_on,
                names.author(read.by),
                read.seq,
            ),
        )
        for row in found.engagements
        for read in (reads.get(row.promise),)
    ]
    return await visit.html(
        "quality/framework.html",
        framework=found,
        certifier=quality.certifier,
        before=before,
        changes=[]
        if before is None
        else [_change(row) for row in compare_frameworks(before, found)],
        rows=rows,
        unread=sum(row in found.likely and read is None for row, _, read in rows),
        writes=label.writes(visit),
        choices=[(row.id, f"{row.text} (module {row.module})") for row in found.engagements],
        people=[(person.id, names.person(person.id)) for person in visit.directory.people.values()],
        me=visit.person.id,
        path=PATH,
    )


def _change(row: ComparedRow) -> tuple[str, str, str, str, str]:
    """Module, text, change, before, now."""
    was = "" if row.before is None else _said(row, row.before)
    now = "" if row.after is None else _said(row, row.after)
    shown = next(side for side in (row.after, row.before) if side is not None)
    return f"{shown.module}", shown.text, label_words.CHANGES[row.change], was, now


def _said(row: ComparedRow, side: object) -> str:
    """The fields that differ, as one side has them; of a new or gone row, its rule."""
    fields = row.fields or ("rule",)
    parts = []
    for field in fields:
        value = getattr(side, field)
        if field == "evidence":
            value = " ; ".join(piece.text for piece in value)
        elif field == "target":
            value = "aucun" if value is None else figure_words.aim(value)
        elif field == "every":
            value = f"{value} mois"
        parts.append(f"{label_words.FIELDS[field]} : {value}")
    return " — ".join(parts)


async def note_reading(visit: Visit) -> Response:
    """Records who read which page of the label's framework, and when."""
    found, form = label.framework_of(visit), await visit.form()
    row = found.engagement.get(form.text("engagement"))
    if row is None:
        raise Mistyped("engagement", "Choisissez dans la liste.")
    page, on = form.number("numero"), form.day("jour")
    if page is None:
        raise Mistyped("numero", "Donnez le numéro de la page lue.")
    if on is None:
        raise Mistyped("jour", "Donnez le jour de la lecture.")
    reader = form.text("lecteur")
    if visit.directory.person(reader) is None:
        raise Mistyped("lecteur", "Choisissez dans la liste.")
    await label.service(visit).note_reading(row, page, PersonId(reader), on)
    return await visit.to(PATH, said=f"Page {page} notée comme lue.")
