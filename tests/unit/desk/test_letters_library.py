"""Standard letters: what a text may name, who approves it, and what never changes afterwards."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.desk.letters.domain import letter_file, library
from services.desk.letters.domain.approval import Readers, known_as, readers
from services.desk.letters.domain.fields import wrongs
from services.desk.letters.domain.library import LetterContent, LetterId, LetterState, LetterVersion
from shared.errors import Refused
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.vocabulary import NoticeKind
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import Site
from shared.site.tables.identity import StandIn
from shared.site.tables.people import Absence
from tests.desk_builders import a_site, a_site_whose_deputies, some_people

SEEDS = Path(__file__).parents[3] / "deploy" / "site" / "indre" / "letters"
NOW = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
TODAY = date(2026, 5, 12)
BMI = ServiceId("bmi")
TEXT = LetterContent(NoticeKind.REPLY, "Suivi", "Votre demande {référence}", "{civilité},\n\nRien.")
AGENT, HEAD, DIRECTOR = PersonId("a.gent"), PersonId("b.head"), PersonId("d.rector")


def rights(
    service: ServiceId | None = BMI, *absences: Absence, site: Site | None = None
) -> Readers:
    people = {PersonId(person.id): person for person in some_people().people}
    deputy = people[PersonId("b.gent")].id
    people[HEAD] = people[HEAD].model_copy(update={"deputy": deputy})
    return readers(service, site or a_site(), Directory(people, absences, {}), TODAY)


def submitted(author: PersonId = AGENT) -> LetterVersion:
    draft = library.first(LetterId("suivi"), BMI, TEXT, author, NOW, rights())
    return library.submit(draft, author, NOW, rights())


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("Bonjour {nmo}", "On line 1 there is no field {nmo}: did you mean {nom}?"),
        ("Ah\n{referense}", "On line 2 there is no field {referense}: did you mean {référence}?"),
        ("a {nom} } b", "On line 1 a brace stands alone: a field is written {référence}."),
        ("   ", "The body is empty."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_text_is_one_sentence(body: str, sentence: str) -> None:
    assert [str(mistake) for mistake in wrongs(NoticeKind.REPLY, "t", "s", body)] == [sentence]


def test_a_text_that_looks_like_a_program_names_unknown_fields_and_nothing_more() -> None:
    (found,) = wrongs(NoticeKind.REPLY, "t", "s", "{agent.__class__}")
    assert found.why in {"letter-unknown-field", "letter-near-field"}


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (NoticeKind.HOLDING_REPLY, "nouvelle_date"),
        (NoticeKind.TRANSFER, "administration"),
    ],
)
def test_a_kind_has_the_field_that_the_law_or_the_framework_wants(
    kind: NoticeKind, field: str
) -> None:
    (found,) = wrongs(kind, "t", "s", "Madame,")
    assert (found.why, found.said["field"]) == ("letter-field-needed", field)
    assert not wrongs(kind, "t", "s", f"Madame, {{{field}}}")


def test_the_head_approves_what_an_agent_wrote() -> None:
    approved = library.approve(submitted(), HEAD, NOW, rights())
    assert (approved.state, approved.approved_by, approved.alone) == (
        LetterState.APPROVED,
        HEAD,
        False,
    )


def test_an_agent_approves_nothing() -> None:
    with pytest.raises(Refused, match="may not approve letters of bmi"):
        library.approve(submitted(), AGENT, NOW, rights())


def test_a_head_does_not_approve_their_own_text_while_there_is_a_director() -> None:
    with pytest.raises(Refused, match="somebody else approves it"):
        library.approve(submitted(HEAD), HEAD, NOW, rights())
    assert library.approve(submitted(HEAD), DIRECTOR, NOW, rights()).approved_by == DIRECTOR


def test_who_is_the_only_one_to_approve_does_so_alone_and_it_is_marked() -> None:
    alone = replace(rights(), named=frozenset({HEAD}))
    assert library.approve(submitted(HEAD), HEAD, NOW, alone).alone


def test_who_stands_in_for_the_head_approves_where_the_site_lets_deputies_make_rules() -> None:
    away = Absence(person="b.head", first=TODAY, last=TODAY)
    deputy = PersonId("b.gent")
    trusting = a_site_whose_deputies(head=(StandIn.RULES,))
    for there in (rights(), rights(BMI, away), rights(BMI, site=trusting)):
        with pytest.raises(Refused):
            library.approve(submitted(), deputy, NOW, there)
    there = rights(BMI, away, site=trusting)
    assert library.approve(submitted(), deputy, NOW, there).approved_by == deputy


def test_the_letters_of_all_services_are_the_quality_officers_and_the_secretarys() -> None:
    common = rights(None)
    assert common.writers == common.approvers == {"q.officer", "s.general"}
    assert "r.gent" not in rights().writers


def test_the_letters_of_a_service_outlive_its_reorganisation() -> None:
    site = a_site()
    rows = tuple(
        service.model_copy(update={"replaces": ("etrangers",)}) if service.id == "bmi" else service
        for service in site.services.services
    )
    after = site.model_copy(
        update={"services": site.services.model_copy(update={"services": rows})}
    )
    assert known_as(ServiceId("etrangers"), after) == {"etrangers", "bmi"}
    assert known_as(ServiceId("dre"), after) == {"dre"}


def test_an_approved_text_is_followed_by_the_next_version_never_changed() -> None:
    approved = library.approve(submitted(), HEAD, NOW, rights())
    other = replace(TEXT, body="{civilité},\n\nAutre chose.")
    after = library.write(approved, other, AGENT, NOW, rights())
    assert (after.number, after.state) == (2, LetterState.DRAFT)
    again = library.write(after, TEXT, AGENT, NOW, rights())
    assert (again.number, again.state) == (2, LetterState.DRAFT)
    with pytest.raises(Refused, match="says exactly this already"):
        library.write(approved, TEXT, AGENT, NOW, rights())


def test_a_text_written_again_is_to_be_submitted_again() -> None:
    after = library.write(submitted(), TEXT, HEAD, NOW, rights())
    assert (after.state, after.author) == (LetterState.DRAFT, HEAD)
    with pytest.raises(Refused, match="is draft: it must be submitted"):
        library.approve(after, DIRECTOR, NOW, rights())


def test_the_letters_of_the_demo_are_letters_and_each_kind_is_there() -> None:
    read = [letter_file.read(path.read_text()) for path in sorted(SEEDS.glob("*.md"))]
    assert {letter_file.content.kind for letter_file in read} == {
        NoticeKind.REPLY,
        NoticeKind.HOLDING_REPLY,
        NoticeKind.PIECES,
        NoticeKind.TRANSFER,
        NoticeKind.THIRD,
    }
    assert len(read) == len({letter_file.letter for letter_file in read}) >= 8


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Objet : x", "It begins with a heading"),
        ("---\nid: a\nkind: reply\n---\nObjet : x\n\nMadame,", "expected the key 'title'"),
        ("---\nid: a\nkind: riply\ntitle: t\n---\nObjet : x\n\nMadame,", "found 'riply'"),
        ("---\nid: a\nkind: reply\ntitle: t\n---\nMadame,", "begins with a line `Objet : …`"),
        ("---\nid: a\nkind: reply\ntitle: t\n---\nObjet : x\n\n{nmo} {obje}", "{nom}?\nOn line"),
    ],
)
def test_a_file_that_is_no_letter_is_refused_with_all_its_reasons(text: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        letter_file.read(text)
    assert sentence in str(refused.value)
