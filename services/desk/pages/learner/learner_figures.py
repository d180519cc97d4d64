"""The page of what was learned: of each question how often the last night's numbers were right."""

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from services.desk.domain import wilson
from services.desk.domain.learner_numbers import LEAST_CORRECTIONS, LearnerTarget, TargetNumbers
from services.desk.french import labels_fr
from services.desk.pages.visit import Visit
from services.desk.store import learner_numbers
from shared.platform.postgres.rows import UnreadableRow

QUESTIONS: Final = {
    LearnerTarget.SERVICE: "Service",
    LearnerTarget.CATEGORY: "Catégorie",
    LearnerTarget.NATURE: "Nature",
    LearnerTarget.SENDER_KIND: "Qui écrit",
}


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A row of the learner's figures: what it guesses, how often rightly, and if it is shown.

    The learner is the text classifier; it is measured on the newest letters, unseen in its
    training.
    """

    question: str
    letters: int
    shown: int
    right: int
    precision: str
    rules_right: int
    promised: str
    state: str
    speaks: bool


async def show_figures(visit: Visit) -> Response:
    """Shows how well the learner (a text classifier) guessed the newest letters, unseen by it."""
    try:
        night = await learner_numbers.last_night(visit.connection)
    except UnreadableRow:  # of another version: it is logged, and the next night has others
        night = None
    numbers = None if night is None else night.numbers
    lines = [] if numbers is None else [_line(target, of) for target, of in numbers.targets.items()]
    return await visit.html(
        "learner/figures.html",
        asked=visit.applied.site.routing.learns,
        at=None if night is None else labels_fr.moment(night.learned_at, visit.applied.site.zone),
        letters=None if night is None else night.letters,
        corrections=None if numbers is None else numbers.corrections,
        least=LEAST_CORRECTIONS,
        failed=numbers is not None and not lines,
        lines=lines,
    )


def _line(target: LearnerTarget, of: TargetNumbers) -> QuestionLine:
    seen = of.figures
    precision = promised = ""
    if seen.shown:
        low, high = wilson.interval(seen.right, seen.shown)
        share = 100 * seen.right / seen.shown
        precision = f"{share:.0f} % (de {100 * low:.0f} à {100 * high:.0f} %)"
        promised = f"{100 * seen.promised / seen.shown:.0f} %"
    return QuestionLine(
        QUESTIONS[target],
        seen.letters,
        seen.shown,
        seen.right,
        precision,
        seen.rules_right,
        promised,
        _state(of),
        of.threshold is not None,
    )


def _state(of: TargetNumbers) -> str:
    if of.threshold is None:
        return "se tait : pas assez souvent juste"
    beside = "" if of.contradicts else ", jamais contre une règle"
    return f"propose à partir de {100 * of.threshold:.0f} %{beside}"
