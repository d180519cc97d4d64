"""Made-up notices, full of values that nothing else holds, on which the templates are tried."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from shared.facts.envelope import Chrono
from shared.facts.envelope import Digest as Sha256
from shared.facts.vocabulary import Channel, NoticeKind
from shared.site.tables.identity import Postal
from shared.site.texts.letters import (
    Agent,
    Correction,
    Correspondence,
    EffectOfPieces,
    HoldingReply,
    LetterOffice,
    PiecesRequest,
    Pointer,
    ReceiptTexts,
    Rectification,
    Reply,
    Simple,
    Sva,
    Svr,
    Transfer,
)
from shared.site.texts.meetings import POINTS, MeetingNews
from shared.site.texts.pages import (
    Alert,
    Delayed,
    DigestLine,
    DigestTexts,
    ExerciseMail,
    Inside,
    PersonChangeMail,
    QualityLine,
    Rate,
    Roots,
    Seal,
    Section,
    Verified,
    WaitingDecision,
    Weekly,
)

_OFFICE = LetterOffice(
    authority="Préfecture de l’exemple",
    signatory="Pour le préfet et par délégation",
    service="Bureau des exemples",
    postal=Postal(street="7, place du Modèle", postcode="99123", town="Exempleville"),
    phone="01 99 00 11 22",
    email="exemples@prefecture.example",
    opens="8 h 45",
    closes="16 h 15",
    website="www.prefecture.example",
    data_protection="Notice de protection des données.",
    everyday="le service des exemples (Bureau des exemples)",
)
_AGENT = Agent("Camille", "Modèle", "attachée d’administration")
_CHRONO = Chrono("99-2031-A-004321")
_RECEIVED, _WRITTEN, _LIMIT, _UNTIL = (
    date(2031, 2, 3),
    date(2031, 2, 10),
    date(2031, 6, 4),
    date(2031, 3, 7),
)
_LINE = DigestLine(
    chrono=_CHRONO,
    label="exemple de démarche",
    received=_RECEIVED,
    limit=_LIMIT,
    left=-2,
    url="https://bureau.example/i/4321",
    what="réponse due le",
    had="bureau du courrier 2, BMI 1",
    note="réponse vue, à confirmer",
)
_DELAYED = Delayed(
    "Bureau des retards",
    4,
    _LINE,
    ("attend un tiers",),
    "https://bureau.example/s",
    ("3 réponses en retard", "1 accusé en retard"),
)


def samples(kind: NoticeKind) -> Sequence[Correspondence | Inside | MeetingNews]:
    """Returns made-up notices of a kind, on which the site's templates are tried.

    One has all values filled; for the public there is also a minimal one.
    """
    named = kind in {NoticeKind.HOLDING_REPLY, NoticeKind.REPLY}
    full = _letters(_common(_AGENT, "Une question"), ("un justificatif de domicile",), _UNTIL)
    bare = _letters(_common(_AGENT if named else None, None), (), None)
    every: list[Correspondence | Inside | MeetingNews] = [*full, *bare, *_pages(), *_meetings()]
    return [sample for sample in every if sample.kind is kind]


def _meetings() -> Sequence[MeetingNews]:
    return [
        MeetingNews(
            authority=_OFFICE.authority,
            phone=_OFFICE.phone,
            email=_OFFICE.email,
            at=datetime(2031, 3, 11, 14, 30, tzinfo=UTC),
            place="Salle des exemples",
            points=tuple(POINTS.values()),
            moved=moved,
            cancelled=cancelled,
        )
        for moved, cancelled in ((False, False), (True, False), (True, True))
    ]


def _common(agent: Agent | None, about: str | None) -> dict[str, Any]:
    return {
        "office": _OFFICE,
        "reference": _CHRONO,
        "written": _WRITTEN,
        "received": _RECEIVED,
        "channel": Channel.EMAIL,
        "agent": agent,
        "about": about,
        "emergency_line": "En cas de danger, appelez le 17.",
    }


def _letters(
    common: dict[str, Any], missing: tuple[str, ...], until: date | None
) -> Sequence[Correspondence]:
    law, appeals, tribunal = "code, art. R. 999-1", "un recours gracieux", "tribunal d’Exempleville"
    corrected = (Correction("Date de réception", "4 février 2031", "3 février 2031"),)
    return (
        ReceiptTexts(**common),
        Simple(**common),
        Svr(
            **common,
            limit=_LIMIT,
            text=law,
            appeals=appeals,
            tribunal=tribunal,
            missing=missing,
            suspended=until,
            until=until,
        ),
        Sva(**common, limit=_LIMIT, text=law),
        HoldingReply(**common, promised=_LIMIT, reason="votre demande appelle un avis extérieur"),
        *(
            PiecesRequest(**common, pieces=("une copie lisible",), until=_UNTIL, effect=effect)
            for effect in EffectOfPieces
        ),
        Transfer(
            **common,
            to="Mairie d’Exempleville",
            to_contact="1, place du Lavoir, 99123 Exempleville",
            transferred=date(2031, 2, 6),
        ),
        Pointer(
            **common,
            procedure="une carte d’exemple",
            url="https://demarches.example",
            without_internet="Point d’appui numérique, 01 99 00 33 44",
        ),
        Reply(**common, text="Voici la réponse à votre question."),
        Rectification(
            **common, corrected_notice=_WRITTEN, corrections=corrected, kept=until, appeals=appeals
        ),
    )


def _pages() -> Sequence[Inside]:
    common: dict[str, Any] = {
        "authority": "Préfecture de l’exemple",
        "first_name": "Camille",
        "day": _WRITTEN,
        "desk_url": "https://bureau.example",
        "instead_of": "Dominique Exemple",
    }
    at = datetime(2031, 2, 10, 8, 55, tzinfo=UTC)
    return (
        DigestTexts(
            **common,
            heard_until=at,
            sections=(Section("À traiter", (_LINE,), more=3),),
            delayed=(_DELAYED,),
            at_risk=17,
            untaken=19,
            quality=(QualityLine("Documents : audit interne", date(2031, 2, 20), 10),),
            event="En cours : événement crue-2031, jusqu’au 12 février 2031 à 18 h 00.",
            verified=Verified(date(2031, 2, 10), 1871, 5613, 29),
        ),
        Weekly(
            **common,
            since=date(2031, 2, 3),
            until=date(2031, 2, 9),
            rates=(
                Rate("Courriels", 37, 41, 0.9, 0.77, 0.96, 2, "4 parties en retard"),
                Rate("Courriers", 0, 0, 0.9),
            ),
            delayed=(_DELAYED,),
            needing=(_LINE,),
            verified=Verified(date(2031, 2, 10), 1871, 5613, 29),
            counted_on=date(2031, 2, 10),
            services="Exemples",
            decisions=(WaitingDecision("Mesure n° 4", "https://bureau.example/m/4"),),
            decisions_left=5,
            note="aucune réponse à juger",
        ),
        *(
            Alert(
                **common,
                chrono=_CHRONO,
                service="Bureau des exemples",
                arrived=at,
                url="https://bureau.example/i/4321",
                emergency_line="En cas de danger, appelez le 17.",
                danger=danger,
            )
            for danger in (True, False)
        ),
        PersonChangeMail(
            **common,
            what="Votre suppléant a changé",
            by="Dominique Exemple",
            at=at,
            url="https://bureau.example/personne/c.exemple",
        ),
        ExerciseMail(
            **common | {"first_name": "", "instead_of": None},
            code="essai-2031",
            until="12/02/2031",
            text="Ceci est le texte approuvé de l’exercice.",
        ),
        *(
            Roots(
                **common | {"first_name": "" if outside else "Camille", "instead_of": None},
                seals=(Seal(date(2031, 2, 9), Sha256("5ea1" * 16), 23, at),),
                before=31,
                outside=outside,
            )
            for outside in (False, True)
        ),
    )
