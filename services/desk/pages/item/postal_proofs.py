"""Actions about letters of ours that leave registered: their number, the avis that comes back."""

from collections.abc import Sequence
from typing import Final

from services.desk.domain.decisions.postal_proofs import NoteDelivery, RegisterLetter
from services.desk.domain.paper_letters import PaperLetter
from services.desk.domain.postal_numbers import format_number
from services.desk.french import delivery_words, labels_fr
from services.desk.pages.item.action import About, ActionField, ActionGroup, Done, ItemAction
from shared.facts.vocabulary import ReturnReason
from shared.web.forms import Form, Mistyped

NUMBER: Final = ActionField(
    "registered",
    "Numéro de recommandé",
    hint="De l’étiquette, pour une lettre recommandée avec avis de réception.",
)
"""The field of a departure's form."""


def _bare(about: About) -> Sequence[PaperLetter]:
    return [letter for letter in about.item.letters if letter.number is None]


def _awaited(about: About) -> Sequence[PaperLetter]:
    return [
        letter
        for letter in about.item.letters
        if letter.number is not None and letter.delivery is None
    ]


def _left(letter: PaperLetter, about: About) -> str:
    day = letter.left_at.astimezone(about.visit.applied.site.zone).date()
    return f"{labels_fr.NOTICES[letter.kind]} du {labels_fr.short_day(day)}"


def _options(letters: Sequence[PaperLetter], about: About) -> Sequence[tuple[str, str]]:
    return [
        (
            str(letter.seq),
            _left(letter, about) + (f", {format_number(letter.number)}" if letter.number else ""),
        )
        for letter in reversed(letters)
    ]


def registered_letters(about: About) -> Sequence[str]:
    """Returns a French line for each registered letter of the item: its number and its avis."""
    return [
        f"{_left(letter, about)}, recommandé n°\N{NO-BREAK SPACE}{format_number(letter.number)} : "
        + (
            "avis de réception attendu"
            if letter.delivery is None
            else delivery_words.delivery(letter.delivery.on, letter.delivery.reason)
        )
        for letter in about.item.letters
        if letter.number is not None
    ]


def _numbered(about: About) -> Sequence[ActionField]:
    return (
        ActionField("letter", "Laquelle", options=_options(_bare(about), about)),
        ActionField("number", "Numéro de recommandé", required=True, hint=NUMBER.hint),
    )


async def _register(about: About, form: Form) -> Done:
    number = form.require("number", "Donnez le numéro qui figure sur l’étiquette.")
    after = await about.decide(form, RegisterLetter(number, form.number("letter")))
    return Done(after, f"{about.item.chrono} : numéro de recommandé noté.")


def _noticed(about: About) -> Sequence[ActionField]:
    return (
        ActionField("letter", "Duquel", options=_options(_awaited(about), about)),
        ActionField("ending", "Il dit", options=delivery_words.ENDINGS),
        ActionField(
            "day",
            "Le",
            kind="date",
            required=True,
            hint="Le jour de la signature ; sinon celui de la première présentation.",
        ),
    )


async def _notice(about: About, form: Form) -> Done:
    day, ending = form.day("day"), form.text("ending")
    if day is None:
        raise Mistyped("day", "Donnez le jour que porte l’avis de réception.")
    reason = None if ending == delivery_words.SIGNED else form.word("ending", ReturnReason)
    if reason is None and ending != delivery_words.SIGNED:
        raise Mistyped("ending", "Dites ce que porte l’avis de réception.")
    after = await about.decide(form, NoteDelivery(day, reason, form.number("letter")))
    said = f"{about.item.chrono} : avis de réception noté, {delivery_words.delivery(day, reason)}."
    return Done(after, said)


ACTIONS: Final[Sequence[ItemAction]] = (
    ItemAction(
        "avis-de-reception",
        "Un avis de réception est revenu",
        ActionGroup.SAY,
        lambda about: about.there and bool(_awaited(about)),
        _notice,
        _noticed,
        intro=(
            "Le jour de la signature fait courir les délais de recours ; d’un pli avisé et non"
            " réclamé, c’est celui de la première présentation. Un pli qui n’a pas été remis"
            " attend en plus qu’on dise ce qui en est fait."
        ),
    ),
    ItemAction(
        "recommande",
        "Noter un numéro de recommandé",
        ActionGroup.SAY,
        lambda about: about.there and bool(_bare(about)),
        _register,
        _numbered,
        intro="D’une lettre déjà partie. Celui d’une lettre qui part se saisit avec son départ.",
    ),
)
