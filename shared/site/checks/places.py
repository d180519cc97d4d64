"""Checks of places.yaml: names that exist and stand once, and nothing counted about a person."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from shared.site.checks.people import A_SERVICE
from shared.site.checks.validation_errors import Wrong, twice, unknown
from shared.site.tables.labels import Labels
from shared.site.tables.places import Places
from shared.site.tables.services import Services

_FILE: Final = "places.yaml"
_PERSONAL: Final = re.compile(
    r"\b(nationalit|etranger|origine|pays|religion|handicap|sexe|genre|femme|homme|age|nom|noms"
    r"|prenom|race|ethni)",
)
"""What nobody counts at a loge, without accents: a tally is of visits, not of people."""


def check_places(places: Places, services: Services, labels: Labels) -> Iterator[Wrong]:
    """Yields each mistake in places.yaml, such as an unknown service or a personal tally.

    Personal: a kind of visit that would count nationality or name.
    """
    known = {service.id for service in services.services}
    rows = list(enumerate(places.places))
    yield from twice(_FILE, ((("places", i, "id"), row.id) for i, row in rows), "each id")
    for i, row in rows:
        yield from unknown(_FILE, ("places", i, "service"), row.service, known, A_SERVICE)
        at = ("places", i, "office")
        yield from unknown(_FILE, at, row.office, labels.offices, "an office of labels.yaml")
        for j, kind in enumerate(row.help):
            yield from unknown(
                _FILE, ("places", i, "help", j), kind, places.help, "a kind of `help`"
            )
    counted = list(enumerate(places.tallies))
    yield from twice(_FILE, ((("tallies", i, "id"), row.id) for i, row in counted), "each tally")
    for i, counted_kind in counted:
        if _PERSONAL.search(_plain(f"{counted_kind.id} {counted_kind.text}")):
            expected = "a kind of visit: neither nationality nor name is counted"
            yield Wrong(_FILE, ("tallies", i, "text"), f"'{counted_kind.text}'", expected)


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.lower())
    return "".join(sign for sign in apart if not unicodedata.combining(sign)).replace("-", " ")
