"""The judge of mails: octets of one arrival in a mailbox → what to tell of it.

The order of the verdicts: unreadable → probe → delivery status → read receipt → spam → the site's
forms → machines → the site's own reason to set aside → enter.
"""

from dataclasses import dataclass
from datetime import datetime

from services.ingest.domain import own_replies, robots
from services.ingest.domain.attachments import NOT_READ, AttachedTexts, reading_of
from services.ingest.domain.bounces import Bounce, bounce
from services.ingest.domain.conditions import MessageFeatures
from services.ingest.domain.fingerprint import fingerprint, identity, of_octets
from services.ingest.domain.judgement import ArrivalJudgement, Judgement, SenderIdentity
from services.ingest.domain.mail import Mail, UnreadableMail
from services.ingest.domain.observation_judgements import BounceJudgement
from services.ingest.domain.quarantine import quarantine_judgement
from services.ingest.domain.rules import JudgeRules
from services.ingest.domain.sender_identity import pli, voice
from services.ingest.domain.thank_you import only_thanks
from services.ingest.domain.threading import mail_pseudonym, threads
from services.ingest.domain.trust import authentication, flagged_as_spam, received_at
from shared.content.mime import message_digest
from shared.content.probe import probe_sent_at
from shared.facts.arrival_base import MessageThread, ThreadCandidate
from shared.facts.arrivals import Enter, Probe, Routing, SetAside, Verdict
from shared.facts.envelope import At, ServiceId
from shared.facts.vocabulary import Authentication, Nature


@dataclass(frozen=True, slots=True)
class MailboxPlace:
    """The mailbox of mailboxes.yaml in which an email was found."""

    mailbox: str
    service: ServiceId | None
    bounces: bool = False


def identity_of(mail: Mail | UnreadableMail, octets: bytes) -> str:
    """Returns the identity of an email in its source; the same octets always give the same."""
    return of_octets(octets) if isinstance(mail, UnreadableMail) else identity(mail)


def judge(
    octets: bytes,
    mail: Mail | UnreadableMail,
    place: MailboxPlace,
    internal_date: datetime,
    rules: JudgeRules,
    attached: AttachedTexts | None = None,
) -> tuple[Judgement, ...]:
    """Judges one email of an inbox; returns one judgement, or two for a copy of our own reply.

    Args:
        octets: the mail as the server gave it.
        mail: what `full_mail.read_whole` made of these octets.
        place: the mailbox.
        internal_date: when the server says that it took the mail (aware).
        rules: the applied rules.
        attached: what stands in its attachments; `None` before they are read.
    """
    if isinstance(mail, UnreadableMail):
        return (quarantine_judgement(octets, mail, internal_date, rules),)
    taken = received_at(mail, rules.site.sources.trust, internal_date)
    status = None if robots.read_receipt(mail) else bounce(mail, rules.secret)
    if status is not None and (status.notice is not None or place.bounces):
        return (
            BounceJudgement(
                action=status.action,
                status=status.status,
                notice_id=status.notice,
                item_id=status.item,
                received_at=taken,
            ),
        )
    judged = _judged(mail, status, taken, place, rules, attached)
    reply = own_replies.in_copy(mail, judged, rules)
    return (judged,) if reply is None else (judged, reply)


def _judged(
    mail: Mail,
    status: Bounce | None,
    taken: datetime,
    place: MailboxPlace,
    rules: JudgeRules,
    attached: AttachedTexts | None,
) -> ArrivalJudgement:
    proof = authentication(mail, rules.site.sources.trust)
    who = voice(mail, proof, rules)
    seen = _seen(mail, who, place, rules, attached or NOT_READ)
    routed = rules.routing.route(seen)
    probe = _probe(mail, rules)
    drill = robots.drill(mail, taken, rules.exercise, danger=routed.routing.danger)
    reason = drill or _aside(mail, who, status, seen, rules) or routed.set_aside
    verdict: Verdict = probe or (Enter() if reason is None else SetAside(reason=reason))
    return ArrivalJudgement(
        verdict=verdict,
        channel=who.channel,
        receipt=At(instant=taken),
        happened_at=taken,
        fingerprint=fingerprint(mail),
        routing=routed.routing,
        message=message_digest(mail.message_id),
        correspondent=rules.pseudonym(who.answer_to.address),
        subject=mail_pseudonym(rules.secret, mail, who.subject),
        authentication=proof,
        automatic=_silence(mail, who, proof),
        threads=_threads(mail, status, rules),
        pli=(
            (attached or NOT_READ).kept_in(pli(mail, who), antivirus=rules.antivirus)
            if probe is None
            else None
        ),
        thanks=_thanks(mail, who, routed.routing),
        # Only of what enters: who takes something out of the other lists opens it.
        reading=(
            reading_of(mail, who.text, antivirus=rules.antivirus)
            if attached is None and verdict == Enter()
            else None
        ),
        unread_form=who.unread_form,
    )


def _probe(mail: Mail, rules: JudgeRules) -> Probe | None:
    if mail.sender.address != (rules.site.routing.probe or "").lower():
        return None
    sent_at = probe_sent_at(rules.secret, mail.subject)
    return None if sent_at is None else Probe(sent_at=sent_at)


def _aside(
    mail: Mail, who: SenderIdentity, status: Bounce | None, seen: MessageFeatures, rules: JudgeRules
) -> str | None:
    """Why the mail itself speaks for nobody; `None` leaves the word to the site's table."""
    if status is not None:
        return "backscatter"
    if robots.read_receipt(mail):
        return "read-receipt"
    if flagged_as_spam(mail, rules.site.sources.trust):
        return "spam"
    if who.form or rules.routing.names_sender(seen):
        return None
    return robots.machine(mail, rules.newsletters)


def _silence(mail: Mail, who: SenderIdentity, proof: Authentication) -> str | None:
    """Why nothing automatic may answer; for a form, it is the person that is answered."""
    if who.form:
        return None if who.person.address else "no-address"
    return robots.automatic(mail, proof)


def _thanks(mail: Mail, who: SenderIdentity, routing: Routing) -> bool:
    """« Merci », and nothing that any rule would have a person look at."""
    if who.form or routing.danger or routing.nature in {Nature.COMPLAINT, Nature.APPEAL}:
        return False
    return only_thanks(f"{who.text}\n{who.unsure}", attached=bool(mail.attachments))


def _seen(
    mail: Mail, who: SenderIdentity, place: MailboxPlace, rules: JudgeRules, files: AttachedTexts
) -> MessageFeatures:
    names = {name for name, _ in mail.fields}
    return MessageFeatures(
        channel=who.channel,
        mailbox=place.mailbox,
        sender_address=who.person.address,
        sender_name=who.person.name,
        to=rules.recipients(mail.to),
        subject=who.subject,
        text=who.text,
        unsure=who.unsure,
        headers={name: " ".join(mail.all(name)) for name in names},
        home=place.service,
        holds=who.holds,
        attached=files.texts,
    )


def seen_by_rules(mail: Mail, place: MailboxPlace, rules: JudgeRules) -> MessageFeatures:
    """Returns the features of an email that the site's routing rules test."""
    proof = authentication(mail, rules.site.sources.trust)
    return _seen(mail, voice(mail, proof, rules), place, rules, NOT_READ)


def _threads(mail: Mail, status: Bounce | None, rules: JudgeRules) -> tuple[ThreadCandidate, ...]:
    found = threads(mail, rules.secret)
    original = message_digest(status.original) if status is not None else None
    if original is None:
        return found
    # A reply typed by an agent came back: the register may know that message.
    return (MessageThread(messages=(original,)), *found)
