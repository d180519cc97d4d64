"""What goes into an installed préfecture, and the ledger: nothing lost, nothing twice."""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from deploy.demo import paper
from shared.paper.code_keys import CodeKeys
from shared.site.load import load_folder
from tests.architecture.test_anatomy import PROJECT
from tests.install.containers import awaited
from tests.install.root import CantInstallError, Root
from tests.install.servers import PEOPLE, Mailboxes, Relay

COPIER: Final = paper.Copier(dpi=200, tilt=0.4, noise=4)
_LETTER: Final = {
    "from": ["Mariam Essai, 4 impasse des Lilas, 36100 Issoudun"],
    "dated": "7 mai 2026",
    "object": "Demande de titre de séjour sans réponse",
    "pages": ["Madame, Monsieur,\n\nMa demande de titre de séjour est restée sans réponse."],
}
_BETWEEN_FORMS: Final = 3.0
"""Seconds: it takes two hundred in ten minutes (docs/guide/exploitation.md)."""
_COUNTS: Final = """
SELECT json_build_object(
  'items', (SELECT count(*) FROM desk.items),
  'letters', (SELECT count(*) FROM desk.items WHERE channel = 'letter'),
  'read', (SELECT count(*) FROM desk.items WHERE category = 'titre-de-sejour'),
  'chronos', (SELECT count(DISTINCT chrono) FROM desk.items),
  'arrivals', (SELECT count(*) FROM ingest.arrivals))
"""


@dataclass
class Ledger:
    """The préfecture in the root, its servers, and what was given to it."""

    root: Root
    folder: Path
    boxes: Mailboxes
    relay: Relay
    mails: int = 0
    forms: int = 0
    letters: int = 0
    refused: list[str] = field(default_factory=list)
    """What the form answered instead of taking a message."""

    def mail(self, count: int) -> None:
        """Puts mails into the mailboxes in turn, each of a person of its own."""
        names = [name for name in self.boxes.passwords if name != "retour"]
        for _ in range(count):
            self.mails += 1
            mail = EmailMessage()
            mail["From"] = _address("personne", self.mails)
            mail["To"] = f"{names[self.mails % len(names)]}@indre.example"
            mail["Subject"] = f"Demande {self.mails}"
            mail["Message-ID"] = f"<{time.monotonic_ns()}@citoyen.example>"
            mail.set_content("Bonjour, je voudrais savoir où en est mon dossier.")
            self.boxes.deliver(names[self.mails % len(names)], mail.as_bytes())

    def form(self) -> bool:
        """Sends the public form through the proxy; whether it was taken."""
        jar = f"/tmp/jar-{self.forms}"  # noqa: S108  (in the root)
        # Each person from an address of their own: ten messages of one are enough.
        own = f"--interface 127.1.{self.forms % 200}.1"
        page = self.root.run(
            through("ecrire", "/formulaire", f"{own} --cookie-jar {jar}"), fails=True
        )
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        if "depot" not in hidden:
            self.refused.append(page)
            return False
        fields = hidden | {
            "nature": "demande", "nom": "Claire Petit",
            "courriel": _address("formulaire", self.forms + 1),
            "objet": "Passage clouté", "message": "Bonjour, un passage clouté manque rue Grande.",
        }  # fmt: skip
        words = " ".join(f"--form-string '{name}={value}'" for name, value in fields.items())
        words += f" --header 'Origin: https://{host('ecrire')}' --write-out '%{{http_code}}'"
        sent = self.root.run(
            through("ecrire", "/formulaire", f"{own} --cookie {jar} {words}"), fails=True
        )
        if not sent.endswith("303"):
            self.refused.append(sent)
            return False
        self.forms += 1
        return True

    def scan(self, site_secret: str) -> None:
        """Puts a scanned letter with its sheet into the copier's folder."""
        site = load_folder(PROJECT / "deploy/site/indre")
        keys = CodeKeys.of("indre", SecretStr(site_secret))
        pages = [
            paper.sheet("service:bmi", site, keys, COPIER),
            *paper.letter_pages(_LETTER, COPIER),
        ]
        seen = [paper.scan_picture(page, COPIER, seed) for seed, page in enumerate(pages)]
        at = self.folder / "var/lib/vaguemestre/36/scans/courrier"
        at.mkdir(exist_ok=True)
        (at / ".lot.part").write_bytes(paper.scan_file("lot.pdf", seen, COPIER))
        (at / ".lot.part").rename(at / f"lot-{self.letters}.pdf")
        self.root.run("chown -R vgm-36:vgm-36 /var/lib/vaguemestre/36/scans/courrier")
        self.letters += 1

    def signed_in(self, sub: str) -> str:
        """Signs a person in at the provider, through the proxy; the page that they then see."""
        jar = "--cookie-jar /tmp/session --cookie /tmp/session"
        words = f"{jar} --output /dev/null --write-out '%{{redirect_url}}'"
        asks = through("courrier", "/connexion/fournisseur", words)
        address = self.root.run(asks)
        back = self.root.run(
            f"curl --silent --show-error --data sub={sub} --output /dev/null"
            f" --write-out '%{{redirect_url}}' '{address}'"
        )
        path = back.partition(host("courrier"))[2]
        return self.root.run(through("courrier", path, f"{jar} --location"))

    def counts(self) -> dict[str, int]:
        """What the register and the door count."""
        asked = f"su postgres -c \"psql -tA vaguemestre_indre\" <<'FIN'\n{_COUNTS};\nFIN"
        found: dict[str, int] = json.loads(self.root.run(asked))
        return found

    def settled(self, when: str) -> None:
        """Waits for what went in, and holds register and relay to it.

        Raises:
            CantInstallError: something was lost, or came twice.
        """
        wanted = self.mails + self.forms + self.letters
        people = self.mails + self.forms

        def arrived() -> bool:
            return self.counts()["items"] >= wanted and len(self.relay.receipts()) >= people

        awaited(f"{wanted} items, {people} receipts ({when})", arrived, self._stands)
        time.sleep(5)  # what came twice would come now
        counts, receipts = self.counts(), self.relay.receipts()
        print(  # noqa: T201  (for a terminal)
            f"{when}: {self.mails} mails, {self.forms} forms, {self.letters} scanned letters in;"
            f" {counts}; {len(receipts)} people have a receipt, {receipts.total()} receipts left"
        )
        right = {
            "items": wanted, "letters": self.letters, "read": self.letters, "chronos": wanted,
            "arrivals": wanted,
        }  # fmt: skip
        if counts != right or receipts.total() != people:
            raise CantInstallError(
                f"the ledger should be {right}, {people} receipts.\n{self._stands()}"
            )

    def _stands(self) -> str:
        said = self.root.run("vaguemestre-as 36 status status", fails=True)
        return f"{self.counts()} {self.relay.receipts()}\n{said}"


