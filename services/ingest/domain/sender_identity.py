"""Who speaks in a mail: the sender, the person in a form's fields, or whom a colleague quotes.

And the pli, which is the mail's content under that person's name.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from services.ingest.domain.addresses import Address
from services.ingest.domain.forms import UnprovenForm, WebsiteForm
from services.ingest.domain.mail import Mail
from services.ingest.domain.quotations import forwarded
from services.ingest.domain.rules import JudgeRules
from services.ingest.domain.trust import inner_receipt
from shared.content.plis import Correspondent, Pli
from shared.facts.vocabulary import Authentication, Channel


@dataclass(frozen=True, slots=True)
class SenderIdentity:
    """The person who is taken for a mail's sender, with the address for an answer."""

    person: Address
    answer_to: Address
    subject: str
    text: str
    channel: Channel = Channel.EMAIL
    holds: tuple[str, ...] = field(default=())
    """Reasons for which nothing may leave before a person's word."""
    written: datetime | None = None
    form: bool = False


def voice(mail: Mail, authentication: Authentication, rules: JudgeRules) -> SenderIdentity:
    """Finds who speaks in a mail: its From, the person in a form, or whom a colleague forwards."""
    match rules.forms.read(mail, authentication):
        case WebsiteForm() as form:
            return _in_a_form(form, ())
        case UnprovenForm(form):
            return _in_a_form(form, ("form-not-authenticated",))
        case None:
            pass
    if mail.sender.address in rules.own:
        quoted = _quoted_by_a_colleague(mail, rules)
        if quoted is not None:
            return quoted
    return SenderIdentity(
        person=mail.sender,
        answer_to=mail.answer_to,
        subject=mail.subject,
        text=mail.text,
        holds=tuple(_doubts(mail)),
        written=mail.written,
    )


def _doubts(mail: Mail) -> Iterator[str]:
    """What a person must judge before a machine answers whoever wrote this."""
    if len(mail.senders) > 1:
        yield "two-senders"
    # Nothing proves a Reply-To: in another domain than From it may name a victim.
    if mail.sender.address and mail.answer_to.domain != mail.sender.domain:
        yield "reply-to-elsewhere"


def _in_a_form(form: WebsiteForm, holds: tuple[str, ...]) -> SenderIdentity:
    text = "\n\n".join(part for part in (form.topic, form.service, form.text) if part)
    return SenderIdentity(
        person=form.person,
        answer_to=form.person,
        subject=form.subject,
        text=text,
        channel=Channel.FORM,
        holds=holds,
        form=True,
    )


def _quoted_by_a_colleague(mail: Mail, rules: JudgeRules) -> SenderIdentity | None:
    for inner in mail.inner:
        if inner.sender.address in rules.own:
            continue
        return SenderIdentity(
            person=inner.sender,
            answer_to=inner.answer_to,
            subject=inner.subject,
            text=inner.text,
            holds=("forwarded",),
            # Only a proposal: the receipt that counts is this arrival's.
            written=inner_receipt(inner, rules.site.sources.trust) or inner.written,
        )
    quoted = forwarded(mail.subject, mail.whole_text)
    if quoted is None or quoted.sender.address in rules.own:
        return None
    return SenderIdentity(
        person=quoted.sender,
        answer_to=quoted.sender,
        subject=quoted.subject,
        text=quoted.text,
        holds=("forwarded",),
        written=mail.written,
    )


def pli(mail: Mail, who: SenderIdentity) -> Pli:
    """Makes the pli of a mail: its content, for those who may read it."""
    return Pli(
        kind="form" if who.form else "mail",
        sender=Correspondent(name=who.person.name, address=who.person.address),
        answer_to=Correspondent(name=who.answer_to.name, address=who.answer_to.address),
        to=tuple(recipient.address for recipient in mail.to if recipient.address),
        subject=who.subject,
        text=who.text,
        quoted=mail.quoted,
        html=mail.html,
        attachments=mail.attachments,
        message_id=mail.message_id,
        references=mail.references,
        written=who.written if who.written is not None else mail.written,
    )
