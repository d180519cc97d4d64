"""A standard letter as a file: what an author keeps in the site's folder, and imports.

---
id: titre-de-sejour-suivi
service: bmi                 absent: a letter of all services
kind: reply                  reply, holding_reply, pieces or transfer
title: Suivi d'une demande de titre de séjour
anonymity: menaces           only where security keeps the agent's name
---
Objet : Votre demande de titre de séjour

{civilité},
…
"""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from services.desk.letters.domain.fields import wrongs
from services.desk.letters.domain.library import LetterContent, LetterId
from shared.errors import Refused
from shared.facts.envelope import ServiceId
from shared.facts.vocabulary import NoticeKind
from shared.site.checks.validation_errors import shape_mistakes
from shared.site.checks.yaml_lines import NotYaml, read_yaml
from shared.values import Code, Table

_SUBJECT = "Objet :"


class Heading(Table):
    """The heading (front matter) above the text of a standard letter."""

    id: Code
    kind: NoticeKind
    title: str
    service: Code | None = None
    anonymity: Code | None = None


@dataclass(frozen=True, slots=True)
class LetterFile:
    """A standard letter as read from a text file: id, service and content."""

    letter: LetterId
    service: ServiceId | None
    content: LetterContent


def read(text: str) -> LetterFile:
    """Parses the file of a standard letter. Raises Refused with one line for each mistake."""
    parts = text.lstrip("\ufeff").replace("\r\n", "\n").split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():  # noqa: PLR2004  (nothing, heading, text)
        raise Refused("It begins with a heading between two lines `---`.", "letter-no-heading")
    heading = _heading(parts[1])
    first, _, body = parts[2].strip().partition("\n")
    subject = first.replace("\u00a0", " ")
    if not subject.startswith(_SUBJECT):
        raise Refused(f"Its text begins with a line `{_SUBJECT} …`.", "letter-no-subject")
    content = LetterContent(
        kind=heading.kind,
        title=heading.title,
        subject=subject.removeprefix(_SUBJECT).strip(),
        body=body.strip(),
        anonymity=heading.anonymity,
    )
    found = wrongs(heading.kind, content.title, content.subject, content.body)
    if found:
        told = Refused("\n".join(str(fault) for fault in found), found[0].why, **found[0].said)
        raise told
    service = None if heading.service is None else ServiceId(heading.service)
    return LetterFile(LetterId(heading.id), service, content)


def _heading(text: str) -> Heading:
    try:
        value: Any = read_yaml(text).value
        return Heading.model_validate(value)
    except NotYaml as error:
        raise Refused(f"Its heading: {error}.", "letter-no-heading") from error
    except ValidationError as error:
        told = "\n".join(
            f"Its heading: found {fault.found}, expected {fault.expected}."
            for fault in shape_mistakes("heading", Heading, error)
        )
        raise Refused(told, "letter-no-heading") from error
