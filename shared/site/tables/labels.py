"""labels.yaml: how the codes that facts carry are said in French, to a citizen or to a colleague.

A fact holds no free text: a missing piece, an office, a reason are codes. What has no label here is
said by the code itself, its hyphens as blanks — save to a citizen, to whom only a label is said.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.site.tables.code_labels import REASONS, THEMES
from shared.values import Code, Table

LabelWords = Annotated[
    str, StringConstraints(min_length=2, max_length=200, pattern=r"^[^\s\x00-\x1f][^\x00-\x1f]*$")
]
"""One line."""

AUTOMATIC = "automatic."
"""Before the reason for which a machine is not answered (services/notify/domain/loop_guard.py)."""


OfferedAct = Literal["close", "reopen", "receipt", "perimeter", "late", "extend"]
"""A list of the pages: reasons to close, to reopen, of a day of receipt, out of it, of lateness, of
a longer period."""


class Office(Table):
    """Another administration, to which items are transmitted or whose answer is awaited."""

    name: LabelWords
    contact: LabelWords | None = None
    """Postal address, e-mail or phone, on one line; without it, whoever wonders asks us."""


class Labels(Table):
    """The table labels.yaml: the French words for codes of reasons, missing pieces and offices."""

    reasons: Mapping[Code, LabelWords] = Field(default_factory=dict)
    """Why something is out of the perimeter, held, set aside, closed, corrected or late."""
    offered: Mapping[OfferedAct, tuple[Code, ...]] = Field(default_factory=dict)
    """Which reasons a list of the pages offers, in its order; a list not named offers them all."""
    pieces: Mapping[Code, LabelWords] = Field(default_factory=dict)
    """As a list of missing pieces names them: « un justificatif de domicile … »."""
    offices: Mapping[Code, Office] = Field(default_factory=dict)
    themes: Mapping[Code, LabelWords] = Field(default_factory=dict)
    """What complaints and suggestions are about, beside those of the public form."""

    @property
    def every_theme(self) -> Mapping[str, str]:
        """The French words of each theme of a message by its code: the form's, then the site's."""
        return {**THEMES, **self.themes}

    def theme(self, code: str) -> str:
        """Returns the French words for a message's theme, else its code with spaces for hyphens."""
        return self.every_theme.get(code) or _spelt(code)

    def reason(self, code: str) -> str:
        """Returns the French words for a reason code: the site's, else the program's.

        Without any, the code with spaces for hyphens.
        """
        known = self.reasons.get(code) or REASONS.get(code)
        if known is None and code.startswith(AUTOMATIC):
            return self.reason(code.removeprefix(AUTOMATIC))
        return known or _spelt(code)

    def piece(self, code: str) -> str:
        """Returns the French words for a missing piece, else its code with spaces for hyphens."""
        return self.pieces.get(code) or _spelt(code)

    def office(self, code: str) -> str:
        """Returns the name of another administration, else its code with spaces for hyphens."""
        found = self.offices.get(code)
        return _spelt(code) if found is None else found.name


def _spelt(code: str) -> str:
    return code.replace("-", " ").replace("_", " ")
