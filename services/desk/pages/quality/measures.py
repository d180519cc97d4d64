"""`/qualite/mesures`: corrective measures on a board, one's own, one of them."""

from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk import rights
from services.desk.french.names import Names
from services.desk.pages.quality import measure_history, measure_words
from services.desk.pages.quality.measure_words import MeasureLine
from services.desk.pages.visit import Visit
from services.desk.quality.domain import measures as rules
from services.desk.quality.domain.measures import Measure, MeasureState
from services.desk.quality.measure_service import MeasureDesk
from services.desk.quality.store import measures as store
from services.desk.quality.store.texts import TextsByDigest
from services.desk.rights import Right
from shared.facts.quality.measures import MeasureVerdict

URL: Final = "/qualite/mesures"
SHOWN_CLOSED: Final = 20


def desk(visit: Visit) -> MeasureDesk:
    """Makes the service object by which the signed-in person acts on corrective measures."""
    return MeasureDesk(visit.connection, visit.author, visit.applied, visit.directory, visit.today)


def lines(visit: Visit, found: Sequence[Measure], words: TextsByDigest) -> list[MeasureLine]:
    """Formats corrective measures in French for a list."""
    names, zone = Names(visit.applied.site, visit.directory), visit.applied.site.zone
    return [measure_words.line(measure, words, names, zone, visit.today) for measure in found]


async def mine(visit: Visit) -> Response:
    """Shows the corrective measures that the signed-in person owns: to do, done, closed."""
    known = [
        measure
        for measure in await store.every(visit.connection)
        if measure.owner in visit.roles.persons
    ]
    words = await store.words(visit.connection, known)
    columns = rules.by_state(known)
    to_do = [*columns[MeasureState.TO_ANALYSE], *columns[MeasureState.RUNNING]]
    return await visit.html(
        "quality/my_measures.html",
        to_do=lines(visit, sorted(to_do, key=lambda measure: measure.due), words),
        done=lines(visit, columns[MeasureState.TO_VERIFY], words),
        closed=lines(visit, columns[MeasureState.CLOSED][:SHOWN_CLOSED], words),
    )


async def find_measure(visit: Visit, *, acts: bool = False) -> Measure:
    """Returns the corrective measure of the address, with permission checks.

    Raises HTTPException: 404 when there is none or the person may not know of it, 403 when `acts`
    and they may only read it.
    """
    number = visit.request.path_params["number"]
    measure = await store.read_measure(visit.connection, number)
    if measure is None or not may_see(visit, measure):
        raise HTTPException(404, "Aucune mesure ne porte ce numéro.")
    if acts and not may_act(visit, measure):
        raise HTTPException(403, "Cette mesure est confiée à quelqu’un d’autre.")
    return measure


def may_see(visit: Visit, measure: Measure) -> bool:
    """Whether a person may read a corrective measure: owner, their head, or reader of figures."""
    person = visit.directory.person(measure.owner)
    led = person is not None and bool(visit.roles.leads & set(person.services))
    return may_act(visit, measure) or led or rights.may(visit.roles, Right.WATCH)


def may_act(visit: Visit, measure: Measure) -> bool:
    """Whether a person may state a measure's cause, action and proof: owner, quality officer."""
    return measure.owner in visit.roles.persons or rights.may(visit.roles, Right.IMPROVE)


async def show_measure(visit: Visit) -> Response:
    """Shows one corrective measure: what was seen, cause, action, effect, and the next step."""
    measure = await find_measure(visit)
    words = await store.words(visit.connection, [measure])
    names, zone = Names(visit.applied.site, visit.directory), visit.applied.site.zone
    plan = measure.plan
    return await visit.html(
        "quality/measure.html",
        measure=measure,
        line=measure_words.line(measure, words, names, zone, visit.today),
        plan="" if plan is None else measure_words.plan(plan, names),
        same_rules=measure.reading is None or len(measure.reading.rules) <= 1,
        history=measure_history.history(measure, words, names, zone),
        may_act=may_act(visit, measure),
        improves=rights.may(visit.roles, Right.IMPROVE),
        people=people(visit),
        verdicts=[
            (verdict.value, measure_words.VERDICTS[verdict])
            for verdict in MeasureVerdict
            if measure.state is MeasureState.TO_VERIFY or verdict is MeasureVerdict.GIVEN_UP
        ],
        states=MeasureState,
    )


def people(visit: Visit) -> Sequence[tuple[str, str]]:
    """Returns the people who may own a corrective measure, by name."""
    return [
        (person.id, f"{person.first_name} {person.name}, {person.capacity}")
        for person in sorted(visit.directory.people.values(), key=lambda one: (one.name, one.id))
    ]
