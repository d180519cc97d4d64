"""Letters that came twice, told from those that only look so; nothing of it names a person."""

from datetime import date, timedelta

import pytest

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


def test_a_letter_says_what_its_files_say() -> None:
    file = Attachment(name="a", media_type="a", size=1, sha256="a", part=1, text="Ma lettre.")
    ana = Correspondent(name="Ana", address="ana@orange.example")
    mail = Pli(
        kind="mail", sender=ana, answer_to=ana, html="<p>Ci-jointe.</p>", attachments=(file,)
    )
    assert text_of(mail).split() == ["Ci-jointe.", "Ma", "lettre."]
    assert names_of(mail) == ("Ana", "ana@orange.example")
