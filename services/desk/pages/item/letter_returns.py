"""Actions about a letter of ours that came back: say so, say what was done of it."""

from collections.abc import Sequence
from typing import Final

from services.desk.domain.decisions.letter_returns import TakeBack
from services.desk.domain.paper_letters import PaperLetter
from services.desk.french import labels_fr
from services.desk.pages.item.action import About, ActionField, ActionGroup, Done, ItemAction
from services.desk.pages.return_outcomes import REASONS, endings, read_outcome, reason_of
from shared.facts.items.replies import LetterReturned
from shared.web.forms import Form, Mistyped

_BACK: Final = "pli-revenu"
_ENDING: Final = "suite-du-pli"


def _out(about: About) -> Sequence[PaperLetter]:
    return [letter for letter in about.item.letters if not letter.back]


def _letter(letter: PaperLetter, about: About) -> str:
    day = letter.left_at.astimezone(about.visit.applied.site.zone).date()
    number = f", départ {letter.departure}" if letter.departure else ""
    return f"{labels_fr.NOTICES[letter.kind]} du {labels_fr.short_day(day)}{number}"


def _came_back(about: About) -> Sequence[ActionField]:
    return (
        ActionField(
            "letter",
            "Laquelle",
            options=[(str(letter.seq), _letter(letter, about)) for letter in reversed(_out(about))],
        ),
        ActionField("reason", "Motif du retour", options=REASONS),
        ActionField("day", "Revenue le", kind="date", value=about.visit.today.isoformat()),
    )


async def _take_back(about: About, form: Form) -> Done:
    letter = form.number("letter")
    if letter is None:
        raise Mistyped("letter", "Dites quelle lettre est revenue.")
    command = TakeBack(reason_of(form), form.day("day"), letter=letter)
    after = await about.decide(form, command)
    return Done(after, f"{about.item.chrono} : retour noté ; le délai, tenu, ne repart pas.")


def _said(one: LetterReturned, about: About) -> str:
    day = one.happened_at.astimezone(about.visit.applied.site.zone).date()
    readdressed = ", adresse corrigée" if one.event_id in about.item.readdressed else ""
    return f"{labels_fr.NOTICES[one.kind]}, revenue le {labels_fr.short_day(day)}{readdressed}"


def came_back(about: About) -> Sequence[str]:
    """Returns a French line for each letter of the item that the post returned, still open."""
    return [
        f"{_said(fact, about)} : {labels_fr.RETURN_REASONS[fact.reason]}"
        for fact in about.item.returned
    ]


def _endings(about: About) -> Sequence[ActionField]:
    return (
        ActionField(
            "seq",
            "Laquelle",
            options=[(str(fact.seq), _said(fact, about)) for fact in about.item.returned],
        ),
        ActionField(
            "ending",
            "Ce qui est fait",
            options=endings(about.visit.applied.site.labels),
            empty="Choisissez",
            required=True,
        ),
    )


async def _settle(about: About, form: Form) -> Done:
    command = read_outcome(form, about.visit.applied.site.labels)
    after = await about.decide(form, command)
    return Done(after, f"{about.item.chrono} : {labels_fr.SETTLED[command.outcome]}.")


ACTIONS: Final[Sequence[ItemAction]] = (
    ItemAction(
        _ENDING,
        "Suite d’un pli revenu",
        ActionGroup.ANSWER,
        lambda about: about.there and bool(about.item.returned),
        _settle,
        _endings,
        intro=(
            "Une lettre qui repart par la poste se saisit comme un départ, qui suffit. « Adresse"
            " corrigée » la laisse au service, qui doit la renvoyer."
        ),
    ),
    ItemAction(
        _BACK,
        "Une lettre est revenue",
        ActionGroup.SAY,
        lambda about: about.there and bool(_out(about)),
        _take_back,
        _came_back,
        intro=(
            "Que la lettre soit partie reste vrai, et le délai qu’elle a arrêté reste arrêté. Le"
            " courrier attend alors qu’on dise ce qui en est fait."
        ),
    ),
)
