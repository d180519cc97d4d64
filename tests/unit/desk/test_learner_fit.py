"""Numbers made of letters that people sorted: what is learned, what is not, and what is silent."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import orjson
import pytest

from services.desk.domain.learner_numbers import (
    LEARNER_NUMBERS,
    LEAST_CORRECTIONS,
    LearnerAnswer,
    LearnerNumbers,
    LearnerTarget,
    answers,
    grams,
)
from services.desk.learner import fit
from services.desk.learner.fit import Floats, SortedLetter, learn

ABOUT: Mapping[str, Sequence[str]] = {
    "armes": ("carabine", "fusil", "munitions", "chasse", "coffre"),
    "permis": ("conduire", "volant", "points", "médecin", "stage"),
    "passeport": ("voyage", "photo", "timbre", "mairie", "empreintes"),
}
ANY = ("bonjour", "merci", "dossier", "lettre", "attends", "réponse", "cordialement")


def letters(count: int, seed: int = 1, *, said: float = 1.0) -> list[tuple[str, str]]:
    """Texts and what they are about; `said`: how many say it."""
    chance = random.Random(seed)  # noqa: S311  (letters of a test)
    found = list[tuple[str, str]]()
    for _ in range(count):
        category = chance.choice(list(ABOUT))
        words = [*chance.sample(ANY, 4)]
        words += chance.sample(ABOUT[category], 2) if chance.random() < said else []
        chance.shuffle(words)
        found.append((" ".join(words), category))
    return found


def a_letter(number: int, text: str, category: str, rule: str | None = None) -> SortedLetter:
    return SortedLetter(
        np.array(sorted(grams("", text)), np.int16),
        f"writer {number}",
        {LearnerTarget.CATEGORY: category},
        {} if rule is None else {LearnerTarget.CATEGORY: rule},
    )


def sorted_letters(texts: Sequence[tuple[str, str]]) -> list[SortedLetter]:
    return [a_letter(number, text, category) for number, (text, category) in enumerate(texts)]


def rows(weights: Floats) -> dict[int, list[float]]:
    return {bucket: row for bucket, row in enumerate(weights.tolist()) if any(row)}


def answer(learned: tuple[LearnerNumbers, Floats], text: str) -> LearnerAnswer | None:
    numbers, weights = learned
    return answers(numbers, rows(weights), grams("", text), {}).get(LearnerTarget.CATEGORY)


def test_what_people_decided_of_letters_is_learned_and_said_of_new_ones() -> None:
    learned = learn(sorted_letters(letters(600)))
    assert learned is not None
    found = answer(learned, "bonjour, la carabine et le fusil, merci")
    assert found is not None
    assert found.value == "armes"
    assert found.probability > 0.8
    assert {"carabine", "fusil"} <= set(found.words)
    figures = learned[0].targets[LearnerTarget.CATEGORY].figures
    assert figures.letters == 90, "the newest of 600"
    assert figures.precision is not None
    assert figures.precision > 0.95
    assert abs(figures.promised - figures.right) < 0.05 * figures.shown, "calibrated"


def test_nothing_is_learned_below_the_least_of_corrections() -> None:
    few = sorted_letters(letters(LEAST_CORRECTIONS - 1))
    assert learn(few) is None
    agreed = [replace(letter, proposed=letter.decided) for letter in sorted_letters(letters(400))]
    assert learn([*few, *agreed]) is None, "what the rules proposed so too is no correction"
    assert learn([*few, *agreed, few[0]]) is not None


def test_the_same_letters_give_the_same_numbers() -> None:
    first, second = (learn(sorted_letters(letters(400))) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first[0] == second[0]
    assert np.array_equal(first[1], second[1])


def test_the_name_of_one_writer_has_no_weight_however_often_they_write() -> None:
    texts = letters(500)
    many = [
        replace(a_letter(number, f"{text} zénobie", category), writer="one and the same")
        if number % 10 == 0
        else a_letter(number, text, category)
        for number, (text, category) in enumerate(texts)
    ]
    learned = learn(many)
    assert learned is not None
    (name,) = grams("", "zénobie")
    assert not learned[1][name].any()
    for bucket, words in grams("", "merci zénobie").items():
        assert "zénobie" not in words or not learned[1][bucket].any()


def test_papers_of_which_nobody_knows_who_wrote_them_give_no_name_a_weight() -> None:
    scans = [
        replace(a_letter(number, f"{text} zénobie", category), writer=None)
        if number % 10 == 0
        else a_letter(number, text, category)
        for number, (text, category) in enumerate(letters(500))
    ]
    learned = learn(scans)
    assert learned is not None
    (name,) = grams("", "zénobie")
    assert not learned[1][name].any()


def test_a_letter_that_is_gone_leaves_nothing_the_next_night() -> None:
    texts = letters(500)
    marked = [(f"{text} ornithorynque" if number < 9 else text, category)
              for number, (text, category) in enumerate(texts)]  # fmt: skip
    (word,) = grams("", "ornithorynque")
    before, after = learn(sorted_letters(marked)), learn(sorted_letters(marked)[9:])
    assert before is not None
    assert after is not None
    assert before[1][word].any()
    assert not after[1][word].any()


def test_where_words_say_nothing_the_learner_says_nothing() -> None:
    learned = learn(sorted_letters(letters(600, said=0.0)))
    assert learned is not None
    assert learned[0].targets[LearnerTarget.CATEGORY].threshold is None


def test_where_the_rules_are_right_more_often_the_learner_says_nothing() -> None:
    """A tenth of the letters that say « carabine » is about something else, which a rule knows."""
    corrected = sorted_letters(letters(LEAST_CORRECTIONS))
    later = list[SortedLetter]()
    for number, (text, category) in enumerate(letters(900, said=0.0)):
        about = "permis" if number % 20 == 1 else "armes" if number % 2 else category
        said = f"{text} carabine" if number % 2 else text
        later.append(a_letter(number, said, about, rule=about))
    unknown = [replace(letter, proposed={}) for letter in later]
    beside, alone = learn([*corrected, *later]), learn([*corrected, *unknown])
    assert beside is not None
    assert alone is not None
    assert alone[0].targets[LearnerTarget.CATEGORY].threshold is not None
    assert beside[0].targets[LearnerTarget.CATEGORY].threshold is None


def test_the_page_and_the_night_weigh_a_letter_alike() -> None:
    learned = learn(sorted_letters(letters(600)))
    assert learned is not None
    numbers, weights = learned
    of, text = numbers.targets[LearnerTarget.CATEGORY], "une carabine, du stage, merci"
    known = [bucket for bucket in grams("", text) if weights[bucket].any()]
    scores = (np.array(of.bias) + weights[known].sum(axis=0) / np.sqrt(len(known))) / of.temperature
    wanted = float((np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()).max())
    anything = replace(numbers, targets={LearnerTarget.CATEGORY: replace(of, threshold=0.0)})
    found = answers(anything, rows(weights), grams("", text), {})[LearnerTarget.CATEGORY]
    assert found.probability == pytest.approx(wanted, rel=1e-5)


def test_the_child_is_given_numbers_and_gives_numbers() -> None:
    texts = letters(400)
    asked = b"\n".join(
        orjson.dumps(
            {"buckets": sorted(grams("", text)), "writer": str(number),
             "decided": {"category": category}, "proposed": {}}
        )
        for number, (text, category) in enumerate(texts)
    )  # fmt: skip
    said, octets = fit.answer({}, asked)
    numbers = LEARNER_NUMBERS.validate_python(said["numbers"])
    assert numbers.letters == numbers.corrections == 400
    assert len(octets) == 4 * 3 * len(said["buckets"])
    assert fit.answer({}, b"") == ({"numbers": None, "buckets": []}, b"")
