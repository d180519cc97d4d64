"""Pages of the website and their changes in French, as lines of a page and of a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.quality import figure_words
from services.desk.quality.domain.website import PageChange, PageStanding
from services.desk.quality.store.texts import TextsByDigest
from shared.calendar.local_days import plain_hour
from shared.facts.envelope import Digest, ItemId, PersonId
from shared.facts.quality.website import PageOutcome
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import Site
from shared.site.tables.identity import OpeningHours

ERASED: Final = "(texte effacé)"


@dataclass(frozen=True, slots=True)
class PageLine:
    """A page of the préfecture's website in words, with what it must say of its service."""

    code: str
    listed: str
    """The digest of code and address, which a form gives back."""
    title: str
    url: str
    service: str
    phone: str
    address: str
    hours: str
    reader: str
    checked: date | None
    by: str
    until: date | None
    state: str
    colour: str
    broken: str
    """What was seen of a page that does not open; empty for one that does."""
    may: bool


@dataclass(frozen=True, slots=True)
class PagePlace:
    """The site, its people and the texts by which website pages are formatted."""

    site: Site
    people: Directory
    names: Names
    words: TextsByDigest


def page_line(
    standing: PageStanding,
    known: PagePlace,
    reader: PersonId | None,
    today: date,
    *,
    may: bool = False,
) -> PageLine:
    """Formats a website page with its last check and what its service says of itself."""
    page, site = standing.page, known.site
    service = site.service_now(page.service)
    postal = site.identity.postal if service is None else service.postal or site.identity.postal
    state, colour = _state(standing, today)
    seen = standing.broken_said
    return PageLine(
        code=page.id,
        listed=page.listed,
        title=page.title,
        url=page.url,
        service=known.names.service(page.service),
        phone=site.identity.phone if service is None else service.phone,
        address=f"{postal.street}, {postal.postcode} {postal.town}",
        hours=hours(known.people.opening(site, page.service)),
        reader=known.names.person(reader) if reader is not None else "personne",
        checked=standing.checked,
        by=known.names.author(standing.by) if standing.by else "",
        until=standing.until,
        state=state,
        colour=colour,
        broken="" if seen is None or standing.broken is None else known.words.get(seen, ERASED),
        may=may,
    )


def _state(standing: PageStanding, today: date) -> tuple[str, str]:
    if standing.broken is not None:
        return "ne s’ouvre pas", "late"
    if standing.checked is None:
        return "jamais vérifiée", "risk"
    if not standing.counts(today):
        return "vérification périmée", "risk"
    if standing.changed is not None:
        return f"vérifiée, modifiée le {labels_fr.short_day(standing.changed)}", "done"
    if standing.outcome is PageOutcome.TO_CHANGE:
        return "vérifiée, à modifier", "wait"
    return "vérifiée", "done"


def hours(opening: OpeningHours) -> str:
    """Formats opening hours: « du lundi au vendredi, de 9 h 00 à 16 h 30 »."""
    opens, closes = plain_hour(opening.opens), plain_hour(opening.closes)
    return f"du lundi au vendredi, de {opens} à {closes}"


def count_text(found: tuple[int, int]) -> str:
    """Formats a count of checked website pages: « 12 pages vérifiées sur 15, soit 80 % »."""
    k, n = found
    if n == 0:
        return "aucune page dans la liste"
    pages = "page vérifiée" if k <= 1 else "pages vérifiées"
    return f"{k} {pages} sur {n}, soit {figure_words.percentage(k / n)}"


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A requested change of a website page, in words."""

    number: int
    page: str
    url: str
    complaint: bool
    chrono: str
    """Of the complaint; empty without one, and for who may not know of it."""
    said: str
    asked: date
    due: date
    by: str
    late: bool
    placed: bool
    done: date | None
    result: str


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """The site, names, texts and chronos by which website changes are formatted."""

    site: Site
    names: Names
    words: TextsByDigest
    chronos: Mapping[ItemId, str]

    def line(self, change: PageChange, today: date) -> ChangeLine:
        """Formats a requested change of a website page."""
        page = None if change.page is None else self.site.website.page.get(change.page)
        result = ""
        if change.done is not None:
            result = "modifiée" if change.changed else "rien à modifier"
            result += f" : {self._said(change, change.done_said)}"
        return ChangeLine(
            number=change.number,
            page=change.page or "" if page is None else page.title,
            url="" if page is None else page.url,
            complaint=change.item_id is not None,
            chrono="" if change.item_id is None else self.chronos.get(change.item_id, ""),
            said=self._said(change, change.said) or self._broken(change),
            asked=change.asked,
            due=change.due,
            by=self.names.author(change.by),
            late=change.done is None and change.due < today,
            placed=change.page is not None,
            done=change.done,
            result=result,
        )

    def _broken(self, change: PageChange) -> str:
        """What is said of a change that was asked for because a page does not open."""
        return "" if change.item_id is not None else "elle ne s’ouvre pas"

    def _said(self, change: PageChange, digest: Digest | None) -> str:
        return "" if digest is None else self.words.get((change.subject, digest), ERASED)


def day_said(day: date | None) -> str:
    """Formats a day for a file; empty without a day."""
    return "" if day is None else labels_fr.short_day(day)
