"""A mail whose files are to be read is parsed once; all others as before."""

from collections import Counter
from collections.abc import Sequence

from services.ingest.domain.mail import Mail, UnreadableMail
from services.ingest.mail_memory import KEPT_SECONDS, MOST_LETTERS, MailMemory
from services.ingest.mail_opener import SoonParsed
from tests.ingest_builders import A_PDF, a_mail, a_multipart
from tests.local_mails import LocalMailParser

PLAIN = "Content-Type: text/plain\r\n\r\n"


class CountedParser(LocalMailParser):
    """Counts how often each mail was parsed."""

    def __init__(self) -> None:
        self.parsed: Counter[bytes] = Counter()

    def read(self, octets: bytes) -> Mail | UnreadableMail:
        self.parsed[octets] += 1
        return super().read(octets)

    def read_soon(self, mails: Sequence[bytes]) -> SoonParsed:
        yield from map(self.read, mails)


def with_a_file(text: str) -> bytes:
    return a_multipart(PLAIN + text, A_PDF)


def parsed_again(memory: MailMemory, parser: CountedParser, octets: bytes) -> bool:
    before = parser.parsed[octets]
    assert memory.read(octets) == LocalMailParser().read(octets)
    return parser.parsed[octets] > before


def test_a_mail_whose_files_are_to_be_read_is_parsed_once_and_then_forgotten() -> None:
    parser = CountedParser()
    memory = MailMemory(parser)
    first, second = with_a_file("Voici ma lettre."), with_a_file("Voici la mienne.")
    assert list(memory.read_soon([first, second])) == list(parser.read_soon([first, second]))
    assert not parsed_again(memory, parser, second)
    assert not parsed_again(memory, parser, first)
    assert parsed_again(memory, parser, first)


def test_a_mail_without_such_files_is_parsed_again() -> None:
    parser = CountedParser()
    memory = MailMemory(parser)
    mails = [a_mail("Bonjour."), a_mail("", content_type="multipart/mixed; boundary=limite")]
    list(memory.read_soon(mails))
    assert all(parsed_again(memory, parser, octets) for octets in mails)


def test_where_there_is_no_room_what_came_first_stays() -> None:
    parser = CountedParser()
    memory = MailMemory(parser)
    fits, more = with_a_file("a" * (MOST_LETTERS // 3)), with_a_file("b" * (MOST_LETTERS // 3))
    list(memory.read_soon([fits, more]))
    assert parsed_again(memory, parser, more)
    assert not parsed_again(memory, parser, fits)
    list(memory.read_soon([more]))
    assert not parsed_again(memory, parser, more), "the room of the first one is free again"


def test_what_nobody_asks_for_makes_room() -> None:
    parser, now = CountedParser(), [0.0]
    memory = MailMemory(parser, lambda: now[0])
    left, next_one = with_a_file("Voici."), with_a_file("Voilà.")
    list(memory.read_soon([left]))
    now[0] = KEPT_SECONDS + 1
    list(memory.read_soon([next_one]))
    assert parsed_again(memory, parser, left)
    assert not parsed_again(memory, parser, next_one)


def test_a_mail_whose_files_nobody_reads_goes_with_the_next_mail_whatever_it_holds() -> None:
    parser, now = CountedParser(), [0.0]
    memory = MailMemory(parser, lambda: now[0])
    left = with_a_file("Voici.")
    for passes_by in (memory.read, lambda octets: list(memory.read_soon([octets]))):
        list(memory.read_soon([left]))
        now[0] += KEPT_SECONDS + 1
        passes_by(a_mail("Bonjour."))
        now[0] -= KEPT_SECONDS
        assert parsed_again(memory, parser, left)
