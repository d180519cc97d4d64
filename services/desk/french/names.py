"""How people, services, categories and reasons are called on a page."""

from dataclasses import dataclass
from typing import assert_never

from services.desk.french import labels_fr
from shared.facts.authors import AuthorKind, author_of
from shared.facts.envelope import Chrono, Fact, Via
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import Site


@dataclass(frozen=True, slots=True)
class Names:
    """The French names of people, services, categories and reasons on the site's pages."""

    site: Site
    directory: Directory
    hidden: frozenset[Chrono] = frozenset()
    """Numbers of items that the reader may not know of."""

    def person(self, id_: str | None) -> str:
        """Returns a person's first name and name, or the id if they are unknown."""
        found = None if id_ is None else self.directory.person(id_)
        return id_ or "" if found is None else f"{found.first_name} {found.name}"

    def service(self, id_: str) -> str:
        """Returns the name of a service, or its id when it was removed."""
        found = next(
            (service for service in self.site.services.services if service.id == id_), None
        )
        return id_ if found is None else found.name

    def category(self, id_: str) -> str:
        """Returns the neutral label of a category, or its id when it was removed."""
        found = next((row for row in self.site.routing.categories if row.id == id_), None)
        return id_ if found is None else found.label

    def item(self, chrono: Chrono) -> str:
        """Returns the number of an item; « un autre courrier » where the reader may not know it."""
        return "un autre courrier" if chrono in self.hidden else chrono

    def reason(self, code: str) -> str:
        """Returns the French words for the code of a reason."""
        return self.site.labels.reason(code)

    def theme(self, code: str) -> str:
        """Returns the French words for the theme of a complaint or suggestion, by its code."""
        return self.site.labels.theme(code)

    def office(self, code: str) -> str:
        """Returns the name of another administration by its code."""
        return self.site.labels.office(code)

    def author(self, by: str) -> str:  # noqa: PLR0911  (one line a kind)
        """Returns the author of a fact in French: a person, a rule, a program, the machine."""
        author = author_of(by)
        if author is None or author.kind is AuthorKind.SERVICE:
            return "Vaguemestre"
        match author.kind:
            case AuthorKind.PERSON:
                return self.person(author.name)
            case AuthorKind.RULE:
                return f"règle « {author.name} »"
            case AuthorKind.SOURCE:
                return labels_fr.source(author.name)
            case AuthorKind.ACCOUNT:
                return "administrateur"
            case AuthorKind.AUDITOR:
                return f"l’auditeur (session n° {author.name})"
            case AuthorKind.APPLICATION:
                return f"une application (clé {author.name})"
            case kind:
                assert_never(kind)

    def author_of_fact(self, fact: Fact) -> str:
        """Returns the author of a fact in French, and the account if a command stated it."""
        who = self.author(fact.by)
        if fact.via is not Via.SHELL:
            return who
        account = "" if fact.shell is None else fact.shell.account
        why = self.reason(fact.shell.why) if fact.shell and fact.shell.why else ""
        return f"{who}, {labels_fr.by_command(account, why)}"


class UnnamedColleagues(Names):
    """The French names of a site, where colleagues are named by their service; for programs."""

    def person(self, id_: str | None) -> str:
        """Returns « un agent » with the first service of the person, where they have one."""
        found = None if id_ is None else self.directory.person(id_)
        if found is None or not found.services:
            return "un agent"
        return f"un agent ({self.service(found.services[0])})"
