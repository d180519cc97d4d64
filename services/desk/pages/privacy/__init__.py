"""`/donnees-personnelles`: all of one person as a file, and the register of processing."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.page import Page
from services.desk.pages.privacy import person_pages, register_pages
from services.desk.rights import Right

HOME: Final = "/donnees-personnelles"

PAGES: Final[Sequence[Page]] = (
    Page(HOME, register_pages.show_home, Right.OVERSEE, nav="Données personnelles"),
    Page(f"{HOME}/registre.pdf", register_pages.download_entry, Right.OVERSEE),
    Page(f"{HOME}/chercher", person_pages.find, Right.PROVE, methods=("POST",)),
    Page(f"{HOME}/personne", person_pages.show, Right.PROVE),
    Page(f"{HOME}/personne.zip", person_pages.package, Right.PROVE),
)
