"""What a text says by mail and otherwise on paper: how its reader answers."""

import re
from collections.abc import Mapping
from typing import Final

from shared.facts.vocabulary import Way

ANSWER: Final[Mapping[Way, str]] = {
    Way.MAIL: "répondez à ce message",
    Way.PAPER: "écrivez-nous à l’adresse indiquée au bas de cette lettre",
}
_TO_A_MESSAGE = re.compile(
    r"\brépon\w+ (?:\w+ )?(?:à|par) (?:ce|cet|retour de) (?:message|courriel|e-mail|mail)"
)


def said_by(way: Way, text: str) -> str:
    """Changes the words by which a text says how its reader answers to those for email or paper.

    Returns it. « répondez à ce message » by email; on paper, to write to the address at the
    foot of the letter.
    """
    for other, words in ANSWER.items():
        if other is not way:
            text = text.replace(words, ANSWER[way])
            text = text.replace(_capital(words), _capital(ANSWER[way]))
    return text


def asks_for_a_mail(text: str) -> bool:
    """Whether a text asks to answer « ce message », which makes no sense on paper."""
    return _TO_A_MESSAGE.search(" ".join(text.lower().split())) is not None


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]
