"""Proposing the row of routing.yaml that reads a website's form, from one of its mails.

Each layout is tried. The one in which most fields have a label that forms usually have is proposed,
if it reads this very mail; a person corrects it. Labels are said, which are the website's: no value
of the mail is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from services.ingest.domain.form_layouts import READS, WORDS_OF_A_LABEL, rows_of
from services.ingest.domain.forms import FormTable, WebsiteForm
from services.ingest.domain.mail import Mail
from shared.content.phrases import fold
from shared.facts.vocabulary import Authentication
from shared.site.tables.routing import FormLayout, FormMail

USUAL: Mapping[str, tuple[str, ...]] = {
    "text": (
        *("message", "votre message", "texte", "demande", "votre demande", "contenu", "question"),
        *("votre question", "commentaire", "description", "texte du message", "body"),
    ),
    "email": (
        *("courriel", "email", "e mail", "mail", "mel", "adresse email", "adresse e mail"),
        *("adresse mail", "adresse electronique", "adresse de courriel", "votre courriel"),
        *("votre email", "votre adresse email", "courrier electronique"),
    ),
    "name": (
        *("nom", "nom de famille", "nom et prenom", "nom prenom", "prenom et nom", "votre nom"),
        *("nom d usage", "nom de naissance", "nom complet", "demandeur", "expediteur", "name"),
        *("last name", "lastname", "identite"),
    ),
    "first_name": ("prenom", "prenoms", "votre prenom", "first name", "firstname"),
    "subject": ("objet", "sujet", "subject", "objet du message", "objet de la demande", "titre"),
    "service": ("service", "service concerne", "destinataire", "bureau"),
    "topic": ("theme", "thematique", "categorie", "motif", "type de demande", "rubrique"),
}
"""Our field → labels that forms usually write before it, folded; the likeliest first."""
_MOST = 40
"""Labels that are named as not recognised."""
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class FormProposal:
    """A proposed row of `forms:`, and the labels of the mail that it leaves out."""

    row: FormMail
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NothingRecognised:
    """The result that no layout shows a person and a message; `labels`: those found in each."""

    labels: Mapping[FormLayout, tuple[str, ...]]


def proposal(mail: Mail, form_id: str) -> FormProposal | NothingRecognised:
    """Proposes a row of routing.yaml by which the website form in a mail is recognised and read."""
    seen = {layout: tuple(_labels(layout, mail)) for layout in _ORDER}
    rows = (_row(layout, labels, mail, form_id) for layout, labels in seen.items())
    reading = [row for row in rows if row is not None and _reads(row, mail)]
    if not reading:
        return NothingRecognised({layout: labels for layout, labels in seen.items() if labels})
    best = max(reading, key=lambda row: len(row.fields))
    used = set(best.fields.values())
    others = seen[best.layout or FormLayout.LABELS]
    return FormProposal(best, tuple(label for label in others if label not in used)[:_MOST])


def lines_of(found: FormProposal) -> Iterator[str]:
    """Yields a proposal as YAML that `site check` accepts, with what is to be looked at."""
    row = found.row.model_dump(mode="json", exclude_none=True)
    yield "# One more row below `forms:` in routing.yaml; nothing was changed."
    yield from (f"#   {field:<10} is what follows '{label}'" for field, label in _pairs(found.row))
    missing = [field for field in USUAL if field not in found.row.fields]
    if missing:
        yield f"#   not recognised: {', '.join(missing)}"
    if found.others:
        yield f"#   other labels: {', '.join(repr(label) for label in found.others)}"
    yield "# The words of the subject must stand in every mail of this form, and in no other mail."
    yield "# Put your name into checked_by once you have compared it with a second mail."
    text = yaml.safe_dump([row], allow_unicode=True, sort_keys=False, width=1_000)
    yield from (f"  {line}" for line in text.rstrip("\n").split("\n"))


_ORDER = (
    FormLayout.ATTACHED, FormLayout.TABLE, FormLayout.KEYS, FormLayout.SECTIONS, FormLayout.LABELS
)  # fmt: skip
"""Where two layouts read a mail alike, the first is the stricter one."""


def _pairs(row: FormMail) -> Sequence[tuple[str, str]]:
    return [(str(field), label) for field, label in row.fields.items()]


def _row(layout: FormLayout, labels: Sequence[str], mail: Mail, form_id: str) -> FormMail | None:
    folded: dict[str, str] = {}
    for label in labels:
        folded.setdefault(_last(layout, label), label)
    fields = {
        field: next(folded[word] for word in usual if word in folded)
        for field, usual in USUAL.items()
        if any(word in folded for word in usual)
    }
    if "text" not in fields or not {"name", "email"} & fields.keys():
        return None
    return FormMail.model_validate(
        {
            "id": form_id,
            "from_addresses": (mail.sender.address,),
            "subject": _subject(mail.subject),
            "layout": None if layout is FormLayout.LABELS else layout,
            "fields": fields,
        }
    )


def _last(layout: FormLayout, label: str) -> str:
    return fold(label.rpartition(".")[2] if layout is FormLayout.ATTACHED else label).strip()


def _reads(row: FormMail, mail: Mail) -> bool:
    """Whether the row reads the mail it was made from, with an address where it names one."""
    found = FormTable((row,)).read(mail, Authentication.PASS)
    if not isinstance(found, WebsiteForm) or found.unread:
        return False
    return "email" not in row.fields or bool(found.person.address)


def _subject(subject: str) -> tuple[str, ...]:
    """The words before what may be of this mail alone: a number, a name behind a sign."""
    words: list[str] = []
    for word in subject.split():
        if any(sign.isdigit() for sign in word) or not any(sign.isalpha() for sign in word):
            break
        words.append(word.strip("[]()«»\"'"))
        if word.endswith((":", ",", ";", "]")):
            break
    said = " ".join(words).strip(" :,;-[]")[:120].strip()
    return (said.lower(),) if len(fold(said).strip()) >= _SHORTEST else ()


def _labels(layout: FormLayout, mail: Mail) -> Iterator[str]:
    """The labels that stand in a mail in a layout, each once, as they are written there."""
    match layout:
        case FormLayout.ATTACHED:
            found = (path for path, _ in mail.data)
        case FormLayout.TABLE:
            rows = ([cell for cell in row if cell] for row in rows_of(mail.html))
            found = (row[0].strip(" :") for row in rows if len(row) > 1)
        case _:
            lines = map(READS[layout], mail.whole_text.split("\n"))
            found = (line.label.strip() for line in lines if line is not None)
    yield from dict.fromkeys(
        label for label in found if fold(label).strip() and len(label.split()) <= WORDS_OF_A_LABEL
    )


def slug(address: str) -> str:
    """Returns a short name for the form of a robot's address, by its domain."""
    domain = fold(address.rpartition("@")[2].rpartition(".")[0]).split()
    return "-".join(domain)[:40] or "formulaire"
