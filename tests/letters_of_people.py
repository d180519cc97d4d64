"""Letters as people write them (tests/letters), and what the example site's tables see in them.

`first` to `fourth` were at hand while the tables were written; `fifth` was written after they were
frozen, and judges them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from shared.facts.vocabulary import Nature, SenderKind
from tests.ingest_builders import a_mail, judged

FOLDER = Path(__file__).parent / "letters"
HARMLESS = "harmless"


class Letter(NamedTuple):
    """Who wrote, what, and what must be seen in it: complaint, appeal, elected, harmless."""

    sender: str
    subject: str
    text: str
    expected: str


def letters(name: str) -> Iterator[Letter]:
    """The letters of one file."""
    kinds = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    for kind, rows in kinds.items():
        for sender, subject, text in rows:
            yield Letter(sender, subject, text, kind)


def seen(letter: Letter) -> str:
    """What the shipped tables make of it."""
    mail = a_mail(
        letter.text, sender=f'"{letter.sender}" <x@orange.example>', subject=letter.subject
    )
    routing = judged(mail, "pref-courrier").routing
    if routing.sender_kind is SenderKind.ELECTED:
        return "elected"
    natures = {Nature.APPEAL: "appeal", Nature.COMPLAINT: "complaint"}
    return natures.get(routing.nature, HARMLESS)
