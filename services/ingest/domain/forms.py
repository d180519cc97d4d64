"""A website's form that arrives as a robot's mail: the person in its fields speaks, not the robot.

Recognised by a table of the site: the relay's address, its authentication, words of the subject.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.ingest.domain.addresses import Address, AddressList, addresses
from services.ingest.domain.mail import Mail
from shared.content.phrases import Phrases, fold, folded
from shared.facts.vocabulary import Authentication
from shared.site.tables.routing import FormMail

_LONG_FIELDS = frozenset({"text"})
"""Fields that may run over blank lines, up to the next label."""
_FORM_LINES = 5_000


@dataclass(frozen=True, slots=True)
class WebsiteForm:
    """The fields of a website's form that came as a robot's email."""

    id: str
    person: Address
    subject: str
    text: str
    service: str
    topic: str


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
        """Returns the website form that an email carries; `None` when it is an ordinary email."""
        where = folded(mail.subject)
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
    # The person may have pasted a quoted exchange: a form has no quoting of its own.
    fields = _fields({str(name): label for name, label in row.fields.items()}, mail.whole_text)
    found = next(iter(addresses([fields.get("email", "")])), Address("", ""))
    return WebsiteForm(
        id=row.id,
        person=Address(fields.get("name", "")[:250], found.address),
        subject=fields.get("subject", "")[:1000],
        text=fields.get("text", ""),
        service=fields.get("service", "")[:250],
        topic=fields.get("topic", "")[:250],
    )


def _fields(labels: Mapping[str, str], text: str) -> Mapping[str, str]:
    """Each field's value: what follows its label at the beginning of a line.

    A label counts once, and inside the free text only labels not yet seen end it, so that a person
    who types « Nom : » in the message changes no field.
    """
    folded = {name: fold(label).strip() for name, label in labels.items()}
    values: dict[str, list[str]] = {}
    current: str | None = None
    for line in text.split("\n")[:_FORM_LINES]:
        name = _label(line, folded, values)
        if name is not None:
            current = name
            values[name] = [_after_label(line)]
        elif current is not None:
            if not line.strip() and current not in _LONG_FIELDS and any(values[current]):
                current = None
            else:
                values[current].append(line)
    return {name: "\n".join(lines).strip() for name, lines in values.items()}


def _label(line: str, folded: Mapping[str, str], seen: Mapping[str, object]) -> str | None:
    head, colon, _ = line.partition(":")
    if not colon:
        return None
    said = fold(head).strip()
    return next(
        (name for name, label in folded.items() if label == said and name not in seen), None
    )


def _after_label(line: str) -> str:
    return line.partition(":")[2].strip()
