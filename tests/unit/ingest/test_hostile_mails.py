"""Whatever a mail holds, a child reads it within its seconds of work; ten times longer, ten times.

What took a time that grew with the square of the size ends a child here: none of these may.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.ingest.domain.mail import Mail, UnreadableMail
from services.ingest.mail_parser import ALLOWANCE, PROGRAM, MailParserPool
from shared.platform.children import ChildDied, ChildFailed, Children
from tests.hostile_mails import SHAPES, SLOW

SIZE = 300_000
IMPATIENT = replace(ALLOWANCE, seconds=0.5)


class Counted(Children):
    """Children that count those which a mail ended."""

    ended = 0

    def ask(self, *arguments: object) -> object:  # type: ignore[override]  # takes what it hands on
        try:
            return super().ask(*arguments)  # type: ignore[arg-type]  # unpacked, each of its own type
        except (ChildDied, ChildFailed):
            self.ended += 1
            raise


@pytest.fixture(scope="module")
def children() -> Iterator[Counted]:
    opened = Counted(PROGRAM, ALLOWANCE, most=1)
    yield opened
    opened.close()


@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_of_mail_ends_its_reader(children: Counted, shape: str) -> None:
    before = children.ended
    found = MailParserPool(children).read(SHAPES[shape](SIZE))
    assert isinstance(found, Mail | UnreadableMail)
    assert children.ended == before


@pytest.mark.parametrize("shape", SLOW)
def test_what_is_slow_to_lay_out_is_read_in_its_words(shape: str) -> None:
    impatient = Counted(PROGRAM, IMPATIENT, most=1)
    found = MailParserPool(impatient).read(SLOW[shape](2 * SIZE))
    impatient.close()
    assert isinstance(found, Mail)
    assert (found.subject, found.html) == ("x", "")
    assert impatient.ended == 1
