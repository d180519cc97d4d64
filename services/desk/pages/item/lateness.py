"""The action that says why a reply was late, and the keys that offer it once it has left."""

from collections.abc import Sequence
from typing import Final

from services.desk.domain.decisions.lateness import ExplainLate
from services.desk.domain.decisions.second import late_on
from services.desk.french import labels_fr
from services.desk.pages.item.action import About, ActionField, ActionGroup, Done, ItemAction
from shared.facts.vocabulary import ClockName, LateCause
from shared.web.forms import Form, Mistyped


def is_late(about: About) -> bool:
    """Whether an item's reply was late, or is late today."""
    return late_on(about.visit.today, about.sheet.clocks.get(ClockName.REPLY))


def _causes(about: About) -> Sequence[ActionField]:
    return (
        ActionField(
            "cause",
            "Pourquoi la réponse est en retard",
            options=[(cause.value, said) for cause, said in labels_fr.LATE_CAUSES.items()],
            value=about.item.late_cause or "",
            empty="Choisissez",
            required=True,
        ),
    )


async def _explain_late(about: About, form: Form) -> Done:
    cause = form.word("cause", LateCause)
    if cause is None:
        raise Mistyped("cause", "Choisissez une cause.")
    said = labels_fr.LATE_CAUSES[cause]
    return Done(
        await about.decide(form, ExplainLate(cause)),
        f"{about.item.chrono} : cause du retard, {said}.",
    )


def offered_causes(about: About) -> Sequence[tuple[str, str, str]]:
    """Returns the causes to choose for a late reply: code, French words and keyboard key.

    Empty unless the reply has left late and nobody has explained it.
    """
    if not about.item.replies or about.item.late_cause is not None or not is_late(about):
        return ()
    return [
        (cause.value, said, str(key))
        for key, (cause, said) in enumerate(labels_fr.LATE_CAUSES.items(), start=1)
    ]


ACTIONS: Final[Sequence[ItemAction]] = (
    ItemAction(
        "cause-retard",
        "Dire la cause du retard",
        ActionGroup.SAY,
        lambda about: about.there and is_late(about),
        _explain_late,
        _causes,
        intro=(
            "Facultatif, et jamais le nom de quelqu’un : les causes se comptent aux pages des"
            " chiffres, pour que le travail change. La dernière dite compte."
        ),
    ),
)
