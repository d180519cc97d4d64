"""`desk evidence verify` names what one hand has changed, and its exit code says so."""

import asyncio

import pytest
from click.testing import CliRunner, Result

from services.__main__ import main
from tests.integration.desk.proven import LATE, OTHER, Proven

pytestmark = pytest.mark.usefixtures("environment")

CHECKED = "10 documents, 1 months, 6 chains, 2 roots"
"""Of each of five letters the original and the pli."""


async def verified(*words: str) -> Result:
    typed = ("desk", "evidence", "verify", *words)
    return await asyncio.to_thread(CliRunner().invoke, main, typed)


async def test_tamper_one_figure_of_a_closed_month_is_named_by_the_command(month: Proven) -> None:
    said = await verified("--all")
    assert said.exit_code == 0, said.output
    assert said.output.splitlines()[-1] == f"{CHECKED}: all holds."
    await month.sql(
        "UPDATE desk.closed_promises SET days = 15 WHERE item_id = $1", chrono=LATE, free=True
    )
    said = await verified("--all")
    assert said.exit_code == 1, said.output
    lines = said.output.splitlines()
    assert f"{LATE}: 2026-05 reply days: from 17 to 15" in lines
    assert lines[-1] == f"{CHECKED}: something differs."


async def test_tamper_one_octet_of_an_original_is_named_by_the_command(month: Proven) -> None:
    """Of the whole store, and of its item alone; of another item nothing differs."""
    original = month.blob("letter 5")
    octets = bytearray(original.read_bytes())
    octets[0] ^= 1
    original.write_bytes(bytes(octets))
    said = await verified("--all")
    assert said.exit_code == 1, said.output
    named = f"{OTHER}: document {original.name}: from conforme to altéré"
    assert [line for line in said.output.splitlines() if "document " in line] == [named]
    said = await verified(OTHER)
    assert said.exit_code == 1, said.output
    assert said.output.splitlines()[0] == f"document {original.name}: altéré"
    assert (await verified(LATE)).exit_code == 0
