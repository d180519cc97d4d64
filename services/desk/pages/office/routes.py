"""The addresses of the mail office, all below `/bureau`."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.office import (
    confirming,
    counter,
    departing,
    home,
    printing,
    proposals,
    qualifying,
    queue,
    returned,
    scans,
    waiting,
)
from services.desk.pages.page import Page
from services.desk.pages.rights import Right

POST: Final = ("POST",)
ONE: Final = "/bureau/a-qualifier/{chrono}"
APART: Final = "/bureau/attente/message/{arrival:uuid}"

PAGES: Final[Sequence[Page]] = (
    Page("/bureau", home.home, Right.SORT, nav="Bureau du courrier"),
    Page("/bureau/retours", returned.listed, Right.SORT),
    Page("/bureau/retours/revenu", returned.take_back, Right.SORT, POST),
    Page("/bureau/retours/{chrono}/suite", returned.settle, Right.SORT, POST),
    Page("/bureau/retours/{chrono}/annuler", returned.undo, Right.SORT, POST),
    Page("/bureau/dates", confirming.days, Right.SORT),
    Page("/bureau/dates/{chrono}", confirming.confirm_day, Right.SORT, POST),
    Page("/bureau/regimes", confirming.regimes, Right.SORT),
    Page("/bureau/regimes/{chrono}", confirming.confirm_regime, Right.SORT, POST),
    Page("/bureau/regles", proposals.rules, Right.SORT),
    Page("/bureau/a-qualifier", queue.begin, Right.SORT, nav="À qualifier"),
    Page(ONE, queue.one, Right.SORT),
    Page(f"{ONE}/confirmer", qualifying.confirm, Right.SORT, POST),
    Page(f"{ONE}/ecarter", qualifying.set_aside, Right.SORT, POST),
    Page(f"{ONE}/joindre", qualifying.join, Right.SORT, POST),
    Page(f"{ONE}/annuler", qualifying.take_back, Right.SORT, POST),
    Page("/bureau/departs", departing.departed, Right.SORT, nav="Départs"),
    Page("/bureau/departs/partir", departing.depart, Right.SORT, POST),
    Page("/bureau/departs/{chrono}/annuler", departing.take_back, Right.SORT, POST),
    Page("/bureau/attente/{liste}", waiting.listed, Right.SORT),
    Page(APART, waiting.looked_at, Right.SORT),
    Page(f"{APART}/{{page:int}}.png", waiting.picture, Right.SORT),
    Page(f"{APART}/original", waiting.original, Right.SORT),
    Page(f"{APART}/prendre", waiting.take, Right.SORT, POST),
    Page(f"{APART}/ecarter", waiting.put_away, Right.SORT, POST),
    Page(f"{APART}/relire", waiting.read_again, Right.SORT, POST),
    Page("/bureau/guichet", counter.counter, Right.SORT, nav="Guichet"),
    Page("/bureau/guichet/enregistrer", counter.register, Right.SORT, POST),
    Page("/bureau/guichet/deposer", counter.deposit, Right.SORT, POST, most=scans.MOST_OCTETS),
    Page("/bureau/impressions", printing.listed, Right.SORT),
    Page("/bureau/impressions/lettre/{notice:uuid}.pdf", printing.letter, Right.SORT),
    Page("/bureau/impressions/lettres.pdf", printing.letters, Right.SORT),
    Page("/bureau/impressions/parties", printing.left, Right.SORT, POST),
    Page("/bureau/impressions/separateurs.pdf", printing.separators, Right.SORT),
    Page("/bureau/impressions/jour.pdf", printing.day_sheet, Right.SORT),
    Page("/bureau/impressions/bordereau.pdf", printing.bordereau, Right.SORT),
    Page("/bureau/impressions/etiquettes", printing.take_labels, Right.SORT, POST),
    Page(
        "/bureau/impressions/etiquettes/{first:int}-{count:int}-{skip:int}.pdf",
        printing.labels,
        Right.SORT,
    ),
)
