"""Mails of machines (tests/machine_layouts.py) and of people, made from a seed."""

from collections.abc import Iterator
from random import Random

from tests.machine_layouts import LAYOUTS
from tests.mail_drafts import WORDS, Draft, person


def machines(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Name of the layout and mail, in turn through all layouts."""
    random = Random(seed)  # noqa: S311  (a corpus, no secret)
    for number in range(count):
        layout = LAYOUTS[number % len(LAYOUTS)]
        yield layout.__name__, layout(random).octets(random)


def people(seed: int, count: int) -> Iterator[bytes]:
    """Ordinary mails: webmail, phones, Exchange, forwarders that rewrite the return path."""
    random = Random(seed)  # noqa: S311  (a corpus, no secret)
    for _ in range(count):
        sender = person(random)
        local, _, domain = sender.partition("@")
        draft = Draft(
            random.choice((sender, f"Claire Renard <{sender}>", f'"Renard, Claire" <{sender}>')),
            random.choice(
                (
                    *WORDS,
                    f"Re: {random.choice(WORDS)}",
                    "Je suis absente le jour de ma convocation",
                    "Votre message automatique du 3 mai",
                    "Erreur de remise de mon dossier",
                )
            ),
            random.choice(
                (
                    "Bonjour, où en est ma demande ?",
                    "Bonjour,\nje vous envoie mes pièces demain.\nCordialement",
                    "Bonjour, j'ai reçu une réponse automatique mais rien depuis.",
                )
            ),
            random.choice(
                (
                    None,
                    sender,
                    f"prvs=1234ab5678={sender}",
                    f"SRS0=hh=tt={domain}={local}@fwd.example",
                )
            ),
        )
        draft.hops = random.randint(1, 12)
        draft.fields = random.sample(
            [
                ("X-Mailer", "iPhone Mail (22A100)"),
                ("X-Originating-IP", "[192.0.2.7]"),
                ("Auto-Submitted", "no"),
                ("Importance", "high"),
                ("X-Priority", "1"),
                ("Thread-Index", "AdQ1"),
                ("X-MS-Exchange-Organization-SCL", "-1"),
                ("Disposition-Notification-To", sender),
                ("Reply-To", sender),
                ("Return-Receipt-To", sender),
                ("Precedence", "normal"),
                ("X-Spam-Status", "No, score=-1.0"),
            ],
            random.randint(0, 6),
        )
        yield draft.octets(random)
