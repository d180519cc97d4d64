"""Probe mails: through each mailbox, so often and once; the door knows them for what they are."""

from datetime import timedelta

from services.ingest.domain.full_mail import read_whole
from services.ingest.domain.judge_mail import MailboxPlace, judge
from services.ingest.domain.judgement import ArrivalJudgement
from services.ingest.domain.rules import rules
from services.notify.prober import Prober
from shared.facts.arrivals import Probe
from shared.platform.database import transaction
from shared.site.load import load_folder
from tests.contract.smtp.memory import MemoryMailer
from tests.ingest_builders import INDRE
from tests.integration.notify.conftest import SECRET, House
from tests.unit.notify.builders import MONDAY

BOXES = {"pref-courrier", "pref-bmi", "pref-bre", "pref-bsr", "pref-armes", "pref-pan"}
HOUR = timedelta(hours=1)


def prober(house: House, mailer: MemoryMailer) -> Prober:
    return Prober(house.pool, house.clock, house.rules, mailer, SECRET, HOUR)


def recipients(mailer: MemoryMailer) -> list[str]:
    return sorted(mail.recipient.partition("@")[0] for mail in mailer.taken)


async def test_a_probe_leaves_for_each_mailbox_once_an_hour_whoever_sends(house: House) -> None:
    one, other = MemoryMailer(), MemoryMailer()
    await prober(house, one).round()
    await prober(house, other).round()
    assert (recipients(one), recipients(other)) == (sorted(BOXES), [])
    house.clock.at = MONDAY + HOUR - timedelta(seconds=1)
    await prober(house, other).round()
    assert recipients(other) == []
    house.clock.at = MONDAY + HOUR
    await prober(house, other).round()
    assert recipients(other) == sorted(BOXES)


async def test_what_leaves_is_what_the_door_counts_as_a_probe(house: House) -> None:
    mailer = MemoryMailer()
    await prober(house, mailer).round()
    site = load_folder(INDRE)
    for envelope in mailer.taken:
        assert envelope.return_path == ""
        place = MailboxPlace("pref-bmi", None)
        octets = envelope.message
        (one,) = judge(octets, read_whole(octets), place, MONDAY, rules(site, SECRET))
        assert isinstance(one, ArrivalJudgement)
        assert one.verdict == Probe(sent_at=MONDAY)
        assert one.pli is None
    async with transaction(house.pool) as connection:
        sent = await connection.fetch("SELECT mailbox, sent_at FROM notify.probes")
    assert {row["mailbox"]: row["sent_at"] for row in sent} == dict.fromkeys(BOXES, MONDAY)
