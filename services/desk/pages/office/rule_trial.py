"""`/bureau/regles/essai`: a proposed rule tried on the last 500 letters, before anybody applies it.

Nothing is kept: the words are in the address, which may be sent to whoever holds the rules. They
apply them by `vaguemestre site apply`; rules stay files (docs/decisions/0113).
"""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.responses import Response

from services.desk.domain.rule_trials import Sorting, TrialChange, TriedRule, try_rule
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.visit import Visit
from services.desk.store import rule_trials
from services.desk.store.rule_trials import PastLetter
from shared.content import plis
from shared.errors import VaguemestreError
from shared.facts.envelope import Chrono, ServiceId
from shared.facts.vocabulary import Category
from shared.site.tables.bundle import Site
from shared.web.forms import Form

URL: Final = "/bureau/regles/essai"
TRIED: Final = 500
SHOWN: Final = 100
AT_ONCE: Final = 8
"""Texts that are read side by side."""
MOST_WORDS: Final = 20
_PLAIN: Final = re.compile(r"[^\W\d_][\w ’-]*")
LONGEST: Final = 500
"""Characters of the words that are tried."""
_turn: Final = asyncio.Semaphore(1)


async def show_trial(visit: Visit) -> Response:
    """Shows for which past letters a rule would have proposed otherwise; without words, a form."""
    form, site = Form(FormData(visit.request.query_params)), visit.applied.site
    names = Names(site, visit.directory)
    said, before = _sorting(form, site), form.text("avant")
    typed = form.text("mots")[:LONGEST]
    words = [word for raw in typed.split(",") if (word := " ".join(raw.split()))][:MOST_WORDS]
    shown: dict[str, Any] = {"tried": None}
    if words and said is not None:
        letters = await rule_trials.last_letters(visit.connection, TRIED)
        rule = TriedRule(words, said, _earlier(site, before))
        # Seconds of work, hundreds of texts in memory: beside other pages, one at a time.
        async with visit.apart(), _turn:
            texts = await _texts(visit, letters)
            read = list(zip([past.letter for past in letters], texts, strict=True))
            changed = await asyncio.to_thread(try_rule, rule, read)
        shown = _outcome(names, letters, changed, sum(1 for text in texts if not text))
    return await visit.html(
        "office/rule_trial.html",
        words=typed,
        category="" if said is None else said.category,
        service="" if said is None else said.service,
        before=before,
        categories=[(row.id, row.label) for row in site.routing.categories],
        services=[(row.id, row.name) for row in site.services.services],
        rules=[(row.id, row.id) for row in site.routing.rules],
        most=TRIED,
        snippet=None if said is None or not words else snippet(words, said),
        **shown,
    )


def snippet(words: Sequence[str], said: Sorting) -> str:
    """Formats a routing rule as YAML lines to paste into routing.yaml."""
    looks = f"[{', '.join(map(_quoted, words))}]" if words else "[…]  # les mots à reconnaître"
    return (
        f"  - id: {said.category}-{said.service}\n"
        f"    when:\n"
        f"      words: {looks}\n"
        f"    then: {{category: {said.category}, service: {said.service}}}"
    )


def _quoted(word: str) -> str:
    """A phrase as YAML reads it: in quotes where a sign in it might say something."""
    return word if _PLAIN.fullmatch(word) else json.dumps(word, ensure_ascii=False)


def _sorting(form: Form, site: Site) -> Sorting | None:
    category, service = form.text("objet"), form.text("service")
    if Category(category) not in site.category or ServiceId(service) not in site.service:
        return None
    return Sorting(Category(category), ServiceId(service))


def _earlier(site: Site, before: str) -> frozenset[str]:
    """The rules read before the one that was wrong; all of them, where no rule knew the letter."""
    ids = [rule.id for rule in site.routing.rules]
    return frozenset(ids[: ids.index(before)] if before in ids else ids)


async def _texts(visit: Visit, letters: Sequence[PastLetter]) -> Sequence[Sequence[str]]:
    """Subject, words and files of each letter, as a rule reads them; empty where one is lost."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def read(letter: PastLetter) -> Sequence[str]:
        async with turn:
            try:
                pli = await plis.read(visit.blobs, letter.pli)
            except VaguemestreError:
                return ()
        return (pli.subject, pli.text, *(file.text for file in pli.attachments))

    return await asyncio.gather(*map(read, letters))


def _outcome(
    names: Names, letters: Sequence[PastLetter], changed: Sequence[TrialChange], lost: int
) -> dict[str, Any]:
    received = {past.letter.chrono: past.received_on for past in letters}
    counts = {
        verdict: sum(1 for change in changed if change.agrees is verdict) for verdict in VERDICTS
    }
    return {
        "tried": len(letters),
        "lost": lost,
        "changed": len(changed),
        "verdicts": [(VERDICTS[verdict], n) for verdict, n in counts.items() if n],
        "rows": [_row(names, received, change) for change in changed[:SHOWN]],
        "hidden": max(0, len(changed) - SHOWN),
    }


VERDICTS: Final[Mapping[bool | None, str]] = {
    True: "comme vous l’avez décidé",
    False: "autrement que vous ne l’avez décidé",
    None: "pas encore qualifiés",
}
"""Whether the rule would have said what a person decided."""


def _row(names: Names, received: Mapping[Chrono, date], one: TrialChange) -> Mapping[str, Any]:
    letter = one.letter
    return {
        "chrono": letter.chrono,
        "received": labels_fr.short_day(received[letter.chrono]),
        "word": one.word,
        "proposed": _said(names, letter.proposed),
        "decided": "" if letter.decided is None else _said(names, letter.decided),
        "agrees": one.agrees,
    }


def _said(names: Names, sorting: Sorting) -> str:
    return f"{names.service(sorting.service)}, {names.category(sorting.category)}"
