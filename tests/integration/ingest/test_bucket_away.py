"""Where originals lie in a bucket, the door waits for its server, and nothing is lost."""

from dataclasses import replace
from datetime import timedelta

from shared.content.bucket import BucketAddress, BucketBlobs
from shared.facts.envelope import BlobKey
from tests.bucket_server import BUCKET, KEY, SECRET, bucket_server, refuses
from tests.integration.ingest.bench import Bench, numbered


async def test_a_bucket_that_is_away_keeps_mails_in_their_mailbox_until_it_is_back(
    bench: Bench,
) -> None:
    with bucket_server() as server:
        address = BucketAddress(
            server.endpoint, BUCKET, KEY, SECRET, patience=timedelta(seconds=0.2)
        )
        blobs = BucketBlobs(address)
        bench = replace(bench, store=blobs)
        bench.folder.deliver(numbered(1))
        await bench.until(lambda: bench.arrived(1))
        await bench.rest()
        server.always = refuses("503 Slow Down", "SlowDown")
        for number in (2, 3):
            bench.folder.deliver(numbered(number))

        async def said() -> bool:
            return "it asks to slow down" in (bench.status.trouble or "")

        await bench.until(said)
        assert bench.folder.marked == {1}, "what is not kept is not marked"
        assert await bench.arrived(1)
        server.always = None
        await bench.until(lambda: bench.arrived(3))
        await bench.rest()
        assert bench.status.trouble is None
        assert bench.folder.marked == {1, 2, 3}
        original = [BlobKey(str(fact["original"])) for fact in await bench.told("Arrived")]
        assert [await blobs.get(key) for key in original] == [numbered(n) for n in (1, 2, 3)]
