"""Each line of a digest is a sentence that a tired clerk understands, whatever named the rung."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid5

import pytest

from services.notify.domain import digest_sections
from services.notify.domain.digest_sections import QualityTask, RungContext
from services.notify.domain.labels_fr import DUE, LATE, NOTICES, asks
from shared.facts.clocks import Answered, Held, Holder, RungReached
from shared.facts.envelope import Chrono, EventId, ItemId, PersonId, ServiceId
from shared.facts.vocabulary import Audience, Category, ClockName, NoticeKind
from shared.site.load import load_folder
from shared.site.texts.pages import DigestTexts
from shared.site.texts.templates import render
from tests.unit.notify.builders import MONDAY, NAMES, applied

INDRE = load_folder(Path(__file__).parents[3] / "deploy" / "site" / "indre")
TODAY = date(2026, 5, 12)
HOLDER = Holder(service=ServiceId("bmi"), person=PersonId("k.haddad"))

NO_EARLIER = (
    "Pas de rappel plus tôt : la limite était déjà proche ou passée quand le courrier a été"
    " enregistré ou corrigé."
)


def a_rung(name: str, **fields: Any) -> RungReached:
    given: dict[str, Any] = {
        "event_id": EventId(uuid5(NAMES, name)),
        "happened_at": MONDAY,
        "recorded_at": MONDAY,
        "by": "service:sla",
        "item_id": ItemId(uuid5(NAMES, f"item {name}")),
        "revision": 1,
        "chrono": Chrono("36-2026-A-000123"),
        "service": ServiceId("bmi"),
        "holder": HOLDER,
        "category": Category("titre-de-sejour"),
        "clock": ClockName.REPLY,
        "limit": date(2026, 5, 18),
        "rung": name,
        "telling": 1,
        "tell": (Audience.HOLDER,),
        "fell": TODAY,
        "days": -3,
    }
    return RungReached(**(given | fields))


def said(*rungs: RungReached) -> str:
    known = RungContext(
        INDRE, applied().days, TODAY, {rung.item_id: date(2026, 5, 11) for rung in rungs}
    )
    page = DigestTexts(
        authority="Préfecture de l’Indre",
        first_name="Karima",
        day=TODAY,
        desk_url="https://bureau.example",
        heard_until=MONDAY,
        sections=digest_sections.sections(rungs, known),
    )
    return " ".join(render(INDRE.templates, page).body.split())


def test_a_limit_ahead_says_what_is_due_when_and_how_long_is_left() -> None:
    held = (Held(holder=Holder(service=ServiceId("courrier")), days=2),)
    assert (
        "À traiter - 36-2026-A-000123, titre de séjour : réponse due le 18 mai 2026, reste 3 jours"
        " ouvrés Reçu le 11 mai 2026. Passé par : Courrier 2 (en jours ouvrés)"
        " https://vaguemestre.indre.example/courrier/36-2026-A-000123"
    ) in said(a_rung("-2", held=held))


def test_a_limit_that_fell_on_a_day_off_is_late_by_the_worked_days_since() -> None:
    late = a_rung("+1", limit=date(2026, 5, 9))
    assert "En retard - 36-2026-A-000123" in said(late)
    assert "en retard de 2 jours ouvrés" in said(late)


@pytest.mark.parametrize(
    ("rung", "sentence"),
    [
        (a_rung("given:7"), "Vient de vous être confié."),
        (
            a_rung("past:2026-05-04", limit=date(2026, 5, 4)),
            NO_EARLIER,
        ),
        (
            a_rung("-2", collapsed=True),
            NO_EARLIER,
        ),
        (
            a_rung("observed:4:+2"),
            "Un message à l’usager a été vu dans les envois : dites si c’était la réponse.",
        ),
        (
            a_rung("observed:4:+4"),
            "dites si c’était la réponse ; personne ne l’a confirmé depuis 4 jours ouvrés.",
        ),
        (
            a_rung("+1", unread_sources=True),
            "Boîtes non relevées ce jour-là : une réponse a pu partir.",
        ),
        (
            a_rung("+1", answered=Answered(reason="attend-ofii", until=date(2026, 5, 26))),
            "Attend la réponse de l’OFII, annoncé pour le 26 mai 2026.",
        ),
    ],
)
def test_a_line_says_why_it_stands_there(rung: RungReached, sentence: str) -> None:
    assert sentence in said(rung)


def test_a_question_is_no_limit_and_has_a_title_of_its_own() -> None:
    question = a_rung("observed:4:+2", limit=date(2026, 5, 4))
    assert asks(question)
    assert "À confirmer - 36-2026-A-000123" in said(question)
    assert "En retard" not in said(question)


def known(*rungs: RungReached) -> RungContext:
    return RungContext(
        INDRE, applied().days, TODAY, {rung.item_id: date(2026, 5, 4) for rung in rungs}
    )


def test_what_is_late_is_said_clock_by_clock_and_an_accuse_is_no_late_reply() -> None:
    late, item = date(2026, 5, 6), ItemId(uuid5(NAMES, "an item"))
    rungs = (
        a_rung("+1", limit=late),
        a_rung("+3", limit=late, item_id=item),
        a_rung("a", limit=late, item_id=item, clock=ClockName.ACKNOWLEDGEMENT),
        a_rung("b", limit=date(2026, 5, 4), item_id=item, clock=ClockName.SERVICES_PUBLICS),
        a_rung("c", limit=late, clock=ClockName.HOLDING),
        a_rung("-2"),
    )
    (one,) = digest_sections.delays(rungs, known(*rungs))
    assert one.late == ("2 réponses en retard", "1 date promise dépassée", "1 accusé en retard")
    assert one.count == 3
    assert (one.oldest.what, one.oldest.limit) == ("réponse due le", late)


def test_what_needs_somebody_above_is_never_the_mail_office_s_own_work() -> None:
    late = date(2026, 5, 4)
    reply = a_rung("+1", limit=date(2026, 5, 6))
    own = [
        a_rung(name, limit=late, clock=ClockName(name), chrono=None)
        for name in ("registration", "receipt", "services_publics")
    ]
    (line,) = digest_sections.latest_items([*own, reply], known(*own, reply))
    assert line.url == "https://vaguemestre.indre.example/courrier/36-2026-A-000123"
    assert line.what == "réponse due le"


def test_each_clock_and_each_notice_has_its_words() -> None:
    assert DUE.keys() == LATE.keys() == set(ClockName)
    assert NOTICES.keys() == set(NoticeKind)


def test_what_has_no_chrono_is_said_to_be_in_quarantine() -> None:
    line = said(a_rung("+1", clock=ClockName.REGISTRATION, chrono=None, category=None))
    assert "- sans chrono, en quarantaine : à enregistrer au plus tard le 18 mai 2026" in line
    assert "https://vaguemestre.indre.example/bureau/attente/quarantaine" in line


def test_a_task_due_beyond_the_calendar_is_told_without_a_count_of_days() -> None:
    """A measure may be put off to any day; its line must not keep the whole digest from leaving."""
    near = QualityTask(
        named="mesure n° 3",
        label="BMI",
        opened=TODAY,
        due=date(2026, 5, 15),
        path="/qualite/mesures/3",
        what="action à faire le",
        dated="Ouverte le",
    )
    far = replace(near, named="mesure n° 4", due=date(2040, 1, 2))
    [section] = digest_sections.tasks("Mesures", [far, near], known())
    assert [(line.chrono, line.left) for line in section.lines] == [
        ("mesure n° 3", 2),
        ("mesure n° 4", None),
    ]
    assert section.lines[0].url.endswith("/qualite/mesures/3")
    assert digest_sections.tasks("Mesures", [], known()) == ()
