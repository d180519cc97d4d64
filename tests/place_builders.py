"""The website and the places of the tests' préfecture."""

from datetime import time

from shared.site.tables.places import (
    AppointmentRule,
    OpenSlot,
    PlaceKind,
    Places,
    ReceptionPlace,
    TallyKind,
    WeekHours,
)
from shared.site.tables.website import WebPage, Website


def a_web_page(
    id_: str, service: str = "bmi", correspondent: str = "a.gent", every: int = 3
) -> WebPage:
    return WebPage(
        id=id_,
        url=f"https://www.prefecture.example/{id_}",
        title=id_.capitalize(),
        service=service,
        correspondent=correspondent,
        every=every,
    )


def a_website() -> Website:
    """Two pages of an agent of bmi, one of an agent of dre."""
    return Website(
        pages=(
            a_web_page("titres"),
            a_web_page("naturalisation"),
            a_web_page("associations", "dre", "r.gent"),
        )
    )


def a_slot(opens: int, closes: int) -> OpenSlot:
    return OpenSlot(opens=time(opens), closes=time(closes))


MORNINGS = WeekHours(
    monday=(a_slot(9, 12), a_slot(14, 16)),
    tuesday=(a_slot(9, 12),),
    wednesday=(a_slot(9, 12),),
    thursday=(a_slot(9, 12),),
    saturday=(a_slot(9, 11),),
)


def some_places() -> Places:
    """A lodge of the mail office, and a counter of bmi with a booking page."""
    return Places(
        help={"compte": "créer un compte"},
        tallies=(
            TallyKind(id="orientation", text="personne orientée"),
            TallyKind(id="depot", text="dossier déposé"),
        ),
        places=(
            ReceptionPlace(
                id="loge", kind=PlaceKind.LODGE, name="Loge", service="courrier", week=MORNINGS,
                where="entrée principale",
            ),
            ReceptionPlace(
                id="guichet", kind=PlaceKind.COUNTER, name="Guichet des titres", service="bmi",
                week=MORNINGS, appointment=AppointmentRule.ONLY, help=("compte",),
                booking="https://www.prefecture.example/rendez-vous",
            ),
        ),
    )  # fmt: skip
