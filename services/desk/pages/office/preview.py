"""What an arrival says, safe to show beside the fields: a mail as text, a paper as pictures."""

from dataclasses import dataclass, field
from datetime import tzinfo

from services.desk.french import signature_words
from services.desk.pages.item.thread import File, Turns, files_of
from services.desk.pages.office.stamps import StampProposal, propose_stamp
from services.desk.pages.originals import clean_html
from services.desk.pages.paper import Paper, paper_of
from shared.content import plis
from shared.content.blobs import Blobs
from shared.errors import VaguemestreError
from shared.facts.envelope import BlobKey

MOST_PAGES = 30
"""Pictures beside the fields; the others are on the item's page."""


@dataclass(frozen=True, slots=True)
class ArrivalPreview:
    """The content of an arrival, made safe to show; `lost` says why there is none."""

    sender: str = ""
    signatures: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    html: str = ""
    paper: Paper = field(default_factory=Paper)
    attachments: tuple[File, ...] = ()
    stamp: StampProposal | None = None
    lost: str = ""


async def preview(
    blobs: Blobs,
    key: BlobKey | None,
    original: BlobKey | None,
    turns: Turns,
    zone: tzinfo,
    pictures: str = "",
) -> ArrivalPreview:
    """Makes the preview of a pli: an email as text, a paper as pictures.

    `original`: the document of which it says the content; `turns`: how its pages are turned;
    `zone`: the préfecture's time zone; `pictures`: the address of its pages' pictures, without
    number.
    """
    if key is None:
        return ArrivalPreview(lost="Ce message n’a pas pu être lu ; l’original est conservé.")
    try:
        pli = await plis.read(blobs, key)
    except VaguemestreError:
        return ArrivalPreview(lost="Le contenu n’est pas disponible en ce moment.")
    who = pli.on_behalf or pli.sender
    return ArrivalPreview(
        sender=" — ".join(part for part in (who.name, who.address) if part),
        signatures=signature_words.of_pli(pli, zone),
        subject=pli.subject,
        text=pli.text if pli.kind != "scan" else "",
        html="" if pli.text else clean_html(pli.html),
        paper=paper_of(pli.scan, MOST_PAGES, original, turns),
        attachments=files_of(pli),
        stamp=propose_stamp(pli, pictures, original),
    )
