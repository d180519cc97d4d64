"""`/versement`: transfers of closed items to the archive."""

from collections.abc import Sequence
from typing import Final

from services.desk.archive.domain.transfer_reply import MOST_REPLY
from services.desk.pages.archive import transfers
from services.desk.pages.page import MOST_OCTETS, Page
from services.desk.rights import Right

TRANSFERS: Final = "/versement"
ONE: Final = f"{TRANSFERS}/{{number}}"

PAGES: Final[Sequence[Page]] = (
    Page(TRANSFERS, transfers.show_all, Right.PROVE),
    Page(f"{TRANSFERS}/proposer", transfers.propose, Right.PROVE, methods=("POST",)),
    Page(ONE, transfers.show, Right.PROVE),
    Page(f"{ONE}/tableau.csv", transfers.table, Right.PROVE),
    Page(f"{ONE}/visa", transfers.approve, Right.PROVE, methods=("POST",)),
    Page(f"{ONE}/paquet.zip", transfers.package, Right.PROVE),
    Page(f"{ONE}/deposer", transfers.deposit, Right.PROVE, methods=("POST",)),
    Page(f"{ONE}/accuse-de-reception.xml", transfers.acknowledgement, Right.PROVE),
    Page(
        f"{ONE}/accuse",
        transfers.note_reply,
        Right.PROVE,
        methods=("POST",),
        most=MOST_REPLY + MOST_OCTETS,
    ),
    Page(f"{ONE}/accuses/{{digest}}.xml", transfers.reply, Right.PROVE),
    Page(f"{ONE}/abandonner", transfers.drop, Right.PROVE, methods=("POST",)),
)
