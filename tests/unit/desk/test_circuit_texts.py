"""What was corrected in a letter is told by words, and its new text can be read from it."""

import pytest

from services.desk.letters.domain.circuit_text import (
    ChangeKind,
    WordChange,
    is_changed,
    word_changes,
)

KEPT, REMOVED, ADDED = ChangeKind.KEPT, ChangeKind.REMOVED, ChangeKind.ADDED


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            "Votre titre est prêt.",
            "Votre titre vous attend.",
            [(KEPT, "Votre titre "), (REMOVED, "est prêt."), (ADDED, "vous attend.")],
        ),
        ("Bonjour", "Bonjour Madame", [(KEPT, "Bonjour "), (ADDED, "Madame")]),
        ("Oui,  non", "Oui, non", [(KEPT, "Oui, non")]),
        ("Un.\nDeux.", "Un.\n\nDeux.", [(REMOVED, "Un.\n"), (ADDED, "Un.\n\n"), (KEPT, "Deux.")]),
        ("Tout", "", [(REMOVED, "Tout")]),
        ("", "Tout", [(ADDED, "Tout")]),
        ("", "", []),
    ],
)
def test_words_are_kept_removed_or_added(
    before: str, after: str, told: list[tuple[ChangeKind, str]]
) -> None:
    changes = word_changes(before, after)
    assert [(change.kind, change.text) for change in changes] == told
    assert is_changed(changes) == any(kind is not KEPT for kind, _ in told)


def test_kept_and_added_words_are_the_new_text_however_long() -> None:
    before = "\n".join(f"ligne {n} du texte" for n in range(2_000))
    after = before.replace("ligne 7 du", "ligne 7 de ce").replace("ligne 1999 du texte", "fin")
    changes = word_changes(before, after)
    assert "".join(change.text for change in changes if change.kind is not REMOVED) == after
    assert "".join(change.text for change in changes if change.kind is not ADDED) == before


def test_texts_of_more_lines_than_are_compared_stand_for_each_other() -> None:
    """Of like lines each would be compared with each, while everybody else waits."""
    before, after = "a\n" * 60_000, "a\n" * 60_001
    changes = word_changes(before, after)
    assert [(change.kind, change.text) for change in changes] == [
        (REMOVED, before),
        (ADDED, after),
    ]
    assert word_changes(after, after) == [WordChange(KEPT, after)]
