"""`/qualite/label/calendrier`: the dates of the label, what was planned and held, and the .ics."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.pages.downloads import our_file
from services.desk.pages.quality import label, label_words
from services.desk.pages.visit import Visit
from services.desk.quality.domain.label_calendar import DueStep, label_calendar
from services.desk.quality.domain.label_facts import LabelFacts
from services.desk.quality.store.label import label_facts
from shared.content.icalendar import CalendarEvent, icalendar
from shared.web.forms import Mistyped

PATH: Final = f"{label.HOME}/calendrier"


@dataclass(frozen=True, slots=True)
class DateLine:
    """A line of the label's calendar: a date, with what was planned and held."""

    due: DueStep
    planned: date | None
    held: date | None
    settled: bool
    """Whether nothing more is to be done: it was held, or, of documents, the step itself was."""
    sequence: int
    """How often its day was given: a diary takes the highest."""
    held_by: int | None
    """The `seq` of the fact that it was held."""
    left: int
    """Days until it is due; negative: past."""


def lines(visit: Visit, facts: LabelFacts) -> Sequence[DateLine]:
    """Returns the dates of the label's calendar; none before the label's own date is stated."""
    if facts.label is None:
        return []
    steps = label.framework_of(visit).calendar
    return [
        DateLine(
            due,
            facts.planned.get(due.occurrence),
            facts.held.get(due.occurrence),
            facts.is_settled(due),
            len(facts.moves) + facts.plans.get(due.occurrence, 0),
            facts.step_held(due.occurrence),
            (due.due - visit.today).days,
        )
        for due in label_calendar(facts.label, steps, facts.held)
    ]


async def calendar(visit: Visit) -> Response:
    """Shows every date of the quality label's calendar, past and to come."""
    facts = await label_facts(visit.connection)
    found = lines(visit, facts)
    coming = next((line for line in found if not line.settled and line.left >= 0), None)
    return await visit.html(
        "quality/calendar.html",
        label=facts.label,
        lines=found,
        coming=coming,
        choices=[(line.due.key, f"{line.due.text} ({line.due.due:%d/%m/%Y})")
                 for line in found if line.held is None],
        writes=label.writes(visit),
        words=label_words,
        path=PATH,
    )  # fmt: skip


async def ics(visit: Visit) -> Response:
    """Downloads the label's dates that are to come or were not held, as .ics for a diary."""
    facts = label.whole(await label_facts(visit.connection))
    stamp = facts.label or visit.today
    octets = icalendar(events(visit, facts), stamp)
    return our_file(octets, "text/calendar; charset=utf-8", "label.ics")


def events(visit: Visit, facts: LabelFacts) -> Sequence[CalendarEvent]:
    """Returns the label's dates that are to come or were not held, as events of a diary."""
    identity = visit.applied.site.identity
    return [
        CalendarEvent(
            uid=f"{line.due.key.replace(' ', '-')}@{identity.id}.vaguemestre",
            on=line.planned or line.due.due,
            title=f"Label : {line.due.text}",
            text=f"À tenir pour le {line.due.due:%d/%m/%Y}.",
            sequence=line.sequence,
        )
        for line in lines(visit, facts)
        if not line.settled
    ]


async def note(visit: Visit) -> Response:
    """Records for which day a step of the label is planned, or on which day it was held."""
    form = await visit.form()
    facts = await label_facts(visit.connection)
    wanted = form.text("etape")
    due = next((line.due for line in lines(visit, facts) if line.due.key == wanted), None)
    if due is None:
        raise Mistyped("etape", "Choisissez dans la liste.")
    on = form.day("jour")
    if on is None:
        raise Mistyped("jour", "Donnez un jour.")
    act = form.text("acte")
    if act == "tenu":
        await label.service(visit).hold(due, on)
    elif act == "prevu":
        await label.service(visit).plan(due, on)
    else:
        raise HTTPException(400, "Ce formulaire est incomplet.")
    said = "notée comme tenue" if act == "tenu" else "prévue"
    return await visit.to(PATH, said=f"Étape {said} le {on:%d/%m/%Y}.")
