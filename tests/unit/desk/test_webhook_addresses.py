"""Where a webhook may lead: the addresses that are typed, and those that a name leads to."""

import asyncio
import math
from collections.abc import Sequence
from ipaddress import ip_network

import httpcore
import pytest
from pydantic import ValidationError

from services.desk.api.domain.public_addresses import parse_url, reachable
from services.desk.api.webhook_client import (
    ANSWER_SECONDS,
    AddressRefused,
    JudgedBackend,
    Lookups,
    WebhookClient,
)
from shared.errors import Refused
from shared.site.tables.identity import WebhookPlaces

NOTHING = WebhookPlaces()
INSIDE = WebhookPlaces(
    networks=("10.36.4.0/24", "fd36:4::/64"), plain_hosts=("parapheur.indre.local",)
)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3"),  # noqa: S104  (refused)
        *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"),
        *("169.254.169.254", "192.0.2.1", "198.18.0.1", "203.0.113.7"),
        *("224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00::1", "fec0::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1", "::7f00:1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1"),
        *("2002:7f00:1::1", "2002:a9fe:a9fe::1", "2001:0:7f00:1::1", "2001:db8::1", "100::1"),
        *("localhost", "2130706433", "0x7f000001", "127.1", "", "1.2.3.4.5"),
    ],
)
def test_what_only_we_reach_is_not_reached(address: str) -> None:
    assert not reachable(address, [])


@pytest.mark.parametrize(
    "address",
    [
        *("8.8.8.8", "172.32.0.1", "11.0.0.1", "193.0.14.129", "223.255.255.1"),
        *("2001:4860:4860::8888", "2a01:e0a::1", "::ffff:8.8.8.8"),
    ],
)
def test_public_addresses_are_reached(address: str) -> None:
    assert reachable(address, [])


@pytest.mark.parametrize(
    ("address", "reached"),
    [
        ("10.36.4.7", True),
        ("::ffff:10.36.4.7", True),
        ("10.36.5.7", False),
        ("fd36:4::7", True),
        ("fd36:5::7", False),
        ("127.0.0.1", False),
    ],
)
def test_a_private_network_is_reached_where_the_site_names_it(address: str, reached: bool) -> None:  # noqa: FBT001  (a row)
    networks = [ip_network("10.36.4.0/24"), ip_network("fd36:4::/64")]
    assert reachable(address, networks) is reached


