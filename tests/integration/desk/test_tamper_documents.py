"""A document that is altered or deleted is red: the day's the same night, any within thirty."""

from datetime import timedelta

from services.desk.evidence.verification.ground import SLICES
from services.desk.evidence.verification.night import tonight
from tests.desk_builders import GO_LIVE
from tests.integration.desk.proven import OTHER, TONIGHT, Proven

DAY = timedelta(days=1)
YESTERDAY = "letter of yesterday"


async def test_tamper_one_octet_of_a_scan(month: Proven) -> None:
    original = month.blob("letter 5")
    octets = bytearray(original.read_bytes())
    octets[0] ^= 1
    original.write_bytes(bytes(octets))
    (found,) = await differences_of_its_night(month, original.name)
    assert found == f"{OTHER}: document {original.name}: from conforme to altéré"


async def test_tamper_a_scan_is_deleted_without_a_decision(month: Proven) -> None:
    original = month.blob("letter 5")
    original.unlink()
    (found,) = await differences_of_its_night(month, original.name)
    assert found == f"{OTHER}: document {original.name}: from conforme to manquant sans décision"


async def test_tamper_one_octet_of_a_scan_of_the_day_before_is_red_the_same_night(
    month: Proven,
) -> None:
    await month.arrives(YESTERDAY, TONIGHT.date() - DAY)
    original = month.blob(YESTERDAY)
    assert not tonight(TONIGHT.date(), TONIGHT).includes(original.name, GO_LIVE), (
        "another thirtieth"
    )
    original.write_bytes(b"another")
    chrono = await month.desk.fetchval("SELECT max(chrono) FROM desk.items")
    found = [str(difference) for difference in (await month.night()).differences]
    assert f"{chrono}: document {original.name}: from conforme to altéré" in found


async def differences_of_its_night(month: Proven, document: str) -> list[str]:
    """What the night finds in which this document's thirtieth of the store is read."""
    nights = (TONIGHT + timedelta(days=after) for after in range(SLICES))
    (its,) = [night for night in nights if tonight(night.date(), night).includes(document, GO_LIVE)]
    return [
        str(difference)
        for difference in (await month.night(its)).differences
        if difference.check == "document"
    ]
