"""Standard letters and emails: the library of a service, and what is composed from it."""

from collections.abc import Sequence
from typing import Final

from services.desk.letters.domain.enclosures import MOST_OCTETS
from services.desk.pages.letters import (
    choice,
    circuit,
    circuit_list,
    compose,
    library,
    sheets,
    writers,
)
from services.desk.pages.page import MOST_OCTETS as MORE
from services.desk.pages.page import Page
from services.desk.rights import Right

_BOTH: Final = ("GET", "POST")

PAGES: Final[Sequence[Page]] = (
    Page(library.HOME, library.library, Right.BELONG, nav="Courriers types"),
    Page(f"{library.HOME}/nouveau", library.begin, Right.BELONG, methods=_BOTH),
    Page(f"{library.HOME}/{{letter}}", library.one_letter, Right.BELONG),
    Page(f"{sheets.URL}/nouvelle", sheets.begin, Right.BELONG, methods=_BOTH),
    Page(f"{sheets.URL}/{{letter}}/ecrire", sheets.write, Right.BELONG, methods=_BOTH),
    Page(f"{library.HOME}/{{letter}}/ecrire", library.write, Right.BELONG, methods=_BOTH),
    Page(f"{library.HOME}/{{letter}}/soumettre", library.submit, Right.BELONG, methods=("POST",)),
    Page(f"{library.HOME}/{{letter}}/approuver", library.approve, Right.BELONG, methods=("POST",)),
    Page(f"{library.HOME}/{{letter}}/retirer", library.withdraw, Right.BELONG, methods=("POST",)),
    Page("/courrier/{chrono}/repondre", choice.choose, Right.BELONG),
    Page(
        "/courrier/{chrono}/repondre/{letter}",
        compose.answer,
        Right.BELONG,
        methods=_BOTH,
        most=MOST_OCTETS + MORE,
    ),
    Page(writers.WRITES, writers.touch, Right.BELONG, methods=("POST",)),
    Page(circuit.LETTER, circuit.show, Right.BELONG, methods=_BOTH),
    Page(circuit.DOCUMENT, circuit.download, Right.BELONG),
    Page(circuit.FILE, circuit.take_file, Right.BELONG),
    Page(circuit_list.SIGNATURES, circuit_list.show_signatures, Right.BELONG),
)
