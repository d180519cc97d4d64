"""Words are found whatever their accents and typography, in French alone and beside any script."""

import pytest

from shared.content.phrases import Phrases, fold, fold_texts, join_folded

EVERY_FRENCH_LETTER = tuple(
    letter for octet in range(256) if (letter := bytes([octet]).decode("cp1252", "ignore"))
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("L’élève où ça", " l eleve ou ca "),
        ("ŒUVRE, œuf et Æsop", " oeuvre oeuf et aesop "),
        ("Straße\u00a0№ 5", " strasse no 5 "),
        ("1½ heure, ¼ et ¾", " 11 2 heure 1 4 et 3 4 "),
        ("Marque™ déposée…", " marquetm deposee "),
        ("m² et ªº", " m2 et ao "),
        ("e\u0301tat", " etat "),
        ("Жалоба à Châteauroux", " a chateauroux "),
        ("¨ ´ ¸ ¯", "  "),
        ("", "  "),
    ],
)
def test_a_text_becomes_plain_words_between_single_spaces(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("letter", EVERY_FRENCH_LETTER)
def test_no_letter_reads_otherwise_beside_one_of_another_script(letter: str) -> None:
    text = f"é{letter}Z {letter}"
    assert fold(f"{text} Ж") == fold(text)


def test_the_first_phrase_of_the_list_is_said_though_another_stands_earlier() -> None:
    phrases = Phrases(["permis de conduire", "titre de séjour", "à l'aide"])
    said = fold_texts("Mon titre de séjour, puis mon permis de conduire.")
    assert phrases.hit(said) == "permis de conduire"
    assert phrases.hit(fold_texts("Le titre, et un séjour de repos.")) is None
    assert phrases.hit(fold_texts("Aidez-moi.", "A l’aide !")) == "à l'aide"
    assert Phrases(["…"]).hit(said) is None


def test_texts_that_were_normalised_before_are_joined_as_others() -> None:
    texts = ("Recours contentieux", "", "Madame la Préfète,\nŒuvre")
    assert join_folded([fold(text) for text in texts]) == fold_texts(*texts)
    assert Phrases(["contentieux madame"]).hit(join_folded([fold(text) for text in texts])) is None
