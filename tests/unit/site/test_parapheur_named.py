"""Where the parapheur is: nothing where none was named, and asked by https alone."""

import json
from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from shared.site.checks.people import check_identity
from shared.site.load import load_proposal
from shared.site.store import stored_text
from shared.site.tables.identity import CircuitFor, IParapheur, Parapheur, circuit_towards
from tests.ingest_builders import INDRE, indre


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
    assert circuit_towards(with_circuits(*of), "c.aubry", "bmi") == circuit


def test_no_circuit_is_stored_where_none_was_named() -> None:
    site = indre()
    identity = site.identity.model_copy(update={"parapheur": with_circuits()})
    stored = json.loads(stored_text(site.model_copy(update={"identity": identity})))
    assert "circuits" not in stored["identity"]["parapheur"]


def an_iparapheur(**said: object) -> IParapheur:
    place = {"tenant": "1-a", "desk": "2-b", "type": "PAdES", "circuit": "Courrier"}
    return IParapheur.model_validate({"url": "https://iparapheur.example", **place, **said})


def test_i_parapheur_is_stored_where_it_was_named_and_nowhere_else() -> None:
    site = indre()
    assert "iparapheur" not in json.loads(stored_text(site))["identity"]
    assert site.identity.signing is None
    identity = site.identity.model_copy(update={"iparapheur": an_iparapheur()})
    stored = json.loads(stored_text(site.model_copy(update={"identity": identity})))
    assert stored["identity"]["iparapheur"]["desk"] == "2-b"
    assert "parapheur" not in stored["identity"]
    assert identity.signing == an_iparapheur()


@pytest.mark.parametrize(
    "said",
    [{"url": "http://iparapheur.example"}, {"tenant": "../admin"}, {"desk": ""}, {"circuit": ""}],
)
def test_an_i_parapheur_that_leads_elsewhere_is_refused(said: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        an_iparapheur(**said)


def test_a_site_signs_at_one_parapheur_and_names_whom_it_knows() -> None:
    site = indre()
    unknown = an_iparapheur(circuits=[{"of": "personne", "circuit": "Autre"}])
    both = {"iparapheur": unknown, "parapheur": with_circuits()}
    people = load_proposal(INDRE).people

    def wrong(update: Mapping[str, object]) -> list[tuple[object, ...]]:
        identity = site.identity.model_copy(update=update)
        return [row.path for row in check_identity(identity, site.services, people)]

    assert wrong({}) == []
    assert wrong(both) == [("iparapheur",)]
    assert wrong({"iparapheur": unknown}) == [("iparapheur", "circuits", 0, "of")]
