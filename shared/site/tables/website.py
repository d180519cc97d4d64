"""website.yaml: the pages of the préfecture's website, and who reads each of them again.

A site without the file has no list: nothing is reminded, and no figure counts its pages.
"""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from shared.facts.envelope import Digest
from shared.values import Code, Table

WebAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"']+$", max_length=500)]


class WebPage(Table):
    """A page of the website, with the service that it speaks of and who checks it."""

    id: Code
    url: WebAddress
    """`https://www.indre.example/titres-de-sejour`."""
    title: Annotated[str, StringConstraints(min_length=2, max_length=200)]
    service: Code
    """Whose hours, telephone and address it must say."""
    correspondent: Code
    """The person who reads it; when they are gone, the head of the service."""
    every: int = Field(default=3, ge=1, le=24)
    """Months for which a check counts."""

    @cached_property
    def listed(self) -> Digest:
        """The SHA-256 of the page's code and address: a check of another address doesn't count."""
        return Digest(hashlib.sha256(f"{self.id}\n{self.url}".encode()).hexdigest())


class Website(Table):
    """The table website.yaml: the website's pages that are checked."""

    pages: tuple[WebPage, ...] = ()

    @cached_property
    def page(self) -> Mapping[str, WebPage]:
        """The website's listed pages by their code."""
        return {page.id: page for page in self.pages}


NO_WEBSITE: Final = Website()
