"""Where mails sécurisés leave: nothing where no place was named, and asked by https alone."""

import json

import pytest
from pydantic import ValidationError

from shared.site.store import stored_text
from shared.site.tables.identity import SecureMailPlace
from tests.ingest_builders import indre

PLACE = {"url": "https://pastell.example", "entity": 12}


def test_nothing_is_stored_where_no_place_was_named() -> None:
    assert "secure_mail" not in json.loads(stored_text(indre()))["identity"]
    place = SecureMailPlace.model_validate(PLACE)
    identity = indre().identity.model_copy(update={"secure_mail": place})
    stored = json.loads(stored_text(indre().model_copy(update={"identity": identity})))
    assert SecureMailPlace.model_validate(stored["identity"]["secure_mail"]) == place


@pytest.mark.parametrize(
    "said",
    [
        {"url": "http://pastell.example"},
        {"entity": 0},
        {"flow": "ls-document-pdf"},
        {"unread_days": 0},
    ],
)
def test_a_place_that_leads_elsewhere_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SecureMailPlace.model_validate(PLACE | said)
