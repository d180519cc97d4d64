"""What clerks' corrections propose of a letter that waits, with its words; it decides nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.desk.domain import learner_letters
from services.desk.domain.learner_numbers import LearnerAnswer, LearnerTarget, answers
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.visit import Visit
from services.desk.store import learner_numbers
from services.desk.store.sheets import ItemSheet
from shared.content import plis
from shared.errors import VaguemestreError
from shared.facts.envelope import BlobKey, ServiceId
from shared.facts.vocabulary import Category, Nature, SenderKind
from shared.platform.postgres.rows import UnreadableRow
from shared.site.tables.bundle import Site


@dataclass(frozen=True, slots=True)
class LearnedLine:
    """A line of the learner's proposal: question and answer in French, percent, the words why."""

    what: str
    percent: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LearnedProposal:
    """The learner's proposal for a letter: lines to show, and fields of its form to fill in.

    Service and category alone are filled in, where nobody has said them. Of nature and sender kind
    it depends to whom a machine may speak: a person chooses them.
    """

    lines: Sequence[LearnedLine] = ()
    fields: dict[str, str] = field(default_factory=dict)


async def propose(visit: Visit, sheet: ItemSheet, pli: BlobKey | None) -> LearnedProposal:
    """Returns what the learner, as trained last night, proposes for a letter, or nothing.

    Reads its pli without the visit's connection.
    """
    site, item = visit.applied.site, sheet.item
    if not site.routing.learns or pli is None:
        return LearnedProposal()
    try:
        night = await learner_numbers.last_night(visit.connection)
    except UnreadableRow:  # of another version: it is logged, and the next night has others
        return LearnedProposal()
    if night is None or night.numbers is None:
        return LearnedProposal()
    async with visit.apart():
        try:
            letter = learner_letters.grams_of(await plis.read(visit.blobs, pli))
        except VaguemestreError:
            return LearnedProposal()
    weights = await learner_numbers.weights(visit.connection, night.day, list(letter))
    rules = learner_letters.proposals_of(item, site, sheet.facts)
    said = answers(night.numbers, weights, letter, rules)
    known = {target: answer for target, answer in said.items() if _exists(target, answer, site)}
    names = Names(site, visit.directory)
    empty = learner_letters.open_questions(item, site, sheet.facts)
    return LearnedProposal(
        [_line(target, answer, names) for target, answer in known.items()],
        {target.value: known[target].value for target in known if target in empty},
    )


def _exists(target: LearnerTarget, answer: LearnerAnswer, site: Site) -> bool:
    """Whether the site still has what was learned."""
    match target:
        case LearnerTarget.SERVICE:
            return ServiceId(answer.value) in site.service
        case LearnerTarget.CATEGORY:
            return Category(answer.value) in site.category
        case LearnerTarget.NATURE:
            return answer.value in {nature.value for nature in Nature}
        case LearnerTarget.SENDER_KIND:
            return answer.value in {kind.value for kind in SenderKind}


def _line(target: LearnerTarget, answer: LearnerAnswer, names: Names) -> LearnedLine:
    match target:
        case LearnerTarget.SERVICE:
            what = names.service(ServiceId(answer.value))
        case LearnerTarget.CATEGORY:
            what = names.category(Category(answer.value))
        case LearnerTarget.NATURE:
            what = f"nature : {labels_fr.NATURES[Nature(answer.value)]}"
        case LearnerTarget.SENDER_KIND:
            what = f"qui écrit : {labels_fr.SENDERS[SenderKind(answer.value)]}"
    # Never 100: nothing that is learned is certain.
    return LearnedLine(what, min(99, int(100 * answer.probability)), answer.words)
