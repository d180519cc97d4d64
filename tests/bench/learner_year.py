"""A made year of letters whose words drift, what clerks decide of each, and what rules propose."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from services.desk.domain.learner_numbers import LearnerTarget
from services.ingest.domain.conditions import MessageFeatures
from services.ingest.domain.routing import RoutingRules
from shared.facts.arrivals import Routing
from shared.facts.vocabulary import Channel, Nature, SenderKind
from tests.ingest_builders import indre

TABLE: Final = Path(__file__).with_suffix(".yaml")
WINDOW: Final = 7
"""Ways of saying it that a category has in a month, of fourteen in the year."""
KNOWN: Final = 0.4
"""Of the letters, how many use a phrase that the rules look for."""
ASTRAY: Final = 0.25
"""How many speak of another matter as well."""
EMPTY: Final = 0.05
"""How many say nothing of what they are about."""
MISTAKEN: Final = 0.03
"""How often a clerk decides otherwise than the letter deserves."""
UNSAID: Final = 0.35
"""How many say nothing of who writes, and how many nothing of their mood."""
TYPO: Final = 0.08
"""How many words lack a letter, or have two in each other's place."""
_CONSONANTS, _VOWELS = "bcdfglmnprstv", "aeiou"


@dataclass(frozen=True, slots=True)
class MadeLetter:
    """A letter with its true answers, what a clerk decided, and what the rules proposed."""

    subject: str
    text: str
    writer: str
    truth: Mapping[LearnerTarget, str]
    decided: Mapping[LearnerTarget, str]
    proposed: Mapping[LearnerTarget, str]


@cache
def _table() -> Any:
    return yaml.safe_load(TABLE.read_text(encoding="utf-8"))


def year(count: int, seed: int) -> Iterator[MadeLetter]:
    """Letters of a year, the oldest first."""
    chance = random.Random(seed)  # noqa: S311  (letters of a bench)
    rules = RoutingRules(indre())
    for number in range(count):
        yield _letter(number, 12 * number / count, chance, rules)


def _letter(number: int, month: float, chance: random.Random, rules: RoutingRules) -> MadeLetter:
    table = _table()
    category = chance.choice(list(table["categories"]))
    nature = _drawn(table["natures"], chance)
    kind = _drawn(table["senders"], chance)
    said = [*chance.sample(table["fillers"], chance.randint(3, 7))]
    about = _said_of(category, month, chance)
    if chance.random() >= EMPTY:
        said += about
    if chance.random() < ASTRAY:
        other = chance.choice(list(table["categories"]))
        said += _said_of(other, month, chance)[:1]
    if chance.random() >= UNSAID:
        said.append(_phrase(table["natures"][nature], chance))
    chance.shuffle(said)
    writer = _name(chance)
    text = ". ".join(part.capitalize() for part in said if part)
    closing = "Cordialement"
    if chance.random() >= UNSAID:
        closing = _phrase(table["senders"][kind], chance)
    text = f"Bonjour,\n{_typed(text, chance)}.\n{closing}\n{writer}\n"
    subject = chance.choice([about[0], "Ma demande", "Dossier en cours", "Question"])
    truth = {
        LearnerTarget.SERVICE: table["categories"][category]["service"],
        LearnerTarget.CATEGORY: category,
        LearnerTarget.NATURE: nature,
        LearnerTarget.SENDER_KIND: kind,
    }
    decided = dict(truth)
    if chance.random() < MISTAKEN:
        other = chance.choice(list(table["categories"]))
        decided[LearnerTarget.CATEGORY] = other
        decided[LearnerTarget.SERVICE] = table["categories"][other]["service"]
    seen = MessageFeatures(
        Channel.EMAIL, mailbox="pref-courrier", sender_name=writer, subject=subject, text=text
    )
    return MadeLetter(
        subject, text, f"{number}", truth, decided, proposed_by(rules.route(seen).routing)
    )


def proposed_by(routing: Routing) -> Mapping[LearnerTarget, str]:
    """What the rules say; the fallback, an unknown nature or kind of sender say nothing."""
    found = dict[LearnerTarget, str]()
    if routing.category is not None and routing.category != indre().routing.fallback:
        found[LearnerTarget.CATEGORY] = routing.category
        if routing.service is not None:
            found[LearnerTarget.SERVICE] = routing.service
    if routing.nature is not Nature.UNKNOWN:
        found[LearnerTarget.NATURE] = routing.nature.value
    if routing.sender_kind is not SenderKind.UNKNOWN:
        found[LearnerTarget.SENDER_KIND] = routing.sender_kind.value
    return found


def _drawn(rows: Mapping[str, Any], chance: random.Random) -> str:
    names = list(rows)
    return chance.choices(names, [rows[name]["share"] for name in names])[0]


def _said_of(category: str, month: float, chance: random.Random) -> list[str]:
    """One to three ways of saying it, of those of that month, and now and then a rule's phrase."""
    row = _table()["categories"][category]
    own: Sequence[str] = row["own"]
    begin = int(month / 12 * (len(own) - WINDOW + 1))
    found = chance.sample(own[begin : begin + WINDOW], chance.randint(1, 3))
    if chance.random() < KNOWN:
        found[0] = chance.choice(row["known"])
    return found


def _phrase(row: Mapping[str, Any], chance: random.Random) -> str:
    phrases: Sequence[str] = [*row["own"], *row["known"]]
    return chance.choice(phrases)


def _typed(text: str, chance: random.Random) -> str:
    """The text as somebody types it."""
    words = list[str]()
    for word in text.split():
        at = chance.randrange(len(word))
        if chance.random() >= TYPO:
            words.append(word)
        elif chance.random() < 0.5:
            words.append(word[:at] + word[at + 1 :])
        else:
            words.append(word[:at] + word[at : at + 2][::-1] + word[at + 2 :])
    return " ".join(words)


def _name(chance: random.Random) -> str:
    def syllables(count: int) -> str:
        return "".join(chance.choice(_CONSONANTS) + chance.choice(_VOWELS) for _ in range(count))

    return f"{syllables(2).capitalize()} {syllables(3).capitalize()}"
