"""What the published numbers say of a letter: probabilities, silence, words that weighed."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.desk.domain.learner_numbers import (
    BUCKETS,
    LEARNER_NUMBERS,
    MOST_WORDS,
    LearnerAnswer,
    LearnerFigures,
    LearnerNumbers,
    LearnerTarget,
    TargetNumbers,
    answers,
    grams,
)

UNMEASURED = LearnerFigures(0, 0, 0, 0, 0, 0, 0, 0.0)
CATEGORY = TargetNumbers(
    ("armes", "permis"), (0.0, 0.0), 1.0, 0.8, contradicts=True, figures=UNMEASURED
)
NUMBERS_OF_A_NIGHT = LearnerNumbers(1, 300, 300, {LearnerTarget.CATEGORY: CATEGORY})


def bucket(word: str) -> int:
    (found,) = grams("", word)
    return found


def with_category(of: TargetNumbers) -> LearnerNumbers:
    return replace(NUMBERS_OF_A_NIGHT, targets={LearnerTarget.CATEGORY: of})


def asked(
    text: str, numbers: LearnerNumbers = NUMBERS_OF_A_NIGHT, rule: str | None = None
) -> LearnerAnswer | None:
    weights = {
        bucket("carabine"): (2.0, -1.0),
        bucket("fusil"): (1.0, 0.0),
        bucket("conduire"): (-2.0, 2.0),
        bucket("bonjour"): (3.0, 3.0),
    }
    proposed = {} if rule is None else {LearnerTarget.CATEGORY: rule}
    return answers(numbers, weights, grams("", text), proposed).get(LearnerTarget.CATEGORY)


def test_words_are_told_apart_by_what_they_are_without_accents_and_capitals() -> None:
    assert (
        list(grams("", "Récépissé")) == list(grams("", "RECEPISSE")) == list(grams("", "récépissé"))
    )
    assert set(grams("", "Récépissé").values()) == {("récépissé",)}
    assert set(grams("", "né le 12/05/1980, dossier 360212345").values()) == {
        ("né",), ("le",), ("dossier",), ("né", "le"), ("le", "dossier"),
    }  # fmt: skip


def test_what_stands_in_the_subject_counts_as_such_beside_the_text() -> None:
    assert len(grams("permis", "")) == 2
    assert set(grams("", "permis")) < set(grams("permis", ""))


def test_no_pair_reaches_from_the_subject_into_the_text_and_a_long_text_is_cut() -> None:
    assert ("permis", "bonjour") not in grams("permis", "bonjour").values()
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    words = [a + b for a in alphabet for b in alphabet]
    shown = {word for pair in grams("", " ".join(words)).values() for word in pair}
    assert shown <= set(words[:MOST_WORDS])
    assert words[MOST_WORDS - 1] in shown


@given(st.text(), st.text())
def test_whatever_is_written_has_buckets_and_shows_only_its_own_words(
    subject: str, text: str
) -> None:
    for number, words in grams(subject, text).items():
        assert 0 <= number < BUCKETS
        assert 1 <= len(words) <= 2
        assert all(word in subject.lower() or word in text.lower() for word in words)


def test_a_letter_is_answered_with_the_probability_of_its_scores() -> None:
    # Two known words: scores (3, -1) over the root of two, a difference of 4 / √2.
    answer = asked("la carabine, le fusil")
    assert answer is not None
    assert answer.value == "armes"
    assert answer.probability == pytest.approx(1 / (1 + math.exp(-4 / math.sqrt(2))))


def test_the_words_that_weighed_most_stand_as_the_letter_writes_them() -> None:
    # Beside what each says for any answer: carabine 1.5, fusil 0.5, bonjour 0, which is left out.
    answer = asked("Bonjour, un Fusil, une CARABINE")
    assert answer is not None
    assert answer.words == ("carabine", "fusil")


def test_below_the_threshold_and_without_a_known_word_nothing_is_said() -> None:
    assert asked("conduire avec une carabine") is None, "0,67 is less than 0,8"
    assert asked("rien de connu") is None
    assert asked("bonjour") is None


def test_numbers_that_are_silent_or_of_another_shape_say_nothing() -> None:
    silent = replace(CATEGORY, threshold=None)
    text = "la carabine, le fusil"
    assert asked(text, with_category(silent)) is None
    assert asked(text, replace(NUMBERS_OF_A_NIGHT, shape=2)) is None


def test_a_temperature_flattens_what_is_said() -> None:
    warm = replace(CATEGORY, temperature=4.0)
    assert asked("carabine", with_category(warm)) is None
    assert asked("carabine") is not None


def test_the_rules_are_contradicted_only_where_that_was_right_before() -> None:
    text = "la carabine, le fusil"
    humble = replace(
        NUMBERS_OF_A_NIGHT, targets={LearnerTarget.CATEGORY: replace(CATEGORY, contradicts=False)}
    )
    assert asked(text, rule="permis") is not None
    assert asked(text, humble, rule="permis") is None
    assert asked(text, humble, rule="armes") is not None
    assert asked(text, humble) is not None


def test_the_columns_of_a_bucket_stand_in_the_order_of_the_questions() -> None:
    service = replace(CATEGORY, labels=("bmi", "bre", "bsr"))
    numbers = replace(
        NUMBERS_OF_A_NIGHT,
        targets={LearnerTarget.CATEGORY: CATEGORY, LearnerTarget.SERVICE: service},
    )
    assert numbers.columns() == {
        LearnerTarget.SERVICE: slice(0, 3),
        LearnerTarget.CATEGORY: slice(3, 5),
    }


def test_the_numbers_are_plain_json_and_come_back_as_they_were() -> None:
    written = LEARNER_NUMBERS.dump_json(NUMBERS_OF_A_NIGHT)
    assert b"carabine" not in written
    assert LEARNER_NUMBERS.validate_json(written) == NUMBERS_OF_A_NIGHT
