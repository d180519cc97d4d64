"""The parapheur and the mail sécurisé: where an item's letters are, what came back, what left."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.page import Page
from services.desk.pages.parapheur import parapheur, secure_mails
from services.desk.rights import Right

ITEM: Final = "/courrier/{chrono}/parapheur"
LETTER: Final = f"{ITEM}/{{letter:uuid}}"
MAILS: Final = "/courrier/{chrono}/mail-securise"
MAIL: Final = f"{MAILS}/{{letter:uuid}}"

PAGES: Final[Sequence[Page]] = (
    Page(ITEM, parapheur.show_letters, Right.BELONG),
    Page(f"{LETTER}/lettre.pdf", parapheur.download_given, Right.BELONG),
    Page(f"{LETTER}/signee.pdf", parapheur.download_signed, Right.BELONG),
    Page(f"{LETTER}/annexe/{{number:int}}", parapheur.download_annex, Right.BELONG),
    Page(f"{LETTER}/reprendre", parapheur.take_back, Right.BELONG, methods=("POST",)),
    Page(f"{LETTER}/relancer", parapheur.try_again, Right.BELONG, methods=("POST",)),
    Page(f"{LETTER}/partie", parapheur.depart, Right.BELONG, methods=("POST",)),
    Page(f"{LETTER}/securise", parapheur.send_mail, Right.BELONG, methods=("POST",)),
    Page(MAILS, secure_mails.show_mails, Right.BELONG),
    Page(f"{MAIL}/lettre.pdf", secure_mails.download_letter, Right.BELONG),
    Page(f"{MAIL}/annexe/{{number:int}}", secure_mails.download_annex, Right.BELONG),
    Page(f"{MAIL}/reprendre", secure_mails.take_back, Right.BELONG, methods=("POST",)),
    Page(f"{MAIL}/relancer", secure_mails.try_again, Right.BELONG, methods=("POST",)),
)
