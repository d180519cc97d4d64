"""Letters that came twice, told from those that only look so; nothing of it names a person."""

import hashlib
import struct
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.desk.domain.likeness import (
    LEAST_ALIKE,
    LEAST_SHARED,
    bands_around,
    bands_of,
    likeness,
    names_of,
    one_person,
    shared_sentences,
    sketch_of,
    text_of,
)
from shared.content.plis import Attachment, Correspondent, Pli
from tests.twice_letters import KINDS, SAME, Kind, a_pair

DAY = date(2026, 5, 12)
LETTER = (
    "J’ai déposé ma demande de titre le 3 mars et je n’ai reçu aucune réponse depuis."
    " Mon employeur me réclame ce document et menace de suspendre mon contrat de travail."
    " Je vous serais reconnaissant de bien vouloir me dire où en est mon dossier à ce jour."
)


@pytest.mark.parametrize("kind", KINDS)
def test_what_came_twice_is_told_from_what_looks_so(kind: Kind) -> None:
    said = [_proposed(number, kind) for number in range(40)]
    if kind in SAME:
        assert sum(said) >= 38, "of forty"
    else:
        assert sum(said) <= 1, "of forty"


def _proposed(number: int, kind: Kind) -> bool:
    first, second = a_pair(number, kind)
    one, other = sketch_of(first.text), sketch_of(second.text)
    assert one is not None
    assert other is not None
    found = set(bands_of(one, DAY)) & set(bands_around(other, DAY + timedelta(days=20)))
    shared = shared_sentences(second.text, first.text)
    same = one_person(second.names, first.names, second.text, first.text)
    near = bool(found) and likeness(one, other) >= LEAST_ALIKE
    return near and same and shared.share >= LEAST_SHARED


SENTENCES = st.lists(
    st.lists(
        st.sampled_from(["titre", "visa", "carte", "dossier", "maire", "loi", "rue", "acte"]),
        min_size=5,
    ),
    min_size=4,
    max_size=12,
)


@given(SENTENCES)
def test_a_sketch_is_the_least_of_all_words_in_a_row_whatever_was_read_before(
    sentences: list[list[str]],
) -> None:
    rows = {
        f"{first} {second} {third}".encode()
        for words in sentences
        for first, second, third in zip(words, words[1:], words[2:], strict=False)
    }
    by_hand = [
        min(numbers)
        for salt in (b"1", b"2", b"3")
        for numbers in zip(
            *(struct.unpack("<16I", hashlib.blake2b(row, salt=salt).digest()) for row in rows),
            strict=True,
        )
    ]
    text = ". ".join(" ".join(words) for words in sentences)
    words = sum(len(words) for words in sentences)
    for _ in range(2):  # the second time each sentence is known
        assert sketch_of(text) == (None if words < 30 else struct.pack("<48I", *by_hand))


def test_more_letters_are_sketched_than_are_remembered() -> None:
    first = sketch_of(LETTER)
    for number in range(1_200):
        sketch_of(f"Le dossier numéro {number} attend toujours une réponse.")
    assert sketch_of(LETTER) == first
    assert first is not None


def test_the_sentences_that_differ_are_said() -> None:
    other = LETTER.replace("Mon employeur", "Hier, mon nouveau directeur de Bourges")
    again = other.replace("et menace de suspendre mon contrat de travail", "sous huit jours, sinon")
    shared = shared_sentences(again, LETTER)
    assert round(shared.share, 2) == 0.67
    assert shared.differing == (
        "Hier, mon nouveau directeur de Bourges me réclame ce document sous huit jours, sinon.",
    )
    assert shared_sentences(LETTER, LETTER).share == 1
    assert shared_sentences("Bonjour, merci de me rappeler.", LETTER).share == 0, "one sentence"


def test_a_short_text_and_a_formula_are_like_nothing() -> None:
    assert sketch_of("Bonjour, je vous prie de me rappeler dès que possible. Merci.") is None
    polite = "Je vous prie d’agréer, Monsieur le Préfet, l’expression de mes salutations."
    assert sketch_of(" ".join([polite] * 20)) is None


