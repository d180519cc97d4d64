"""Templates: what every one of them may use beside what its page shows."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import jinja2
from markupsafe import Markup
from starlette.applications import Starlette

from services.desk.accounts.store import sessions
from services.desk.domain.page_language import RIGHT_TO_LEFT, language_code
from services.desk.french import labels_fr
from services.desk.pages import help_chapters
from services.desk.pages.highlights import Highlights
from services.desk.pages.page import Page
from services.desk.pages.visit import Visit
from services.desk.rights import Right, may
from services.desk.roles import Roles
from services.desk.settings import DeskSettings
from services.desk.store.menu_counts import MOST, NOTHING
from shared.platform.postgres import rows
from shared.site.tables.identity import Identity
from shared.web import environment
from shared.web.assets import Assets
from shared.web.startup import startup

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
STATIC = Path(__file__).resolve().parents[1] / "static"

MENUS: Final = 256
"""Of how many different roles the pages of the menu are remembered."""
_PLAIN: Final = Highlights()
"""Of a page that marks no words."""
_MEANT: Final[Mapping[str, AbstractSet[str]]] = {
    "signin/signed_out.html": {"menu", "person", "token"},
    "indicators/month.html": {"here"},
}
"""Where a page takes a name of the layout on purpose: nobody is signed in; an address to return."""


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """An entry of the menu of a page; `count`: what waits there, « 99+ », or empty."""

    name: str
    url: str
    here: bool
    count: str


@dataclass(frozen=True)
class Renderer:
    """The renderer of HTML templates, with the values that every page shares."""

    assets: Assets
    pages: Sequence[Page]
    folders: Sequence[Path] = (TEMPLATES,)
    portal: str | None = None
    """Before the addresses of the portal's pages; `None`: the site has not said where it is."""

    def __call__(self, template: str, visit: Visit, shown: Mapping[str, Any]) -> str:
        """The text of a page. Raises ValueError when the page takes a name that all pages share."""
        ours = self._ours(visit)
        if taken := ours.keys() & shown.keys() - _MEANT.get(template, frozenset()):
            raise ValueError(f"{template} takes {sorted(taken)} away from the layout")
        return self._environment.get_template(template).render({**ours, **shown})

    def prepare(self) -> None:
        """Compiles every HTML template, so that the first visitor does not wait."""
        environment.prepare(self._environment)

    def error(self, sentence: str, then: str = "", identity: Identity | None = None) -> str:
        """Renders an error page for a visitor who is not signed in.

        `then`: what to do; `identity`: the préfecture, as far as this process knows it.
        """
        bare = {
            **environment.look(identity, self.assets),
            "demo": False,
            "person": None,
            "menu": (),
            "title_count": "",
            "said": "",
            "said_refused": False,
            "refusal": None,
            "left_out_rows": (),
            "here": "",
            "token": "",
            "session_seconds": None,
            "acts": False,
            "exercises": (),
            "help_chapter": None,
            "visit_step": None,
        }
        return self._environment.get_template("error.html").render(
            bare | {"sentence": sentence, "then": then}
        )

    def _ours(self, visit: Visit) -> Mapping[str, Any]:
        identity, here = visit.applied.site.identity, visit.request.url.path
        return {
            **environment.look(identity, self.assets),
            "demo": identity.demo,
            "person": visit.somebody,
            "roles": visit.roles,
            "menu": (menu := self._menu(visit)),
            "title_count": _title_count(menu, here),
            "said": "" if visit.signed_in is None else visit.signed_in.said or "",
            "said_refused": visit.signed_in is not None and visit.signed_in.said_refused,
            "refusal": visit.refusal,
            "left_out_rows": () if visit.signed_in is None else _left_out(),
            "here": visit.request.url.path
            + (f"?{visit.request.url.query}" if visit.request.url.query else ""),
            "token": visit.token,
            "session_seconds": _session_seconds(visit),
            "offered": visit.sign_offer,
            "acts": identity.demo
            and visit.signed_in is not None
            and visit.signed_in.way == "local",
            "today": visit.today,
            "exercises": visit.exercises,
            "help_chapter": self._help(visit),
            "visit_step": self._step(visit),
        }

    def _help(self, visit: Visit) -> Mapping[str, str] | None:
        """The chapter to which this page leads; `None`: nobody is signed in, or an auditor is."""
        if visit.signed_in is None or not may(visit.roles, Right.TEND):
            return None
        chapter = help_chapters.chapter_of(visit.request.url.path)
        return {"url": f"{help_chapters.HELP}#{chapter.anchor}", "title": chapter.title}

    def _step(self, visit: Visit) -> Mapping[str, Any] | None:
        """The step of the guided visit that this page is; `None`: it is none."""
        said = visit.request.query_params.get(help_chapters.STEP, "")
        number = int(said) if said.isdecimal() and len(said) == 1 else 0
        if visit.signed_in is None or not number:
            return None
        steps = help_chapters.steps_of(visit.roles, self._paths.__contains__)
        if number > len(steps):
            return None
        step = steps[number - 1]
        if step.url != visit.request.url.path:
            return None
        following = steps[number].url if number < len(steps) else ""
        return {
            "number": number,
            "count": len(steps),
            "words": step.words,
            "next": f"{following}?{help_chapters.STEP}={number + 1}" if following else "",
        }

    @cached_property
    def _named(self) -> Callable[[Roles], Sequence[Page]]:
        """The menu's pages for whoever has these roles, found once for all who have the same."""

        @lru_cache(MENUS)
        def named(roles: Roles) -> Sequence[Page]:
            return [
                page
                for page in self.pages
                if page.nav and may(roles, page.right) and page.nav_for(roles)
            ]

        return named

    @cached_property
    def _paths(self) -> AbstractSet[str]:
        return frozenset(page.path for page in self.pages)

    def _menu(self, visit: Visit) -> Sequence[MenuEntry]:
        here, counts = visit.request.url.path, visit.menu_counts or NOTHING
        return [
            MenuEntry(page.nav, page.path, page.path == here, _count(page.nav_count(counts)))
            for page in (() if visit.signed_in is None else self._named(visit.roles))
        ]

    @cached_property
    def _environment(self) -> jinja2.Environment:
        made = environment.environment(self.folders, self.assets)
        made.globals |= {
            "portal": self.portal,
            "mark": _PLAIN.mark,
            "places": _PLAIN.places,
            "lang": _language_of,
            "outline": _PLAIN.outline,
            "words": "",
            "has_page": self._paths.__contains__,
            "new_decision": lambda: str(uuid4()),
            "short_day": labels_fr.short_day,
            "long_day": labels_fr.long_day,
            "jours_ouvres": labels_fr.jours_ouvres,
            "amount": labels_fr.amount,
        }
        return made


