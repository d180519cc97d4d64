"""A made mail: header lines in any order and case, below the trace that our server writes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

PEOPLE = ("claire.renard", "j.dubois", "ana-m", "paul_roy", "bouncer.club", "noreen", "d.bell")
DOMAINS = ("orange.example", "laposte.example", "mairie.example", "univ.example", "free.example")
WORDS = ("titre de séjour", "permis", "association", "carte grise", "rendez-vous", "passeport")


@dataclass
class Draft:
    """A mail under way: header lines in their order and a body."""

    sender: str
    subject: str
    body: str
    return_path: str | None = None
    fields: list[tuple[str, str]] = field(default_factory=list)
    content_type: str = "text/plain; charset=utf-8"
    hops: int = 1

    def octets(self, random: Random) -> bytes:
        """As our server delivered it."""
        trace = [f"Return-Path: <{self.return_path}>"] if self.return_path is not None else []
        trace += [
            "Received: from relais.example by mx.indre.example; Mon, 11 May 2026 10:00:00 +0200",
            f"Authentication-Results: mx.indre.example; dmarc={random.choice(('pass', 'none'))}",
        ]
        trace += [
            f"Received: from a{hop}.example by b{hop}.example; Mon, 11 May 2026 09:59:00 +0200"
            for hop in range(self.hops)
        ]
        written = [
            ("From", self.sender),
            ("To", "pref-bmi@indre.example"),
            ("Subject", self.subject),
            ("Date", "Mon, 11 May 2026 09:59:00 +0200"),
            ("Message-ID", f"<{random.getrandbits(64):x}@relais.example>"),
            ("MIME-Version", "1.0"),
            ("Content-Type", self.content_type),
            *self.fields,
        ]
        random.shuffle(written)
        lines = [*trace, *(f"{_cased(name, random)}: {value}" for name, value in written)]
        return "\r\n".join([*lines, "", self.body.replace("\n", "\r\n"), ""]).encode()


def _cased(name: str, random: Random) -> str:
    return random.choice((name, name.lower(), name.title()))


def person(random: Random) -> str:
    return f"{random.choice(PEOPLE)}@{random.choice(DOMAINS)}"


def some(random: Random, fields: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """At least one of them: gateways drop headers."""
    return random.sample(list(fields), random.randint(1, len(fields)))
