"""The probe mail: our own question through each mailbox, « does what is sent arrive? ».

A probe is counted and not kept, so nothing but our signature makes one: a stranger who borrows the
probe's address is read like anybody else.
"""

import re
from datetime import datetime

from shared.content.site_keys import SiteKeys

_SUBJECT = re.compile(r"^\[probe (\d{4}-\d\d-\d\dT[0-9:.]{8,15}\+00:00) ([0-9a-f]{64})\]$")


def probe_subject(secret: SiteKeys, sent_at: datetime) -> str:
    """Returns the signed subject of a probe (test email) sent at this moment (aware, UTC)."""
    moment = sent_at.isoformat()
    return f"[probe {moment} {secret.digest('probe', moment)}]"


def probe_sent_at(secret: SiteKeys, subject: str) -> datetime | None:
    """Returns the moment at which a probe (test email) was sent, from its subject.

    `None`: the mail is no probe of ours.
    """
    found = _SUBJECT.match(subject.strip())
    if found is None or not secret.verify_digest("probe", found[1], found[2]):
        return None
    try:
        return datetime.fromisoformat(found[1])
    except ValueError:
        return None
