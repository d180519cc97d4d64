"""The example préfecture promises what docs/domain.md says, from figures written by hand."""

import pytest

from shared.facts.vocabulary import (
    Authentication,
    Channel,
    ClockName,
    Effect,
    Nature,
    NoticeKind,
    RegimeStart,
    SenderKind,
)
from shared.site.checks.lines_to_review import unchecked_lines
from shared.site.tables.bundle import Site
from shared.site.tables.commitments import Unit
from shared.site.tables.notices import Action, NoticeRow


def test_the_commitments_are_those_of_the_domain(indre: Site) -> None:
    told = {
        row.id: (row.clock, row.days, row.unit) for row in indre.commitments.commitments if row.days
    }
    assert told == {
        "accuse-enregistrement": (ClockName.RECEIPT, 1, Unit.JOURS_OUVRES),
        "services-publics-electronique": (ClockName.SERVICES_PUBLICS, 7, Unit.JOURS),
        "services-publics-courrier": (ClockName.SERVICES_PUBLICS, 14, Unit.JOURS),
        "accuse-reception": (ClockName.ACKNOWLEDGEMENT, 10, Unit.JOURS_OUVRES),
        "reponse-courriel": (ClockName.REPLY, 5, Unit.JOURS_OUVRES),
        "reponse-courrier": (ClockName.REPLY, 15, Unit.JOURS_OUVRES),
        "reponse-reclamation": (ClockName.REPLY, 15, Unit.JOURS_OUVRES),
        "transmission": (ClockName.TRANSMISSION, 5, Unit.JOURS_OUVRES),
    }


def test_the_reply_ladder_warns_only_the_holder_before_the_limit(indre: Site) -> None:
    ladder = next(ladder for ladder in indre.commitments.ladders if ladder.id == "cinq-jours")
    assert [(step.at, list(step.tell)) for step in ladder.steps] == [
        (-2, ["holder"]),
        (1, ["holder", "head"]),
        (3, ["director"]),
    ]


def test_silence_on_a_residence_permit_rejects_at_four_months(indre: Site) -> None:
    regime = indre.regime["titre-de-sejour"]
    assert (regime.effect, regime.period.words()) == (Effect.REJECTION, "4 mois")
    assert "R. 432-1" in regime.text


def test_every_category_out_of_the_perimeter_says_why(indre: Site) -> None:
    out = {row.id: row.reason for row in indre.routing.categories if not row.perimeter}
    assert out["facture"] == "facture"
    assert out["carte-grise"] == "teleservice"
    assert all(out.values())


def decides(site: Site, kind: NoticeKind, sender: SenderKind, **more: object) -> NoticeRow | None:
    """The first row that matches, as docs/domain.md §7 reads the table."""
    facts = {
        "natures": Nature.UNKNOWN,
        "channels": Channel.EMAIL,
        "authentication": Authentication.PASS,
        "priorities": "normale",
        **more,
        "kinds": kind,
        "senders": sender,
    }
    return next(
        (
            row
            for row in site.notices.rows
            if all(
                not getattr(row, key) or value in getattr(row, key) for key, value in facts.items()
            )
        ),
        None,
    )


def action(site: Site, kind: NoticeKind, sender: SenderKind, **more: object) -> Action:
    row = decides(site, kind, sender, **more)
    return Action.HOLD if row is None else row.action


def test_a_machine_speaks_at_once_to_a_citizen_and_to_an_unknown_only_by_the_receipt(
    indre: Site,
) -> None:
    assert action(indre, NoticeKind.RECEIPT, SenderKind.CITIZEN) is Action.SEND
    assert action(indre, NoticeKind.RECEIPT, SenderKind.UNKNOWN) is Action.SEND
    assert action(indre, NoticeKind.SIMPLE, SenderKind.UNKNOWN) is Action.HOLD


def test_nothing_leaves_to_a_held_sender(indre: Site) -> None:
    held = {
        SenderKind.LAWYER,
        SenderKind.COURT,
        SenderKind.ELECTED,
        SenderKind.MINISTRY,
        SenderKind.ADMINISTRATION,
        SenderKind.PRESS,
        SenderKind.DEFENSEUR,
    }
    public = (NoticeKind.RECEIPT, NoticeKind.SIMPLE, NoticeKind.SVR, NoticeKind.SVA)
    for sender in held:
        for kind in public:
            assert action(indre, kind, sender) is Action.HOLD


