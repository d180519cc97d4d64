"""The largest mails that are taken, of hostile shapes: two children's seconds at most, and read."""

import time

import pytest

from services.ingest.domain.mail import Mail, UnreadableMail
from services.ingest.mail_opener import MailBomb
from services.ingest.mail_parser import ALLOWANCE, PROGRAM, MailParserPool
from tests.hostile_mails import SHAPES
from tests.unit.ingest.test_hostile_mails import Counted

LARGEST = 25_000_000
TEN_SECONDS = 10.0
OURS = 2.0
"""Seconds of this process's own work: it hands octets on, and checks an answer."""


def test_two_tries_stay_below_ten_seconds_of_work() -> None:
    assert 2 * ALLOWANCE.seconds + OURS <= TEN_SECONDS


@pytest.mark.parametrize("shape", ["<div>", "long names", "dashes"])
def test_the_largest_mail_of_any_shape_costs_two_children_at_most(shape: str) -> None:
    children = Counted(PROGRAM, ALLOWANCE, most=1)
    octets = SHAPES[shape](LARGEST)
    before = time.process_time()
    try:
        found: Mail | UnreadableMail | None = MailParserPool(children).read(octets)
    except MailBomb:
        found = None
    finally:
        ours = time.process_time() - before
        children.close()
    assert children.ended <= 2
    assert (found is None) == (children.ended == 2), "whatever is read is kept"
    assert ours <= OURS
