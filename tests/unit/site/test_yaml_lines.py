import pytest

from shared.site.checks.yaml_lines import NotYaml, read_yaml


def test_words_that_other_readers_take_for_booleans_stay_words() -> None:
    read = read_yaml("on: yes\nopens: 09:00\nphone: 02 54\nzero: 02\n")
    assert read.value == {"on": "yes", "opens": "09:00", "phone": "02 54", "zero": "02"}


def test_numbers_and_truths_are_read_as_such() -> None:
    read = read_yaml("a: 12\nb: -2\nc: 0.9\nd: true\ne: null\nf:\n")
    assert read.value == {"a": 12, "b": -2, "c": 0.9, "d": True, "e": None, "f": None}


def test_a_number_too_long_to_be_one_stays_text() -> None:
    digits = "9" * 5000
    assert read_yaml(f"a: {digits}\n").value == {"a": digits}


def test_each_value_knows_its_line() -> None:
    read = read_yaml("rules:\n  - id: a\n    when:\n      words: [x,\n        y]\n")
    assert read.line(("rules", 0, "id")) == 2
    assert read.line(("rules", 0, "when", "words", 1)) == 5
    assert read.line(("rules", 0, "then", "category")) == 2


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("a: 1\nb: [1\n", 3, "expected"),
        ("a: 1\nb: 2\na: 3\n", 3, "key 'a' twice"),
        ("a: &x 1\nb: *x\n", 2, "alias"),
        ("a: 1\nb: !!python/object:os.system x\n", 2, "tag"),
        ("a: 1\n? [x]\n: 2\n", 2, "as a key"),
        ("a: \x01", 1, "character"),
        ("[" * 60 + "]" * 60, 1, "levels"),
    ],
)
def test_what_can_not_be_read_is_told_with_its_line(text: str, line: int, found: str) -> None:
    with pytest.raises(NotYaml, match=found) as caught:
        read_yaml(text)
    assert caught.value.line == line