def test_an_appeal_is_held_whoever_sends_it(indre: Site) -> None:
    appeal = {"natures": Nature.APPEAL}
    assert action(indre, NoticeKind.RECEIPT, SenderKind.CITIZEN, **appeal) is Action.HOLD


def test_a_failed_authentication_silences_the_machine(indre: Site) -> None:
    failed = {"authentication": Authentication.FAIL}
    assert action(indre, NoticeKind.RECEIPT, SenderKind.CITIZEN, **failed) is Action.NEVER
    none = {"authentication": Authentication.NONE}
    assert action(indre, NoticeKind.RECEIPT, SenderKind.CITIZEN, **none) is Action.SEND


def test_a_complaint_is_never_answered_by_a_pointer(indre: Site) -> None:
    complaint = {"natures": Nature.COMPLAINT}
    assert action(indre, NoticeKind.POINTER, SenderKind.CITIZEN, **complaint) is Action.NEVER
    assert action(indre, NoticeKind.RECEIPT, SenderKind.CITIZEN, **complaint) is Action.SEND


def test_a_letter_never_gets_a_receipt_by_mail_and_its_acknowledgement_is_printed(
    indre: Site,
) -> None:
    letter = {"channels": Channel.LETTER}
    assert action(indre, NoticeKind.RECEIPT, SenderKind.CITIZEN, **letter) is Action.NEVER
    row = decides(indre, NoticeKind.SIMPLE, SenderKind.UNKNOWN, **letter)
    assert row is not None
    assert (row.action, row.way) == (Action.SEND, "paper")


def test_a_residence_permit_has_its_periods_in_months_and_in_days(indre: Site) -> None:
    allowed = indre.category["titre-de-sejour"].allowed  # type: ignore[index]  # an id, typed by hand
    told = {code: indre.regime[code].period.words() for code in allowed}
    assert told == {
        "titre-de-sejour": "4 mois",
        "titre-90-jours": "90 jours",
        "titre-60-jours": "60 jours",
        "titre-421-23": "90 jours",
        "titre-421-23-autre-etat": "30 jours",
    }
    extension = indre.regime["titre-421-23-autre-etat"].extension
    assert extension
    assert extension.period.words() == "30 jours"
    assert {indre.regime[code].start for code in allowed} == {RegimeStart.COMPLETE_FILE}


def test_family_reunification_is_rejected_by_six_months_of_silence(indre: Site) -> None:
    regime = indre.regime[indre.category["regroupement-familial"].regime or ""]  # type: ignore[index]  # an id, typed by hand
    assert (regime.effect, regime.period.words()) == (Effect.REJECTION, "6 mois")
    assert regime.start is RegimeStart.COMPLETE_FILE
    assert "R. 434-26" in regime.text


@pytest.mark.parametrize("category", ["loterie", "vide-grenier"])
def test_a_lottery_and_a_garage_sale_are_the_mayor_s(indre: Site, category: str) -> None:
    row = indre.category[category]  # type: ignore[index]  # an id, typed by hand
    assert row.allowed == ()
    assert indre.labels.offices[row.transmit_to or ""].name == "Mairie de votre commune"


def test_the_services_that_the_minutes_name_are_there(indre: Site) -> None:
    names = {service.name for service in indre.services.services}
    assert names >= {
        "Bureau de la représentation de l’État et de la communication interministérielle",
        "Direction du développement local et de l’environnement",
        "PAN-Émeraude",
        "Sous-préfecture d’Issoudun",
        "Sous-préfecture de La Châtre",
        "Sous-préfecture du Blanc",
        "Bureau des migrations et de l’intégration",
        "Point d’Appui Numérique",
    }
    assert any("France services" in office.name for office in indre.labels.offices.values())


def test_what_nobody_has_checked_is_listed(indre: Site) -> None:
    lines = list(unchecked_lines(indre))
    for regime in indre.regime:
        assert any(line.startswith(f"regimes.yaml: {regime}: its text") for line in lines), regime
    assert any("the tribunal's address (Tribunal administratif" in line for line in lines)
    assert any("the layout of its mails" in line for line in lines)
    assert any("reponse-courriel: its source" in line for line in lines)
    assert "routing.yaml: loterie: who decides it (loi n° 2015-177 et décret n° 2015-317)" in lines
    assert any("vide-grenier: who decides it (code de commerce, articles" in line for line in lines)
    assert sum("its source (CRPA, art." in line for line in lines) == 5


def test_every_regime_says_where_and_when_its_text_was_read(indre: Site) -> None:
    for regime in indre.regime.values():
        assert regime.source
        assert regime.checked.on
        assert regime.checked.why
