"""`FICHE.html`: one page in French that tells an item's story and how its limits were counted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files

from jinja2 import Environment, Template

from services.desk.domain.days import local_day
from services.desk.domain.roots import Root
from services.desk.evidence.proof.dispatches import dispatches
from services.desk.evidence.proof.documents import ProofDocument
from services.desk.french import labels_fr
from services.desk.french.clock_count import counts
from services.desk.french.names import Names
from services.desk.french.timeline import timeline
from services.desk.store.sheets import ItemSheet
from shared.facts.vocabulary import ClockName
from shared.site.tables.bundle import AppliedSite


def page(
    sheet: ItemSheet,
    applied: Mapping[ClockName, AppliedSite],
    names: Names,
    root: Root | None,
    now: datetime,
    documents: Sequence[ProofDocument],
) -> str:
    """Renders the HTML page of a proof: an item's story in French, with its deadlines.

    It gives no sender's name.
    """
    zone = names.site.zone
    item = sheet.item
    return _template().render(
        chrono=item.chrono,
        authority=names.site.identity.authority,
        made=labels_fr.moment(now, zone),
        what=names.category(item.classification.category).capitalize(),
        received=labels_fr.long_day(local_day(item.receipt, zone)),
        channel=labels_fr.CHANNELS[item.channel],
        service=names.service(item.service),
        wrong=sum(document.wrong for document in documents),
        counts=counts(sheet, applied, names, now.astimezone(zone).date()),
        past=timeline(sheet, names),
        documents=documents,
        dispatches=dispatches(sheet.facts),
        root=root,
        long_day=labels_fr.long_day,
        moment=lambda at: labels_fr.moment(at, zone),
    )


@cache
def _template() -> Template:
    text = files("services.desk.evidence.proof").joinpath("fiche.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True).from_string(text)
