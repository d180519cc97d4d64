"""Which column says what, and which of their words is which of ours.

Guessed from the titles, shown, corrected by a person, and kept as a small text:

    columns: {N° chrono: number, Reçu le: received, Demandeur: sender, Observations: ""}
    values:
      service: {Bureau des étrangers: bmi}
      channel: {R: registered_letter}
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from services.desk.migration.spreadsheet.grid import Grid
from shared.errors import Refused


class ImportField(StrEnum):
    """A field of an item to which a column of an import file can be mapped.

    Only the day of receipt is required.
    """

    NUMBER = "number"
    RECEIVED = "received"
    CHANNEL = "channel"
    SENDER = "sender"
    ADDRESS = "address"
    """An e-mail address."""
    POSTAL = "postal"
    SUBJECT = "subject"
    NOTE = "note"
    SERVICE = "service"
    AGENT = "agent"
    CATEGORY = "category"
    ANSWERED = "answered"
    """The day of the reply: the line is closed."""
    STATE = "state"
    """`clos`, `traité`, … : the line is closed."""


TITLES: Final[Mapping[ImportField, Sequence[str]]] = {
    ImportField.NUMBER: (
        *("numero", "n", "n chrono", "n enr", "n enregistrement", "n d ordre", "num", "no"),
        *("chrono", "reference", "ref", "enregistrement", "id"),
    ),
    ImportField.RECEIVED: (
        *("date d arrivee", "date arrivee", "recu le", "date de reception", "date reception"),
        *("arrivee", "reception", "date du courrier", "date"),
    ),
    ImportField.CHANNEL: (
        "canal",
        "arrive par",
        "mode",
        "mode d arrivee",
        "voie",
        "support",
        "type",
    ),
    ImportField.SENDER: ("expediteur", "demandeur", "emetteur", "nom", "correspondant", "origine"),
    ImportField.ADDRESS: ("courriel", "email", "e mail", "mail", "mel", "adresse mail"),
    ImportField.POSTAL: ("adresse", "adresse postale"),
    ImportField.SUBJECT: ("objet", "sujet", "intitule", "motif", "affaire"),
    ImportField.NOTE: (
        "observations",
        "observation",
        "obs",
        "commentaire",
        "commentaires",
        "remarques",
    ),
    ImportField.SERVICE: (
        "service",
        "bureau",
        "attribution",
        "direction",
        "destinataire",
        "affecte a",
    ),
    ImportField.AGENT: ("agent", "suivi par", "redacteur", "instructeur", "charge de dossier"),
    ImportField.CATEGORY: ("categorie", "nature", "theme", "rubrique"),
    ImportField.ANSWERED: (
        *("date de reponse", "date reponse", "repondu le", "reponse le", "date de cloture"),
        *("reponse", "date d envoi", "depart"),
    ),
    ImportField.STATE: ("etat", "statut", "situation", "suite"),
}
"""Titles as registers write them, without accents."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """The mapping of an import file's columns to fields, and of its words to the site's ids."""

    columns: Mapping[str, ImportField | None]
    """By title; `None`: the column is left out."""
    values: Mapping[ImportField, Mapping[str, str]] = field(default_factory=dict)
    """Their words for ours, by `plain` form."""

    def of(self, grid: Grid) -> Mapping[ImportField, int]:
        """Returns the import file's column number for each field.

        Raises Refused without a receipt day.
        """
        places = {
            what: number
            for number, title in enumerate(grid.titles)
            if (what := self.columns.get(title)) is not None
        }
        if ImportField.RECEIVED not in places:
            raise Refused(
                "No column says the day of receipt: map one to `received`.", "import-no-day"
            )
        return places


def plain(text: str) -> str:
    """Normalises a text of an import file: lower case, no accents, only words and single spaces."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"[a-z0-9]+", bare.encode("ascii", "ignore").decode()))


def guess(titles: Iterable[str]) -> Mapped:
    """Guesses which column holds which field from the titles of an import file."""
    columns: dict[str, ImportField | None] = {title: None for title in titles if title}
    for what, names in TITLES.items():
        free = {plain(title): title for title, taken in columns.items() if taken is None}
        exact = next((free[name] for name in names if name in free), None)
        begins = next(
            (t for name in names if len(name) > 3 for p, t in free.items() if p.startswith(name)),  # noqa: PLR2004  (a title of three letters begins too much)
            None,
        )
        if (found := exact or begins) is not None:
            columns[found] = what
    return Mapped(columns)


def write_map(mapped: Mapped) -> str:
    """Serialises a column mapping to YAML."""
    import yaml  # noqa: PLC0415  (1 MB, for who takes over a register)

    document = {
        "columns": {title: what.value if what else "" for title, what in mapped.columns.items()},
        "values": {what.value: dict(words) for what, words in mapped.values.items()},
    }
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


def load_map(text: str) -> Mapped:
    """Parses a column mapping from YAML. Raises Refused if malformed, or a field comes twice."""
    import yaml  # noqa: PLC0415  (as above)

    try:
        document: Any = yaml.safe_load(text) or {}
        columns = {str(t): ImportField(w) if w else None for t, w in document["columns"].items()}
        values = {
            ImportField(what): {plain(str(theirs)): str(ours) for theirs, ours in words.items()}
            for what, words in (document.get("values") or {}).items()
        }
    except (yaml.YAMLError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise Refused(
            "The mapping can't be read: `columns` names titles and one of"
            f" {', '.join(ImportField)}; `values` their words for ours.",
            "import-mapping",
        ) from error
    twice = [w for w in columns.values() if w and list(columns.values()).count(w) > 1]
    if twice:
        raise Refused(f"Two columns say {twice[0]}: leave one out.", "import-twice", field=twice[0])
    return Mapped(columns, values)
