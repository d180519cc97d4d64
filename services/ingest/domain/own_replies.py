"""Replies of our own services, as seen in copy in another mailbox or in a Sent folder."""

from datetime import datetime

from services.ingest.domain.judgement import ArrivalJudgement
from services.ingest.domain.mail import Mail
from services.ingest.domain.observation_judgements import ReplyJudgement
from services.ingest.domain.rules import JudgeRules
from services.ingest.domain.threading import subject_pseudonym, threads
from shared.content.mime import message_digest
from shared.facts.arrivals import Enter
from shared.facts.envelope import ServiceId
from shared.facts.vocabulary import Authentication


def in_copy(mail: Mail, judged: ArrivalJudgement, rules: JudgeRules) -> ReplyJudgement | None:
    """Judges whether an email is a service's reply that reaches another of our mailboxes.

    `None`: it is none, or nothing proves that it is ours (DOMAIN §10.11).
    """
    if not isinstance(judged.verdict, Enter) or judged.automatic is not None:
        return None
    # Anybody can write our address in From: only our own server's word makes it ours.
    if judged.authentication is not Authentication.PASS:
        return None
    service = rules.mailboxes.get(rules.mailbox_of(mail.sender.address))
    outside = any(recipient.address and recipient.address not in rules.own for recipient in mail.to)
    if service is None or not outside or not (mail.references or "[" in mail.subject):
        return None
    return reply_judgement(mail, service, judged.happened_at, rules)


def reply_judgement(
    mail: Mail, service: ServiceId, sent_at: datetime, rules: JudgeRules
) -> ReplyJudgement:
    """Makes the judgement of an email that a service sent: whom it may answer, and on which thread.

    The register decides from it whether an item was answered.
    """
    addressees = dict.fromkeys(recipient.address for recipient in mail.to if recipient.address)
    return ReplyJudgement(
        service=service,
        message=message_digest(mail.message_id),
        sent_at=sent_at,
        to=tuple(
            digest for recipient in addressees if (digest := rules.pseudonym(recipient)) is not None
        ),
        subject=subject_pseudonym(rules.secret, mail.subject),
        threads=threads(mail, rules.secret),
        looks_like=rules.standard.recognise(f"{mail.subject}\n{mail.text}"),
    )