@pytest.mark.parametrize(
    "url",
    [
        "https://application.example/vaguemestre?a=b",
        "https://application.example.:8443/",
        "https://8.8.8.8/",
        "https://[2a01:e0a::1]/",
        "https://10.36.4.7/in",
        "http://parapheur.indre.local:8080/in",
    ],
)
def test_addresses_that_a_webhook_may_have(url: str) -> None:
    assert parse_url(url, INSIDE).geturl() == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://application.example/", "webhook-https"),
        ("ftp://application.example/", "webhook-https"),
        ("file:///etc/passwd", "webhook-https"),
        ("gopher://parapheur.indre.local/", "webhook-https"),
        ("", "webhook-https"),
        ("https://", "webhook-address"),
        ("https:///path", "webhook-address"),
        ("https://user@application.example/", "webhook-address"),
        ("https://user:word@application.example/", "webhook-address"),
        ("https://application.example/#part", "webhook-address"),
        ("https://application.example:0/", "webhook-address"),
        ("https://application.example:99999/", "webhook-address"),
        ("https://application.example\\@127.0.0.1/", "webhook-address"),
        ("https://application.example/ x", "webhook-address"),
        ("https://application.example/\r\nHost: other", "webhook-address"),
        ("https://préfecture.example/", "webhook-address"),
        ("https://2130706433/", "webhook-address"),
        ("https://0x7f000001/", "webhook-address"),
        ("https://0x7f.1/", "webhook-address"),
        ("https://0177.0.0.1/", "webhook-address"),
        ("https://127.1/", "webhook-address"),
        ("https://application.example.1/", "webhook-address"),
        ("https://exa%6dple.org/", "webhook-address"),
        ("https://127.0.0.1/", "webhook-private"),
        ("https://169.254.169.254/latest/meta-data", "webhook-private"),
        ("https://10.36.5.1/", "webhook-private"),
        ("https://[::1]/", "webhook-private"),
        ("https://[::ffff:127.0.0.1]/", "webhook-private"),
        ("https://[fe80::1]/", "webhook-private"),
        (f"https://application.example/{'x' * 500}", "webhook-address"),
    ],
)
def test_addresses_that_a_webhook_may_not_have(url: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_url(url, INSIDE)
    assert refused.value.why == why


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0", "10.36.4.1/24", "indre"])
def test_a_site_names_networks_and_not_everything(network: str) -> None:
    with pytest.raises(ValidationError):
        WebhookPlaces(networks=(network,))


class Names:
    """A resolver that answers each question by the next row; it counts them."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        assert (host, port) == ("application.example", 443)
        self.asked += 1
        return self.answers.pop(0)


class Connected(httpcore.AsyncMockBackend):
    """A network that refuses to connect and says to what it should have."""

    def __init__(self) -> None:
        super().__init__([])
        self.to = list[str]()

    async def connect_tcp(self, host: str, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        self.to.append(host)
        raise httpcore.ConnectError("nobody")


def backend(names: Names) -> tuple[JudgedBackend, Connected]:
    made, network = JudgedBackend(lambda address: reachable(address, []), names), Connected()
    made._network = network  # type: ignore[assignment]  # noqa: SLF001  (in place of the system's)
    return made, network


async def test_it_connects_to_the_addresses_that_were_judged_and_asks_no_name_again() -> None:
    names = Names(["8.8.8.8", "2a01:e0a::1"])
    judging, network = backend(names)
    with pytest.raises(httpcore.ConnectError):
        await judging.connect_tcp("application.example", 443)
    assert network.to == ["8.8.8.8", "2a01:e0a::1"]
    assert names.asked == 1


class Silent(Connected):
    """A network that answers by IPv4 alone: what is sent by IPv6 is dropped."""

    def __init__(self) -> None:
        super().__init__()
        self.waits = list[object]()

    async def connect_tcp(
        self, host: str, *more: object, **_: object
    ) -> httpcore.AsyncNetworkStream:
        self.to.append(host)
        self.waits.append(more[1])
        if ":" in host:
            raise httpcore.ConnectTimeout
        return httpcore.AsyncMockStream([])


async def test_addresses_that_drop_all_leave_time_for_the_one_that_answers() -> None:
    judging, _ = backend(Names(["2a01:e0a::1", "2a01:e0a::1", "8.8.8.8"]))
    network = Silent()
    judging._network = network  # type: ignore[assignment]  # noqa: SLF001  (as above)
    await judging.connect_tcp("application.example", 443)
    assert network.to[-1] == "8.8.8.8"
    longest = [wait if isinstance(wait, float) else math.inf for wait in network.waits]
    assert sum(longest) < ANSWER_SECONDS


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["8.8.8.8", "::ffff:10.0.0.1"]]
)
async def test_one_private_address_among_public_ones_is_enough_to_refuse(found: list[str]) -> None:
    judging, network = backend(Names(found))
    with pytest.raises(AddressRefused):
        await judging.connect_tcp("application.example", 443)
    assert network.to == []


async def test_a_name_that_leads_elsewhere_the_second_time_is_judged_the_second_time() -> None:
    judging, network = backend(Names(["8.8.8.8"], ["127.0.0.1"]))
    with pytest.raises(httpcore.ConnectError):
        await judging.connect_tcp("application.example", 443)
    with pytest.raises(AddressRefused):
        await judging.connect_tcp("application.example", 443)
    assert network.to == ["8.8.8.8"]


async def test_a_host_without_address_is_not_reached_and_no_socket_of_this_machine_is() -> None:
    judging, _ = backend(Names([]))
    with pytest.raises(httpcore.ConnectError):
        await judging.connect_tcp("application.example", 443)
    with pytest.raises(AddressRefused):
        await judging.connect_unix_socket("/run/postgresql/.s.PGSQL.5432")


async def test_a_refused_address_is_an_answer_of_its_own() -> None:
    async def home(host: str, port: int) -> Sequence[str]:
        del host, port
        return ["127.0.0.1"]

    async with WebhookClient([], 1, resolve=home) as client:
        answer = await client.post("https://application.example/", (), b"{}")
    assert (answer.accepted, answer.why) == (False, "address")


async def test_a_name_that_never_resolves_costs_no_longer_than_the_limit() -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        del host, port
        await asyncio.Event().wait()
        return []

    async with WebhookClient([], 1, resolve=never, seconds=0.01) as client:
        answer = await client.post("https://application.example/", (), b"{}")
    assert answer.why == "too-slow"


async def test_names_are_looked_up_on_threads_of_their_own() -> None:
    lookups = Lookups()
    assert "127.0.0.1" in await lookups("localhost", 443)
    lookups.close()
    with pytest.raises(RuntimeError):
        await lookups("localhost", 443)
