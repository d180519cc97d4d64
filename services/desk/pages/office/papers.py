"""PDFs that the mail office prints: a service's bordereau, the récépissé de dépôt, letters."""

import io
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from services.desk.domain.roots import Root
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.french.printed_root import witness
from services.desk.store.print_queue import Carried
from shared.paper.typst_pdf import typeset

SENDER: Final = 120
"""Characters of who wrote that a line shows."""
LAYOUT: Final = Path(__file__).parents[2] / "printing" / "carried.typ"
DEPOSIT: Final = LAYOUT.with_name("deposit.typ")


def bordereau(
    names: Names, service: str, day: date, lines: Sequence[Carried], root: Root | None
) -> bytes:
    """Renders as PDF the list of the papers that a service gets on a day, to be signed on delivery.

    Slow: call it in a thread.
    """
    name, many = names.service(service), "s" if len(lines) > 1 else ""
    count = f"{len(lines)} courrier{many} sur papier, enregistré{many} ce jour."
    nothing = "aucun courrier sur papier n’a été enregistré ce jour."
    data = {
        "title": f"Bordereau de remise, {labels_fr.long_day(day)}",
        "authority": names.site.identity.authority,
        "service": name,
        "root": witness(root, names.site),
        "summary": f"{name} : {count if lines else nothing}",
        "lines": [
            {
                "chrono": line.chrono,
                "received": labels_fr.short_day(line.received_on),
                "sender": line.sender[:SENDER],
                "channel": labels_fr.CHANNELS[line.channel],
                "what": f"{labels_fr.NATURES[line.nature]}, {names.category(line.category)}",
            }
            for line in lines
        ],
    }
    return _pdf(LAYOUT, data)


def deposit_receipt(parts: Mapping[str, Any]) -> bytes:
    """Renders as PDF the récépissé that whoever hands a letter over takes home.

    `parts`: authority, office, number, lines [[name, value]], code, page and qr (SVG); an empty
    code: nothing is followed. Slow: call it in a thread.
    """
    said = {
        "title": "Récépissé de dépôt",
        "plain": "Nous avons bien reçu votre courrier. Gardez ce papier : il prouve ce dépôt.",
        "means": (
            "Ce récépissé ne dit rien de la suite qui sera donnée à votre courrier, ni de sa"
            " recevabilité. Si vous nous écrivez ou nous appelez, donnez ce numéro."
        ),
    }
    return _pdf(DEPOSIT, {**said, **parts})


def _pdf(layout: Path, data: Mapping[str, Any]) -> bytes:
    return typeset(layout, {"data": data}, kept=False)


def together(documents: Sequence[bytes]) -> bytes:
    """Joins several PDFs into one. Slow: call it in a thread."""
    import pypdfium2  # noqa: PLC0415  (3 MB that a process of pages needs at the counter alone)

    whole = pypdfium2.PdfDocument.new()
    try:
        for document in documents:
            part = pypdfium2.PdfDocument(document)
            try:
                whole.import_pages(part)
            finally:
                part.close()
        out = io.BytesIO()
        whole.save(out)
        return out.getvalue()
    finally:
        whole.close()
