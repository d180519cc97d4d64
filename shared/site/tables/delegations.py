"""Delegations of signature: who may sign « par délégation », for what, and until when.

An act signed without one is void. A delegation is one person's, by arrêté: no deputy inherits it
(docs/decisions/0032).
"""

from datetime import date
from typing import Self

from pydantic import Field, model_validator

from shared.facts.vocabulary import NoticeKind
from shared.values import Code, Table


class Delegation(Table):
    """A delegation of signature: what one person may sign, between two local days (included)."""

    person: Code
    reference: str = Field(min_length=1, max_length=200)
    """Of the arrêté: « n° 36-2026-01-05-00002 du 5 janvier 2026 »."""
    first: date
    last: date
    services: tuple[Code, ...] = ()
    """Whose letters; empty: whatever the préfecture answers."""
    kinds: tuple[NoticeKind, ...] = ()
    """Which texts; empty: all."""

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> Self:
        if self.last < self.first:
            message = "a delegation that ends before it begins"
            raise ValueError(message)
        return self

    def covers(self, service: str, kind: NoticeKind, day: date) -> bool:
        """Whether the delegation allows to sign this kind of text for a service on a local day."""
        return (
            self.first <= day <= self.last
            and (not self.services or service in self.services)
            and (not self.kinds or kind in self.kinds)
        )


class Given(Delegation):
    """A delegation of signature as stored: its number, and who entered it."""

    number: int
    author: str
