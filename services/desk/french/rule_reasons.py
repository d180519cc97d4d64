"""Why a rule proposes: its condition in French words, with what it found in this letter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.desk.domain.batches import warnings_of
from services.desk.french import labels_fr
from services.desk.french.names import Names
from shared.content.phrases import Phrases, fold_texts
from shared.facts.envelope import ServiceId
from shared.facts.items import Items
from shared.facts.vocabulary import Channel
from shared.site.tables.routing import Condition, Rule


@dataclass(frozen=True, slots=True)
class LetterText:
    """The parts of a letter that a rule reads: subject, own words, attached texts, source."""

    subject: str = ""
    text: str = ""
    attached: tuple[str, ...] = ()
    source: str = ""
    """As the arrival names it: `mailbox:bmi`."""


@dataclass(frozen=True, slots=True)
class RuleReasons:
    """The reasons, in French sentences, for a rule's proposal, and the phrases that it found."""

    sentences: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()


def reasons(rule: Rule, letter: LetterText, names: Names) -> RuleReasons:
    """Returns why a routing rule proposes something for a letter: French sentences, phrases."""
    subject = phrases_in(rule.when.subject, letter.subject)
    words = phrases_in(rule.when.words, letter.subject, letter.text, *letter.attached)
    said = [*_of_its_way(rule.when, letter, names)]
    if subject:
        said.append(f"l’objet contient {_listed(subject)}")
    if words:
        said.append(f"le courrier contient {_listed(words)}")
    return RuleReasons(tuple(said), tuple(dict.fromkeys((*subject, *words))))


def phrases_in(phrases: Sequence[str], *texts: str) -> Sequence[str]:
    """Returns the phrases of a list that stand in one of the texts.

    A rule needs one of them, a person sees all.
    """
    if not phrases:
        return ()
    where = fold_texts(*texts)
    return [phrase for phrase in phrases if Phrases((phrase,)).hit(where) is not None]


def danger_in(facts: Iterable[Items], danger: Sequence[str], *texts: str) -> Sequence[str]:
    """Returns the words of danger in texts of an item of which the permanence was told.

    `facts`: the item's; `danger`: the site's words. None of an item without that warning.
    """
    return phrases_in(danger, *texts) if warnings_of(facts).danger else ()


def _of_its_way(when: Condition, letter: LetterText, names: Names) -> Sequence[str]:
    said = []
    if (when.mailboxes or when.scan_folders) and letter.source:
        said.append(f"arrivé par « {labels_fr.source(letter.source)} »")
    if when.channels:
        channels = [labels_fr.CHANNELS[Channel(channel)] for channel in when.channels]
        said.append(f"voie d’arrivée : {' ou '.join(channels)}")
    if when.separators:
        services = [names.service(ServiceId(service)) for service in when.separators]
        said.append(f"feuille de séparation : {' ou '.join(services)}")
    if when.themes:
        said.append("thème choisi dans le formulaire")
    if when.from_addresses:
        said.append("adresse de l’expéditeur")
    if when.to_addresses:
        said.append("adresse à laquelle il est écrit")
    if when.headers:
        said.append("en-tête du message")
    return said


def _listed(phrases: Sequence[str]) -> str:
    return ", ".join(f"« {phrase} »" for phrase in phrases)
