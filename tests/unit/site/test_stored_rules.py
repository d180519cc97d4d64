"""Rules as they are stored: read back the same, and without what nobody wrote."""

import json

from shared.site.store import stored_text
from shared.site.tables.bundle import Site
from shared.site.tables.identity import Parapheur, WebhookPlaces
from shared.site.tables.routing import RoutingTable
from tests.ingest_builders import indre

SINCE = ("roles", "quality", "survey", "places", "website", "events")
"""The tables that came after the first release, each absent where a folder has none."""


def test_stored_rules_are_read_back_as_they_were() -> None:
    again = Site.model_validate_json(stored_text(indre()))
    assert again == indre()
    assert again.model_dump_json() == indre().model_dump_json()


def test_a_table_that_a_folder_does_not_have_is_not_stored() -> None:
    nothing = {name: Site.model_fields[name].default for name in SINCE}
    bare = indre().model_copy(update=nothing)
    stored = json.loads(stored_text(bare))
    assert set(SINCE) & set(stored) == set()
    assert {"identity", "commitments", "templates"} <= set(stored)
    assert Site.model_validate(stored) == bare


def test_a_default_that_says_something_is_stored() -> None:
    line = json.loads(stored_text(indre()))["commitments"]["commitments"][0]
    whole = indre().model_dump(mode="json")["commitments"]["commitments"][0]
    assert line == {name: value for name, value in whole.items() if value not in (None, [], {})}
    assert json.loads(stored_text(indre()))["identity"]["timezone"] == "Europe/Paris"


def test_what_a_mailbox_may_say_since_the_first_release_is_not_stored_where_it_does_not() -> None:
    (box, *_) = json.loads(stored_text(indre()))["sources"]["mailboxes"]
    assert {"sign_in", "signs_in_as", "folders"} & set(box) == set()


def test_what_a_form_may_say_since_the_first_release_is_not_stored_where_it_does_not() -> None:
    for form in json.loads(stored_text(indre()))["routing"]["forms"]:
        assert form.keys() == {"id", "from_addresses", "needs", "subject", "fields", "checked_by"}


def test_what_webhooks_may_reach_is_not_stored_where_nothing_was_written() -> None:
    assert "webhooks" not in json.loads(stored_text(indre()))["identity"]
    places = WebhookPlaces(networks=("10.36.4.0/24",))
    identity = indre().identity.model_copy(update={"webhooks": places})
    stored = json.loads(stored_text(indre().model_copy(update={"identity": identity})))
    assert stored["identity"]["webhooks"] == {"networks": ["10.36.4.0/24"]}


def test_a_site_that_does_not_ask_to_learn_stores_nothing_of_it() -> None:
    routing = indre().routing.model_dump(mode="json")
    for said in ({}, {"learns": False}):
        table = RoutingTable.model_validate({**routing, "learns": None} | said)
        stored = json.loads(stored_text(indre().model_copy(update={"routing": table})))
        assert "learns" not in stored["routing"]
    table = RoutingTable.model_validate(routing | {"learns": True})
    stored = json.loads(stored_text(indre().model_copy(update={"routing": table})))
    assert stored["routing"]["learns"] is True


def test_rules_that_were_stored_with_a_no_to_learning_are_still_read() -> None:
    stored = json.loads(stored_text(indre()))
    stored["routing"]["learns"] = False
    assert Site.model_validate(stored) == indre()


def test_a_site_that_does_not_ask_to_sign_here_stores_nothing_of_it() -> None:
    said = {"url": "https://pastell.example", "entity": 1, "circuit": "Courrier"}
    for signs in ({}, {"signs_here": False}, {"signs_here": True}):
        place = Parapheur.model_validate(said | signs)
        identity = indre().identity.model_copy(update={"parapheur": place})
        stored = json.loads(stored_text(indre().model_copy(update={"identity": identity})))
        assert ("signs_here" in stored["identity"]["parapheur"]) == (signs == {"signs_here": True})