@pytest.mark.parametrize(("days", "found"), [(0, True), (59, True), (-59, True), (100, False)])
def test_letters_of_other_months_are_not_looked_at(days: int, *, found: bool) -> None:
    sketch = sketch_of(LETTER)
    assert sketch is not None
    later = bands_of(sketch, DAY + timedelta(days=days))
    assert bool(set(later) & set(bands_around(sketch, DAY))) is found


def test_two_persons_are_told_apart_by_name_address_or_signature() -> None:
    ana, paul = ("Ana Ruiz", "ana@orange.example"), ("Paul Petit", "p@orange.example")
    assert not one_person(ana, paul, "Bonjour", "Bonjour")
    assert one_person(ana, ("A. Ruiz", "ana@orange.example"), "", "")
    assert one_person((), ana, "Bonjour. Mme Ana RUIZ", ""), "the paper bears the name"
    assert not one_person((), ana, "Bonjour. Mme Eva Leroy", ""), "or somebody else's"
    assert one_person((), (), "Bonjour", "Bonjour"), "nobody knows"
    assert one_person(("M. RUIZ Ana", "a@x.example"), ("Ana Ruiz", "b@x.example"), "", "")
    assert one_person((), ana, "Signé : RUIZ Ana", ""), "or the other way round"
    assert not one_person((), ana, "Ana Leroy, sœur de Paul Ruiz", ""), "words stand together"


def test_whoever_wrote_the_model_is_none_of_those_who_send_it() -> None:
    club, paul = ("Les Amis du Bourg", "c@bourg.example"), ("Paul Petit", "p@orange.example")
    model = "Comme l’association Les Amis du Bourg vous l’a écrit, une solution existe."
    assert not one_person(paul, club, model, model)


def test_a_name_of_one_word_says_nothing_where_it_stands_in_a_text() -> None:
    model = "Nous demandons le maintien de la poste de Sainte-Marie."
    ana = ("Ana Ruiz", "ana@orange.example")
    assert not one_person(("Marie", "m@orange.example"), ana, model, model)
    assert not one_person(("Marie",), ana, model, model), "on paper neither"
    assert not one_person(("Marie",), (), model, model)


def test_a_platform_that_sends_for_many_is_none_of_them() -> None:
    platform = Correspondent(name="Pétitions en ligne", address="non@petitions.example")
    ana = Correspondent(name="Ana Ruiz", address="ana@orange.example")
    paul = Correspondent(name="Paul Petit", address="p@orange.example")
    first, second = (Pli(kind="mail", sender=platform, answer_to=who) for who in (ana, paul))
    assert names_of(first) == ("Ana Ruiz", "ana@orange.example")
    assert not one_person(names_of(first), names_of(second), LETTER, LETTER)
    first, second = (
        Pli(kind="mail", sender=platform, answer_to=platform, on_behalf=who) for who in (ana, paul)
    )
    assert names_of(second) == ("Paul Petit", "p@orange.example")
    assert not one_person(names_of(first), names_of(second), LETTER, LETTER)


def test_what_a_longer_letter_says_besides_is_counted() -> None:
    besides = " ".join(
        f"De plus je demande une indemnité de {sum_} euros pour le préjudice subi en avril {sum_}."
        for sum_ in ("vingt", "trente", "quarante")
    )
    shared = shared_sentences(f"{LETTER} {besides}", LETTER)
    assert (shared.share, shared.of_first) == (1, 0.5), "all of the shorter, half of the longer"
    assert (shared.only_first, shared.only_other, len(shared.differing)) == (3, 0, 2)
    back = shared_sentences(LETTER, f"{LETTER} {besides}")
    assert (back.share, back.of_first, back.only_first, back.only_other) == (1, 1, 0, 3)


def test_a_letter_says_what_its_files_say() -> None:
    file = Attachment(name="a", media_type="a", size=1, sha256="a", part=1, text="Ma lettre.")
    ana = Correspondent(name="Ana", address="ana@orange.example")
    mail = Pli(
        kind="mail", sender=ana, answer_to=ana, html="<p>Ci-jointe.</p>", attachments=(file,)
    )
    assert text_of(mail).split() == ["Ci-jointe.", "Ma", "lettre."]
    assert names_of(mail) == ("Ana", "ana@orange.example")
