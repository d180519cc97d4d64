"""How long a sender waits, in real time: mail accepted by SMTP → receipt in their mailbox."""

import smtplib
import time
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from typing import Any

from deploy.demo.deliver import await_mails

MAILS = 12
WITHIN = 20.0


def measure(run: Mapping[str, Any], to: str) -> Sequence[float]:
    """Measures how many seconds each of a dozen demo emails waits for its receipt, sorted.

    `inf`: none came.
    """
    return sorted(_one(run, to, number) for number in range(MAILS))


def _one(run: Mapping[str, Any], to: str, number: int) -> float:
    address = f"chronometre{number}@courriel.example"
    message = EmailMessage()
    message["From"], message["To"] = address, to
    message["Subject"] = "Question sur mon dossier"
    message["Message-ID"] = f"<latence.{number}.{time.monotonic_ns()}@courriel.example>"
    message.set_content("Bonjour, quand puis-je venir déposer mon dossier ? Merci.")
    with smtplib.SMTP(run["smtp_host"], run["smtp_port"], timeout=10) as server:
        server.send_message(message, from_addr=address, to_addrs=[to])
    accepted = time.monotonic()
    mails = await_mails(run, address, address, 1, WITHIN)
    return time.monotonic() - accepted if mails else float("inf")


def percentile(sorted_seconds: Sequence[float], share: float) -> float:
    """Returns the smallest value that at least `share` of the values do not exceed."""
    return sorted_seconds[max(0, -(-int(share * 100) * len(sorted_seconds) // 100) - 1)]
