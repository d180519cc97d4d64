"""The parapheur: where the letters of an item are, what came back, and what leaves from there."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.page import Page
from services.desk.pages.parapheur import parapheur
from services.desk.rights import Right

ITEM: Final = "/courrier/{chrono}/parapheur"
LETTER: Final = f"{ITEM}/{{letter:uuid}}"

PAGES: Final[Sequence[Page]] = (
    Page(ITEM, parapheur.show_letters, Right.BELONG),
    Page(f"{LETTER}/lettre.pdf", parapheur.download_given, Right.BELONG),
    Page(f"{LETTER}/signee.pdf", parapheur.download_signed, Right.BELONG),
    Page(f"{LETTER}/annexe/{{number:int}}", parapheur.download_annex, Right.BELONG),
    Page(f"{LETTER}/reprendre", parapheur.take_back, Right.BELONG, methods=("POST",)),
    Page(f"{LETTER}/relancer", parapheur.try_again, Right.BELONG, methods=("POST",)),
    Page(f"{LETTER}/partie", parapheur.depart, Right.BELONG, methods=("POST",)),
)
