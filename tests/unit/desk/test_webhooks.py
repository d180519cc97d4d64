"""Webhooks: signatures, what is told, how often it is tried; pure."""

import json
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.desk.api.domain.signatures import format_secret, headers, signature
from services.desk.api.domain.webhooks import (
    MOST_ATTEMPTS,
    TYPES,
    Webhook,
    WebhookEvent,
    WebhookId,
    WebhookSecret,
    pause_after,
)
from shared.content.site_keys import SiteKeys, key_id
from shared.facts.envelope import ItemId
from shared.platform.clock import SystemClock
from shared.web.application_tokens import KeyId

SECRET = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
OTHER = b"b" * 32
BODY = b'{"test": 2432232314}'
NOW = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
HOOK = WebhookId(UUID(int=7))
WEBHOOK = Webhook(
    webhook=HOOK,
    key=KeyId("0123456789ab"),
    url="https://example.org/in",
    types=None,
    secret=WebhookSecret(b"n" * 32, key_id(b"site")),
    given_by="account:local",
    given_at=NOW,
)


@pytest.mark.parametrize(
    ("secret", "message", "at", "body", "mac"),
    [
        (SECRET, MESSAGE, 1614265330, BODY, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        (OTHER, "m", 0, b"", "fu5B2GenDmXB3dyhKiE8SGN2CdSLHszv5Akt1R58gQU="),
        (OTHER, "m", 1, "é".encode(), "a4ii2KIrIT0bYLwuc+UYJe/oVJw6AFmhOxwpKwZWFK4="),
    ],
)
def test_a_signature_is_the_one_that_openssl_makes(
    secret: bytes, message: str, at: int, body: bytes, mac: str
) -> None:
    # printf '%s' ID.AT.BODY | openssl dgst -sha256 -mac HMAC -macopt hexkey:… -binary | base64
    # The first is the example of Standard Webhooks.
    assert signature(secret, message, at, body) == f"v1,{mac}"


def test_a_secret_is_shown_as_standard_webhooks_writes_it() -> None:
    assert format_secret(SECRET) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_two_secrets_sign_side_by_side_the_newest_first() -> None:
    found = dict(headers([OTHER, SECRET], "m", 0, b""))
    first, second = found["webhook-signature"].split(" ")
    assert first == "v1,fu5B2GenDmXB3dyhKiE8SGN2CdSLHszv5Akt1R58gQU="
    assert second == signature(SECRET, "m", 0, b"")
    assert (found["webhook-id"], found["webhook-timestamp"]) == ("m", "0")


def test_the_receiver_of_the_reference_takes_what_we_sign_and_nothing_else() -> None:
    page = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    program: dict[str, Any] = {}
    exec(page.split("```python\n")[1].split("```")[0], program)  # noqa: S102  (ours)
    at = int(SystemClock().now().timestamp())
    both = dict(headers([OTHER, SECRET], "m", at, BODY))
    for secret in (OTHER, SECRET):
        assert program["verified"](format_secret(secret), both, BODY)
    assert not program["verified"](format_secret(b"c" * 32), both, BODY)
    assert not program["verified"](format_secret(SECRET), both, BODY + b" ")
    assert not program["verified"](format_secret(SECRET), {**both, "webhook-id": "n"}, BODY)
    old = dict(headers([SECRET], "m", at - 301, BODY))
    assert not program["verified"](format_secret(SECRET), old, BODY)


def test_what_is_told_has_numbers_and_a_type_and_nothing_else() -> None:
    event = WebhookEvent(
        UUID(int=1), ItemId(UUID(int=2)), "36-2026-A-000001", 3, "ItemAssigned", NOW
    )
    assert json.loads(event.body("https://courrier.example/")) == {
        "specversion": "1.0",
        "id": "00000000-0000-0000-0000-000000000001",
        "source": "https://courrier.example/api/v1",
        "type": "vaguemestre.item.ItemAssigned",
        "subject": "36-2026-A-000001",
        "time": "2026-05-12T08:00:00Z",
        "datacontenttype": "application/json",
        "data": {
            "fact": "ItemAssigned",
            "seq": 3,
            "chrono": "36-2026-A-000001",
            "item": "https://courrier.example/api/v1/items/36-2026-A-000001",
        },
    }


def test_the_types_are_those_of_the_topic_of_items() -> None:
    assert {"ItemRegistered", "ItemAssigned", "ItemClosed", "LetterPosted"} & TYPES
    assert "None" not in TYPES
    assert len(TYPES) > 30


def test_a_pause_triples_up_to_eight_hours_and_ends_after_three_days() -> None:
    plain = [pause_after(attempts, 0.5) for attempts in range(1, MOST_ATTEMPTS)]
    seconds = [pause.total_seconds() for pause in plain if pause is not None]
    assert seconds == [10, 30, 90, 270, 810, 2430, 7290, 21870, *[28800] * 9]
    assert timedelta(days=3) < timedelta(seconds=sum(seconds)) < timedelta(days=4)
    assert pause_after(MOST_ATTEMPTS, 0.5) is None


def test_a_pause_is_a_fifth_shorter_or_longer_by_luck() -> None:
    assert pause_after(1, 0.0) == timedelta(seconds=8)
    assert pause_after(1, 1.0) == timedelta(seconds=12)


def test_a_receiver_may_ask_for_a_longer_pause_and_for_no_shorter_one() -> None:
    assert pause_after(1, 0.5, timedelta(seconds=60)) == timedelta(seconds=60)
    assert pause_after(2, 0.5, timedelta(seconds=1)) == timedelta(seconds=30)
    assert pause_after(1, 0.5, timedelta(days=9)) == timedelta(hours=8)


def test_a_secret_needs_the_sites_secret_and_the_rows_nonce() -> None:
    keys = SiteKeys(b"site")
    (secret,) = WEBHOOK.secrets(keys, NOW)
    assert len(secret) == 32
    assert WEBHOOK.secrets(keys, NOW) == [secret]
    assert WEBHOOK.secrets(SiteKeys(b"another"), NOW) == []
    other = replace(WEBHOOK, secret=replace(WEBHOOK.secret, nonce=b"m" * 32))
    assert other.secrets(keys, NOW) != [secret]
    assert replace(WEBHOOK, webhook=WebhookId(UUID(int=8))).secrets(keys, NOW) != [secret]


def test_a_secret_outlives_the_rotation_of_the_sites_secret() -> None:
    (secret,) = WEBHOOK.secrets(SiteKeys(b"site"), NOW)
    rotated = SiteKeys(b"new", ((b"site", date(2026, 6, 1)),), b"first")
    assert WEBHOOK.secrets(rotated, NOW) == [secret]
    assert WEBHOOK.secrets(SiteKeys(b"new", (), b"site"), NOW) == [secret]
    assert WEBHOOK.secrets(SiteKeys(b"new"), NOW) == []


def test_a_replaced_secret_signs_until_its_moment() -> None:
    keys = SiteKeys(b"site")
    (secret,) = WEBHOOK.secrets(keys, NOW)
    new = replace(
        WEBHOOK,
        secret=WebhookSecret(b"m" * 32, key_id(b"site")),
        former=WEBHOOK.secret,
        former_until=NOW,
    )
    assert secret not in new.secrets(keys, NOW)
    assert new.secrets(keys, NOW - timedelta(seconds=1))[1] == secret
