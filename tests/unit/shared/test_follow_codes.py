"""The code of a receipt: one for each letter, typed by people, and nothing to be guessed from."""

from datetime import date

import pytest

from shared.content.follow_codes import FollowCode, follow_code, parse_typed
from shared.content.site_keys import SiteKeys
from shared.facts.envelope import Chrono

KEYS = SiteKeys(b"secret of the tests")
ONE, OTHER = Chrono("36-2026-A-000001"), Chrono("36-2026-A-000002")


def test_a_letter_has_one_code_and_no_other_letter_nor_site_has_it() -> None:
    code = follow_code(KEYS, ONE)
    assert code == follow_code(KEYS, ONE)
    assert code.code != follow_code(KEYS, OTHER).code
    assert code.code != follow_code(SiteKeys(b"another prefecture's"), ONE).code
    assert code.code != KEYS.sign("chrono", ONE), "what a mail's subject bears follows nothing"


def test_after_a_rotation_a_code_says_its_key() -> None:
    rotated = SiteKeys(b"new", former=((b"old", date(2026, 6, 1)),), first=b"old")
    assert follow_code(rotated, ONE).code.startswith(rotated.id)
    assert rotated.ended_ids(date(2026, 6, 1)) == ()
    assert rotated.ended_ids(date(2026, 6, 2)) == (SiteKeys(b"old").id,)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("36-2026-A-000123", "K7QF2MWX3A"),
        ("36-2026-A-123", "k7qf-2mwx-3a"),
        (" 36 2026 A 000123 ", "K7QF 2MWX 3A"),
        ("36\u20112026\u2013a\u2212000123", "K7QF.2MWX.3A"),
        ("362026A000123", "K7QF-2MWX-3A"),
    ],
)
def test_a_number_and_a_code_are_read_as_people_type_them(number: str, code: str) -> None:
    assert parse_typed(number, code) == FollowCode(Chrono("36-2026-A-000123"), "K7QF2MWX3A")


def test_digits_that_no_code_has_are_the_letters_for_which_they_were_taken() -> None:
    assert parse_typed("36-2026-A-1", "018OIB2345") == parse_typed("36-2026-A-1", "OIBOIB2345")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", ""),
        ("36-2026-A-000123", ""),
        ("36-2026-A-000123", "K7QF2MWX3"),
        ("36-2026-A-000123", "K7QF2MWX3A9"),
        ("36-2026-D-000123", "K7QF2MWX3A"),
        ("36-2026-A-000123", "K7QF2MWX3A" * 50),
        ("36-2026-A-\u0661", "K7QF2MWX3A"),
        ("' OR 1=1 --", "' OR 1=1 --"),
    ],
)
def test_what_can_be_no_code_is_none(number: str, code: str) -> None:
    assert parse_typed(number, code) is None


def test_a_code_is_shown_in_groups_and_its_digest_has_neither_number_nor_code() -> None:
    code = FollowCode(ONE, "K7QF2MWX3A")
    assert code.shown == "K7QF-2MWX-3A"
    assert code.path == "/suivi/36-2026-A-000001/K7QF2MWX3A"
    assert code.digest != FollowCode(OTHER, "K7QF2MWX3A").digest
