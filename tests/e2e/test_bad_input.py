"""What is wrong outside is said in one sentence, and stops nothing else."""

import asyncio
import os
import resource
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from tests.e2e.house import INDRE, House

MEBIBYTE = 1 << 20
HEARERS = ("desk", "sla", "notify")


async def test_a_malformed_record_is_one_dead_letter_of_each_reader_and_the_rest_goes_on(
    live: House,
) -> None:
    before = {hearer: len(await _letters(live, hearer)) for hearer in HEARERS}
    producer = AIOKafkaProducer(bootstrap_servers=str(live.run["kafka"]))
    await producer.start()
    try:
        await producer.send_and_wait("vaguemestre.arrivals", b'{"type": "Arrived", ', key=b"\xff")
    finally:
        await producer.stop()
    mail = live.mail("Noe Suivant")
    await live.write(mail)
    await live.settle()
    assert len(await live.inbox(mail["address"])) == 1
    for service in HEARERS:
        letters = await _letters(live, service)
        assert len(letters) == before[service] + 1
        assert "arrivals" in letters[-1]
        number = letters[-1].split()[0]
        await live.does(service, "dead-letters", "drop", number, typed="y\n")
        assert len(await _letters(live, service)) == before[service]


async def test_a_blob_folder_that_takes_nothing_marks_nothing_and_resumes(live: House) -> None:
    # The kernel refuses what grows a file beyond its limit: to the process its disk is full.
    pid = int(live.run["pids"]["ingest"])
    large = live.mail("Luc Volumineux", text="Une très longue lettre.\n" * 200_000)
    before = await live.ask("SELECT count(*) FROM ingest.arrivals")
    log = (live.running.data / "logs" / "ingest.log").stat().st_size
    with _files_of_at_most(pid, log + MEBIBYTE):
        await live.write(large)
        source = "source mailbox:pref-bmi"
        await live.when(
            lambda: "Blobs in" in live.unwell("ingest").get(source, ""), "trouble with the folder"
        )
        assert live.health("ingest")[0] == 503
        assert await live.ask("SELECT count(*) FROM ingest.arrivals") == before
        other = live.mail("Nina Ailleurs")
        await live.write(other, to=("pref-bsr",))
        await live.when_asked("SELECT count(*) = $1 + 1 FROM ingest.arrivals", before)
    await live.when_asked("SELECT count(*) = $1 + 2 FROM ingest.arrivals", before)
    await live.settle()
    assert len(await live.inbox(large["address"])) == 1
    assert live.health("ingest")[0] == 200


async def test_a_busy_port_is_one_sentence_and_exit_code_1(live: House) -> None:
    port = str(live.run["http_ports"]["sla"])
    given = {"VAGUEMESTRE_DATA": str(live.running.data), "VAGUEMESTRE_HTTP_PORT": port}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services", "sla", "run"),
        env=os.environ | given,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 300)
    assert process.returncode == 1
    assert port in said.decode()
    assert "Traceback" not in said.decode()


async def test_an_unknown_service_in_a_rule_is_named_by_file_and_line(
    live: House, tmp_path: Path
) -> None:
    shutil.copytree(INDRE, tmp_path / "site")
    routing = tmp_path / "site" / "routing.yaml"
    text = routing.read_text()
    wrong = "then: {category: naturalisation, service: bmj}"
    assert "then: {category: naturalisation, service: bmi}" in text
    text = text.replace("then: {category: naturalisation, service: bmi}", wrong)
    routing.write_text(text)
    line = text[: text.index(wrong)].count("\n") + 1
    said = await live.says("site", "check", str(tmp_path / "site"))
    assert said.code == 1
    assert f"routing.yaml:{line}" in said.output
    assert "bmj" in said.output


async def _letters(live: House, service: str) -> list[str]:
    return (await live.does(service, "dead-letters", "list")).output.splitlines()


@contextmanager
def _files_of_at_most(pid: int, octets: int) -> Iterator[None]:
    if not hasattr(resource, "prlimit"):
        pytest.skip("This kernel lets nobody limit another process.")
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))
