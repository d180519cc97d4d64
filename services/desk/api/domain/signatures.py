"""Signatures of what webhooks are told, after Standard Webhooks. Pure.

    webhook-id         the fact's id: the same at each attempt
    webhook-timestamp  the attempt's Unix time in seconds
    webhook-signature  v1,BASE64(HMAC-SHA256(secret, "<id>.<timestamp>.<body>"))

While a secret is being replaced there are two signatures with a blank between: a receiver accepts
the message if one of them is right by the secret that it knows.
"""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from typing import Final

PREFIX: Final = "whsec_"


def format_secret(secret: bytes) -> str:
    """Formats a webhook's secret for its receiver to enter: `whsec_` and base64."""
    return PREFIX + b64encode(secret).decode()


def signature(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """Computes the signature of a webhook message: `v1,` and base64.

    `timestamp`: Unix time in seconds.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{b64encode(hmac.digest(secret, signed, 'sha256')).decode()}"


def headers(
    secrets: Sequence[bytes], message_id: str, timestamp: int, body: bytes
) -> Sequence[tuple[str, str]]:
    """Makes the three headers of a webhook message, signed by each secret, the newest first.

    `timestamp`: Unix time in seconds.
    """
    signed = " ".join(signature(secret, message_id, timestamp, body) for secret in secrets)
    return (
        ("webhook-id", message_id),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", signed),
    )
