"""The addresses of the mail office, all below `/bureau`."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.office import (
    confirmations,
    counter,
    departures,
    deposit_receipts,
    home,
    letter_returns,
    next_letter,
    print_queue,
    proposals,
    qualification,
    queue,
    queue_batch,
    queue_list,
    receipt_batches,
    scans,
    take_over,
    waiting_lists,
    watch,
)
from services.desk.pages.page import Page
from services.desk.rights import Right

POST: Final = ("POST",)
ONE: Final = "/bureau/a-qualifier/{chrono}"
APART: Final = "/bureau/attente/message/{arrival:uuid}"

PAGES: Final[Sequence[Page]] = (
    Page("/bureau", home.home, Right.SORT, nav="Bureau du courrier"),
    Page("/bureau/retours", letter_returns.show_returns, Right.SORT),
    Page("/bureau/retours/revenu", letter_returns.take_back, Right.SORT, POST),
    Page("/bureau/retours/{chrono}/suite", letter_returns.settle, Right.SORT, POST),
    Page("/bureau/retours/{chrono}/annuler", letter_returns.undo, Right.SORT, POST),
    Page("/bureau/dates", confirmations.days, Right.SORT),
    Page(receipt_batches.LOT, receipt_batches.confirm, Right.SORT, POST),
    Page("/bureau/dates/{chrono}", confirmations.confirm_day, Right.SORT, POST),
    Page("/bureau/regimes", confirmations.regimes, Right.SORT),
    Page("/bureau/regimes/{chrono}", confirmations.confirm_regime, Right.SORT, POST),
    Page("/bureau/regles", proposals.rules, Right.SORT),
    Page(
        "/bureau/a-qualifier",
        queue.begin,
        Right.SORT,
        nav="À qualifier",
        nav_count=lambda counts: counts.to_qualify,
    ),
    Page(ONE, queue.show_letter, Right.SORT),
    Page(f"{ONE}/confirmer", qualification.confirm, Right.SORT, POST),
    Page(f"{ONE}/ecarter", qualification.set_aside, Right.SORT, POST),
    Page(f"{ONE}/joindre", qualification.join, Right.SORT, POST),
    Page(f"{ONE}/annuler", qualification.take_back, Right.SORT, POST),
    Page(f"{ONE}/regarder", watch.watch, Right.SORT, POST),
    Page(f"{ONE}/prendre-la-main", take_over.insist, Right.SORT, POST),
    Page(f"{ONE}/d-avance", next_letter.ahead, Right.SORT, POST),
    Page(f"{ONE}/montrer", next_letter.show, Right.SORT, POST),
    Page("/bureau/file", queue_list.listing, Right.SORT),
    Page("/bureau/file/lot", queue_batch.preview, Right.SORT),
    Page("/bureau/file/lot/decider", queue_batch.decide, Right.SORT, POST),
    Page("/bureau/file/lot/reprendre", queue_batch.take_back, Right.SORT, POST),
    Page("/bureau/departs", departures.show_departures, Right.SORT, nav="Départs"),
    Page("/bureau/departs/partir", departures.depart, Right.SORT, POST),
    Page("/bureau/departs/{chrono}/annuler", departures.take_back, Right.SORT, POST),
    Page("/bureau/attente/{liste}", waiting_lists.show_list, Right.SORT),
    Page(APART, waiting_lists.looked_at, Right.SORT),
    Page(f"{APART}/{{page:int}}.png", waiting_lists.picture, Right.SORT),
    Page(f"{APART}/original", waiting_lists.original, Right.SORT),
    Page(f"{APART}/prendre", waiting_lists.take, Right.SORT, POST),
    Page(f"{APART}/ecarter", waiting_lists.put_away, Right.SORT, POST),
    Page(f"{APART}/relire", waiting_lists.read_again, Right.SORT, POST),
    Page("/bureau/guichet", counter.counter, Right.SORT, nav="Guichet"),
    Page("/bureau/guichet/enregistrer", counter.register, Right.SORT, POST),
    Page("/bureau/guichet/deposer", counter.deposit, Right.SORT, POST, most=scans.MOST_OCTETS),
    Page("/bureau/guichet/etiquette/{number:int}.pdf", print_queue.label, Right.SORT),
    Page("/bureau/guichet/{chrono}/recepisse.pdf", deposit_receipts.receipt, Right.SORT),
    Page("/bureau/guichet/{chrono}/annuler", deposit_receipts.take_back, Right.SORT, POST),
    Page("/bureau/impressions", print_queue.show_print_queue, Right.SORT),
    Page("/bureau/impressions/lettre/{notice:uuid}.pdf", print_queue.letter, Right.SORT),
    Page("/bureau/impressions/lettres.pdf", print_queue.letters, Right.SORT),
    Page("/bureau/impressions/parties", print_queue.record_posted, Right.SORT, POST),
    Page("/bureau/impressions/separateurs.pdf", print_queue.separators, Right.SORT),
    Page("/bureau/impressions/jour.pdf", print_queue.day_sheet, Right.SORT),
    Page("/bureau/impressions/bordereau.pdf", print_queue.bordereau, Right.SORT),
    Page("/bureau/impressions/etiquettes", print_queue.take_labels, Right.SORT, POST),
    Page(
        "/bureau/impressions/etiquettes/{first:int}-{count:int}-{skip:int}.pdf",
        print_queue.labels,
        Right.SORT,
    ),
)
