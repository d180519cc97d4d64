"""What a bucket's server may do instead of answering: nothing is lost, and it is said in words."""

import http.client
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from shared.content.blobs import NoSuchBlob, key_of
from shared.content.bucket import BucketAddress, BucketBlobs
from shared.errors import TemporaryFailure
from tests.bucket_server import (
    BUCKET,
    KEY,
    SECRET,
    SERVERS,
    BucketServer,
    bucket_server,
    cut,
    dies_after,
    refuses,
)

ARRIVAL = UUID("5f0f8f0e-0000-5000-8000-000000000001")
CONTENT = b"Monsieur le pr\xe9fet," * 1_000
SLOW = refuses("503 Slow Down", "SlowDown")


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[BucketServer]:
    with bucket_server(request.param) as running:
        yield running


@pytest.fixture
def address(server: BucketServer) -> BucketAddress:
    return BucketAddress(server.endpoint, BUCKET, KEY, SECRET, patience=timedelta(seconds=5))


async def test_a_put_whose_answer_was_lost_is_put_again_and_is_there_once(
    server: BucketServer, address: BucketAddress
) -> None:
    server.faults.append(dies_after)
    blobs = BucketBlobs(address)
    key = await blobs.put(2026, ARRIVAL, CONTENT)
    assert [line.partition(" ")[0] for line in server.asked] == ["PUT", "PUT", "GET"]
    assert await blobs.get(key) == CONTENT
    assert [file.name async for file in blobs.files()] == [key]


async def test_a_server_that_asks_to_slow_down_is_tried_again_and_given_up(
    server: BucketServer, address: BucketAddress
) -> None:
    blobs = BucketBlobs(address)
    server.faults.extend([SLOW, SLOW])
    key = await blobs.put(2026, ARRIVAL, CONTENT)
    server.faults.append(SLOW)
    assert await blobs.get(key) == CONTENT
    server.always = SLOW
    with pytest.raises(TemporaryFailure, match="it asks to slow down"):
        await blobs.put(2026, ARRIVAL, CONTENT)
    with pytest.raises(TemporaryFailure, match="it asks to slow down"):
        await blobs.get(key)


async def test_a_body_that_breaks_off_is_never_taken_for_the_whole(
    server: BucketServer, address: BucketAddress
) -> None:
    blobs = BucketBlobs(address)
    key = await blobs.put(2026, ARRIVAL, CONTENT)
    server.faults.append(cut)
    assert await blobs.get(key) == CONTENT
    server.always = cut
    with pytest.raises(TemporaryFailure, match="can't be reached, or broke off"):
        await blobs.get(key)


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        ("403 Forbidden", "RequestTimeTooSkewed", "clock of this machine, or the server's"),
        ("403 Forbidden", "SignatureDoesNotMatch", "correct VAGUEMESTRE_BUCKET_SECRET"),
        ("403 Forbidden", "InvalidAccessKeyId", "correct VAGUEMESTRE_BUCKET_KEY"),
        ("403 Forbidden", "AccessDenied", "let this key list the bucket"),
        ("404 Not Found", "NoSuchBucket", "create it, or correct VAGUEMESTRE_BUCKET"),
        ("404 Not Found", "", "it answers with an error"),
        ("507 Insufficient Storage", "QuotaExceeded", "raise it"),
        ("500 Internal Server Error", "InternalError", "InternalError"),
    ],
)
async def test_what_the_server_refuses_waits_for_a_person_and_names_no_secret(
    server: BucketServer,
    address: BucketAddress,
    caplog: pytest.LogCaptureFixture,
    status: str,
    code: str,
    advice: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    blobs = BucketBlobs(replace(address, patience=timedelta(seconds=1)))
    key = await blobs.put(2026, ARRIVAL, CONTENT)
    server.always = refuses(status, code)
    said = list[str]()
    for call in (
        blobs.get(key), blobs.put(2026, ARRIVAL, b"2"), blobs.destroy(2026, ARRIVAL),
        blobs.answers(), blobs.find_missing([key]),
    ):  # fmt: skip
        with pytest.raises(TemporaryFailure) as failure:
            await call
        said.append(str(failure.value))
    assert all(advice in sentence for sentence in said[:4]), said
    shown = "".join([*said, caplog.text, repr(blobs), repr(address)])
    assert SECRET not in shown
    assert "may not" not in shown, "what a server says is its own, and may name keys"
    server.always = None
    assert await blobs.get(key) == CONTENT


async def test_a_wrong_secret_and_an_absent_bucket_are_named(address: BucketAddress) -> None:
    absent = BucketBlobs(replace(address, name="nulle-part"))
    key = key_of(2026, ARRIVAL, CONTENT)
    for call in (
        absent.put(2026, ARRIVAL, CONTENT), absent.answers(), absent.destroy(2026, ARRIVAL),
        absent.get(key),
    ):  # fmt: skip
        with pytest.raises(TemporaryFailure, match="no such bucket"):
            await call


async def test_a_server_that_is_away_is_said_to_be(address: BucketAddress) -> None:
    away = BucketBlobs(
        replace(address, endpoint="http://127.0.0.1:1", patience=timedelta(seconds=1))
    )
    for call in (away.put(2026, ARRIVAL, CONTENT), away.answers()):
        with pytest.raises(TemporaryFailure, match=r"127\.0\.0\.1:1: it can't be reached"):
            await call


async def test_what_failed_of_several_leaves_no_request_under_way(
    server: BucketServer, address: BucketAddress
) -> None:
    blobs = BucketBlobs(replace(address, patience=timedelta(seconds=1)))
    server.faults.append(refuses("403 Forbidden", "AccessDenied"))
    with pytest.raises(TemporaryFailure):
        await blobs.remove(f"2026/{ARRIVAL}/{number}" for number in range(40))
    with pytest.raises(NoSuchBlob):
        await blobs.get(key_of(2026, ARRIVAL, b"nothing"))


@pytest.mark.parametrize("server", ["moto"], indirect=True)
async def test_a_bucket_that_keeps_former_versions_is_refused(
    server: BucketServer, address: BucketAddress
) -> None:
    version(server, "Enabled")
    with pytest.raises(TemporaryFailure, match="suspend its versioning"):
        await BucketBlobs(address).put(2026, ARRIVAL, CONTENT)
    version(server, "Suspended")
    key = await BucketBlobs(address).put(2026, ARRIVAL, b"2")
    assert await BucketBlobs(address).get(key) == b"2"


def version(server: BucketServer, status: str) -> None:
    connection = http.client.HTTPConnection(server.endpoint.removeprefix("http://"))
    connection.request(
        "PUT",
        f"/{BUCKET}?versioning",
        f"<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>",
    )
    assert connection.getresponse().status == 200
    connection.close()
