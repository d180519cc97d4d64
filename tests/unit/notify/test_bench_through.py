"""The bench of the whole way: rules without caps, and mails of as many senders as there are."""

from datetime import time
from email import message_from_bytes
from pathlib import Path

from shared.site.load import load_folder
from tests.bench import through


def test_its_rules_lift_each_cap_and_the_rate(tmp_path: Path) -> None:
    notices = load_folder(through.lifted(tmp_path)).notices
    caps = notices.caps
    assert {
        *(caps.address_a_day, caps.domain_an_hour, caps.domain_a_day),
        *(caps.all_an_hour, caps.all_a_day, notices.outgoing_per_minute),
    } == {1_000_000}


def test_its_offices_are_open_or_closed_whatever_the_hour(tmp_path: Path) -> None:
    for hours, within in (("open", True), ("closed", False)):
        site = load_folder(through.lifted(tmp_path / hours, hours))
        of_services = [service.opening for service in site.services.services]
        offices = [site.identity.opening, *(hours for hours in of_services if hours)]
        noon = time(12)
        assert [office.opens <= noon < office.closes for office in offices] == [within, within]


def test_its_mails_lie_beside_the_mailbox_and_are_delivered_at_once(tmp_path: Path) -> None:
    through.filled(tmp_path, 3)
    assert list((tmp_path / "new").iterdir()) == []
    through.deliver(tmp_path)
    mails = [message_from_bytes(path.read_bytes()) for path in (tmp_path / "new").iterdir()]
    assert len({mail["From"] for mail in mails}) == len({mail["Message-ID"] for mail in mails}) == 3
