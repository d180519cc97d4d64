"""What the tests of the register begin with: a site, arrivals, and their digests."""

import hashlib
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

from shared.calendar.territories import Calendar, Territory
from shared.calendar.working_days import working_calendar
from shared.facts.arrivals import Arrived, Enter, Routing, ScanMarks
from shared.facts.envelope import ArrivalId, At, BlobKey, Chrono, Digest, EventId, On, ServiceId
from shared.facts.observations import DepartureScanned, ReplySeen
from shared.facts.vocabulary import Category, Channel, Effect, NoticeKind, RegimeStart
from shared.platform.database import Connection
from shared.site.applied_rules import AppliedRules
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.tables.commitments import Commitments
from shared.site.tables.identity import Deputies, Identity, Postal, StandIn
from shared.site.tables.labels import Labels, Office
from shared.site.tables.mailboxes import Sources, Trust
from shared.site.tables.notices import NoticesTable
from shared.site.tables.people import People, Person
from shared.site.tables.regimes import Period, PeriodUnit, Regime, Regimes
from shared.site.tables.routing import CategoryRow, RoutingTable
from shared.site.tables.services import Service, Services
from shared.values import Checked
from tests.label_builders import a_cabinet, a_label
from tests.place_builders import a_website, some_places
from tests.survey_builders import a_survey

SPACE = UUID("00000000-0000-4000-8000-000000000036")
MONDAY = datetime(2026, 5, 11, 8, 0, tzinfo=UTC)
"""10:00 in Paris, on a Monday."""
GO_LIVE = datetime(2026, 5, 1, tzinfo=UTC)

DAYS = working_calendar(Territory.METROPOLE)
_POSTAL = Postal(street="1, place du Marché", postcode="36000", town="Exempleville")
_CHECKED = Checked(by="q.officer", on=date(2026, 1, 5), why="vérifié")


def digest(text: str) -> Digest:
    return Digest(hashlib.sha256(text.encode()).hexdigest())


FOUR_MONTHS = Regime(
    id="titre-de-sejour", effect=Effect.REJECTION, period=Period(n=4, unit=PeriodUnit.MONTHS),
    start=RegimeStart.FIRST_OFFICE, text="CESEDA, art. R. 432-1", appeals="Deux mois.",
    tribunal="Tribunal administratif", checked=_CHECKED,
)  # fmt: skip
THIRTY_DAYS = {
    "id": "autre-etat", "label": "titulaire d’une carte d’un autre État",
    "period": Period(n=30, unit=PeriodUnit.DAYS), "start": RegimeStart.COMPLETE_FILE,
}  # fmt: skip


def a_service(id_: str, head: str) -> Service:
    return Service(
        id=id_,
        name=f"Bureau {id_}",
        short=id_.upper(),
        head=head,
        director="d.rector",
        email=f"pref-{id_}@prefecture.example",
        phone="02 00 00 00 00",
    )


def a_category(id_: str, service: str, **kw: Any) -> CategoryRow:
    return CategoryRow(id=id_, label=id_.replace("-", " "), service=service, **kw)


def a_site() -> Site:
    calendar = Calendar(territory=Territory.METROPOLE)
    fields: dict[str, Any] = {
        "identity": Identity(
            id="indre",
            department="36",
            authority="Préfecture de l’exemple",
            signatory="Pour le préfet et par délégation",
            postal=_POSTAL,
            phone="02 00 00 00 00",
            email="prefecture@prefecture.example",
            website="https://www.prefecture.example",
            timezone="Europe/Paris",
            domains=("prefecture.example",),
            mail_office="courrier",
            legal_office="juridique",
            quality_officer="q.officer",
            general_secretary="s.general",
            on_call="o.call",
            data_protection="Vos données…",
            emergency_line="17 112 114 3114",
            desk_url="https://bureau.example",
            demo=True,
        ),
        "services": Services(
            services=(
                a_service("courrier", "c.head"),
                a_service("bmi", "b.head"),
                a_service("dre", "r.head"),
                a_service("juridique", "j.head"),
            )
        ),
        "commitments": Commitments(target=0.9, ladders=(), commitments=()),
        "regimes": Regimes(
            regimes=(
                FOUR_MONTHS,
                FOUR_MONTHS.model_copy(update=THIRTY_DAYS),
            )
        ),
        "calendar": calendar,
        "quality": a_label(),
        "website": a_website(),
        "survey": a_survey(),
        "events": a_cabinet(),
        "places": some_places(),
        "sources": Sources(trust=Trust(received_by=(), authserv_ids=()), mailboxes=()),
        "routing": RoutingTable(
            categories=(
                a_category("autre", "courrier"),
                a_category(
                    "titre-de-sejour", "bmi", regime="titre-de-sejour", regimes=("autre-etat",)
                ),
                a_category("association", "dre"),
                a_category("facture", "dre", perimeter=False, reason="invoice"),
            ),
            fallback="autre",
            rules=(),
            senders=(),
        ),
        "notices": NoticesTable(rows=()),
        "labels": Labels(
            reasons={"sans-suite": "sans suite à donner"},
            pieces={"passeport": "la copie de votre passeport"},
            offices={"ofii": Office(name="OFII"), "mairie": Office(name="Mairie")},
        ),
        "templates": {},
    }
    return Site.model_validate(fields)


