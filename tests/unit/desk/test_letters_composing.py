"""A letter filled for one item, and the check-list of what leaves (docs/domain.md §3, §7)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid5

import pytest

from services.desk.domain import registration
from services.desk.domain.fold import fold
from services.desk.domain.stamp import Stamp
from services.desk.letters.composer import ComposedLetter, address_of, addressee_of, compose
from services.desk.letters.domain import letter_file
from services.desk.letters.domain.form import Point
from services.desk.letters.domain.library import LetterState, LetterVersion
from services.desk.letters.domain.merge_fields import FillContext, Filled
from shared.content.plis import Correspondent, Pli
from shared.errors import Refused
from shared.facts.envelope import Chrono, ItemId, PersonId
from shared.facts.items.base import Classification
from shared.facts.items.pieces import AwaitingThird
from shared.facts.items.routing import ItemReclassified
from shared.facts.vocabulary import Confidentiality, NoticeKind, Way
from shared.site.load import load_proposal
from shared.site.staff.directory import Directory
from shared.site.tables.people import Person
from shared.site.tables.services import Services
from tests.desk_builders import MONDAY, SPACE, an_applied_site, an_arrival, certain

INDRE = Path(__file__).parents[3] / "deploy" / "site" / "indre"
SITE = load_proposal(INDRE)
APPLIED = an_applied_site().model_copy(update={"site": SITE.site})
KARIMA = next(person for person in SITE.people.people if person.id == "k.haddad")
AUBRY = next(person for person in SITE.people.people if person.id == "c.aubry")
PEOPLE = Directory(
    {PersonId(person.id): person for person in SITE.people.people}, (), {}, SITE.people.delegations
)
WRITER = Correspondent(name="Jeanne Martin", address="jeanne@exemple.fr")
PLI = Pli(kind="mail", sender=WRITER, answer_to=WRITER, subject="Mon titre", text="Où en est-il ?")


def matter(
    pli: Pli | None = PLI,
    agent: Person = KARIMA,
    secret: Confidentiality | None = None,
    third: str | None = None,
) -> FillContext:
    arrival = an_arrival(routing=certain())
    reading = registration.reading(arrival, SITE.site, doubtful=False)
    stamp = Stamp(ItemId(uuid5(SPACE, "item")), 0, arrival.event_id, "source:x", MONDAY)
    facts = registration.facts(arrival, reading, Chrono("36-2026-A-000001"), SITE.site, stamp)
    item = fold(facts)
    if secret is not None:
        what = item.classification.model_copy(update={"confidentiality": secret})
        assert isinstance(what, Classification)
        after = Stamp(item.item_id, item.seq, uuid5(SPACE, "secret"), "person:x", MONDAY)
        item = fold([*facts, ItemReclassified(**after(1), classification=what)])
    if third is not None:
        after = Stamp(item.item_id, item.seq, uuid5(SPACE, "third"), "person:x", MONDAY)
        item = fold([*facts, AwaitingThird(**after(1), who=third, expected=date(2026, 5, 12))])
    return FillContext(item, pli, APPLIED, agent, date(2026, 5, 13), PEOPLE)


def version(name: str) -> LetterVersion:
    file = letter_file.read((INDRE / "letters" / f"{name}.md").read_text())
    now = datetime(2026, 5, 12, tzinfo=UTC)
    who = PersonId("c.aubry")
    return LetterVersion(file.letter, file.service, 1, file.content, LetterState.APPROVED, who, now)


def letter(
    name: str = "titre-de-sejour-suivi",
    asked: Mapping[str, str] | None = None,
    about: FillContext | None = None,
    way: Way = Way.MAIL,
) -> ComposedLetter:
    return compose(version(name), about or matter(), asked or {"précisions": "Il est prêt."}, way)


THIRD = {
    "administration": "ofii",
    "date_réponse": "2026-06-15",
    "précisions": "Avez-vous reçu son dossier ?",
    "courriel_tiers": "ofii@ofii.example",
    "adresse_tiers": "48 rue de la Roquette\n75011 Paris",
}


def lacking(made: ComposedLetter) -> list[Point]:
    return [finding.point for finding in made.findings if finding.blocks]


@pytest.mark.parametrize("way", list(Way))
def test_a_filled_letter_says_who_answers_and_passes_its_list(way: Way) -> None:
    made = letter(way=way)
    assert made.complete
    for must in (
        "Par votre message reçu le 11 mai 2026",
        "Il est prêt.",
        "Je vous prie d’agréer, Madame, Monsieur,",
        "Bureau des migrations et de l’intégration,\nKarima Haddad\nadjointe administrative",
        "36-2026-A-000001",
        "place de la Victoire et des Alliés",
        "02 54 00 00 10",
    ):
        assert must in made.text.whole
    assert made.text.subject == "Votre demande de titre de séjour"
    assert not made.adapted


def test_a_letter_says_where_an_appointment_is_made_or_nothing_of_it() -> None:
    follow_up = version("titre-de-sejour-suivi")
    body = f"{follow_up.content.body}\n\n{{rendez_vous}}"
    asks = replace(follow_up, content=replace(follow_up.content, body=body))
    without = compose(asks, matter(), {"précisions": "Il est prêt."}, Way.MAIL)
    assert without.complete
    assert "rendez" not in without.text.whole
    services = SITE.site.services.services
    page = {"appointments": "https://rdv.example/36"}
    rows = tuple(row.model_copy(update=page) if row.id == "bmi" else row for row in services)
    site = SITE.site.model_copy(update={"services": Services(services=rows)})
    applied = APPLIED.model_copy(update={"site": site})
    about = replace(matter(), applied=applied)
    gives = compose(asks, about, {"précisions": "Il est prêt."}, Way.MAIL)
    assert gives.complete
    assert "Prenez rendez-vous sur https://rdv.example/36" in gives.text.whole


def test_only_who_has_a_delegation_signs_for_the_prefet() -> None:
    assert "Pour le préfet" not in letter().text.whole
    signed = letter(about=matter(agent=AUBRY)).text.whole
    assert "Pour le préfet et par délégation,\nCatherine Aubry" in signed
    elsewhere = replace(matter(agent=AUBRY), directory=replace(PEOPLE, delegations=()))
    assert "Pour le préfet" not in letter(about=elsewhere).text.whole
    expired = replace(matter(agent=AUBRY), today=date(2027, 1, 5))
    assert "Pour le préfet" not in letter(about=expired).text.whole


def test_where_the_site_wants_a_delegation_the_check_list_refuses_who_has_none() -> None:
    wants = SITE.site.identity.model_copy(update={"delegation_required": (NoticeKind.REPLY,)})
    applied = APPLIED.model_copy(update={"site": SITE.site.model_copy(update={"identity": wants})})
    for way in Way:
        unsigned = letter(about=replace(matter(), applied=applied), way=way)
        assert lacking(unsigned) == [Point.DELEGATION]
    assert letter(about=replace(matter(agent=AUBRY), applied=applied)).complete


def test_a_text_asks_to_answer_the_message_by_mail_alone() -> None:
    by_mail, on_paper = letter(way=Way.MAIL), letter(way=Way.PAPER)
    assert "ou répondez à ce message en rappelant la référence" in by_mail.filled.body
    assert "à ce message" not in on_paper.text.whole
    adapted = "ou écrivez-nous à l’adresse indiquée au bas de cette lettre en rappelant"
    assert adapted in on_paper.filled.body
    assert not on_paper.adapted


def test_what_an_agent_saw_by_mail_is_put_right_on_paper_or_refused() -> None:
    asked = {"précisions": "Il est prêt."}
    seen = letter().filled
    kept = compose(version("titre-de-sejour-suivi"), matter(), asked, Way.PAPER, seen)
    assert kept.complete
    assert "répondez" not in kept.text.whole
    typed = Filled(seen.subject, seen.body + "\n\nVous pouvez répondre à ce courriel.")
    refused = compose(version("titre-de-sejour-suivi"), matter(), asked, Way.PAPER, typed)
    assert lacking(refused) == [Point.NO_REPLY_TO_PAPER]
    assert compose(version("titre-de-sejour-suivi"), matter(), asked, Way.MAIL, typed).complete


def test_what_nobody_said_stays_visible_and_blocks() -> None:
    made = letter(asked={"civilité": "Madame"})
    assert lacking(made) == [Point.UNFILLED]
    assert made.filled.unfilled == ("précisions",)
    assert "Je vous prie d’agréer, Madame, l’expression" in made.filled.body


def test_a_precision_that_is_left_out_on_purpose_leaves_no_hole() -> None:
    made = letter(asked={"précisions": ""})
    assert made.complete
    assert "\n\n\n" not in made.filled.body


def test_an_agent_without_capacity_is_named_as_missing() -> None:
    made = letter(about=matter(agent=KARIMA.model_copy(update={"capacity": ""})))
    assert lacking(made) == [Point.CAPACITY]


def test_what_a_sender_wrote_names_no_field_of_ours() -> None:
    hostile = PLI.model_copy(update={"subject": "{agent_téléphone} {{référence}}\r\nBcc: x"})
    of = version("titre-de-sejour-suivi")
    content = replace(of.content, subject="Re : {objet}", body="Madame,\n\nSalutations.")
    made = compose(replace(of, content=content), matter(hostile), {}, Way.MAIL)
    assert made.text.subject == "Re : (agent_téléphone) ((référence)) Bcc: x"
    assert made.complete


@pytest.mark.parametrize(
    ("kind", "about"),
    [("scan", None), ("keyed", None), ("mail", Confidentiality.RESERVE)],
    ids=["scan", "keyed at the counter", "reserved"],
)
def test_nothing_of_a_paper_or_of_what_is_reserved_is_quoted(
    kind: str, about: Confidentiality | None
) -> None:
    pli = PLI.model_copy(update={"kind": kind})
    of = version("titre-de-sejour-suivi")
    content = replace(of.content, body="Madame,\n\nVotre message « {objet} ». Salutations.")
    made = compose(replace(of, content=content), matter(pli, secret=about), {}, Way.MAIL)
    assert lacking(made) == [Point.UNFILLED]


def test_where_security_asks_for_it_the_agent_is_not_named_and_the_service_is() -> None:
    of = version("titre-de-sejour-suivi")
    hidden = replace(of, content=replace(of.content, anonymity="menaces"))
    made = compose(hidden, matter(), {"précisions": "Il est prêt."}, Way.MAIL)
    assert made.complete
    assert "Haddad" not in made.text.whole
    assert "L’agent chargé de votre demande" in made.text.whole
    assert Point.NAME not in {finding.point for finding in made.findings}


def test_pieces_are_named_by_the_site_or_in_the_agents_words_before_their_date() -> None:
    asked = {"pièces": "passeport\n- le contrat signé", "date_limite": "2026-06-15"}
    made = letter("demande-de-pieces", asked)
    assert "- la copie de votre passeport (pages d’identité et visas)\n- le contrat signé" in (
        made.filled.body
    )
    assert "avant la fin de la journée du 15 juin 2026" in made.filled.body
    assert (made.complete, made.until) == (True, date(2026, 6, 15))


def test_a_date_changed_in_the_text_alone_is_not_the_one_that_the_register_would_keep() -> None:
    asked = {"nouvelle_date": "2026-06-15"}
    made = letter("reponse-d-attente", asked)
    changed = Filled(made.filled.subject, made.filled.body.replace("15 juin", "20 juin"))
    again = compose(version("reponse-d-attente"), matter(), asked, Way.MAIL, changed)
    assert (again.adapted, lacking(again)) == (True, [Point.PROMISED])


def test_a_text_that_only_lost_its_line_ends_in_a_browser_is_not_adapted() -> None:
    made = letter()
    back = Filled(made.filled.subject, made.filled.body.replace("\n", "\r\n"))
    asked = {"précisions": "Il est prêt."}
    assert not compose(made.version, matter(), asked, Way.MAIL, back).adapted


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"référence": "36-2026-A-000009"}, "comes from the register"),
        ({"inconnu": "x"}, "There is no field"),
        ({"nouvelle_date": "demain"}, "is a day, YYYY-MM-DD, not 'demain'"),
    ],
)
def test_a_field_that_is_not_for_an_agent_to_say_is_refused(
    asked: Mapping[str, str], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        letter("reponse-d-attente", asked)


def test_every_letter_of_the_demo_passes_its_list_once_its_fields_are_said() -> None:
    asked = {
        "reponse-d-attente": {"nouvelle_date": "2026-06-15"},
        "demande-de-pieces": {"pièces": "passeport", "date_limite": "2026-06-15"},
        "transmission": {"administration": "ofii"},
        "lettre-a-un-tiers": THIRD,
        "relance-d-un-tiers": THIRD,
    }
    for path in (INDRE / "letters").glob("*.md"):
        for way in Way:
            said = asked.get(path.stem, {"précisions": "Voici."})
            made = letter(path.stem, said, matter(third="ofii"), way)
            assert [finding.point for finding in made.findings if not finding.holds] == [], (
                path.stem
            )


def test_a_letter_to_a_third_party_goes_to_them_and_says_by_when() -> None:
    made = letter("lettre-a-un-tiers", THIRD)
    assert made.complete
    assert made.until == date(2026, 6, 15)
    to = addressee_of(made)
    assert to is not None
    assert to.name == "Office français de l’immigration et de l’intégration (OFII)"
    assert (to.address, to.postal) == ("ofii@ofii.example", "48 rue de la Roquette\n75011 Paris")
    assert "au plus tard le 15 juin 2026" in made.text.whole
    for personal in ("Jeanne", "jeanne@exemple.fr", "Mon titre", "Roquette"):
        assert personal not in made.text.whole
    assert address_of(letter("lettre-a-un-tiers", {"administration": "ofii"})) == ""


def test_a_chase_says_since_when_we_wait_and_is_none_of_whom_nobody_asked() -> None:
    chased = letter("relance-d-un-tiers", THIRD, matter(third="ofii"))
    assert chased.complete
    assert "Nous vous avons écrit le 11 mai 2026" in chased.text.whole
    never_asked = letter("relance-d-un-tiers", THIRD)
    assert lacking(never_asked) == [Point.UNFILLED]
