"""Whatever was decided: taking the last statement back gives the item as it was."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.desk.domain.decisions import (
    AskPieces,
    Assign,
    AwaitThird,
    Close,
    Command,
    ConfirmRegime,
    ConfirmReply,
    CorrectReceipt,
    Depart,
    FromSignature,
    HearThird,
    HoldOn,
    NotToTransmit,
    Qualify,
    Reclassify,
    Reopen,
    SendReply,
    TakePieces,
    ToSignature,
    ToTransmit,
    TransferItem,
    closure,
    decide,
)
from services.desk.domain.decisions.sent_folder_replies import ObservedReply
from services.desk.domain.fold import fold
from services.desk.domain.item import Item
from shared.errors import Refused
from shared.facts.envelope import Chrono, Weight
from shared.facts.vocabulary import Nature
from tests.desk_builders import blob, certain, proposed
from tests.unit.desk.test_decisions import Register, ground

COMMANDS: tuple[Command, ...] = (
    Qualify(Reclassify()),
    Assign("bmi", "a.gent"),
    Assign("dre", copies=("bmi",)),
    Reclassify(category="association"),
    Reclassify(nature=Nature.CHASER),
    ConfirmRegime("titre-de-sejour"),
    ConfirmRegime(None),
    CorrectReceipt(date(2026, 5, 7), "tampon"),
    AskPieces(date(2026, 6, 2), ("passeport",), sent=True),
    TakePieces(),
    AwaitThird("ofii"),
    HearThird(),
    ToSignature("d.rector"),
    FromSignature(),
    HoldOn(date(2026, 6, 2), sent=True),
    ConfirmReply(ObservedReply.REPLY),
    ConfirmReply(ObservedReply.HOLDING, date(2026, 6, 2)),
    SendReply(blob("reply")),
    Depart(Chrono("36-2026-D-000001")),
    ToTransmit(),
    NotToTransmit(),
    TransferItem("mairie"),
    Close("sans-suite"),
    Reopen("erreur"),
)


def seen(item: Item) -> Item:
    return replace(item, seq=0)


@given(st.booleans(), st.booleans(), st.lists(st.sampled_from(COMMANDS), max_size=12))
def test_taking_back_what_was_said_last_gives_the_item_as_it_was(
    qualified: bool,  # noqa: FBT001  (a draw)
    observed: bool,  # noqa: FBT001  (drawn by hypothesis)
    commands: list[Command],
) -> None:
    register = Register(certain() if qualified else proposed())
    if observed:
        register.see_reply()
    for command in commands:
        before = register.item
        try:
            stated = decide(before, command, ground(n=len(register.facts)))
        except Refused:
            continue
        assert [fact.seq for fact in stated] == [before.seq + n for n in range(1, len(stated) + 1)]
        register.facts += stated
        if len(stated) == 1 and stated[0].weight is Weight.STATEMENT:
            undone = closure.withdrawal(register.item, stated[0], "x", ground(n=99))
            assert seen(fold([*register.facts, undone])) == seen(before)
