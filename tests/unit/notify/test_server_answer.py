"""Of what a mail server answers, codes and queue number are kept, and no word of anybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.notify.domain.server_answer import stored_answer
from shared.facts.vocabulary import ServerAnswer

SHAPE: TypeAdapter[str] = TypeAdapter(ServerAnswer)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("2.0.0 Ok: queued as 4bXyZ12abc", "250 2.0.0 4bXyZ12abc"),
        ("OK id=1rABCD-000123-4f", "250 1rABCD-000123-4f"),
        ("2.6.0 <1.2@indre.example> [InternalId=58969, Hostname=MX1] Queued", "250 2.6.0 58969"),
        ("2.0.0 4BKABCDE1234567 Message accepted for delivery", "250 2.0.0 4BKABCDE1234567"),
        ("2.0.0 OK  1700000000 a1-20020a05.23 - gsmtp", "250 2.0.0 a1-20020a05.23"),
        ("2.1.5 <jeanne@exemple.fr> ok", "250 2.1.5"),
        ("queued as jeanne@exemple.fr", "250"),
        ("merci, Jeanne Martin", "250"),
        ("", "250"),
    ],
)
def test_codes_and_queue_number_are_kept(words: str, expected: str) -> None:
    assert stored_answer(250, words) == expected
    assert SHAPE.validate_python(stored_answer(250, words)) == expected


@given(st.integers(200, 599), st.text(max_size=300))
def test_whatever_a_server_says_what_is_kept_has_its_shape_and_no_address(
    code: int, words: str
) -> None:
    found = SHAPE.validate_python(stored_answer(code, words))
    assert "@" not in found
