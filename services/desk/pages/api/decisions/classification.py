"""Decisions that say what an item is: sort it, reclassify it, correct its sender and its day."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import Field

from services.desk import reply_address
from services.desk.domain.decisions.classification import Qualify, Reclassify
from services.desk.domain.decisions.corrections import CorrectReceipt
from services.desk.domain.decisions.regimes import ConfirmRegime, ExtendPeriod
from services.desk.pages.api.call import ApiCall
from services.desk.pages.api.decisions.decision import (
    Day,
    Deciding,
    ItemDecision,
    Line,
    Taken,
    TextLines,
)
from services.desk.pages.api.endpoint import Body
from services.desk.pages.office.queue import PLAIN
from services.desk.service import Qualification
from services.desk.store.items import StoredItemRow
from shared.errors import Refused, TemporaryFailure
from shared.facts.envelope import ItemId
from shared.facts.items.corrections import ItemMergedInto
from shared.facts.standing import standing
from shared.facts.vocabulary import (
    Category,
    Confidentiality,
    Nature,
    Priority,
    RegimeStart,
    SenderKind,
)
from shared.values import Code

NONE: Final = "none"
"""Of a regime: no implied decision."""
RegimeChoice = Annotated[
    Code | Literal["none"] | None, Field(description="`none`: silence will mean nothing.")
]


class QualifyBody(Body):
    """The fields by which a program qualifies an item; a field left out stays as proposed."""

    service: Code | None = None
    category: Code | None = None
    nature: Nature | None = None
    confidentiality: Confidentiality | None = None
    sender_kind: SenderKind | None = None
    theme: Code | None = None
    subject: Annotated[Line, Field(max_length=200)] = ""
    received_on: Day | None = None
    received_stands: Annotated[bool, Field(description="The day that was first seen is right.")] = (
        False
    )
    regime: RegimeChoice = None


class DismissBody(Body):
    """The reason for which an item needs no answer, or a category that says so: one of the two."""

    reason: Code | None = None
    category: Code | None = None


class ReclassifyBody(Body):
    """The fields of an item's classification to change; a field left out stays as it is."""

    category: Code | None = None
    nature: Nature | None = None
    perimeter: bool | None = None
    reason: Annotated[Code | None, Field(description="Why it is out of the perimeter.")] = None
    priority: Priority | None = None
    confidentiality: Confidentiality | None = None
    sender_kind: SenderKind | None = None
    theme: Code | None = None


class SenderBody(Body):
    """The fields of an item's sender to correct; a field left out stays as it is."""

    kind: SenderKind | None = None
    name: Annotated[Line | None, Field(max_length=250)] = None
    address: Annotated[Line | None, Field(max_length=254)] = None
    postal: Annotated[TextLines | None, Field(max_length=1000)] = None


class ReceiptBody(Body):
    """The local day to set as an item's day of receipt, and the code of the reason for it."""

    day: Day
    reason: Code


class RegimeBody(Body):
    """The regime of implied decision to confirm, and the event and days that start its period."""

    regime: Code | Literal["none"]
    start: RegimeStart | None = None
    received: Day | None = None
    certificate: Annotated[
        Day | None, Field(description="A récépissé was delivered on this day.")
    ] = None


class ReasonBody(Body):
    """The body of a decision that takes a reason code and nothing else."""

    reason: Code


async def qualify(about: Deciding, said: QualifyBody) -> Taken:
    """Qualifies an item: confirms or changes its proposed service, category and so on.

    Raises Refused.
    """
    now = about.item.classification
    what = Reclassify(
        category=None if said.category == now.category else said.category,
        nature=said.nature,
        confidentiality=said.confidentiality,
        sender_kind=said.sender_kind,
        theme=said.theme,
    )
    service = None if said.service == about.item.service else said.service
    qualification = Qualification(
        Qualify(what, service=service),
        subject=" ".join(said.subject.split()),
        received_on=said.received_on,
        received_stands=said.received_stands,
        regime=None if said.regime is None else ConfirmRegime(_regime(said.regime)),
    )
    return Taken(await about.by.qualify(about.item.item_id, qualification, about.call.blobs))


async def dismiss(about: Deciding, said: DismissBody) -> Taken:
    """Closes an item that needs no answer, by a reason or by a category. Raises Refused."""
    site = about.call.applied.site
    if (said.reason is None) == (said.category is None):
        raise Refused("Give a reason, or a category.", "no-such-code")
    category = None if said.category is None else site.category.get(Category(said.category))
    if category is None:
        reason = said.reason or ""
        if reason not in site.labels.offered.get("close", PLAIN):
            raise Refused(f"No page offers {reason or said.category!r} here.", "no-such-code")
        return Taken(await about.by.dismiss(about.item.item_id, reason))
    if category.perimeter or category.service != site.identity.mail_office:
        raise Refused(f"Category {category.id} is answered.", "no-such-code")
    code = Category(category.id)
    after = await about.by.dismiss(about.item.item_id, category.reason or category.id, code)
    return Taken(after)


