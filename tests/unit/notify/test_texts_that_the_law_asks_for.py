"""CRPA L112-3, R112-5, R112-11-1, L232-3, L114-5, L111-2: what each text has to say, by hand."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.notify.domain.fold import fold
from services.notify.domain.occasions import called_for
from services.notify.incomplete import Incomplete
from services.notify.letters import LetterContext, context
from shared.calendar.working_days import working_calendar
from shared.content.plis import Correspondent, Pli
from shared.facts.envelope import PersonId
from shared.facts.items.routing import RegimeConfirmed
from shared.facts.vocabulary import Channel, Effect, NoticeKind, RegimeStart, Way
from shared.site.load import load_proposal
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite
from shared.site.texts.by_way import asks_for_a_mail
from shared.site.texts.letters import Correspondence
from shared.site.texts.samples import samples
from shared.site.texts.templates import CONTEXTS, TemplateText, render
from tests.unit.notify.builders import GO_LIVE, ON_CALL, ordered, qualified, regime, registered

INDRE = Path(__file__).parents[3] / "deploy" / "site" / "indre"
PLI = Pli(
    kind="mail",
    sender=Correspondent(name="Jeanne Martin", address="jeanne@exemple.fr"),
    answer_to=Correspondent(name="Jeanne Martin", address="jeanne@exemple.fr"),
    subject="Ma demande de titre",
)


@cache
def indre() -> tuple[AppliedSite, Directory]:
    proposal = load_proposal(INDRE)
    calendar = proposal.site.calendar
    applied = AppliedSite(
        version=1,
        digest="0" * 64,
        effective_from=datetime(2026, 4, 1, tzinfo=UTC),
        site=proposal.site,
        days=working_calendar(calendar.territory, calendar.closures, 2025, 2028),
        go_live=GO_LIVE,
    )
    people: Any = {person.id: person for person in proposal.people.people}
    return applied, Directory(people, (), {}, proposal.people.delegations)


def text(
    kind: NoticeKind,
    *facts: Any,
    pli: Pli | None = PLI,
    composed: str | None = None,
    way: Way = Way.MAIL,
    now: datetime = datetime(2026, 5, 21, 8, tzinfo=UTC),
) -> TemplateText:
    applied, people = indre()
    item = fold(facts)
    assert item is not None
    effects = {code: one.effect for code, one in applied.site.regime.items()}
    calls = called_for(
        item,
        today=now.astimezone(ZoneInfo("Europe/Paris")).date(),
        zone=ZoneInfo("Europe/Paris"),
        effects=effects,
        on_call=ON_CALL,
    )
    call = next(call for call in calls if call.kind is kind)
    nobody = Correspondent()
    written = (
        None
        if composed is None
        else Pli(kind="composed", sender=nobody, answer_to=nobody, text=composed)
    )
    letter = context(LetterContext(call, item, pli, written, applied, people, now))
    return render(applied.site.templates, letter, way)


def said(*args: Any, **fields: Any) -> str:
    whole = text(*args, **fields)
    return re.sub(r"\s+", " ", f"{whole.subject} {whole.whole}")


def test_an_answer_to_a_message_of_ours_is_not_named_by_our_own_subject() -> None:
    ours = "Re: Votre demande (référence 36-2026-A-000001) [36-2026-A-000001-GRWT7VNABE]"
    answer = PLI.model_copy(update={"subject": ours})
    facts = (registered(), qualified())
    assert "(« Ma demande de titre »)" in said(NoticeKind.SIMPLE, *facts)
    assert "référence 36-2026-A-000001" not in said(NoticeKind.SIMPLE, *facts, pli=answer)


def test_what_a_clerk_wrote_of_a_paper_is_quoted_to_nobody() -> None:
    """At the counter, and in the register that was kept before: a note for colleagues."""
    keyed = PLI.model_copy(update={"kind": "keyed", "subject": "Suspension de permis"})
    facts = (registered(), qualified())
    for kind in (NoticeKind.RECEIPT, NoticeKind.SIMPLE):
        assert "Suspension" not in said(kind, *facts, pli=keyed)


def test_the_receipt_gives_the_date_the_reference_and_promises_nothing() -> None:
    receipt = said(NoticeKind.RECEIPT, registered())
    assert "11 mai 2026" in receipt
    assert "36-2026-A-000123" in receipt
    assert "ne préjuge ni de la recevabilité" in receipt
    assert "ni de la suite" in receipt
    for number in ("17", "112", "114", "3114"):
        assert re.search(rf"\b{number}\b", receipt)
    assert "rejet" not in receipt
    assert "accept" not in receipt
    assert "données" in receipt


def file_of(code: str) -> RegimeConfirmed:
    """The regime, counted from the complete file."""
    return regime(code).model_copy(update={"start": RegimeStart.COMPLETE_FILE})


def service_is_named(letter: str) -> None:
    """R112-5 and R112-11-1: the service in charge, its postal address, its e-mail, its phone."""
    assert "Bureau des migrations et de l’intégration" in letter
    assert "place de la Victoire et des Alliés, 36000 Châteauroux" in letter
    assert "pref-bmi@indre.example" in letter
    assert re.search(r"02( \d\d){4}", letter)
    assert "11 mai 2026" in letter


def test_simple_names_the_service_and_says_nothing_of_silence() -> None:
    letter = said(NoticeKind.SIMPLE, registered(), qualified())
    service_is_named(letter)
    assert "silence" not in letter
    assert "réputée" not in letter


def test_svr_gives_the_date_of_the_rejection_the_text_the_appeals_and_the_tribunal() -> None:
    letter = said(NoticeKind.SVR, registered(), regime("titre-de-sejour"))
    service_is_named(letter)
    assert "à la fin de la journée du 11 septembre 2026" in letter
    assert "rejetée" in letter
    assert "R. 432-1" in letter
    assert "Dans les deux mois" in letter
    for appeal in ("recours gracieux", "recours hiérarchique", "recours contentieux"):
        assert appeal in letter
    assert "Tribunal administratif de Limoges, 2 cours Bugeaud" in letter
    assert "attestation" not in letter


def test_sva_gives_the_date_of_the_acceptance_and_the_right_to_the_attestation() -> None:
    letter = said(NoticeKind.SVA, registered(), file_of("chambre-funeraire"))
    service_is_named(letter)
    assert "à la fin de la journée du 11 septembre 2026" in letter
    assert "réputée acceptée" in letter
    assert "R. 2223-74" in letter
    assert "attestation" in letter
    assert "L. 232-3" in letter
    assert "rejet" not in letter


def test_a_reply_bears_first_name_name_and_capacity_of_whoever_ordered_it() -> None:
    order = ordered(NoticeKind.REPLY).model_copy(update={"by": "person:k.haddad"})
    letter = said(NoticeKind.REPLY, registered(), order, composed="Votre titre est prêt.")
    assert "Karima Haddad" in letter
    assert "adjointe administrative" in letter
    assert "Votre titre est prêt." in letter


SIGNED = "Pour le préfet et par délégation"


@pytest.mark.parametrize(
    "kind",
    [NoticeKind.REPLY, NoticeKind.HOLDING_REPLY, NoticeKind.PIECES, NoticeKind.TRANSFER],
)
@pytest.mark.parametrize("way", list(Way))
def test_only_who_has_a_delegation_signs_for_the_prefet(kind: NoticeKind, way: Way) -> None:
    for author, signs in (("c.aubry", True), ("s.pinson", False)):
        order = ordered(kind, until=date(2026, 6, 8)).model_copy(update={"by": f"person:{author}"})
        facts = (registered(), order)
        letter = text(kind, *facts, composed="Bureau voisin\n02 54 00 00 00", way=way)
        assert (SIGNED in letter.whole) is signs
        assert "Bureau des migrations et de l’intégration,\nSylvie" in letter.whole or signs


def test_what_nobody_signed_is_signed_for_nobody() -> None:
    """Its agent has a delegation, and never saw the acknowledgement that leaves by itself."""
    held = registered(agent=PersonId("c.aubry"))
    assert SIGNED not in said(NoticeKind.SIMPLE, held, qualified())


def test_an_order_of_a_machine_is_not_signed_by_whoever_has_the_item() -> None:
    order = ordered(NoticeKind.REPLY).model_copy(update={"by": "service:desk"})
    held = registered(agent=PersonId("c.aubry"))
    with pytest.raises(Incomplete, match="author_unknown"):
        text(NoticeKind.REPLY, held, order, composed="Oui.")


def test_a_delegation_that_ran_out_signs_no_more() -> None:
    order = ordered(NoticeKind.REPLY).model_copy(update={"by": "person:c.aubry"})
    facts, last = (
        (registered(), order),
        datetime(2027, 1, 4, 9, tzinfo=UTC),
    )
    kept = text(NoticeKind.REPLY, *facts, composed="Oui.", now=last)
    assert SIGNED in kept.whole
    gone = text(NoticeKind.REPLY, *facts, composed="Oui.", now=last + timedelta(days=1))
    assert SIGNED not in gone.whole


def test_no_letter_on_paper_asks_to_answer_this_message() -> None:
    for kind in CONTEXTS:
        for sample in samples(kind):
            if isinstance(sample, Correspondence):
                on_paper = render(indre()[0].site.templates, sample, Way.PAPER)
                assert not asks_for_a_mail(on_paper.whole)
    mail = said(NoticeKind.SIMPLE, registered(), qualified())
    assert asks_for_a_mail(mail)


def test_a_reply_without_a_known_author_is_not_written() -> None:
    order = ordered(NoticeKind.REPLY).model_copy(update={"by": "person:inconnu"})
    with pytest.raises(Incomplete, match="author_unknown"):
        said(NoticeKind.REPLY, registered(), order, composed="Texte.")


def test_a_pointer_always_names_a_way_without_internet() -> None:
    order = ordered(NoticeKind.POINTER)
    item = registered()
    grey_card = item.model_copy(
        update={
            "classification": item.classification.model_copy(update={"category": "carte-grise"})
        }
    )
    letter = said(
        NoticeKind.POINTER, grey_card, order, composed="Point d’Appui Numérique, 02 54 00 01 60"
    )
    assert "https://immatriculation.ants.gouv.fr" in letter
    assert "02 54 00 01 60" in letter
    with pytest.raises(Incomplete, match="text_missing"):
        said(NoticeKind.POINTER, grey_card, order)


def test_a_third_party_is_not_told_the_subject() -> None:
    for_another = PLI.model_copy(update={"on_behalf": Correspondent(name="Awa Diallo")})
    own = said(NoticeKind.SIMPLE, registered(), qualified())
    third = said(NoticeKind.SIMPLE, registered(), qualified(), pli=for_another)
    assert "Ma demande de titre" in own
    assert "Ma demande de titre" not in third
    assert "Diallo" not in third


def test_paper_says_the_same_and_has_place_and_date() -> None:
    letter = registered(channel=Channel.LETTER)
    paper = said(NoticeKind.SVR, letter, regime("titre-de-sejour"), pli=None, way=Way.PAPER)
    assert "Châteauroux, le 21 mai 2026" in paper
    assert "11 septembre 2026" in paper
    assert "votre courrier" in paper


def test_the_example_has_a_regime_of_each_effect() -> None:
    applied, _ = indre()
    assert {regime.effect for regime in applied.site.regime.values()} == set(Effect)


def test_pieces_and_offices_keyed_by_code_are_said_in_the_words_of_the_site() -> None:
    order = ordered(NoticeKind.PIECES, until=date(2026, 6, 20), pieces=("passeport",))
    asked = said(NoticeKind.PIECES, registered(), order)
    assert "- la copie de votre passeport (pages d’identité et visas)" in asked
    moved = ordered(NoticeKind.TRANSFER, addressee="ofii")
    letter = said(NoticeKind.TRANSFER, registered(), moved)
    assert "Office français de l’immigration et de l’intégration (OFII)" in letter
    assert "www.ofii.fr" in letter


@pytest.mark.parametrize(
    "order",
    [
        ordered(NoticeKind.PIECES, until=date(2026, 6, 20), pieces=("passeport", "licence-iv")),
        ordered(NoticeKind.TRANSFER, addressee="bureau-des-rois"),
    ],
)
def test_a_code_without_words_is_held_rather_than_sent_to_a_citizen(order: Any) -> None:
    with pytest.raises(Incomplete, match="label_missing"):
        said(order.kind, registered(), order)
