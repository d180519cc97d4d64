"""What the command line says of an arrival that waits without item."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.__main__ import main
from shared.content.blobs import LocalBlobs
from shared.facts.arrivals import Quarantine
from shared.platform.database import Pool
from tests.desk_builders import an_arrival
from tests.integration.desk.findings import a_mail, registered, wrote

pytestmark = pytest.mark.usefixtures("live_site", "environment")


async def shown(arrival: object, *options: str) -> Result:
    words = ("waiting", "show", str(arrival), *options)
    return await asyncio.to_thread(CliRunner().invoke, main, ["desk", *words])


async def test_quarantine_shows_who_wrote_when_and_what(pool: Pool, tmp_path: Path) -> None:
    pli = wrote("Ana Silva", "Mon titre", "Où en est-il ?", address="ana@x.example")
    held = await a_mail(
        LocalBlobs(tmp_path / "blobs"), "torn", pli, verdict=Quarantine(reason="mail-structure")
    )
    await registered(pool, held)
    said = await shown(held.arrival_id)
    assert said.output.splitlines() == [
        "word      quarantine",
        "reason    mail-structure",
        "source    mailbox:bmi",
        "received  2026-05-11T10:00:00+02:00",
        "from      Ana Silva <ana@x.example>",
        "subject   Mon titre",
        "",
        "Où en est-il ?",
    ]
    assert '"subject":"Mon titre"' in (await shown(held.arrival_id, "--json")).output


async def test_of_noise_nothing_is_invented(pool: Pool) -> None:
    noise = an_arrival("noise", verdict=Quarantine(reason="mail-without-header"), pli=None)
    letter = an_arrival("letter")
    await registered(pool, noise, letter)
    said = (await shown(noise.arrival_id)).output.splitlines()
    assert said[4:] == [
        "from      -",
        "subject   -",
        "",
        "Nothing of its text can be read; the original is kept.",
    ]
    assert "It waits no more" in (await shown(letter.arrival_id)).output
