"""Topic `items`: what the register alone states about an item (key: item id)."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from shared.facts.items.acknowledgements import AcknowledgementFact
from shared.facts.items.attachments import AttachmentsRead
from shared.facts.items.closure import ClosureFact
from shared.facts.items.corrections import CorrectionFact
from shared.facts.items.directory import PersonChanged
from shared.facts.items.evidence import EvidenceSealed
from shared.facts.items.notice_orders import NoticeOrderFact
from shared.facts.items.pieces import PieceFact
from shared.facts.items.registration import RegistrationFact
from shared.facts.items.replies import ReplyFact
from shared.facts.items.retention import RetentionFact
from shared.facts.items.routing import RoutingFact

Items = (
    RegistrationFact
    | AttachmentsRead
    | RoutingFact
    | NoticeOrderFact
    | AcknowledgementFact
    | PieceFact
    | ReplyFact
    | ClosureFact
    | CorrectionFact
    | RetentionFact
    | EvidenceSealed
    | PersonChanged
)

ITEMS: TypeAdapter[Items] = TypeAdapter(Annotated[Items, Field(discriminator="type")])
"""Decodes a record of topic `items`."""
