"""What becomes of an item's content, and of its people, in French: one sentence a fact."""

from typing import assert_never

from services.desk.french import labels_fr
from services.desk.french.names import Names
from shared.facts.items.directory import PersonChanged
from shared.facts.items.evidence import EvidenceSealed
from shared.facts.items.retention import (
    DocumentWithdrawn,
    ItemDestroyed,
    ItemWithdrawn,
    LegalHoldLifted,
    LegalHoldPlaced,
    SecondPersonAsked,
    WithdrawalAsked,
)


def sentence(  # noqa: PLR0911  (one line a fact)
    fact: WithdrawalAsked
    | DocumentWithdrawn
    | LegalHoldPlaced
    | LegalHoldLifted
    | EvidenceSealed
    | ItemWithdrawn
    | ItemDestroyed
    | PersonChanged
    | SecondPersonAsked,
    names: Names,
) -> str:
    """Formats in French a fact about deleted content, a legal hold, a seal or a person's record."""
    match fact:
        case WithdrawalAsked():
            what = "de tout le contenu" if fact.arrival_id is None else "d’un document"
            return f"Retrait {what} demandé ({names.reason(fact.reason)})"
        case DocumentWithdrawn():
            return f"Document retiré ({names.reason(fact.reason)})"
        case LegalHoldPlaced():
            return f"Conservation ordonnée ({names.reason(fact.reason)})"
        case LegalHoldLifted():
            return f"Conservation levée ({names.reason(fact.reason)})"
        case EvidenceSealed():
            return f"Empreinte de la nuit du {labels_fr.short_day(fact.day)}"
        case SecondPersonAsked():
            return f"Demandé à deux : {labels_fr.BY_TWO[fact.act]} ({names.reason(fact.reason)})"
        case PersonChanged():
            return f"Fiche de {names.person(fact.person)} changée"
        case ItemWithdrawn():
            return f"Tout le contenu retiré ({names.reason(fact.reason)})"
        case ItemDestroyed():
            return f"Contenu détruit, visa {fact.visa}"
        case _:
            assert_never(fact)
