"""Who speaks in the fields of a form, and who in a mail that a colleague passes on."""

from datetime import UTC, datetime

from services.ingest.domain.forms import FORM_UNREAD, UnprovenForm, WebsiteForm
from services.ingest.domain.judgement import SenderIdentity
from services.ingest.domain.mail import Mail
from services.ingest.domain.quotations import find_forwarded
from services.ingest.domain.rules import JudgeRules
from services.ingest.domain.trust import received_at
from shared.facts.vocabulary import Channel
from shared.site.tables.mailboxes import Trust


def in_a_form(found: WebsiteForm | UnprovenForm) -> SenderIdentity:
    """Makes the sender of a website's form: who filled it in, what they wrote, why it is held."""
    holds: tuple[str, ...] = ()
    unread: str | None = None
    match found:
        case UnprovenForm(form):  # a stranger raises no alert by what they pretend to be
            holds = ("form-not-authenticated",)
        case WebsiteForm(unread=True) as form:
            holds, unread = (FORM_UNREAD,), form.id
        case form:
            pass
    text = "\n\n".join(part for part in (form.topic, form.service, form.text) if part)
    return SenderIdentity(
        person=form.person,
        answer_to=form.person,
        subject=form.subject,
        text=text,
        channel=Channel.FORM,
        holds=holds,
        form=True,
        unread_form=unread,
    )


def quoted_by_a_colleague(mail: Mail, rules: JudgeRules) -> SenderIdentity | None:
    """Returns the writer of the email that a colleague forwards, attached or quoted.

    `None`: there is none, or it is one of ours.
    """
    for inner in mail.inner:
        if inner.sender.address in rules.own:
            continue
        return SenderIdentity(
            person=inner.sender,
            answer_to=inner.answer_to,
            subject=inner.subject,
            text=inner.text,
            unsure=inner.unsure,
            holds=("forwarded",),
            # Only a proposal: the receipt that counts is this arrival's.
            written=_inner_receipt(inner, rules.site.sources.trust) or inner.written,
        )
    quoted = find_forwarded(mail.subject, mail.whole_text)
    if quoted is None or quoted.sender.address in rules.own:
        return None
    return SenderIdentity(
        person=quoted.sender,
        answer_to=quoted.sender,
        subject=quoted.subject,
        text=quoted.text,
        unsure=quoted.unsure,
        holds=("forwarded",),
        written=mail.written,
    )


def _inner_receipt(mail: Mail, trust: Trust) -> datetime | None:
    """The trusted receipt inside a forwarded mail or `None`: a proposal (DOMAIN §10.13)."""
    never = datetime.max.replace(tzinfo=UTC)
    found = received_at(mail, trust, never)
    return None if found == never else found
