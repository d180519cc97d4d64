"""A mail's signature is told in whole sentences, and the register never says what it is worth."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.desk.french.signature_words import sentences
from shared.content.plis import Correspondent, Signature

PARIS = ZoneInfo("Europe/Paris")
JEANNE = Correspondent(name="Jeanne", address="Jeanne.Petit@orange.example")
SIGNED = Signature(
    name="Jeanne Petit",
    organisation="Mairie de Levroux",
    address="jeanne.petit@orange.example",
    issuer="Autorité de l’Indre",
    begins=datetime(2025, 12, 31, 23, 0, tzinfo=UTC),
    ends=datetime(2028, 5, 12, tzinfo=UTC),
    chain="known",
    content="same",
)


def test_who_signed_and_who_vouches() -> None:
    assert sentences(SIGNED, JEANNE, PARIS) == (
        "Signature électronique (S/MIME) au nom de Jeanne Petit, Mairie de Levroux,"
        " jeanne.petit@orange.example\N{NO-BREAK SPACE}: certificat délivré par Autorité de"
        " l’Indre, valable du 1er janvier 2026 au 12 mai 2028."
        " Une autorité que la préfecture connaît répond de ce certificat."
        " Le message reçu est celui qui a été signé."
        " Le registre ne juge pas cette signature, ni si le certificat a été révoqué."
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"chain": "unknown"}, "Aucune autorité que la préfecture connaît ne répond"),
        ({"chain": "unchecked"}, "L’autorité n’a pas été cherchée."),
        ({"content": "changed"}, "Le message reçu n’est pas celui qui a été signé."),
        ({"content": "unchecked"}, "Le registre ne peut pas dire si le message affiché est celui"),
        ({"address": "paul@orange.example"}, "L’adresse du certificat n’est pas celle de"),
    ],
)
def test_what_differs_is_said(changed: dict[str, str], said: str) -> None:
    assert said in sentences(SIGNED.model_copy(update=changed), JEANNE, PARIS)


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [
        (SIGNED.begins, None, "valable à partir du 1er janvier 2026, sans date de fin."),
        (
            SIGNED.begins,
            datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
            "valable à partir du 1er janvier 2026, sans date de fin.",
        ),
        (None, SIGNED.ends, "valable jusqu’au 12 mai 2028."),
        (datetime(1, 1, 1, tzinfo=UTC), SIGNED.ends, "valable du 1er janvier 1 au 12 mai 2028."),
    ],
)
@pytest.mark.parametrize("zone", [PARIS, ZoneInfo("America/Cayenne")])
def test_days_at_the_ends_of_the_calendar_are_said_in_every_zone(
    begins: datetime | None, ends: datetime | None, said: str, zone: ZoneInfo
) -> None:
    if zone is not PARIS:
        said = said.replace("1er janvier 2026", "31 décembre 2025").replace("12 mai", "11 mai")
    signature = SIGNED.model_copy(update={"begins": begins, "ends": ends})
    assert said in sentences(signature, JEANNE, zone)


def test_a_certificate_that_says_little_makes_a_sentence_all_the_same() -> None:
    assert sentences(Signature(name="Ana"), JEANNE, PARIS).startswith(
        "Signature électronique (S/MIME) au nom de Ana\N{NO-BREAK SPACE}: certificat. "
    )


def test_one_that_nobody_could_read_is_said_to_be_there() -> None:
    assert sentences(Signature(), JEANNE, PARIS) == (
        "Ce courriel porte une signature électronique (S/MIME) qui n’a pas pu être lue."
    )
