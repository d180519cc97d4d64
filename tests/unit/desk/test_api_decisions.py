"""What pages decide about mail, programs decide by their keys, and nothing more."""

from typing import Final

from services.desk.features import FEATURES
from services.desk.pages.api.decisions import by_session
from services.desk.pages.api.decisions.table import DECISIONS, ENDPOINTS
from services.desk.pages.api.table import ENDPOINTS as ALL

OF_THE_OFFICE: Final = {
    "/bureau/guichet/enregistrer": "POST /items",
    "/bureau/attente/message/{arrival:uuid}/prendre": "POST /arrivals/{arrival:uuid}/register",
    "/bureau/attente/message/{arrival:uuid}/ecarter": "POST /arrivals/{arrival:uuid}/set-aside",
}
SEVERAL: Final = {
    "/service/{service}/charge/{person}/remise": {"assign", "from-signature"},
    "/courriers/lot": {"assign", "transfer", "close"},
    "/bureau/dates/lot": {"correct-receipt"},
    "/bureau/file/lot/decider": {"qualify", "dismiss"},
    "/bureau/file/lot/reprendre": {"sort-again"},
    "/bureau/guichet/{chrono}/annuler": {"reclassify", "close"},
}
"""One page, several items or several decisions of one: a program asks once for each."""
DECIDES_NOTHING: Final = {
    "/bureau/a-qualifier/{chrono}/regarder": "who looks at a letter of the queue",
    "/bureau/a-qualifier/{chrono}/prendre-la-main": "whose turn it is there",
    "/bureau/a-qualifier/{chrono}/d-avance": "the next letter, drawn ahead",
    "/bureau/a-qualifier/{chrono}/montrer": "the next letter, shown from now on",
    "/courrier/{chrono}/{arrival:uuid}/tourner": "how a picture lies",
    "/courrier/{chrono}/ecriture": "who writes a letter in this moment",
    "/courrier/{chrono}/notes-lues": "whoever a note names has read it",
    "/bureau/attente/message/{arrival:uuid}/relire": "ingest is asked to read it again",
    "/bureau/guichet/deposer": "scans, which enter by the spool",
    "/bureau/impressions/etiquettes": "numbers of stickers that a person prints",
    "/courriers/vues": "lists kept under a name",
    "/courriers-types": "texts of letters: drawn up and approved by persons",
    "/fiches": "texts of places of reception",
    "/audit": "a draw of what is audited",
}
"""Pages of these features, or below these addresses, that decide about no item."""
ABOUT_NO_ITEM: Final = {
    *("search", "migration", "people", "quality", "indicators", "journal"),
    *("rehearsals", "exports", "calendars", "api", "privacy", "signin"),
}
"""Features whose pages decide about people, figures, the quality system, keys, addresses; one that
shows all that is held of a person decides nothing."""


OF_A_FEATURE: Final = {
    "/courrier/{chrono}/repondre/": "letters",
    "/courrier/{chrono}/lettre/": "letters",
    "/courrier/{chrono}/parapheur/": "parapheur",
    "/courrier/{chrono}/mail-securise/": "parapheur",
    "/courrier/{chrono}/preuve/": "evidence",
    "/elimination/": "retention",
    "/versement/": "archive",
}
"""Decisions on pages that go with a feature: without it nobody has them."""


def sent() -> set[str]:
    """The pages of mail that take something sent."""
    return {
        page.path
        for name, feature in FEATURES.items()
        for page in feature.pages
        if name not in ABOUT_NO_ITEM and "POST" in page.methods
    }


def test_each_decision_of_a_page_is_one_of_the_api_or_a_persons_alone() -> None:
    by_key = {page for row in DECISIONS for page in row.pages}
    alone = {page for row in by_session.DECISIONS for page in row.pages}
    assert by_key & alone == set()
    known = {
        page
        for page in by_key | alone | set(OF_THE_OFFICE) | set(SEVERAL)
        if all(name in FEATURES for below, name in OF_A_FEATURE.items() if page.startswith(below))
    }
    nothing = {page for page in sent() - known if page.startswith(tuple(DECIDES_NOTHING))}
    assert sent() - known - nothing == set(), "decided on a page, and not by a key"
    assert known - sent() == set(), "decided by a key, and on no page"
    assert {row.name for row in DECISIONS} >= set.union(*SEVERAL.values())


def test_each_decision_has_one_address_of_its_own() -> None:
    addresses = [f"{row.method} {row.path}" for row in ALL]
    assert len(addresses) == len(set(addresses))
    assert set(OF_THE_OFFICE.values()) <= {f"{row.method} {row.path}" for row in ENDPOINTS}
    operations = [row.operation for row in ALL]
    assert len(operations) == len(set(operations))
