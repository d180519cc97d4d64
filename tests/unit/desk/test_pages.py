"""What the pages say: days counted as in docs/domain.md §4, sentences, and hostile content."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid5

import pytest
from PIL import Image

from services.desk.domain import registration
from services.desk.domain.clocks import ItemClock
from services.desk.domain.decisions import (
    Assign,
    ConfirmRegime,
    DecisionContext,
    ToSignature,
    decide,
)
from services.desk.domain.fold import fold
from services.desk.domain.stamp import Stamp
from services.desk.french import clock_count, labels_fr
from services.desk.french.names import Names
from services.desk.french.timeline import timeline
from services.desk.pages import originals
from services.desk.pages.guards import no_demo_outside, portal_elsewhere, refuse_unsheltered
from services.desk.store.sheets import ItemSheet
from shared.errors import PermanentFailure
from shared.facts.clocks import Holder, Outcome
from shared.facts.envelope import Chrono, ItemId, PersonId, ServiceId
from shared.facts.items import Items
from shared.facts.items.routing import ItemAssigned
from shared.facts.vocabulary import ClockName
from shared.site.staff.directory import Directory
from shared.site.tables.commitments import Commitment, Commitments
from shared.values import Certainty, Source
from tests.desk_browser import desk_settings
from tests.desk_builders import (
    MONDAY,
    SPACE,
    a_site,
    an_applied_site,
    an_arrival,
    certain,
    some_people,
)

PEOPLE = Directory({PersonId(p.id): p for p in some_people().people}, (), {})
FIVE_DAYS = Commitment(
    id="five",
    clock=ClockName.REPLY,
    days=5,
    ladder="any",
    source=Source(text="Qual-e-Pref, module 1", certainty=Certainty.LIKELY),
)
SITE = an_applied_site().model_copy(
    update={
        "site": an_applied_site().site.model_copy(
            update={"commitments": Commitments(target=0.9, ladders=(), commitments=(FIVE_DAYS,))}
        )
    }
)
NAMES = Names(SITE.site, PEOPLE)
ITEM = ItemId(uuid5(SPACE, "item"))
WEDNESDAY = datetime(2026, 5, 13, 9, 0, tzinfo=UTC)
FRIDAY = datetime(2026, 5, 15, 9, 0, tzinfo=UTC)
REPLY = ItemClock(
    ITEM,
    ClockName.REPLY,
    1,
    date(2026, 5, 19),
    Holder(service=ServiceId("bmi")),
    commitment="five",
    day_zero=date(2026, 5, 11),
)


BY = dict.fromkeys(ClockName, SITE)


def a_sheet(clock: ItemClock = REPLY) -> ItemSheet:
    """Received on Monday, given to an agent on Wednesday, in signature on Friday."""
    arrival = an_arrival(routing=certain())
    reading = registration.reading(arrival, SITE.site, doubtful=False)
    stamp = Stamp(ITEM, 0, arrival.event_id, "rule:guichet", MONDAY)
    facts: list[Items] = registration.facts(
        arrival, reading, Chrono("36-2026-A-000001"), SITE.site, stamp
    )
    clerk = PEOPLE.people[PersonId("c.lerk")]
    for command, now in ((Assign("bmi", "a.gent"), WEDNESDAY), (ToSignature("d.rector"), FRIDAY)):
        ground = DecisionContext(clerk, uuid5(SPACE, str(now)), now, SITE, PEOPLE, {})
        facts += decide(fold(facts), command, ground)
    return ItemSheet(fold(facts), facts, {clock.clock: clock}, [], [], [], None)


def test_each_day_is_numbered_or_says_why_it_does_not_count() -> None:
    (count,) = clock_count.counts(a_sheet(), BY, NAMES, date(2026, 5, 18))
    assert [(day.day.day, day.number, day.why) for day in count.days] == [
        (12, 1, None),
        (13, 2, None),
        (14, None, "jeudi de l’Ascension"),
        (15, 3, None),
        (16, None, "samedi"),
        (17, None, "dimanche"),
        (18, 4, None),
        (19, 5, None),
    ]
    assert [day.day.day for day in count.days if day.today] == [18]
    assert count.days[-1].limit
    assert count.result == "Reste 1 jour ouvré"
    assert count.source == "Qual-e-Pref, module 1"


@pytest.mark.parametrize(
    ("today", "result", "late"),
    [
        (date(2026, 5, 19), "Échéance ce soir", False),
        (date(2026, 5, 20), "En retard de 1 jour ouvré", True),
        (date(2026, 5, 26), "En retard de 4 jours ouvrés", True),
    ],
)
def test_late_begins_after_the_evening_of_the_limit(today: date, result: str, late: bool) -> None:  # noqa: FBT001  (a case)
    (count,) = clock_count.counts(a_sheet(), BY, NAMES, today)
    assert (count.result, count.late) == (result, late)


def test_days_are_numbered_as_french_writes_them() -> None:
    assert [labels_fr.ordinal(day) for day in (1, 5, 15)] == ["1er", "5e", "15e"]


def test_a_stopped_clock_says_how_it_ended() -> None:
    stopped = replace(REPLY, outcome=Outcome.KEPT, raw=4, net=2)
    (count,) = clock_count.counts(a_sheet(stopped), BY, NAMES, date(2026, 6, 1))
    assert (count.result, count.late) == ("Tenu, en 4 jours ouvrés (net : 2)", False)


def test_the_implied_decision_says_what_silence_means() -> None:
    sheet = a_sheet(replace(REPLY, clock=ClockName.IMPLIED_DECISION, commitment=None))
    clerk = PEOPLE.people[PersonId("c.lerk")]
    ground = DecisionContext(clerk, uuid5(SPACE, "regime"), FRIDAY, SITE, PEOPLE, {})
    confirmed = decide(sheet.item, ConfirmRegime("titre-de-sejour"), ground)
    facts = [*sheet.facts, *confirmed]
    (count,) = clock_count.counts(
        replace(sheet, facts=facts, item=fold(facts)), BY, NAMES, date(2026, 5, 18)
    )
    assert count.sentence == (
        "Jour 0 : lundi 11 mai 2026. Le silence vaut rejet après 4 mois, comptés de date à date"
        " (CESEDA, art. R. 432-1)."
    )


def test_who_had_it_how_long() -> None:
    had = clock_count.holders(a_sheet(), SITE, NAMES, date(2026, 5, 19))
    assert [(tenure.who, tenure.days) for tenure in had] == [
        ("Bureau bmi", 2),
        ("Bureau bmi, Camille A.gent", 1),
        ("signature, Camille D.rector", 2),
    ]


def test_who_had_it_changes_hands_on_the_local_day_and_not_on_that_of_utc() -> None:
    """Nouméa is 11 hours ahead: its morning of Tuesday 12 May is still Monday in UTC."""
    identity = SITE.site.identity.model_copy(update={"timezone": "Pacific/Noumea"})
    noumea = SITE.model_copy(update={"site": SITE.site.model_copy(update={"identity": identity})})
    morning = datetime(2026, 5, 11, 22, 0, tzinfo=UTC)
    sheet = a_sheet()
    facts = [
        fact.model_copy(update={"happened_at": morning}) if isinstance(fact, ItemAssigned) else fact
        for fact in sheet.facts[:2]
    ]
    had = clock_count.holders(
        replace(sheet, facts=facts, item=fold(facts)), noumea, NAMES, date(2026, 5, 13)
    )
    assert [(tenure.who, tenure.days) for tenure in had] == [
        ("Bureau bmi", 1),
        ("Bureau bmi, Camille A.gent", 1),
    ]


def test_the_past_is_told_in_sentences() -> None:
    said = [(line.what, line.who) for line in timeline(a_sheet(), NAMES)]
    assert said == [
        ("Enregistré sous le numéro 36-2026-A-000001", "règle « guichet »"),
        ("Attribué : Bureau bmi, Camille A.gent", "Camille C.lerk"),
        ("À la signature : Camille D.rector", "Camille C.lerk"),
    ]


def test_hostile_html_acts_and_loads_nothing() -> None:
    hostile = (
        "<p onclick=x>Bonjour <b>tous</b></p><img src=http://x/y><script>1</script>"
        "<a href='javascript:1'>ici</a><style>p{}</style><iframe src=x></iframe>"
    )
    assert originals.clean_html(hostile) == "<p>Bonjour <b>tous</b></p>ici"


async def test_a_picture_is_drawn_within_its_box() -> None:
    out = io.BytesIO()
    Image.new("1", (4000, 6000), 1).save(out, "TIFF")
    drawn = Image.open(io.BytesIO(await originals.page(out.getvalue(), 1)))
    assert (drawn.format, drawn.size) == ("PNG", (1169, 1754))


@pytest.mark.parametrize("original", [b"", b"%PDF-1.7 broken", b"GIF89a", b"\x00" * 100])
async def test_what_can_t_be_drawn_is_said(original: bytes) -> None:
    with pytest.raises(originals.NotShown):
        await originals.page(original, 1)


async def test_a_monstrous_page_behind_a_small_one_is_not_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(originals, "MOST_PIXELS", 10_000)
    out = io.BytesIO()
    small, large = Image.new("1", (50, 50), 1), Image.new("1", (500, 500), 1)
    small.save(out, "TIFF", save_all=True, append_images=[large])
    await originals.page(out.getvalue(), 1)
    with pytest.raises(originals.NotShown):
        await originals.page(out.getvalue(), 2)


async def test_no_picture_has_another_program_run() -> None:
    """Pillow gives PostScript to Ghostscript."""
    out = io.BytesIO()
    Image.new("L", (10, 10)).save(out, "EPS")
    with pytest.raises(originals.NotShown):
        await originals.page(out.getvalue(), 1)


async def test_a_page_that_does_not_exist_is_not_drawn() -> None:
    out = io.BytesIO()
    Image.new("L", (10, 10)).save(out, "PNG")
    for number in (0, 2):
        with pytest.raises(originals.NotShown):
            await originals.page(out.getvalue(), number)


def test_letters_cross_a_network_by_https_alone_and_to_whoever_signs_in(tmp_path: Path) -> None:
    for host in ("127.0.0.1", "::1", "localhost"):
        refuse_unsheltered(desk_settings(tmp_path, http_host=host))
    for host in ("0.0.0.0", "::", "10.0.0.1", "prefecture.example"):  # noqa: S104  (what is refused)
        with pytest.raises(PermanentFailure, match="VAGUEMESTRE_DESK_URL"):
            refuse_unsheltered(desk_settings(tmp_path, http_host=host))
    https = {"http_host": "0.0.0.0", "desk_url": "https://courrier.prefecture.example"}  # noqa: S104  (an address of a text)
    with pytest.raises(PermanentFailure, match="VAGUEMESTRE_OIDC_ISSUER"):
        refuse_unsheltered(desk_settings(tmp_path, **https))
    refuse_unsheltered(desk_settings(tmp_path, **https, oidc_issuer="https://compte.example"))


def test_a_demo_site_is_refused_behind_a_public_address_and_nowhere_else(tmp_path: Path) -> None:
    demo = a_site()
    real = demo.model_copy(update={"identity": demo.identity.model_copy(update={"demo": False})})
    public = desk_settings(tmp_path, desk_url="https://courrier.example")
    with pytest.raises(PermanentFailure, match="demo: true"):
        no_demo_outside(public, demo)
    no_demo_outside(public, real)
    no_demo_outside(public, None)
    for address in (None, "https://127.0.0.1:8443", "https://localhost"):
        no_demo_outside(desk_settings(tmp_path, desk_url=address), demo)


@pytest.mark.parametrize(
    ("desk", "portal"),
    [
        ("https://courrier.indre.example", "https://courrier.indre.example/"),
        ("https://courrier.indre.example/", "https://Courrier.indre.example"),
        (None, "http://127.0.0.1:8000"),
        (None, "http://localhost:8000/"),
    ],
)
def test_the_former_addresses_of_the_form_never_lead_to_themselves(
    tmp_path: Path, desk: str | None, portal: str
) -> None:
    settings = desk_settings(tmp_path, desk_url=desk, portal_url=portal, http_port=8000)
    with pytest.raises(PermanentFailure, match="VAGUEMESTRE_PORTAL_URL"):
        portal_elsewhere(settings)
    for other in (None, "https://ecrire.indre.example", "http://127.0.0.1:8001"):
        portal_elsewhere(desk_settings(tmp_path, desk_url=desk, portal_url=other, http_port=8000))
