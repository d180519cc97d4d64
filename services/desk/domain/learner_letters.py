"""A letter as the learner sees it: what it says, what people decided of it, what rules proposed."""

from collections.abc import Mapping
from html import unescape

import nh3

from services.desk.domain.item import Item
from services.desk.domain.learner_numbers import Grams, LearnerTarget, grams
from shared.content.plis import Pli
from shared.content.shallow_html import brief
from shared.facts.vocabulary import Category, Nature, SenderKind
from shared.site.tables.bundle import Site


def grams_of(pli: Pli) -> Grams:
    """Returns the buckets of a letter's words: its subject, its own text, what is attached."""
    text = pli.text
    if not text and pli.html:
        text = unescape(nh3.clean(brief(pli.html), tags=set()))
    return grams(pli.subject, "\n".join((text, *(file.text for file in pli.attachments))))


def decisions_of(item: Item) -> Mapping[LearnerTarget, str]:
    """Returns what people decided of a sorted item; what nobody knows is left out."""
    what = item.classification
    return {
        LearnerTarget.SERVICE: item.service,
        LearnerTarget.CATEGORY: what.category,
        **_known(what.nature, what.sender_kind),
    }


def proposals_of(item: Item, site: Site) -> Mapping[LearnerTarget, str]:
    """Returns what the rules proposed of an item when it came; where they know nothing, nothing.

    The fallback category says nothing, nor does its service; the service of the mailbox by which a
    letter came does.
    """
    rule, opened = item.opened.proposal, item.opened
    if rule is None:
        return {}
    found = _known(opened.classification.nature, opened.classification.sender_kind)
    fallback = site.category[Category(site.routing.fallback)]
    if rule.category is not None and rule.category != fallback.id:
        found[LearnerTarget.CATEGORY] = opened.classification.category
    if LearnerTarget.CATEGORY in found or opened.service != fallback.service:
        found[LearnerTarget.SERVICE] = opened.service
    return found


def _known(nature: Nature, kind: SenderKind) -> dict[LearnerTarget, str]:
    found = dict[LearnerTarget, str]()
    if nature is not Nature.UNKNOWN:
        found[LearnerTarget.NATURE] = nature.value
    if kind is not SenderKind.UNKNOWN:
        found[LearnerTarget.SENDER_KIND] = kind.value
    return found
