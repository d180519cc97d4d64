"""A letter as the learner sees it: what it says, what people decided of it, what rules proposed."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from html import unescape
from itertools import takewhile

import nh3

from services.desk.domain.item import Item
from services.desk.domain.learner_numbers import Grams, LearnerTarget, grams
from shared.content.plis import Pli
from shared.content.shallow_html import brief
from shared.facts.authors import is_rule, was_decided
from shared.facts.items import Items
from shared.facts.items.closure import ItemClosed
from shared.facts.items.routing import ItemAssigned, ItemReclassified, WaitEnded
from shared.facts.standing import standing
from shared.facts.vocabulary import Category, Nature, SenderKind, Waiting
from shared.site.tables.bundle import Site


def grams_of(pli: Pli) -> Grams:
    """Returns the hash buckets of a letter's words: its subject, its own text, what is attached."""
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


def proposals_of(item: Item, site: Site, facts: Sequence[Items]) -> Mapping[LearnerTarget, str]:
    """Returns what the rules proposed of an item to whoever sorted it first.

    Where they know nothing, nothing. The fallback category says nothing, nor does its service; the
    service of the mailbox by which a letter came does. What rules said of its attachments counts
    instead of what they said when it came. `facts`: those of the item, in their order.
    """
    opened, fallback = item.opened, site.category[Category(site.routing.fallback)]
    what, service, ruled = opened.classification, opened.service, opened.proposal is not None
    unknown = opened.proposal is None or opened.proposal.category in (None, fallback.id)
    for fact in takewhile(lambda fact: not _sorts(fact), facts):
        match fact:
            case ItemReclassified() if is_rule(fact.by):
                what, unknown, ruled = fact.classification, False, True
            case ItemAssigned() if is_rule(fact.by):
                service, ruled = fact.service, True
            case _:
                pass
    if not ruled:
        return {}
    found = _known(what.nature, what.sender_kind)
    if not unknown and what.category != fallback.id:
        found[LearnerTarget.CATEGORY] = what.category
    if LearnerTarget.CATEGORY in found or service != fallback.service:
        found[LearnerTarget.SERVICE] = service
    return found


def was_set_aside(facts: Sequence[Items]) -> bool:
    """Returns whether an item was closed as what needs no answer instead of being sorted.

    Nobody chose then who answers it, whatever stood there.
    """
    stands = standing(list(facts))
    ended = {(fact.recorded_at, fact.by) for fact in stands if _sorts(fact)}
    return any(
        isinstance(fact, ItemClosed) and (fact.recorded_at, fact.by) in ended for fact in stands
    )


def open_questions(item: Item, site: Site, facts: Sequence[Items]) -> AbstractSet[LearnerTarget]:
    """Returns which of service and category nobody has said of an item that waits.

    None once a rule or a person has classified it since its registration, even if that was taken
    back, or a person registered it: what was chosen stands in the form.
    """
    decided = was_decided(item.opened.by) or any(
        isinstance(fact, ItemReclassified | ItemAssigned) or _sorts(fact) for fact in facts
    )
    fallback = site.category[Category(site.routing.fallback)]
    if decided or item.classification.category != fallback.id:
        return frozenset()
    if item.service != fallback.service:
        return frozenset({LearnerTarget.CATEGORY})
    return frozenset({LearnerTarget.SERVICE, LearnerTarget.CATEGORY})


def _sorts(fact: Items) -> bool:
    return isinstance(fact, WaitEnded) and fact.waiting is Waiting.TO_QUALIFY


def _known(nature: Nature, kind: SenderKind) -> dict[LearnerTarget, str]:
    found = dict[LearnerTarget, str]()
    if nature is not Nature.UNKNOWN:
        found[LearnerTarget.NATURE] = nature.value
    if kind is not SenderKind.UNKNOWN:
        found[LearnerTarget.SENDER_KIND] = kind.value
    return found
