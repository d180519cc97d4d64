"""Which standard text a message in Sent carries: then it is no reply (DOMAIN §6)."""

import re
from collections.abc import Mapping

from shared.content.phrases import fold
from shared.facts.vocabulary import NoticeKind

_NOT_REPLIES = (NoticeKind.HOLDING_REPLY, NoticeKind.PIECES, NoticeKind.TRANSFER)
_VARIABLE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_SHORTEST = 22
"""Letters of a run that more than one letter of the préfecture could hardly share by chance."""


class StandardTexts:
    """The word sequences by which an email made from a site's standard text is recognised."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        runs = {name.partition(".")[0]: _runs(text) for name, text in templates.items()}
        self._own = {}
        for kind in _NOT_REPLIES:
            others = set().union(*(found for name, found in runs.items() if name != kind.value))
            self._own[kind] = frozenset(runs.get(kind.value, frozenset()) - others)

    def recognise(self, text: str) -> NoticeKind | None:
        """Returns the kind of standard text of which an email has half or more, or `None`."""
        folded = fold(text)
        for kind, runs in self._own.items():
            found = sum(run in folded for run in runs)
            if found and 2 * found >= len(runs):
                return kind
        return None


def _runs(template: str) -> frozenset[str]:
    pieces = (piece for part in _VARIABLE.split(template) for piece in part.split("\n"))
    return frozenset(run for run in map(fold, pieces) if len(run) >= _SHORTEST)
