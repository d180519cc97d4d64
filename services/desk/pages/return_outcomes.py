"""What was done of a letter that came back, as one list offers it."""

from collections.abc import Sequence
from typing import Final

from services.desk.domain.decisions.letter_returns import SettleReturn
from services.desk.french import labels_fr
from shared.facts.vocabulary import ReturnReason, Settled
from shared.site.tables.labels import Labels
from shared.web.forms import Form, Mistyped

REASONS: Final = [(one.value, said) for one, said in labels_fr.RETURN_REASONS.items()]
_NOTHING: Final = f"{Settled.NOTHING_MORE.value}:"


def reason_of(form: Form) -> ReturnReason:
    """Reads from a form why the post returned a letter. Raises Mistyped."""
    found = form.word("reason", ReturnReason)
    if found is None:
        raise Mistyped("reason", "Dites pourquoi la lettre est revenue.")
    return found


def endings(labels: Labels) -> Sequence[tuple[str, str]]:
    """Returns the choices to settle a returned letter: sent again, new address, nothing more."""
    reasons = labels.offered.get("close") or sorted(labels.reasons)
    return [
        *((fact.value, labels_fr.SETTLED[fact].capitalize()) for fact in FIRST),
        *((f"{_NOTHING}{code}", f"Rien de plus : {labels.reason(code)}") for code in reasons),
    ]


FIRST: Final = (Settled.ADDRESS_CORRECTED, Settled.SENT_AGAIN)


def read_outcome(form: Form, labels: Labels) -> SettleReturn:
    """Reads from a form how a returned letter was dealt with. Raises Mistyped."""
    said = form.require("ending", "Dites ce qui a été fait de la lettre.")
    if said not in dict(endings(labels)):
        raise Mistyped("ending", "Choisissez dans la liste.")
    seq = form.number("seq")
    if said.startswith(_NOTHING):
        return SettleReturn(Settled.NOTHING_MORE, said.removeprefix(_NOTHING), seq)
    return SettleReturn(Settled(said), None, seq)
