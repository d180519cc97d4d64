"""Facts and sites for the tests of notify; a test names only what matters to it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from shared.calendar.territories import Calendar, Territory
from shared.calendar.working_days import working_calendar
from shared.facts.envelope import (
    At,
    BlobKey,
    Chrono,
    Digest,
    EventId,
    ItemId,
    On,
    PersonId,
    ServiceId,
)
from shared.facts.items.base import Classification
from shared.facts.items.corrections import FactWithdrawn
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.routing import RegimeConfirmed, WaitEnded
from shared.facts.vocabulary import (
    Category,
    Channel,
    Effect,
    Nature,
    NoticeKind,
    RegimeStart,
    SenderKind,
    Waiting,
    Way,
)
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.tables.commitments import Commitments
from shared.site.tables.identity import Identity, OpeningHours, Postal
from shared.site.tables.labels import Labels, Office
from shared.site.tables.mailboxes import Sources, Trust
from shared.site.tables.notices import Action, NoticeRow, NoticesTable, Speed, Stale
from shared.site.tables.regimes import Period, PeriodUnit, Regime, Regimes
from shared.site.tables.routing import CategoryRow, RoutingTable
from shared.site.tables.services import Service, Services
from shared.values import Checked

NAMES = UUID("5b2c9b43-7b2c-4e5d-9d5e-0c1b6f5f1c11")
SITE = "indre"
MONDAY = datetime(2026, 5, 11, 8, 0, tzinfo=UTC)
"""10:00 in Paris, a jour ouvré."""
GO_LIVE = datetime(2026, 5, 1, tzinfo=UTC)
ON_CALL = PersonId("astreinte")
ITEM = ItemId(uuid5(NAMES, "item"))
EFFECTS = {"titre": Effect.REJECTION, "accord": Effect.ACCEPTANCE}


def event(name: str | int) -> EventId:
    return EventId(uuid5(NAMES, str(name)))


def _envelope(seq: int, at: datetime, item: ItemId) -> dict[str, Any]:
    return {
        "event_id": event(f"{item}/{seq}"),
        "happened_at": at,
        "recorded_at": at,
        "by": "person:c.martin",
        "item_id": item,
        "seq": seq,
    }


def classification(
    *,
    nature: Nature = Nature.REQUEST,
    sender: SenderKind = SenderKind.CITIZEN,
    category: str = "titre-de-sejour",
    perimeter: bool = True,
) -> Classification:
    return Classification(
        category=Category(category), nature=nature, perimeter=perimeter, sender_kind=sender
    )


def registered(
    *,
    channel: Channel = Channel.EMAIL,
    at: datetime = MONDAY,
    item: ItemId = ITEM,
    qualified: bool = False,
    nature: Nature = Nature.REQUEST,
    sender: SenderKind = SenderKind.CITIZEN,
    perimeter: bool = True,
    chrono: str = "36-2026-A-000123",
    **fields: Any,
) -> ItemRegistered:
    receipt = At(instant=at) if channel.electronic else On(day=at.date())
    return ItemRegistered(
        **_envelope(1, at, item),
        chrono=Chrono(chrono),
        channel=channel,
        receipt=fields.pop("receipt", receipt),
        classification=classification(nature=nature, sender=sender, perimeter=perimeter),
        service=ServiceId("bmi"),
        qualified=qualified,
        arrival_id=None,
        pli=fields.pop("pli", BlobKey("2026/a/b")),
        correspondent=Digest("c0ffee"),
        **fields,
    )


def fact(kind: type[Any], seq: int, /, *, at: datetime = MONDAY, **fields: Any) -> Any:
    """Any other fact of the item."""
    return kind(**_envelope(seq, at, fields.pop("item", ITEM)), **fields)


def qualified(seq: int = 2, at: datetime = MONDAY) -> WaitEnded:
    ended: WaitEnded = fact(WaitEnded, seq, at=at, waiting=Waiting.TO_QUALIFY)
    return ended


def regime(code: str | None, seq: int = 3, at: datetime = MONDAY) -> RegimeConfirmed:
    confirmed: RegimeConfirmed = fact(
        RegimeConfirmed,
        seq,
        at=at,
        regime=code,
        start=RegimeStart.FIRST_OFFICE,
        received=At(instant=at),
    )
    return confirmed


def ordered(kind: NoticeKind, seq: int = 4, way: Way = Way.MAIL, **fields: Any) -> NoticeOrdered:
    order: NoticeOrdered = fact(NoticeOrdered, seq, kind=kind, way=way, **fields)
    return order


def withdrawn(what: Any, seq: int = 9) -> FactWithdrawn:
    undo: FactWithdrawn = fact(
        FactWithdrawn, seq, fact=what.event_id, fact_type=what.type, reason="erreur"
    )
    return undo


HELD_SENDERS = (
    SenderKind.LAWYER,
    SenderKind.COURT,
    SenderKind.ELECTED,
    SenderKind.MINISTRY,
    SenderKind.ADMINISTRATION,
    SenderKind.PRESS,
    SenderKind.DEFENSEUR,
)

ROWS = (
    NoticeRow(
        id="recours",
        kinds=(NoticeKind.RECEIPT, NoticeKind.SIMPLE, NoticeKind.SVR, NoticeKind.SVA),
        natures=(Nature.APPEAL,),
        action=Action.HOLD,
        reason="recours",
        speed=Speed.OPENING,
    ),
    NoticeRow(
        id="tenus",
        kinds=(NoticeKind.RECEIPT, NoticeKind.SIMPLE, NoticeKind.SVR, NoticeKind.SVA),
        senders=HELD_SENDERS,
        action=Action.HOLD,
        reason="interlocuteur",
        speed=Speed.OPENING,
    ),
    NoticeRow(
        id="jamais-un-renvoi-sur-reclamation",
        kinds=(NoticeKind.POINTER,),
        natures=(Nature.COMPLAINT,),
        action=Action.NEVER,
        reason="reclamation",
    ),
    NoticeRow(id="recepisse", kinds=(NoticeKind.RECEIPT,), action=Action.SEND),
    NoticeRow(
        id="accuses",
        kinds=(NoticeKind.SIMPLE, NoticeKind.SVR, NoticeKind.SVA),
        senders=(SenderKind.CITIZEN, SenderKind.ASSOCIATION, SenderKind.COMPANY),
        action=Action.SEND,
    ),
)


def applied(
    *, go_live: datetime | None = GO_LIVE, rows: tuple[NoticeRow, ...] = ROWS
) -> AppliedSite:
    checked = Checked(by="m.durand", on=date(2026, 4, 1), why="relu")
    site = Site(
        identity=Identity(
            id=SITE,
            department="36",
            authority="Préfecture de l’Indre",
            signatory="Pour le préfet et par délégation",
            postal=Postal(street="Place de la Victoire", postcode="36000", town="Châteauroux"),
            phone="02 54 29 50 00",
            email="contact@indre.example",
            website="www.indre.example",
            timezone="Europe/Paris",
            opening=OpeningHours(opens=time(9), closes=time(17)),
            domains=("indre.example",),
            return_path="retour@indre.example",
            mail_office="courrier",
            legal_office="juridique",
            quality_officer="q.petit",
            general_secretary="sg",
            on_call=ON_CALL,
            data_protection="Vos données sont traitées par la préfecture.",
            emergency_line="En cas d’urgence : 17, 112, 114 (SMS), 3114.",
            desk_url="https://bureau.indre.example",
        ),
        services=Services(
            services=tuple(
                Service(
                    id=code,
                    name=name,
                    short=code.upper(),
                    head=head,
                    director="d.roy",
                    email=f"pref-{code}@indre.example",
                    phone="02 54 29 51 00",
                )
                for code, name, head in (
                    ("bmi", "Bureau des migrations et de l’intégration", "h.bmi"),
                    ("courrier", "Bureau du courrier", "h.courrier"),
                    ("juridique", "Bureau du contentieux", "h.juridique"),
                )
            )
        ),
        commitments=Commitments(target=0.9, ladders=(), commitments=()),
        regimes=Regimes(
            regimes=tuple(
                Regime(
                    id=code,
                    effect=effect,
                    period=Period(n=4, unit=PeriodUnit.MONTHS),
                    start=RegimeStart.FIRST_OFFICE,
                    text="CESEDA, art. R. 432-1 et R. 432-2",
                    appeals="recours gracieux, hiérarchique ou contentieux dans les deux mois",
                    tribunal="tribunal administratif de Limoges",
                    checked=checked,
                )
                for code, effect in EFFECTS.items()
            )
        ),
        calendar=Calendar(territory=Territory.METROPOLE),
        sources=Sources(trust=Trust(received_by=(), authserv_ids=()), mailboxes=()),
        routing=RoutingTable(
            categories=(CategoryRow(id="titre-de-sejour", label="titre de séjour", service="bmi"),),
            fallback="titre-de-sejour",
            rules=(),
            senders=(),
        ),
        notices=NoticesTable(
            rows=rows,
            stale=(
                Stale(kind=NoticeKind.RECEIPT, after=timedelta(days=2)),
                Stale(kind=NoticeKind.SIMPLE, after=timedelta(days=15)),
                Stale(kind=NoticeKind.REPLY, after=timedelta(days=3)),
                Stale(kind=NoticeKind.ALERT, after=timedelta(days=1)),
            ),
        ),
        labels=Labels(
            reasons={"attend-ofii": "attend la réponse de l’OFII"},
            pieces={
                "justificatif-domicile": "un justificatif de domicile",
                "passeport": "la copie de votre passeport",
            },
            offices={
                "ofii": Office(name="OFII", contact="www.ofii.example"),
                "mairie": Office(name="Mairie"),
            },
        ),
        templates={},
    )
    return AppliedSite(
        version=1,
        digest="0" * 64,
        effective_from=datetime(2026, 4, 1, tzinfo=UTC),
        site=site,
        days=working_calendar(Territory.METROPOLE, (), 2025, 2028),
        go_live=go_live,
    )