@dataclass
class Away:
    """How long the form and the register's pages did not answer, each time, while mails came."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    _since: dict[str, float] = field(default_factory=dict)

    def note(self, what: str, *, answers: bool) -> None:
        """Notes whether something answers now."""
        now = time.monotonic()
        if not answers:
            self._since.setdefault(what, now)
        elif what in self._since:
            self.seconds.setdefault(what, []).append(now - self._since.pop(what))

    def __str__(self) -> str:
        """Each with the seconds that it was away, for a terminal."""
        told = [
            f"{what} away for {', '.join(f'{each:.1f} s' for each in self.seconds[what])}"
            if what in self.seconds
            else f"{what} never away"
            for what in ("the form", "the pages")
        ]
        return "; ".join(told)


@contextmanager
def traffic(ledger: Ledger) -> Iterator[Away]:
    """A context manager during which mails and forms come in; when nobody answered them."""
    ended = threading.Event()
    away = Away()

    def mails() -> None:
        while not ended.is_set():
            with suppress(OSError):  # the mailboxes are not ours to interrupt
                ledger.mail(1)
            ended.wait(2)

    def forms() -> None:
        asks = through("ecrire", "/formulaire", "--write-out '%{http_code}' --output /dev/null")
        sent = float("-inf")
        while not ended.is_set():
            code = ledger.root.run(asks, fails=True).strip()
            away.note("the form", answers=code == "200")
            if code == "200" and time.monotonic() - sent > _BETWEEN_FORMS:
                away.note("the form", answers=ledger.form())
                sent = time.monotonic()
            ended.wait(0.2)

    def pages() -> None:
        asks = through("courrier", "/connexion", "--write-out '%{http_code}' --output /dev/null")
        while not ended.is_set():
            code = ledger.root.run(asks, fails=True).strip()
            away.note("the pages", answers=code == "200")
            ended.wait(0.2)

    workers = [threading.Thread(target=each) for each in (mails, forms, pages)]
    for worker in workers:
        worker.start()
    try:
        yield away
    finally:
        ended.set()
        for worker in workers:
            worker.join()


def _address(kind: str, number: int) -> str:
    """The address of one person, at one of a hundred domains: a domain has two hundred receipts an
    hour (`caps` of notices.yaml), and what is above waits for a person.
    """
    return f"{kind}{number}@d{number % 100}.{PEOPLE}"


def host(name: str) -> str:
    """The name of one of the two proxies."""
    return f"{name}.prefecture.example"


def through(name: str, path: str, words: str) -> str:
    """A command of curl that asks a proxy over TLS, by its name."""
    return (
        f"curl --silent --show-error --cacert /etc/ssl/interieur.pem"
        f" --resolve {host(name)}:443:127.0.0.1 {words} 'https://{host(name)}{path}'"
    )
