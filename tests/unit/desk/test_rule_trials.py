"""A proposed rule says what it would have changed of letters that were sorted already."""

from services.desk.domain.rule_trials import Sorting, TriedLetter, TriedRule, try_rule
from services.desk.french.rule_changes import sentence
from services.desk.pages.office.rule_trial import snippet
from shared.facts.envelope import Chrono, ServiceId
from shared.facts.vocabulary import Category


def to(category: str, service: str) -> Sorting:
    return Sorting(Category(category), ServiceId(service))


TITLE, CLUB, OTHER = to("titre", "bmi"), to("association", "bre"), to("autre", "courrier")


def letter(number: int, rule: str, proposed: Sorting, decided: Sorting | None) -> TriedLetter:
    return TriedLetter(Chrono(f"36-2026-A-{number:06}"), rule, proposed, decided)


def test_each_letter_whose_proposal_would_change_is_found_with_what_was_decided() -> None:
    rule = TriedRule(("récépissé", "vide grenier"), CLUB, frozenset({"sante"}))
    letters = [
        (letter(1, "fallback", OTHER, CLUB), ("Un VIDE-GRENIER en mai", "")),
        (letter(2, "fallback", OTHER, TITLE), ("Objet", "mon recepisse n’est pas venu")),
        (letter(3, "titres", TITLE, None), ("", "", "récépissé de la pièce jointe")),
        (letter(4, "fallback", OTHER, CLUB), ("vide", "grenier", "récépissés")),
        (letter(5, "sante", OTHER, OTHER), ("récépissé",)),
        (letter(6, "autre", CLUB, CLUB), ("récépissé",)),
        (letter(7, "fallback", OTHER, CLUB), ()),
    ]
    found = [
        (change.letter.chrono[-1], change.word, change.agrees) for change in try_rule(rule, letters)
    ]
    assert found == [
        ("1", "vide grenier", True),
        ("2", "récépissé", False),
        ("3", "récépissé", None),
    ]


def test_what_is_pasted_is_yaml_whatever_the_words() -> None:
    assert snippet(["vide grenier", 'a: "b"'], CLUB).splitlines() == [
        "  - id: association-bre",
        "    when:",
        '      words: [vide grenier, "a: \\"b\\""]',
        "    then: {category: association, service: bre}",
    ]


def test_a_difference_between_versions_is_said_in_french() -> None:
    said = {
        "commitments.reponse.days: 5 → 7": "commitments.reponse.days : 5 → 7",
        "services.pan: removed": "services.pan : retiré",
        "routing.rules: in another order": "routing.rules : dans un autre ordre",
        "labels.x: added, {'a': 1}": "labels.x : ajouté, {'a': 1}",
        "days: 15 is no longer worked (pont)": "jours : le 15 n’est plus ouvré (pont)",
        "    -Bonjour": "    -Bonjour",
    }
    plain = {line: sentence(line).replace("\N{NO-BREAK SPACE}", " ") for line in said}
    assert plain == said
