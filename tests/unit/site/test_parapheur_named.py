"""Where the parapheur is: nothing where none was named, and asked by https alone."""

import json

import pytest
from pydantic import ValidationError

from shared.site.store import stored_text
from shared.site.tables.identity import CircuitFor, Parapheur
from tests.ingest_builders import indre


def test_no_parapheur_is_stored_where_none_was_named() -> None:
    assert "parapheur" not in json.loads(stored_text(indre()))["identity"]


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://pastell.prefecture.example", True),
        ("https://pastell.prefecture.example/pastell", True),
        ("http://127.0.0.1:8443", True),
        ("http://localhost:80", True),
        ("http://pastell.prefecture.example", False),
        ("http://127.0.0.1.example", False),
        ("http://localhost@pastell.example", False),
        ("https://compte:secret@pastell.example", False),
        ("https://pastell.example/?a=b", False),
        ("https://pastell.example/#a", False),
        ("ftp://pastell.example", False),
        ("https://", False),
    ],
)
def test_the_parapheur_is_asked_by_https_or_on_this_machine(url: str, *, good: bool) -> None:
    said = {"url": url, "entity": 12, "circuit": "Courrier"}
    if good:
        assert Parapheur.model_validate(said).url == url
        return
    with pytest.raises(ValidationError):
        Parapheur.model_validate(said)


def with_circuits(*of: str) -> Parapheur:
    rows = tuple(CircuitFor(of=code, circuit=f"Circuit {code}") for code in of)
    url = "https://pastell.prefecture.example"
    return Parapheur(url=url, entity=12, circuit="Courrier", circuits=rows)


@pytest.mark.parametrize(
    ("of", "circuit"),
    [
        ((), "Courrier"),
        (("bmi",), "Circuit bmi"),
        (("bmi", "c.aubry"), "Circuit c.aubry"),
        (("bre", "t.renard"), "Courrier"),
    ],
)
def test_a_letter_goes_into_the_circuit_of_who_signs_or_of_its_service(
    of: tuple[str, ...], circuit: str
) -> None:
    assert with_circuits(*of).towards("c.aubry", "bmi").circuit == circuit


def test_no_circuit_is_stored_where_none_was_named() -> None:
    site = indre()
    identity = site.identity.model_copy(update={"parapheur": with_circuits()})
    stored = json.loads(stored_text(site.model_copy(update={"identity": identity})))
    assert "circuits" not in stored["identity"]["parapheur"]
