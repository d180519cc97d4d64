"""The judge of what comes in through our own pages: the public form, and papers handed in."""

from datetime import UTC, datetime

from services.ingest.domain.addresses import addresses
from services.ingest.domain.conditions import MessageFeatures
from services.ingest.domain.document import Illegible, Legible, ScannedDocument
from services.ingest.domain.fingerprint import of_texts
from services.ingest.domain.judgement import ArrivalJudgement
from services.ingest.domain.paper_references import items_named
from services.ingest.domain.rules import JudgeRules
from services.ingest.domain.threading import subject_pseudonym
from shared.content.follow_codes import proves
from shared.content.plis import Attachment, Correspondent, Pli
from shared.content.spool import FormDeposit, SpoolFile, UploadDeposit
from shared.facts.arrival_base import ThreadCandidate, TokenThread
from shared.facts.arrivals import Enter, Quarantine, Routing, ScanMarks
from shared.facts.envelope import At, On
from shared.facts.vocabulary import Channel, Confidentiality, Nature, Theme
from shared.paper.form import handwritten_text


def judge_form(form: FormDeposit, rules: JudgeRules) -> ArrivalJudgement:
    """Judges a deposit of the public form: it always enters, received when it was sent."""
    address = next((address.address for address in addresses([form.email])), "")
    person = Correspondent(name=form.name, address=address, postal=form.postal)
    at = form.at.astimezone(UTC)
    routing = rules.routing.route(
        MessageFeatures(
            channel=Channel.FORM,
            sender_address=address,
            sender_name=form.name,
            subject=form.subject,
            text=form.text,
            theme=form.theme,
            home=form.service,
        )
    ).routing
    return ArrivalJudgement(
        verdict=Enter(),
        channel=Channel.FORM,
        receipt=At(instant=at),
        happened_at=at,
        fingerprint=of_texts(
            [
                # Nobody's « le téléphone ne répond pas » is no copy of somebody else's.
                *((form.name, address) if form.name or address else (str(form.id),)),
                form.subject,
                form.text,
                *sorted(file.sha256 for file in form.files),
            ]
        ),
        routing=_as_said(form, routing),
        correspondent=rules.pseudonym(address),
        threads=_threads(form, rules),
        subject=subject_pseudonym(rules.secret, form.subject),
        automatic=None if address else "no-address",
        pli=Pli(
            kind="form",
            sender=person,
            answer_to=person,
            subject=form.subject,
            text=form.text,
            attachments=tuple(map(_attachment, form.files, range(len(form.files)))),
        ),
    )


def _threads(form: FormDeposit, rules: JudgeRules) -> tuple[ThreadCandidate, ...]:
    """The letter to which it adds something; a code that proves nothing is none."""
    if form.follows is None or not proves(rules.secret, form.follows.chrono, form.follows.code):
        return ()
    return (TokenThread(chrono=form.follows.chrono),)


def _as_said(form: FormDeposit, routing: Routing) -> Routing:
    """What the person said of it themselves, save that an appeal stays one whatever it is called.

    What speaks of an agent is réservé from the first second, and goes to the chef of the service
    that the person names (docs/domain.md §7).
    """
    said: dict[str, object] = {"theme": None if form.theme is None else form.theme.value}
    if routing.nature is not Nature.APPEAL:
        if form.complaint:
            said["nature"] = Nature.COMPLAINT
        elif form.suggestion:
            said["nature"] = Nature.SUGGESTION
    about_agent = form.about_agent or form.theme is Theme.AGENT
    if about_agent and routing.confidentiality is Confidentiality.NORMAL:
        said["confidentiality"] = Confidentiality.RESERVE
    if about_agent and form.service is not None:
        said["service"] = form.service
    return routing.model_copy(update=said)


def judge_upload(
    upload: UploadDeposit, file: SpoolFile, paper: ScannedDocument, rules: JudgeRules
) -> ArrivalJudgement:
    """Judges one document of a file that somebody uploaded, by its text, its codes and its sheets.

    What the person said of service and day goes before what a sheet says of the day.
    """
    at = (upload.received_on or upload.at).astimezone(UTC)
    match paper.reading:
        case Illegible(reason):
            return quarantined_deposit(at, upload.channel, file.sha256, reason, rules)
        case Legible(pages) as reading:
            text = "\n\n".join(pages)
    words = handwritten_text(pages, rules.site.identity) if paper.form else text
    routed = rules.routing.route(
        MessageFeatures(
            channel=upload.channel,
            separator=paper.separator,
            text=words,
            home=paper.separator or paper.home or upload.service,
        )
    )
    nobody = Correspondent()
    read = reading.as_text(upload.at.astimezone(rules.site.zone).date())
    named = items_named(text, rules.secret, rules.site.identity.department, paper.named)
    sheet = paper.day if upload.received_on is None else None
    return ArrivalJudgement(
        verdict=Enter(),
        channel=upload.channel,
        receipt=On(day=sheet) if sheet else _receipt(at, upload.channel, rules),
        happened_at=at,
        provisional=upload.received_on is None and sheet is None,
        fingerprint=of_texts([file.sha256]),
        routing=routed.routing,
        scan=ScanMarks(
            label=paper.label,
            batch=paper.batch,
            missed_separator=paper.missed_separator,
            day_from="asked" if upload.received_on else "sheet" if sheet else "first_seen",
            form=paper.form,
            refers_to=named.chrono,
            refers_by_code=named.by_code,
            coded_for=named.several,
        ),
        pli=Pli(
            kind="scan",
            sender=nobody,
            answer_to=nobody,
            text=text,
            attachments=(_attachment(file, 0),),
            scan=read.model_copy(update={"missed_separator": paper.missed_separator})
            if pages
            else None,
        ),
    )


def quarantined_deposit(
    at: datetime, channel: Channel, identity: str, reason: str, rules: JudgeRules
) -> ArrivalJudgement:
    """Makes the judgement that puts a deposit into quarantine, where a person looks at it."""
    return ArrivalJudgement(
        verdict=Quarantine(reason=reason),
        channel=channel,
        receipt=_receipt(at, channel, rules),
        happened_at=at.astimezone(UTC),
        provisional=True,
        fingerprint=of_texts([identity]),
        routing=Routing(rule="quarantine"),
    )


def _receipt(at: datetime, channel: Channel, rules: JudgeRules) -> At | On:
    if channel.electronic:
        return At(instant=at.astimezone(UTC))
    return On(day=at.astimezone(rules.site.zone).date())


def _attachment(file: SpoolFile, part: int) -> Attachment:
    return Attachment(
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        part=part,
        unlooked=file.unlooked,
        too_large=file.too_large,
    )
