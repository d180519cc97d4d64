"""The fact about what is attached to a message of an item.

The files of a mail are opened apart from its mailbox, after the mail itself was told: what they say
reaches the item by this fact, with its alert, its hold and a text that is shown and searched.
"""

from typing import Literal

from shared.facts.arrivals import Routing
from shared.facts.envelope import ArrivalId, BlobKey
from shared.facts.items.base import ItemFact


class AttachmentsRead(ItemFact):
    """Fact: the files attached to a message of this item were read, and the rules have seen them.

    The pli takes the place of the message's first one. What a person has sorted stays as it is.
    """

    type: Literal["AttachmentsRead"] = "AttachmentsRead"
    arrival_id: ArrivalId
    pli: BlobKey | None
    danger: bool = False
    """A word of the site's table of danger was read in them, and none in the message itself."""
    hold: str | None = None
    """The code for which nothing may leave before a person's word."""
    unread: int = 0
    """Files that could not be read; the pli says why."""
    proposal: Routing | None = None