def a_site_whose_deputies(**has: tuple[StandIn, ...]) -> Site:
    """The site, where whoever stands in for a function has more than daily acts."""
    site = a_site()
    identity = site.identity.model_copy(update={"deputies": Deputies(**has)})
    return site.model_copy(update={"identity": identity})


def an_applied_site(go_live: datetime | None = GO_LIVE) -> AppliedSite:
    return AppliedSite(
        version=1,
        digest="0" * 64,
        effective_from=datetime(2026, 4, 1, tzinfo=UTC),
        site=a_site(),
        days=DAYS,
        go_live=go_live,
    )


def certain(category: str = "titre-de-sejour", service: str = "bmi", **kw: Any) -> Routing:
    return Routing(
        rule="guichet",
        category=Category(category),
        service=ServiceId(service),
        certain="guichet",
        **kw,
    )


def proposed(category: str | None = "titre-de-sejour", **kw: Any) -> Routing:
    return Routing(
        rule="words",
        category=None if category is None else Category(category),
        service=ServiceId("bmi"),
        **kw,
    )


def blob(name: str) -> BlobKey:
    return BlobKey(f"2026/{uuid5(SPACE, name)}/{digest(name)}")


def an_arrival(name: str = "a", /, **kw: Any) -> Arrived:
    """An email of `name`'s that enters; each keyword replaces one field."""
    at = kw.pop("at", MONDAY)
    fields: dict[str, Any] = {
        "event_id": EventId(uuid5(SPACE, f"event {name}")),
        "arrival_id": ArrivalId(uuid5(SPACE, name)),
        "happened_at": at,
        "recorded_at": at,
        "by": "source:mailbox:bmi",
        "source": "mailbox:bmi",
        "verdict": Enter(),
        "channel": Channel.EMAIL,
        "receipt": At(instant=at),
        "original": blob(f"original {name}"),
        "pli": blob(f"pli {name}"),
        "fingerprint": digest(f"content {name}"),
        "message": digest(f"message {name}"),
        "correspondent": digest("ana"),
        "subject": digest("renewal"),
        "routing": proposed(),
    }
    return Arrived.model_validate(fields | kw)


def a_scan(name: str = "scan", /, **kw: Any) -> Arrived:
    """A letter stamped on the Monday, whose sender nobody knows."""
    fields: dict[str, Any] = {
        "source": "scans:courrier",
        "channel": Channel.LETTER,
        "receipt": On(day=date(2026, 5, 11)),
        "message": None,
        "correspondent": None,
        "subject": None,
        "scan": ScanMarks(day_from="sheet"),
    }
    return an_arrival(name, **(fields | kw))


def a_reply_seen(name: str = "reply", /, **kw: Any) -> ReplySeen:
    """A message of bmi's to ana, on the Wednesday."""
    at = kw.pop("at", datetime(2026, 5, 13, 9, 0, tzinfo=UTC))
    fields: dict[str, Any] = {
        "event_id": EventId(uuid5(SPACE, f"event {name}")),
        "arrival_id": ArrivalId(uuid5(SPACE, name)),
        "happened_at": at,
        "recorded_at": at,
        "by": "source:sent:bmi",
        "source": "sent:bmi",
        "service": ServiceId("bmi"),
        "original": blob(name),
        "message": digest(f"message {name}"),
        "sent_at": at,
        "to": (digest("ana"),),
        "subject": digest("renewal"),
    }
    return ReplySeen.model_validate(fields | kw)


def a_scanned_departure(chrono: str, kind: NoticeKind, name: str = "departure") -> DepartureScanned:
    at = datetime(2026, 5, 14, 9, 0, tzinfo=UTC)
    return DepartureScanned(
        event_id=EventId(uuid5(SPACE, f"event {name}")),
        arrival_id=ArrivalId(uuid5(SPACE, name)),
        happened_at=at,
        recorded_at=at,
        by="source:scans:departs",
        source="scans:departs",
        chrono=Chrono(chrono),
        kind=kind,
        receipt=On(day=date(2026, 5, 14)),
        original=blob(name),
    )


class ExampleRules(AppliedRules):
    """The rules under which the register's handlers are tried: the example's, never asked."""

    async def if_any(self, connection: Connection) -> AppliedSite:
        del connection
        self._kept = an_applied_site()
        return self._kept


rules = ExampleRules()


def a_person(id_: str, *services: str) -> Person:
    return Person(
        id=id_,
        first_name="Camille",
        name=id_.capitalize(),
        capacity="adjointe administrative",
        email=f"{id_}@prefecture.example",
        phone="02 00 00 00 01",
        services=services,
    )


def some_people() -> People:
    """The heads, two agents of bmi, one of dre, one of the mail office."""
    return People(
        people=(
            a_person("c.head", "courrier"),
            a_person("c.lerk", "courrier"),
            a_person("b.head", "bmi"),
            a_person("a.gent", "bmi"),
            a_person("b.gent", "bmi"),
            a_person("r.head", "dre"),
            a_person("r.gent", "dre"),
            a_person("j.head", "juridique"),
            a_person("d.rector", "direction"),
            a_person("q.officer", "qualite"),
            a_person("s.general", "sg"),
            a_person("o.call", "cabinet"),
        )
    )
