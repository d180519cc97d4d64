"""Who speaks in a mail: the sender, the person in a form's fields, or whom a colleague quotes.

And the pli, which is the mail's content under that person's name.
"""

from collections.abc import Iterator
from dataclasses import replace

from services.ingest.domain.indirect_senders import in_a_form, quoted_by_a_colleague
from services.ingest.domain.judgement import SenderIdentity
from services.ingest.domain.mail import Mail
from services.ingest.domain.rules import JudgeRules
from shared.content.plis import Correspondent, Pli
from shared.facts.vocabulary import Authentication


def voice(mail: Mail, authentication: Authentication, rules: JudgeRules) -> SenderIdentity:
    """Finds who wrote an email: the person in its From or in a form, or whose mail is forwarded."""
    form = rules.forms.read(mail, authentication)
    if form is not None:
        return in_a_form(form)
    if mail.sender.address in rules.own:
        quoted = quoted_by_a_colleague(mail, rules)
        if quoted is not None:
            return quoted
    said = SenderIdentity(mail.sender, mail.answer_to, mail.subject, mail.text, mail.unsure)
    return replace(said, holds=tuple(_doubts(mail)), written=mail.written)


def _doubts(mail: Mail) -> Iterator[str]:
    """What a person must judge before a machine answers whoever wrote this."""
    if len({sender.address for sender in mail.senders}) > 1:
        yield "two-senders"
    # Nothing proves a Reply-To: in another domain than From it may name a victim.
    if mail.sender.address and mail.answer_to.domain != mail.sender.domain:
        yield "reply-to-elsewhere"


def pli(mail: Mail, who: SenderIdentity) -> Pli:
    """Makes the pli of an email: its content, for those who may read it."""
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
        signatures=mail.signatures,
    )
