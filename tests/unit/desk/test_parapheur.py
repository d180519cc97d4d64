"""What comes back from the parapheur, and how long it is waited for; pure."""

import pytest

from services.desk.parapheur.failures import LONGEST_PAUSE, MOST_ATTEMPTS, pause_after
from services.desk.parapheur.history import MOST_SIGNERS, refusal_of, signers_of, without_controls
from services.desk.parapheur.signature_book import CameBack, judge
from tests.fake_pastell import signed

LETTER = b"%PDF-1.7 la lettre %%EOF"


def entry(name: str, status: str, annotation: str = "", at: str = "2026-05-12T08:00:00") -> str:
    said = {"timestamp": at, "nom": name, "status": status, "annotation": annotation}
    return "".join(["<e>", *(f"<{tag}>{text}</{tag}>" for tag, text in said.items()), "</e>"])


def history(*entries: str) -> bytes:
    return f"<h><LogDossier>{''.join(entries)}</LogDossier></h>".encode()


def declared(encoding: str) -> bytes:
    return f"<?xml version='1.0' encoding='{encoding}'?>".encode()


@pytest.mark.parametrize(
    ("said", "names"),
    [
        (b"", ()),
        (b"<a>", ()),
        (history(entry("A", "Lu")), ()),
        (history(entry(" A  B ", "Signe"), "<c/>"), ("A B",)),
        (history(entry("A", "Signe"), entry("A", "SIGNE"), entry("B", "Signe")), ("A", "B")),
        (history(entry("A", "VISA"), entry("B", "SIGNATURE")), ("B",)),
        (history(entry("B", "SIGNATURE", at="")), ()),
        (b"<!DOCTYPE h [<!ENTITY x 'A'>]>" + history(entry("&x;", "Signe")), ()),
        ("\ufeff".encode() + history(entry("Irène", "Signe")), ("Irène",)),
        (declared("utf-8") + history(entry("Irène", "Signe")), ("Irène",)),
        (declared("foo") + history(entry("Irène", "Signe")), ("Irène",)),
        (declared("big5") + history(entry("A", "Signe")), ("A",)),
        (declared("utf-7") + history(entry("A", "Signe")), ("A",)),
        (history(entry("Irène", "Signe")).decode().encode("latin-1"), ()),
        (history(entry("A", "Signe")).decode().encode("utf-16"), ()),
        (
            ("<!DOCTYPE h [<!ENTITY x 'A'>]>" + history(entry("&x;", "Signe")).decode()).encode(
                "utf-16"
            ),
            (),
        ),
        (history(entry("A\N{RIGHT-TO-LEFT OVERRIDE}B", "Signe")), ("AB",)),
        (history(entry("A\0B", "Signe")), ()),
        (history(entry("A&#0;B", "Signe")), ()),
    ],
)
def test_signers_are_read_from_the_history_as_far_as_it_says_them(
    said: bytes, names: tuple[str, ...]
) -> None:
    assert signers_of(said) == names


def test_a_history_names_so_many_signers_and_no_more() -> None:
    said = history(*(entry(f"A{n}", "Signe") for n in range(MOST_SIGNERS + 5)))
    assert signers_of(said) == tuple(f"A{n}" for n in range(MOST_SIGNERS))


def test_what_others_wrote_keeps_its_lines_and_no_controls() -> None:
    assert without_controls("Une\tdate\n\0fausse\x1b[2J\x9b.") == "Une\tdate\nfausse[2J."


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"", ""),
        (history(entry("A", "Lu", "Vu.")), ""),
        (
            history(entry("A", "REJECT", "La date est fausse."), entry("", "DELETE")),
            "La date est fausse.",
        ),
        (history(entry("A", "RejetVisa", "Une."), entry("B", "RejetSignataire", "Deux.")), "Deux."),
    ],
)
def test_a_reason_is_read_from_the_history_where_the_last_message_has_none(
    said: bytes, reason: str
) -> None:
    assert refusal_of(said) == reason


@pytest.mark.parametrize(
    ("back", "found"),
    [
        (signed(LETTER), CameBack.SAME),
        (signed(b"%PDF-1.7 une autre lettre"), CameBack.OTHER),
        (LETTER, CameBack.UNSIGNED),
        (LETTER + b" une page de plus", CameBack.UNSIGNED),
        (b"%PDF-1.7 une autre lettre", CameBack.UNSIGNED),
        (b"<html>ByteRange", CameBack.NO_PDF),
        (b"", CameBack.NO_PDF),
    ],
)
def test_what_came_back_is_held_against_what_was_sent(back: bytes, found: CameBack) -> None:
    assert judge(LETTER, back) is found


def test_a_signature_that_stood_there_before_it_was_sent_does_not_count() -> None:
    sent = signed(LETTER)
    assert judge(sent, sent) is CameBack.UNSIGNED
    assert judge(sent, signed(sent)) is CameBack.SAME


def test_pauses_grow_to_an_hour_and_end_after_days() -> None:
    pauses = [pause_after(failed) for failed in range(1, MOST_ATTEMPTS)]
    seconds = [0.0 if pause is None else pause.total_seconds() for pause in pauses]
    assert seconds[:4] == [20, 40, 80, 160]
    assert max(seconds) == LONGEST_PAUSE.total_seconds() == 3600
    assert sum(seconds) > 3 * 24 * 3600 - 3600
    assert pause_after(MOST_ATTEMPTS) is None