def _language_of(text: str) -> Markup:
    """The attributes of an element that shows what somebody wrote in another language than ours."""
    code = language_code(text)
    if code is None:
        return Markup()
    return Markup(' lang="{}" dir="{}"').format(code, "rtl" if code in RIGHT_TO_LEFT else "ltr")


def _session_seconds(visit: Visit) -> tuple[int, int] | None:
    """After how long the visitor's session ends: if nothing is done, and however much is."""
    if visit.signed_in is None:
        return None
    left = visit.signed_in.left.total_seconds()
    return int(sessions.IDLE.total_seconds()), int(left)


def _count(waiting: int) -> str:
    return f"{MOST}+" if waiting > MOST else str(waiting or "")


def _title_count(menu: Sequence[MenuEntry], here: str) -> str:
    """What waits on the page of the menu that is open, or nearest above the one that is."""
    above = [entry for entry in menu if f"{here}/".startswith(f"{entry.url}/")]
    return max(above, key=lambda entry: len(entry.url)).count if above else ""


def _left_out() -> Sequence[tuple[str, int]]:
    """By table, the rows that could not be read for this page and are missing on it."""
    return sorted(Counter(unreadable_row.table for unreadable_row in rows.left_out()).items())


def waiting_app(settings: DeskSettings) -> Starlette:
    """Makes the web application that shows a waiting page while `desk serve` starts."""
    assets = Assets(settings.vendor, STATIC)
    return startup(assets, Renderer(assets, ()).error, settings.desk_url)
