"""The judge of scans: one document of a file → an arrival, or one of our own letters leaving."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from services.ingest.domain.conditions import MessageFeatures
from services.ingest.domain.document import Illegible, Legible, ScannedDocument
from services.ingest.domain.fingerprint import of_texts
from services.ingest.domain.judgement import ArrivalJudgement
from services.ingest.domain.observation_judgements import DepartureJudgement
from services.ingest.domain.paper_references import items_named
from services.ingest.domain.rules import JudgeRules
from shared.content.plis import Correspondent, Pli
from shared.facts.arrivals import Enter, Quarantine, Routing, ScanMarks
from shared.facts.envelope import Digest, On, ServiceId
from shared.paper.form import handwritten_text
from shared.site.tables.mailboxes import ScanFolder

_NOBODY = Correspondent()


def identity_of_scan(document: ScannedDocument) -> str:
    """Returns the identity of a scanned document: its file's hash and its pages (DESIGN §2)."""
    return f"{document.file}:{document.first_page}-{document.last_page}"


def judge_scan(
    document: ScannedDocument, folder: ScanFolder, rules: JudgeRules
) -> ArrivalJudgement | DepartureJudgement:
    """Judges one scanned document: an arrival, or a letter of ours that leaves.

    In a folder of arrivals a code of ours is on a paper that came back, and names an item for a
    person to judge. A departure without code goes into quarantine.
    """
    receipt = On(day=_day(document, rules.site.zone))
    began = _beginning(receipt, rules.site.zone)
    fingerprint = of_texts([identity_of_scan(document)])
    match document.reading:
        case Illegible(reason):
            return _quarantined(reason, folder, receipt, began, fingerprint)
        case Legible() as read:
            pass
    if folder.departures:
        if document.departure is None:
            return _quarantined("departure-without-code", folder, receipt, began, fingerprint)
        return DepartureJudgement(
            chrono=document.departure.chrono,
            kind=document.departure.kind,
            receipt=receipt,
            happened_at=began,
            pli=_pli(document, read, rules.site.zone),
            fingerprint=fingerprint,
        )
    of_folder = ServiceId(folder.service) if folder.service else None
    home = document.separator or document.home or of_folder
    routed = rules.routing.route(
        MessageFeatures(
            channel=folder.channel,
            scan_folder=folder.id,
            separator=document.separator,
            text=_words(document, read, rules),
            home=home,
        )
    )
    named = items_named(
        "\n".join(read.pages), rules.secret, rules.site.identity.department, document.named
    )
    return ArrivalJudgement(
        verdict=Enter(),
        channel=folder.channel,
        receipt=receipt,
        happened_at=began,
        provisional=document.day is None,
        fingerprint=fingerprint,
        routing=routed.routing,
        scan=ScanMarks(
            label=document.label,
            batch=document.batch,
            missed_separator=document.missed_separator,
            day_from=document.day_from,
            form=document.form,
            refers_to=named.chrono,
            refers_by_code=named.by_code,
            coded_for=named.several,
        ),
        pli=_pli(document, read, rules.site.zone),
    )


def _words(document: ScannedDocument, read: Legible, rules: JudgeRules) -> str:
    """What rules may look at: what is printed on our own form is nobody's word."""
    if document.form:
        return handwritten_text(read.pages, rules.site.identity)
    return "\n".join(read.pages)


def _quarantined(
    reason: str, folder: ScanFolder, receipt: On, began: datetime, fingerprint: Digest
) -> ArrivalJudgement:
    return ArrivalJudgement(
        verdict=Quarantine(reason=reason),
        channel=folder.channel,
        receipt=receipt,
        happened_at=began,
        provisional=True,
        fingerprint=fingerprint,
        routing=Routing(rule="quarantine"),
    )


def _pli(document: ScannedDocument, read: Legible, zone: ZoneInfo) -> Pli:
    marks = {
        "missed_separator": document.missed_separator,
        "unlooked": document.unlooked,
        "too_large": document.too_large,
    }
    scan = read.as_text(document.first_seen.astimezone(zone).date())
    return Pli(
        kind="scan",
        sender=_NOBODY,
        answer_to=_NOBODY,
        text="\n\n".join(read.pages),
        scan=scan.model_copy(update=marks),
    )


def _day(document: ScannedDocument, zone: ZoneInfo) -> date:
    return document.day or document.first_seen.astimezone(zone).date()


def _beginning(receipt: On, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC."""
    return datetime.combine(receipt.day, time.min, zone).astimezone(UTC)
