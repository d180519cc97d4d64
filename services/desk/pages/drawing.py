"""Templates: what every one of them may use beside what its page shows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import jinja2

from services.desk.pages import words
from services.desk.pages.assets import Assets
from services.desk.pages.page import Page
from services.desk.pages.rights import may
from services.desk.pages.visit import Visit
from shared import rows
from shared.compiled import COMPILED
from shared.site.identity import Accessibility, Identity

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


@dataclass(frozen=True)
class Drawing:
    """Draws templates for visits. Names of ours begin every page: see `_ours`."""

    assets: Assets
    pages: Sequence[Page]
    folders: Sequence[Path] = (TEMPLATES,)

    def __call__(self, template: str, visit: Visit, shown: Mapping[str, Any]) -> str:
        """The text of a page."""
        return self._environment.get_template(template).render({**self._ours(visit), **shown})

    def prepare(self) -> None:
        """Compiles every template: who comes first after a start does not wait for it."""
        for name in self._environment.list_templates(extensions=["html"]):
            self._environment.get_template(name)

    def error(self, sentence: str, then: str = "", identity: Identity | None = None) -> str:
        """A page for whom nothing is known of: no register, no session.

        `then`: what to do; `identity`: the préfecture, as far as this process knows it.
        """
        bare = {
            **self._look(identity),
            "demo": False,
            "person": None,
            "menu": (),
            "said": "",
            "said_refused": False,
            "refusal": None,
            "left_out_rows": (),
            "here": "",
            "token": "",
            "acts": False,
        }
        return self._environment.get_template("error.html").render(
            bare | {"sentence": sentence, "then": then}
        )

    def _ours(self, visit: Visit) -> Mapping[str, Any]:
        identity, here = visit.applied.site.identity, visit.request.url.path
        return {
            **self._look(identity),
            "demo": identity.demo,
            "person": visit.somebody,
            "roles": visit.roles,
            "menu": [
                (page.nav, page.path, page.path == here)
                for page in self.pages
                if page.nav and visit.signed_in is not None
                if may(visit.roles, page.right) and page.nav_for(visit.roles)
            ],
            "said": "" if visit.signed_in is None else visit.signed_in.said or "",
            "said_refused": visit.signed_in is not None and visit.signed_in.said_refused,
            "refusal": visit.refusal,
            "left_out_rows": () if visit.signed_in is None else _left_out(),
            "here": visit.request.url.path
            + (f"?{visit.request.url.query}" if visit.request.url.query else ""),
            "token": visit.token,
            "offered": visit.offered,
            "acts": identity.demo
            and visit.signed_in is not None
            and visit.signed_in.way == "local",
            "today": visit.today,
        }

    def _look(self, identity: Identity | None) -> Mapping[str, Any]:
        """The theme that the site chose, as long as set-up has brought what it is made of."""
        if identity is None:
            bare = {"authority": "Vaguemestre", "theme": "neutral", "brand": ()}
            return bare | {"accessibility": Accessibility().state}
        there = self.assets.url("vendor/dsfr.min.css")
        return {
            "authority": identity.authority,
            "theme": identity.theme if there else "neutral",
            "brand": identity.brand,
            "accessibility": identity.accessibility.state,
        }

    @cached_property
    def _environment(self) -> jinja2.Environment:
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(self.folders),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            bytecode_cache=COMPILED,
        )
        environment.globals |= {
            "asset": self.assets.url,
            "new_decision": lambda: str(uuid4()),
            "short_day": words.short_day,
            "long_day": words.long_day,
            "jours_ouvres": words.jours_ouvres,
        }
        return environment


def _left_out() -> Sequence[tuple[str, int]]:
    """By table, the rows that could not be read for this page and are missing on it."""
    return sorted(Counter(one.table for one in rows.left_out()).items())
