"""Actions about a letter of ours that came back: say so, say what was done of it."""

from collections.abc import Sequence
from typing import Final

from services.desk.domain.decisions.returning import TakeBack
from services.desk.domain.posted import Letter
from services.desk.pages import words
from services.desk.pages.item.action import About, Action, Done, Field, Group
from services.desk.pages.returning import REASONS, endings, reason_of, settled
from shared.facts.items.replies import LetterReturned
from shared.web.forms import Form, Mistyped

_BACK: Final = "pli-revenu"
_ENDING: Final = "suite-du-pli"


def _out(about: About) -> Sequence[Letter]:
    return [one for one in about.item.letters if not one.back]


def _letter(letter: Letter, about: About) -> str:
    day = letter.left_at.astimezone(about.visit.applied.site.zone).date()
    number = f", départ {letter.departure}" if letter.departure else ""
    return f"{words.NOTICES[letter.kind]} du {words.short_day(day)}{number}"


def _came_back(about: About) -> Sequence[Field]:
    return (
        Field(
            "letter",
            "Laquelle",
            options=[(str(one.seq), _letter(one, about)) for one in reversed(_out(about))],
        ),
        Field("reason", "Motif du retour", options=REASONS),
        Field("day", "Revenue le", kind="date", value=about.visit.today.isoformat()),
    )


async def _take_back(about: About, form: Form) -> Done:
    letter = form.number("letter")
    if letter is None:
        raise Mistyped("letter", "Dites quelle lettre est revenue.")
    command = TakeBack(reason_of(form), form.day("day"), letter=letter)
    after = await about.decide(form, command)
    return Done(after, f"{about.item.chrono} : retour noté ; le délai, tenu, ne repart pas.")


def _said(one: LetterReturned, about: About) -> str:
    day = one.happened_at.astimezone(about.visit.applied.site.zone).date()
    readdressed = ", adresse corrigée" if one.event_id in about.item.readdressed else ""
    return f"{words.NOTICES[one.kind]}, revenue le {words.short_day(day)}{readdressed}"


def came_back(about: About) -> Sequence[str]:
    """What came back and was not dealt with, in words."""
    return [
        f"{_said(one, about)} : {words.RETURN_REASONS[one.reason]}" for one in about.item.returned
    ]


def _endings(about: About) -> Sequence[Field]:
    return (
        Field(
            "seq",
            "Laquelle",
            options=[(str(one.seq), _said(one, about)) for one in about.item.returned],
        ),
        Field(
            "ending",
            "Ce qui est fait",
            options=endings(about.visit.applied.site.labels),
            empty="Choisissez",
            required=True,
        ),
    )


async def _settle(about: About, form: Form) -> Done:
    command = settled(form, about.visit.applied.site.labels)
    after = await about.decide(form, command)
    return Done(after, f"{about.item.chrono} : {words.SETTLED[command.outcome]}.")


ACTIONS: Final[Sequence[Action]] = (
    Action(
        _ENDING,
        "Suite d’un pli revenu",
        Group.ANSWER,
        lambda about: about.there and bool(about.item.returned),
        _settle,
        _endings,
        intro=(
            "Une lettre qui repart par la poste se saisit comme un départ, qui suffit. « Adresse"
            " corrigée » la laisse au service, qui doit la renvoyer."
        ),
    ),
    Action(
        _BACK,
        "Une lettre est revenue",
        Group.SAY,
        lambda about: about.there and bool(_out(about)),
        _take_back,
        _came_back,
        intro=(
            "Que la lettre soit partie reste vrai, et le délai qu’elle a arrêté reste arrêté. Le"
            " courrier attend alors qu’on dise ce qui en est fait."
        ),
    ),
)
