"""Health is 200 when every part is well, else 503 and why."""

import json

from shared.platform.observability.health import Health, State, Unwell, Well


async def well() -> State:
    return Well({"items": 0})


async def unwell() -> State:
    return Unwell("Kafka does not answer.")


async def breaks() -> State:
    raise ZeroDivisionError


async def test_all_well_is_200() -> None:
    health = Health("sla")
    health.add({"listening": well})
    status, body = await health.answer()
    assert (status, json.loads(body)) == (
        200,
        {
            "status": "ok",
            "service": "sla",
            "checks": {"listening": {"ok": True, "detail": {"items": 0}}},
        },
    )


async def test_one_part_unwell_is_503_and_says_why() -> None:
    health = Health("sla")
    health.add({"listening": well, "kafka": unwell, "rules": breaks})
    status, body = await health.answer()
    checks = json.loads(body)["checks"]
    assert status == 503
    assert checks["kafka"] == {"ok": False, "why": "Kafka does not answer."}
    assert checks["rules"] == {"ok": False, "why": "The check failed: ZeroDivisionError."}
    assert checks["listening"]["ok"]
