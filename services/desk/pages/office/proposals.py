"""How the sorting went, and which rules would have spared it: lines to paste into routing.yaml."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import Response

from services.desk.domain.item import Item
from services.desk.domain.query import words as words_of
from services.desk.domain.rule_trials import Sorting
from services.desk.french.names import Names
from services.desk.pages.office.rule_trial import URL as TRIAL
from services.desk.pages.office.rule_trial import snippet
from services.desk.pages.visit import Visit
from services.desk.store import classification
from services.desk.store.classification import RoutingCorrection
from shared.content import plis
from shared.content.plis import Pli
from shared.errors import VaguemestreError
from shared.facts.envelope import BlobKey, ServiceId
from shared.facts.vocabulary import Category
from shared.site.tables.routing import UNRECOGNISED

WEEK: Final = timedelta(days=7)
MOST_WORDS: Final = 3
SHORTEST: Final = 5
"""Letters of a word that says what a letter is about."""
SHARE: Final = 0.6
"""Of the corrected letters, how many must hold a word for a rule to look for it."""
LETTER: Final = 4000
"""Characters of a scanned letter that are read."""
_PLAIN = re.compile(r"[a-zà-öø-ÿœæ-]+")
COMMON: Final = frozenset(
    _PLAIN.findall(
        "bonjour madame monsieur veuillez agréer salutations cordialement demande demander dossier"
        " courrier lettre merci votre notre service services préfecture préfet objet depuis avoir"
        " être cette comme pouvez pourriez avance mesdames messieurs expression sentiments"
        " distingués réponse suite concernant recevoir toujours encore jours"
    )
)


@dataclass(frozen=True, slots=True)
class RuleProposal:
    """A routing rule proposed from people's corrections: a sentence, and lines for routing.yaml."""

    certain: bool
    """Whether the rule that was wrong decides alone."""
    sentence: str
    snippet: str
    trial: str
    """Address of the page that tries it on the last letters; for the mail office."""


async def sorting_context(visit: Visit) -> dict[str, Any]:
    """Returns what a template shows of today's sorting: counts, and proposed routing rules.

    The counts are of the items qualified today; the rules are proposed from people's corrections of
    the last seven days.
    """
    return {
        "figures": await classification.figures(visit.connection, visit.midnight),
        "proposals": [await _proposal(visit, correction) for correction in await week(visit)],
    }


async def week(visit: Visit) -> Sequence[RoutingCorrection]:
    """Returns the corrections of routing that people made several times in the last seven days."""
    return await classification.corrections(visit.connection, visit.midnight - WEEK)


async def offered_rule(visit: Visit, item: Item) -> RuleProposal | None:
    """Returns the routing rule proposed from a correction of this item and of others, or `None`."""
    proposed, now = item.opened.proposal, item.classification.category
    before = (item.opened.classification.category, item.opened.service)
    if proposed is None or before == (now, item.service):
        return None
    for correction in await week(visit):
        said = (correction.proposed, correction.category, correction.service)
        if said == (before[0], now, item.service) and correction.rule == (proposed.rule or ""):
            return await _proposal(visit, correction)
    return None


async def rules(visit: Visit) -> Response:
    """Shows the routing rules proposed from the corrections of the last seven days."""
    return await visit.html("office/rules.html", **await sorting_context(visit))


async def _proposal(visit: Visit, one: RoutingCorrection) -> RuleProposal:
    names = Names(visit.applied.site, visit.directory)
    said = f"{names.service(one.service)}, {names.category(one.category)}"
    rule = "aucune règle" if one.rule in ("", UNRECOGNISED) else f"règle « {one.rule} »"
    instead = f"{names.category(one.proposed)} ({rule})"
    async with visit.apart():
        read = [pli for key in one.plis if (pli := await _read(visit, key)) is not None]
    found = common_words([_said(pli) for pli in read], [pli.sender.name for pli in read])
    asked = {
        "mots": ", ".join(found),
        "objet": one.category,
        "service": one.service,
        "avant": one.rule,
    }
    lines = snippet(found, Sorting(Category(one.category), ServiceId(one.service)))
    sentence = f"{one.count} fois {said}, au lieu de {instead}"
    return RuleProposal(one.certain, sentence, lines, f"{TRIAL}?{urlencode(asked)}")


async def _read(visit: Visit, key: BlobKey) -> Pli | None:
    try:
        return await plis.read(visit.blobs, key)
    except VaguemestreError:
        return None


def _said(pli: Pli) -> str:
    return pli.subject or pli.text[:LETTER]


def common_words(texts: Sequence[str], names: Sequence[str]) -> Sequence[str]:
    """Returns the words that most of these texts share, the most frequent first, a few at most.

    Without greetings, numbers and names.
    """
    strangers = {word for name in names for word in words_of(name.lower())}
    counted = Counter(
        word
        for text in texts
        for word in set(_PLAIN.findall(text.lower()))
        if len(word) >= SHORTEST and word not in COMMON and word not in strangers
    )
    least = max(2, round(SHARE * len(texts)))
    return [word for word, n in counted.most_common() if n >= least][:MOST_WORDS]
