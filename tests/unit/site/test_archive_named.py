"""The archive of site.yaml, and the categories that go there: nothing where nobody said so."""

import json

from shared.site.checks.routing import check_archive
from shared.site.store import stored_text
from tests.archive_builders import ARCHIVE
from tests.fake_asalae import DEPOSITING
from tests.ingest_builders import indre


def test_no_archive_is_stored_where_none_was_named() -> None:
    stored = json.loads(stored_text(indre()))
    assert "archive" not in stored["identity"]
    assert all("final" not in row for row in stored["routing"]["categories"])


def test_no_server_of_an_archive_is_stored_where_none_was_named() -> None:
    for archive, named in ((ARCHIVE, False), (DEPOSITING, True)):
        identity = indre().identity.model_copy(update={"archive": archive})
        site = indre().model_copy(update={"identity": identity})
        assert ("deposit" in json.loads(stored_text(site))["identity"]["archive"]) == named


def test_a_category_that_goes_to_an_archive_needs_one() -> None:
    site = indre()
    first, *others = site.routing.categories
    rows = (first.model_copy(update={"final": "archive"}), *others)
    routing = site.routing.model_copy(update={"categories": rows})
    (mistake,) = check_archive(site.identity, routing)
    assert (mistake.path, mistake.expected) == (
        ("categories", 0, "final"),
        "the key 'archive' in site.yaml",
    )
    identity = site.identity.model_copy(update={"archive": ARCHIVE})
    assert list(check_archive(identity, routing)) == []
