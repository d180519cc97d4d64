"""What is promised of replies, in one French sentence made of the site's commitments."""

from collections.abc import Iterable, Sequence
from typing import Final

from shared.facts.vocabulary import Channel, ClockName, Nature
from shared.site.tables.commitments import Commitment, Unit

CHANNELS: Final = {
    Channel.EMAIL: "courriels",
    Channel.FORM: "formulaires",
    Channel.LETTER: "courriers",
    Channel.REGISTERED_LETTER: "lettres recommandées",
    Channel.HAND_DELIVERED: "plis déposés",
}
NATURES: Final = {
    Nature.COMPLAINT: "réclamations",
    Nature.SUGGESTION: "suggestions",
    Nature.REQUEST: "demandes",
    Nature.INFORMATION: "demandes d’information",
    Nature.APPEAL: "recours",
    Nature.PIECES: "pièces",
    Nature.CHASER: "relances",
    Nature.FOR_INFORMATION: "copies pour information",
    Nature.UNKNOWN: "autres envois",
}
OF_PAPER: Final = frozenset({Channel.LETTER, Channel.REGISTERED_LETTER, Channel.HAND_DELIVERED})


def promise(commitments: Iterable[Commitment]) -> str:
    """Formats the promise to reply in French: « Une réponse en 5 jours ouvrés aux courriels. ».

    Commitments to some services, categories or priorities only are left out.
    """
    found = dict[str, list[str]]()
    for row in commitments:
        narrow = row.categories or row.services or row.priorities
        if row.clock is ClockName.REPLY and row.days is not None and not narrow:
            days = f"{row.days} {'jours ouvrés' if row.unit is Unit.JOURS_OUVRES else 'jours'}"
            found.setdefault(days, []).extend(_to_what(row))
    parts = [f"en {days} {_listed(nouns)}" for days, nouns in found.items()]
    return f"Une réponse {' ; '.join(parts)}." if parts else "Une réponse à chacun."


def _to_what(row: Commitment) -> Sequence[str]:
    if row.natures:
        return [NATURES[nature] for nature in row.natures]
    if not row.channels:
        return ["courriers", "courriels"]
    if set(row.channels) >= OF_PAPER:
        return ["courriers", *(CHANNELS[way] for way in row.channels if way not in OF_PAPER)]
    return [CHANNELS[channel] for channel in row.channels]


def _listed(nouns: Sequence[str]) -> str:
    """« aux courriels et aux formulaires »."""
    said = [f"aux {noun}" for noun in dict.fromkeys(nouns)]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} et {said[-1]}"
