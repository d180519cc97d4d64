"""How people, services, categories and reasons are called on a page."""

from dataclasses import dataclass
from typing import assert_never

from services.desk.pages import labels_fr
from shared.facts.authors import AuthorKind, author_of
from shared.facts.envelope import Fact, Via
from shared.site.bundle import Site
from shared.site.directory import Directory


@dataclass(frozen=True, slots=True)
class Names:
    """How people and services are called."""

    site: Site
    directory: Directory

    def person(self, id_: str | None) -> str:
        """First name and name, or the id of somebody who left."""
        found = None if id_ is None else self.directory.person(id_)
        return id_ or "" if found is None else f"{found.first_name} {found.name}"

    def service(self, id_: str) -> str:
        """Its name, or the id of one that was removed."""
        found = next(
            (service for service in self.site.services.services if service.id == id_), None
        )
        return id_ if found is None else found.name

    def category(self, id_: str) -> str:
        """Its neutral label."""
        found = next((row for row in self.site.routing.categories if row.id == id_), None)
        return id_ if found is None else found.label

    def reason(self, code: str) -> str:
        """Why, in the site's words."""
        return self.site.labels.reason(code)

    def office(self, code: str) -> str:
        """Another administration."""
        return self.site.labels.office(code)

    def author(self, by: str) -> str:
        """Who stated a fact."""
        author = author_of(by)
        if author is None:
            return "Vaguemestre"
        match author.kind:
            case AuthorKind.PERSON:
                return self.person(author.name)
            case AuthorKind.RULE:
                return f"règle « {author.name} »"
            case AuthorKind.SOURCE:
                return labels_fr.source(author.name)
            case AuthorKind.ACCOUNT:
                return "administrateur"
            case AuthorKind.SERVICE:
                return "Vaguemestre"
            case kind:
                assert_never(kind)

    def stated(self, fact: Fact) -> str:
        """Who stated a fact, and that it was by a command: then no page saw them sign in."""
        who = self.author(fact.by)
        if fact.via is not Via.SHELL:
            return who
        account = "" if fact.shell is None else fact.shell.account
        why = self.reason(fact.shell.why) if fact.shell and fact.shell.why else ""
        return f"{who}, {labels_fr.by_command(account, why)}"
