"""Which commitment of commitments.yaml applies to an item (rule 20): what names most fields.

`site apply` refuses two lines that are as specific for the same case. The clocks count by it, and
whatever is said to the public of a reply in general is said only where no narrower one applies.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from shared.facts.envelope import ServiceId
from shared.facts.vocabulary import Channel
from shared.site.tables.bundle import Site
from shared.site.tables.commitments import Commitment

if TYPE_CHECKING:
    from shared.facts.items.base import Classification


def commitment_of(
    lines: Iterable[Commitment],
    site: Site,
    channel: Channel,
    classification: "Classification",
    service: ServiceId,
) -> Commitment | None:
    """Returns the commitment, among those of one clock, that applies to an item, or `None`.

    Of several that apply the one that names most fields (CLOCKS, rule 20).
    """
    now = site.category_now(classification.category)
    category = now.id if now else classification.category
    return max(
        (
            line
            for line in lines
            if (not line.channels or channel in line.channels)
            and (not line.natures or classification.nature in line.natures)
            and (not line.categories or category in line.categories)
            and (not line.services or service in line.services)
            and (not line.priorities or classification.priority in line.priorities)
        ),
        key=_how_specific,
        default=None,
    )


def _how_specific(line: Commitment) -> tuple[int, bool, bool, bool]:
    """How many fields it names; nature, category and service part a version older than rule 20."""
    return line.named, bool(line.natures), bool(line.categories), bool(line.services)
