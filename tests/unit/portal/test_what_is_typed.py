"""What the form takes of what a person types: an address to which an answer can leave."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from services.portal.domain.deposit import PAGE, Wish, deposit_of
from shared.web.forms import Form, Mistyped
from tests.unit.notify.builders import applied

NOW = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)


def email_of(typed: str) -> str:
    fields = {PAGE: str(uuid4()), "nature": Wish.REQUEST, "message": "Bonjour", "courriel": typed}
    return deposit_of(Form.of(fields), (), applied().site, NOW).email


@pytest.mark.parametrize("typed", ["", "jeanne@exemple.fr", "hélène@exemple.fr", "j@é.example"])
def test_an_address_that_can_be_written_to_is_taken(typed: str) -> None:
    assert email_of(typed) == typed


@pytest.mark.parametrize(
    "typed",
    [
        "jeanne",
        "=?utf-8?b?DQpCY2M6IHhAeS5mcg==?=@exemple.fr",
        "=?utf-8?q?a=40evil.example=2Cb?=@exemple.fr",
        "j@exemple.fr\uff0cevil.example",
        "j[1]@exemple.fr",
    ],
)
def test_an_address_that_no_mail_can_carry_is_said_to_who_types_it(typed: str) -> None:
    with pytest.raises(Mistyped) as refused:
        email_of(typed)
    assert refused.value.field == "courriel"
