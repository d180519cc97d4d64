"""The act that a clerk chooses for letters that are alike, and what it says of each."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.desk.domain.item import Item
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.office.queue import asides
from services.desk.pages.visit import Visit
from shared.facts.envelope import Chrono
from shared.facts.vocabulary import Category, SenderKind


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A letter of a batch: what will happen to it, or why it is left out."""

    chrono: str
    who: str
    what: str
    outcome: str
    seen: str = ""
    """As the form gives it back; empty where it is left out."""


@dataclass(frozen=True, slots=True)
class BatchChoice:
    """The act chosen for all letters of a batch; an empty part: as proposed for each."""

    aside: str = ""
    """Why no answer is due, as `asides` offers it: then they are closed."""
    service: str = ""
    category: str = ""
    kind: SenderKind | None = None

    def __str__(self) -> str:
        """As the form of the preview carries it."""
        kind = "" if self.kind is None else self.kind.value
        return f"{self.aside}|{self.service}|{self.category}|{kind}"

    @staticmethod
    def read(text: str) -> "BatchChoice":
        """Parses the act for a batch of letters from its text (`str`) in the preview's form."""
        aside, service, category, kind = (text.split("|") + [""] * 4)[:4]
        return BatchChoice(aside, service, category, SenderKind(kind) if kind else None)


def parse_choice(query: Mapping[str, str], visit: Visit) -> BatchChoice:
    """Parses the act in the address of the preview; what does not exist is as proposed."""
    site, kind = visit.applied.site, query.get("qui", "")
    aside = query.get("motif", "")
    service, category = query.get("vers", ""), query.get("categorie", "")
    return BatchChoice(
        aside if aside in dict(asides(visit)) else "",
        service if service in site.service else "",
        category if category in site.category else "",
        SenderKind(kind) if kind in set(SenderKind) else None,
    )


def seen_of(chrono: Chrono, seq: int, kind: SenderKind) -> str:
    """Formats what a preview showed of a letter, to be signed: chrono, fact count, sender kind."""
    return f"{chrono}:{seq}:{kind.value}"


def describe_act(
    item: Item, choice: BatchChoice, kind: SenderKind, names: Names, visit: Visit
) -> str:
    """Formats in French what the act chosen for a batch will do to one letter of it."""
    if choice.aside:
        return f"écarté ({dict(asides(visit))[choice.aside]})"
    category = choice.category or item.classification.category
    moved = choice.category not in {"", item.classification.category}
    own = visit.applied.site.category[Category(category)].service if moved else item.service
    where = names.service(choice.service or own)
    return f"{where}, {names.category(category)} ; {labels_fr.SENDERS[kind]}"
