"""What letters tell of silence: its date, and what a request for pieces does to it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.notify.domain.fold import fold
from services.notify.domain.silence import ASKING, why_undated
from shared.facts import ids
from shared.facts.envelope import At, On
from shared.facts.items import Items
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.items.pieces import PiecesRequested
from shared.facts.vocabulary import NoticeKind, RegimeStart, Way
from tests.unit.notify.builders import MONDAY, SITE, fact, ordered, regime, registered
from tests.unit.notify.test_texts_that_the_law_asks_for import file_of, indre, said


@pytest.mark.parametrize(
    ("start", "limit"),
    [
        (date(2026, 10, 31), "28 février 2027"),
        (date(2027, 10, 31), "29 février 2028"),
        (date(2028, 2, 29), "29 juin 2028"),
    ],
)
def test_four_months_keep_the_quantieme_or_end_with_the_month(start: date, limit: str) -> None:
    confirmed = regime("titre-de-sejour").model_copy(
        update={"received": On(day=start), "start": RegimeStart.COMPLETE_FILE}
    )
    assert limit in said(NoticeKind.SVR, registered(), confirmed)


def test_the_period_counts_from_the_confirmed_start_and_the_receipt_is_still_told() -> None:
    confirmed = regime("demande-generale").model_copy(
        update={"received": At(instant=datetime(2026, 6, 2, 22, 30, tzinfo=UTC))}
    )
    letter = said(NoticeKind.SVR, registered(), confirmed)
    assert "reçu le 11 mai 2026" in letter
    assert "3 août 2026" in letter


def test_missing_pieces_are_listed_with_their_date_and_their_effect() -> None:
    order = ordered(NoticeKind.PIECES, until=date(2026, 6, 20)).model_copy(
        update={"by": "person:k.haddad"}
    )
    asked = "- copie du passeport\n- justificatif de domicile"
    rejecting = said(
        NoticeKind.PIECES, registered(), regime("demande-generale"), order, composed=asked
    )
    assert "copie du passeport" in rejecting
    assert "20 juin 2026" in rejecting
    assert "suspendu" in rejecting
    accepting = said(
        NoticeKind.PIECES, registered(), file_of("chambre-funeraire"), order, composed=asked
    )
    assert "ne commencera à courir" in accepting
    of_a_file = said(
        NoticeKind.PIECES, registered(), file_of("titre-de-sejour"), order, composed=asked
    )
    assert "aucun délai ne court" in of_a_file
    assert "suspendu" not in of_a_file


UNTIL = date(2026, 6, 20)


def undated(*facts: Items) -> str | None:
    item = fold([registered(), regime("demande-generale"), *facts])
    assert item
    return why_undated(item, indre()[0], MONDAY + timedelta(hours=1), released=False)


def left(seq: int, order: NoticeOrdered | None) -> PiecesRequested:
    """A request left: that of an order, or one that names none."""
    notice = order and ids.notice_id(SITE, str(order.event_id), NoticeKind.PIECES, "sender")
    asked: PiecesRequested = fact(PiecesRequested, seq, until=UNTIL, notice_id=notice)
    return asked


def test_an_order_for_pieces_holds_the_date_until_its_own_letter_has_left() -> None:
    first, second = ordered(NoticeKind.PIECES, 4), ordered(NoticeKind.PIECES, 5)
    assert undated(first) == ASKING
    assert undated(first, left(6, first)) is None
    assert undated(first, second, left(6, second)) == ASKING
    assert undated(first, second, left(6, second), left(7, first)) is None
    assert undated(first, left(6, None)) == ASKING, "the service wrote itself: ours still leaves"


def test_a_posted_request_that_names_no_order_is_the_paper_that_lay_ready() -> None:
    paper, mail = ordered(NoticeKind.PIECES, 4, Way.PAPER), ordered(NoticeKind.PIECES, 5)
    assert undated(paper, left(6, None)) is None
    assert undated(paper, mail, left(6, None)) == ASKING
    assert undated(left(4, None), ordered(NoticeKind.PIECES, 6, Way.PAPER)) == ASKING
