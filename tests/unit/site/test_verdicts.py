"""What the example's tables say of verdicts that are easy to get wrong (docs/domain.md §10)."""

import pytest

from services.ingest.domain.conditions import MessageFeatures
from services.ingest.domain.routing import RoutingRules
from shared.facts.arrivals import Routing
from shared.facts.envelope import ServiceId
from shared.facts.vocabulary import Channel, Nature, SenderKind
from shared.site.tables.bundle import Site


@pytest.fixture(scope="session")
def table(indre: Site) -> RoutingRules:
    return RoutingRules(indre)


def proposed(
    table: RoutingRules,
    subject: str,
    text: str,
    mailbox: str = "pref-courrier",
    sender: str = "a@courriel.example",
) -> Routing:
    home = ServiceId(mailbox.removeprefix("pref-"))
    return table.route(
        MessageFeatures(
            channel=Channel.EMAIL,
            mailbox=mailbox,
            sender_address=sender,
            subject=subject,
            text=text,
            home=home,
        )
    ).routing


@pytest.mark.parametrize(
    "text",
    [
        "Je vous mets en demeure de me rendre mon permis sous huit jours.",
        "Sans réponse de votre part, je saisirai le tribunal administratif.",
        "Je forme un recours gracieux contre votre décision du 3 mai.",
    ],
)
def test_an_appeal_goes_to_the_legal_office_and_nothing_leaves(
    table: RoutingRules, text: str
) -> None:
    routing = proposed(table, "Mon permis de conduire", text, "pref-bsr")
    assert (routing.nature, routing.service) == (Nature.APPEAL, "juridique")
    assert routing.hold == "recours"
    assert routing.certain is None


def test_a_request_for_a_document_that_mentions_the_cada_is_no_appeal(table: RoutingRules) -> None:
    routing = proposed(
        table, "Communication", "Je demande communication de l’arrêté. Sinon je saisirai la CADA."
    )
    assert (routing.category, routing.nature, routing.hold) == ("documents", Nature.REQUEST, None)


def test_a_mayor_who_asks_how_to_give_formal_notice_makes_no_appeal(table: RoutingRules) -> None:
    routing = proposed(
        table, "Caravanes", "Quelle est la procédure de mise en demeure ?\nLe maire,\nB. Touchard"
    )
    assert routing.nature is Nature.UNKNOWN
    assert routing.sender_kind is SenderKind.ELECTED
    assert routing.hold is not None


def test_a_complaint_keeps_its_nature_whatever_its_subject_and_is_never_certain(
    table: RoutingRules,
) -> None:
    routing = proposed(
        table,
        "Permis de conduire : réclamation",
        "Je dépose une réclamation, personne ne répond.",
        "pref-bsr",
    )
    assert (routing.nature, routing.service, routing.certain) == (Nature.COMPLAINT, "bsr", None)


def test_a_question_that_a_named_head_calls_certain_stands_without_a_person(
    table: RoutingRules,
) -> None:
    routing = proposed(table, "Permis de conduire", "Comment l’échanger ?", "pref-bsr")
    assert (routing.category, routing.certain) == ("permis", "permis-question")


def test_an_invoice_is_an_item_out_of_perimeter_and_not_set_aside(
    table: RoutingRules, indre: Site
) -> None:
    routed = table.route(
        MessageFeatures(channel=Channel.EMAIL, subject="Facture F-12", text="Imprimerie SARL")
    )
    assert routed.set_aside is None
    assert routed.routing.category is not None
    row = indre.category[routed.routing.category]
    assert (row.perimeter, row.reason) == (False, "facture")
    assert routed.routing.hold is None


def test_a_court_notice_is_out_of_perimeter_and_held(table: RoutingRules, indre: Site) -> None:
    routing = proposed(
        table,
        "Avis d’audience",
        "Le greffe.",
        sender="greffe@tribunal-administratif-limoges.example",
    )
    assert routing.category is not None
    assert indre.category[routing.category].reason == "juridiction"
    assert routing.sender_kind is SenderKind.COURT
    assert routing.hold is not None


def test_a_notary_counts_as_a_company(table: RoutingRules) -> None:
    routing = proposed(table, "Servitude", "Une parcelle.\nOffice notarial Dumont")
    assert (routing.sender_kind, routing.hold) == (SenderKind.COMPANY, None)


def test_words_of_danger_are_urgent_and_the_receipt_may_leave(table: RoutingRules) -> None:
    routing = proposed(table, "Je n’en peux plus", "J’ai envie d’en finir.", "pref-bmi")
    assert (routing.danger, routing.priority, routing.hold) == (True, "urgente", None)


def test_what_nobody_knows_goes_to_whose_mailbox_it_came_to(table: RoutingRules) -> None:
    routing = proposed(table, "Bonjour", "Une question.", "pref-bmi")
    assert (routing.category, routing.service) == ("a-qualifier", "bmi")


def test_a_tombola_of_an_association_is_a_lottery(table: RoutingRules) -> None:
    routing = proposed(table, "Tombola", "Notre association organise une tombola.", "pref-bre")
    assert (routing.category, routing.sender_kind) == ("loterie", SenderKind.ASSOCIATION)
