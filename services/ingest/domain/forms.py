"""A website's form that arrives as a robot's mail: the person in its fields speaks, not the robot.

Recognised by a table of the site: the relay's address, its authentication, words of the subject.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.ingest.domain.addresses import Address, AddressList, addresses
from services.ingest.domain.form_layouts import values_of, whole_of
from services.ingest.domain.mail import Mail
from shared.content.phrases import Phrases, fold_texts
from shared.facts.vocabulary import Authentication
from shared.site.tables.routing import FormLayout, FormMail

FORM_UNREAD = "form-unread"
"""The hold of a form whose layout was not recognised."""
_PERSON = frozenset({"first_name", "name", "email"})


@dataclass(frozen=True, slots=True)
class WebsiteForm:
    """The fields of a website's form that came as a robot's email."""

    id: str
    person: Address
    subject: str
    text: str
    service: str
    topic: str
    unread: bool = False
    """Its layout was not recognised: `text` is the whole mail."""


@dataclass(frozen=True, slots=True)
class UnprovenForm:
    """A website's form whose email is not authenticated, so that a person must judge it."""

    form: WebsiteForm


class FormTable:
    """The website forms of a site, by which their emails are recognised and read."""

    def __init__(self, forms: tuple[FormMail, ...]) -> None:
        self._rows = tuple(
            (form, AddressList(form.from_addresses), Phrases(form.subject)) for form in forms
        )

    def read(self, mail: Mail, authentication: Authentication) -> WebsiteForm | UnprovenForm | None:
        """Returns the form that an email carries, unproven if not authenticated; else `None`."""
        where = fold_texts(mail.subject)
        for row, relays, subject in self._rows:
            if mail.sender.address not in relays:
                continue
            if subject and subject.hit(where) is None:
                continue
            form = _form(row, mail)
            proven = row.needs == "none" or authentication is Authentication.PASS
            return form if proven else UnprovenForm(form)
        return None


def _form(row: FormMail, mail: Mail) -> WebsiteForm:
    layout = row.layout or FormLayout.LABELS
    labels = {str(name): label for name, label in row.fields.items()}
    fields = values_of(layout, labels, mail)
    whole = whole_of(layout, mail)
    unread = _is_another_layout(labels, fields, whole, mail.sender.address)
    found = next(iter(addresses([fields.get("email", "")])), Address("", ""))
    names = (fields.get("first_name", ""), fields.get("name", ""))
    return WebsiteForm(
        id=row.id,
        person=Address(" ".join(filter(None, names))[:250], found.address),
        subject=mail.subject if unread else fields.get("subject", "")[:1000],
        text=whole if unread else fields.get("text", ""),
        service="" if unread else fields.get("service", "")[:250],
        topic="" if unread else fields.get("topic", "")[:250],
        unread=unread,
    )


def _is_another_layout(
    labels: Mapping[str, str], fields: Mapping[str, str], whole: str, robot: str
) -> bool:
    """Whether a form's layout is not the site's any more: something that was written is not found.

    A label with nothing behind it is a field that the person left empty, save for their message.
    """
    if "text" in labels and not fields.get("text"):
        return True
    if not _PERSON & fields.keys():
        return True
    return "email" in labels and "email" not in fields and _names_an_address(whole, robot)


def _names_an_address(whole: str, robot: str) -> bool:
    """Whether a mail's text has any address but that of the robot that wrote it."""
    words = (word.strip("<>()[],;:.=").lower() for word in whole.split() if "@" in word)
    return any("." in word.partition("@")[2] and word != robot for word in words)