async def sort_again(about: Deciding, _: Body) -> Taken:
    """Undoes the qualification that this key made of an item today, which then waits for one.

    Raises Refused.
    """
    return Taken(await about.by.sort_again(about.item.chrono, about.midnight))


async def sorted_with(call: ApiCall, row: StoredItemRow, _: Body) -> Sequence[ItemId]:
    """Returns the ids of the items into which this key merged the item of `row`.

    Undoing its qualification changes them too.
    """
    facts = standing(row.facts)
    mine = [fact for fact in facts if fact.by == call.key.author]
    return [fact.survivor for fact in mine if isinstance(fact, ItemMergedInto)]


async def reclassify(about: Deciding, said: ReclassifyBody) -> Taken:
    """Changes an item's classification: category, nature, priority and so on. Raises Refused."""
    if said.reason is not None:
        about.reason(said.reason, "perimeter")
    now = about.item.classification.category
    fields = said.model_dump() | {"category": None if said.category == now else said.category}
    return await about.about(Reclassify(**fields))


async def correct_sender(about: Deciding, said: SenderBody) -> Taken:
    """Corrects an item's sender: kind, name and the addresses to which it is answered.

    Raises Refused, also if nothing changes; TemporaryFailure if the known sender can't be read.
    """
    blobs, before = about.call.blobs, about.item
    if said.address and not reply_address.usable(said.address):
        raise Refused("This is no e-mail address.", "unusable-mail-address", chrono=before.chrono)
    item = await about.by.correct_kind(before, said.kind)
    known = await reply_address.addressee(blobs, item)
    if known is None:  # what is left out stays, and what stays can't be read
        raise TemporaryFailure("The sender of this item can't be read now.")
    given = said.model_dump(include={"name", "address", "postal"}, exclude_none=True)
    who = known.model_copy(update=given)
    if who != known:
        item = await about.by.note_sender(item, who, blobs)
    if item.seq == before.seq:
        raise Refused("Nothing changes.", "nothing-changes", chrono=before.chrono)
    return Taken(item)


async def correct_receipt(about: Deciding, said: ReceiptBody) -> Taken:
    """Confirms or corrects the day on which an item was received. Raises Refused."""
    return await about.about(CorrectReceipt(said.day, about.reason(said.reason, "receipt")))


async def confirm_regime(about: Deciding, said: RegimeBody) -> Taken:
    """Confirms an item's regime of implied decision: what silence will mean. Raises Refused."""
    fields = said.model_dump() | {"regime": _regime(said.regime)}
    return await about.about(ConfirmRegime(**fields))


async def extend_period(about: Deciding, said: ReasonBody) -> Taken:
    """Extends the period of an item's implied decision, once. Raises Refused."""
    return await about.about(ExtendPeriod(about.reason(said.reason, "extend")))


def _regime(code: str) -> str | None:
    return None if code == NONE else code


_QUEUE: Final = "/bureau/a-qualifier/{chrono}"
DECISIONS: Final = (
    ItemDecision(
        "qualify",
        QualifyBody,
        qualify,
        "Confirm or change what is proposed",
        "Qualifier, comme proposé ou autrement",
        (f"{_QUEUE}/confirmer",),
        sorts=True,
    ),
    ItemDecision(
        "dismiss",
        DismissBody,
        dismiss,
        "Close what needs no answer",
        "Écarter ce qui n’appelle pas de réponse",
        (f"{_QUEUE}/ecarter",),
        sorts=True,
    ),
    ItemDecision(
        "sort-again",
        Body,
        sort_again,
        "Take back what this key sorted today",
        "Reprendre le tri fait aujourd’hui par cette clé",
        (f"{_QUEUE}/annuler",),
        sorts=True,
        others=sorted_with,
    ),
    ItemDecision(
        "reclassify",
        ReclassifyBody,
        reclassify,
        "Change category, nature, priority, confidentiality",
        "Reclasser",
        ("/courrier/{chrono}/reclasser",),
    ),
    ItemDecision(
        "correct-sender",
        SenderBody,
        correct_sender,
        "Correct who writes and where answers go",
        "Corriger l’expéditeur",
        ("/courrier/{chrono}/expediteur",),
    ),
    ItemDecision(
        "correct-receipt",
        ReceiptBody,
        correct_receipt,
        "Confirm or correct the day of receipt",
        "Confirmer ou corriger la date d’arrivée",
        ("/courrier/{chrono}/date-arrivee", "/bureau/dates/{chrono}"),
    ),
    ItemDecision(
        "confirm-regime",
        RegimeBody,
        confirm_regime,
        "Confirm what silence will mean",
        "Confirmer le régime du silence",
        ("/courrier/{chrono}/regime", "/bureau/regimes/{chrono}"),
    ),
    ItemDecision(
        "extend-period",
        ReasonBody,
        extend_period,
        "Extend the period of an implied decision",
        "Prolonger le délai du silence",
        ("/courrier/{chrono}/prolonger",),
    ),
)
