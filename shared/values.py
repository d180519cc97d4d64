"""The strict base of every table of the site, and the values that several tables share."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, StringConstraints


class Table(BaseModel):
    """The base of all tables read from site files: frozen, and an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Returns a copy with other values; cached properties are computed again."""
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(copied).model_fields.keys():
            del copied.__dict__[name]
        return copied


CODE = r"^[a-z0-9][a-z0-9_.-]{0,62}$"
ADDRESS = r"^[^@\s<>]+@[^@\s<>]+$"

Code = Annotated[str, StringConstraints(pattern=CODE)]
"""A short lower-case name, such as `bmi` or `titre-de-sejour`: safe in facts, metrics and files."""

EmailAddress = Annotated[str, StringConstraints(pattern=ADDRESS, max_length=254)]
"""An e-mail address without its display name."""

Phrase = Annotated[str, StringConstraints(min_length=2, max_length=120)]
"""Words looked for whole, whatever their case and accents."""


NOBODY = "nobody"
"""Who has checked a line that nobody has checked: `site check` lists it."""


class Certainty(StrEnum):
    """The certainty of a figure or rule of the site: law, published, likely or a choice."""

    LAW = "law"
    PUBLISHED = "published"
    LIKELY = "likely"
    CHOICE = "choice"


class Source(Table):
    """The text that a figure of the site comes from, how certain it is, and who checked it."""

    text: str
    certainty: Certainty
    checked_by: str = NOBODY
    """Who has read the source."""
    checked_on: date | None = None


class Checked(Table):
    """The person who answers for a rule of the site, since when, and why."""

    by: str
    """`nobody`: it was written down and no person of the préfecture has read it again."""
    on: date
    why: str
