"""Each kind of change of the rules, planted alone, is found, with its items and its cause."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from services.desk.domain.label_perimeter import LabelPerimeter
from services.ops.rehearsal.comparison import RuleComparison
from services.ops.rehearsal.difference import ChangedThing as Thing
from services.ops.rehearsal.difference import RehearsedChange
from services.ops.rehearsal.reasons import CauseCode as Why
from shared.calendar.territories import Closure
from shared.facts.arrivals import Routing
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.routing import ItemReclassified
from shared.facts.vocabulary import Audience
from shared.site.tables.bundle import Site
from shared.site.tables.commitments import Step, Unit
from shared.site.tables.notices import Action
from shared.site.tables.regimes import Period, PeriodUnit
from shared.values import Checked
from tests.rehearsal_builders import (
    BOOK,
    INDRE,
    MONDAY,
    NOW,
    RegisteredStory,
    applied,
    compared,
    some_items,
)

CLOSED = Checked(by="E. Juriste", on=date(2026, 1, 5), why="pont")


def _row(table: str, rows: str, id_: str, **said: Any) -> Site:
    """The example préfecture with one row of one of its tables otherwise."""
    given = getattr(INDRE, table)
    changed = tuple(
        row.model_copy(update=said) if row.id == id_ else row for row in getattr(given, rows)
    )
    assert changed != getattr(given, rows)
    return INDRE.model_copy(update={table: given.model_copy(update={rows: changed})})


def _line(id_: str, **said: Any) -> Site:
    return _row("commitments", "commitments", id_, **said)


def _ladder(id_: str, *steps: Step) -> Site:
    return _row("commitments", "ladders", id_, steps=steps)


def _table(table: str, **said: Any) -> Site:
    return INDRE.model_copy(update={table: getattr(INDRE, table).model_copy(update=said)})


def _without(table: str, rows: str, id_: str) -> Site:
    kept = tuple(row for row in getattr(getattr(INDRE, table), rows) if row.id != id_)
    return _table(table, **{rows: kept})


HOLDER, HEAD = Audience.HOLDER, Audience.HEAD
QUINZE = (Step(at=-4, tell=(HOLDER,)), Step(at=-2, tell=(HOLDER,)), Step(at=1, tell=(HOLDER, HEAD)))
TEXT = {**INDRE.templates, "receipt.txt.j2": INDRE.templates["receipt.txt.j2"] + "\nFin.\n"}

PLANTS: dict[str, tuple[Site, str, Thing, str, Why]] = {
    "a number of days": (
        _line("reponse-courrier", days=8),
        "letter answered on jour ouvré 9", Thing.RESULT, "reply", Why.DAYS,
    ),
    "a number of days, of what is open": (
        _line("reponse-courrier", days=10), "letter open", Thing.LIMIT, "reply", Why.DAYS,
    ),
    "a unit": (
        _line("reponse-courriel", unit=Unit.JOURS), "mail of yesterday", Thing.LIMIT, "reply",
        Why.DAYS,
    ),
    "a line that is no more": (
        _without("commitments", "commitments", "reponse-reclamation"),
        "complaint", Thing.LIMIT, "reply", Why.LINE,
    ),
    "a rung on another day": (
        _ladder("quinze-jours", *QUINZE), "letter open", Thing.RUNG, "reply", Why.LADDER,
    ),
    "a rung of what is answered": (
        _ladder("quinze-jours", Step(at=-8, tell=(HOLDER,)), *QUINZE),
        "letter answered on jour ouvré 9", Thing.RUNG, "reply", Why.LADDER,
    ),
    "a rung told to another": (
        _ladder("cinq-jours", Step(at=-2, tell=(HEAD,)), Step(at=1, tell=(HOLDER,))),
        "mail of yesterday", Thing.RUNG, "reply", Why.LADDER,
    ),
    "a closure": (
        _table("calendar", closures=(Closure(day=date(2026, 6, 1), decided=CLOSED),)),
        "mail of yesterday", Thing.LIMIT, "reply", Why.CALENDAR,
    ),
    "a regime's period": (
        _row("regimes", "regimes", "demande-generale", period=Period(n=3, unit=PeriodUnit.MONTHS)),
        "silence", Thing.LIMIT, "implied_decision", Why.REGIME,
    ),
    "a regime's unit": (
        _row("regimes", "regimes", "demande-generale", period=Period(n=2, unit=PeriodUnit.DAYS)),
        "silence", Thing.RESULT, "implied_decision", Why.REGIME,
    ),
    "a regime that is no more": (
        _without("regimes", "regimes", "demande-generale"),
        "silence", Thing.NOTICE, "svr", Why.REGIME,
    ),
    "a category out of the perimeter": (
        _row("routing", "categories", "recepisse", perimeter=False, reason="teleservice"),
        "mail answered on jour ouvré 4", Thing.RESULT, "reply", Why.PERIMETER,
    ),
    "a category into the perimeter": (
        _row("routing", "categories", "facture", perimeter=True, reason=None),
        "out of the perimeter", Thing.SORTING, "perimeter", Why.PERIMETER,
    ),
    "a category's service": (
        _row("routing", "categories", "armes", service="cabinet"),
        "silence", Thing.SORTING, "service", Why.ROUTING,
    ),
    "a notice that never leaves": (
        _row("notices", "rows", "enregistrement", action=Action.NEVER, reason="essai"),
        "mail answered on jour ouvré 4", Thing.NOTICE, "receipt", Why.NOTICES,
    ),
    "a notice that waits for a person": (
        _row("notices", "rows", "accuse-papier", action=Action.HOLD, reason="essai"),
        "letter answered on jour ouvré 9", Thing.NOTICE, "simple", Why.NOTICES,
    ),
    "a held sender that is held no more": (
        _without("notices", "rows", "expediteur-retenu"),
        "lawyer held", Thing.NOTICE, "receipt", Why.NOTICES,
    ),
    "a kind of notice without a line": (
        _without("notices", "rows", "accuse-electronique"),
        "mail answered on jour ouvré 4", Thing.NOTICE, "simple", Why.NOTICES,
    ),
    "a template": (
        INDRE.model_copy(update={"templates": TEXT}),
        "mail answered on jour ouvré 4", Thing.NOTICE, "receipt", Why.TEMPLATE,
    ),
    "the head of a service": (
        _row("services", "services", "bmi", head="p.meunier"),
        "letter open", Thing.RUNG, "reply", Why.PEOPLE,
    ),
    "a zone": (
        _table("identity", timezone="Pacific/Tahiti"),
        "mail answered on jour ouvré 4", Thing.LIMIT, "reply", Why.SITE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_change_is_found(name: str) -> None:
    site, item, thing, subject, why = PLANTS[name]
    found = [
        (change.thing, change.subject, change.cause.code) for change in compared(site, item).changes
    ]
    assert (thing, subject, why) in found
    assert Why.UNKNOWN not in {cause for *_, cause in found}


def test_rules_of_the_same_words_change_nothing() -> None:
    found = {name: compared(INDRE, name).changes for name in some_items()}
    assert {name: changes for name, changes in found.items() if changes} == {}


def _rerouted(**said: Any) -> Callable[[ItemRegistered, Routing], Routing]:
    def other(fact: ItemRegistered, before: Routing) -> Routing:
        del fact
        return before.model_copy(update=said)

    return other


def _of_sorting(found: Iterator[RehearsedChange]) -> set[tuple[str, str | None]]:
    return {(change.subject, change.after) for change in found if change.thing is Thing.SORTING}


def test_a_rule_of_routing_is_found_where_no_person_decided() -> None:
    other = _without("routing", "rules", "avis-de-juridiction")
    reroute = _rerouted(category="elections", hold="essai")
    found = compared(other, "mail of yesterday", reroute=reroute)
    sorted_otherwise = _of_sorting(iter(found.changes))
    assert {("category", "elections"), ("service", "bre"), ("hold", "essai")} <= sorted_otherwise
    held = [change for change in found.changes if change.thing is Thing.NOTICE]
    assert {(said.before, said.after) for said in held if said.subject == "receipt"} == {
        ("send mail 2026-05-26", "hold mail 2026-05-26 (essai)")
    }
    assert all(said.cause.code is Why.ROUTING for said in held)


def test_what_a_person_said_of_the_perimeter_stays() -> None:
    inside = _row("routing", "categories", "facture", perimeter=True, reason=None)
    opening = RegisteredStory("put outside", "facture").facts[0]
    assert isinstance(opening, ItemRegistered)
    what = opening.classification
    story = RegisteredStory("put inside", "facture").says(
        ItemReclassified, MONDAY, classification=what.model_copy(update={"perimeter": True})
    )
    after = applied(inside, 2)
    found = RuleComparison(BOOK, after, LabelPerimeter()).compare(story.facts, NOW)
    assert found.changes == []
