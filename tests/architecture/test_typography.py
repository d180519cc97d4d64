"""What people read is set as French is printed: spaces that do not break, apostrophes that curl."""

import pytest

from tests.house.typography import code_set_right, faults, set_right, template_set_right


def test_every_french_sentence_of_pages_letters_and_refusals_is_set_as_in_print() -> None:
    """`make typography WRITE=1` sets right what this names."""
    assert not list(faults())


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Objet : votre lettre", "Objet\u00a0: votre lettre"),
        ("Avez-vous écrit ?", "Avez-vous écrit\u00a0?"),
        (
            "le service « BMI » ; 40 % à temps",
            "le service «\u00a0BMI\u00a0»\u00a0; 40\u00a0% à temps",
        ),
        ("n° 12 de l'année, aujourd'hui", "n°\u00a012 de l\u2019année, aujourd\u2019hui"),
        ("d'«\u00a0entrée\u00a0»", "d\u2019«\u00a0entrée\u00a0»"),
        # No French: an address, a time, a wildcard, English.
        ("http://exemple.fr/?a=1 at 10:30, it's what we don't say", None),
    ],
)
def test_marks_follow_spaces_that_do_not_break(written: str, printed: str | None) -> None:
    assert set_right(written) == (printed or written)


def test_a_template_keeps_its_tags_and_their_strings_are_set_right() -> None:
    written = "{% if a == 5 %}Reçu : {{ one if x else 'rien : vide' }} ; {# l'un : #}{% endif %}"
    printed = (
        "{% if a == 5 %}Reçu\u00a0: {{ one if x else 'rien\u00a0: vide' }}\u00a0;"
        " {# l'un : #}{% endif %}"
    )
    assert template_set_right(written) == printed


def test_what_a_template_says_is_a_word_to_the_marks_around_it() -> None:
    written = "Tirage n° {{ n }}, {{ part }} % d'{{ whom }} ;{% if x %} rien :{% endif %}"
    printed = (
        "Tirage n°\u00a0{{ n }}, {{ part }}\u00a0% d\u2019{{ whom }}\u00a0;"
        "{% if x %} rien\u00a0:{% endif %}"
    )
    assert template_set_right(written) == printed


def test_docstrings_questions_and_patterns_of_a_module_stay_as_they_are() -> None:
    written = (
        '"""A « word » : in a docstring."""\n'
        "ASKED = 'SELECT a ? b : c FROM t'\n"
        "PATTERN = r'Objet : .*'\n"
        "SAID = f'{name} : {told} ?'\n"
    )
    printed = written.replace("{name} : {told} ?", "{name}\u00a0: {told}\u00a0?")
    assert code_set_right(written) == printed
