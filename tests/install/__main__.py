"""`make install-test`: the guide followed word by word on a bare Debian, in minutes.

    python -m tests.install [--root FOLDER] [--release FOLDER] [--before FOLDER|COMMIT] [--mails N]

A Debian made by debootstrap boots with its own systemd; PostgreSQL, nginx and Dovecot are Debian's,
in it; Kafka (SASL and TLS), the relay (TLS) and the identity provider are on this machine. The
marked blocks of the guide are typed as they stand, but for addresses: first with the release
before, then, while mails and forms come in, to upgrade. At the end the ledger, and how long
installing took. As root, with Debian's debootstrap and systemd-container.
"""

import argparse
import re
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from cryptography import x509

from services.ops.kafka_rights import user
from shared.site.load import load_folder
from tests.architecture.test_anatomy import PROJECT
from tests.authorities import authority
from tests.contract.oidc.plain import running as identity_provider
from tests.install.containers import answers, awaited
from tests.install.guide import (
    blocks,
    drill_blocks,
    encryption_block,
    guide_of,
    upgrade_blocks,
)
from tests.install.ledger import Ledger, host, through, traffic
from tests.install.nights import drilled, nights
from tests.install.operator_words import (
    ETC,
    KNOWN_TO_KAFKA,
    as_our_prefecture,
    bare,
    completed,
    given_rights,
)
from tests.install.releases import before, numbered_higher, release_of, version_of
from tests.install.root import CantInstallError, Root, booted, bootstrapped
from tests.install.servers import PROXIES, Mailboxes, Relay, SecuredKafka
from tests.install.sizes import disk, memory, sized

PROCESSES = ("ingest", "keep", "serve", "sla", "notify", "portal")
PERSON = {"sub": "m-perrot", "email": "martine.perrot@indre.example"}


def main() -> None:
    """Runs the installation and prints its ledger; exit code 1 when something is not as it says."""
    parser = argparse.ArgumentParser(prog="make install-test")
    parser.add_argument("--root", type=Path, help="where the Debian is or shall be")
    parser.add_argument("--release", type=Path, help="folder of a release; else one is built")
    parser.add_argument("--before", help="folder of the release before, or commit to build it of")
    parser.add_argument("--mails", type=int, default=20)
    asked = parser.parse_args()
    try:
        with ExitStack() as stack:
            work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vaguemestre-")))
            folder = asked.root or work / "root"
            bootstrapped(folder)
            former = (
                Path(asked.before)
                if asked.before and Path(asked.before).is_dir()
                else release_of(asked.before or before(), work / "former")
            )
            release = asked.release or release_of(numbered_higher(version_of(former)), work / "new")
            _followed(stack, folder, (former, release), work, asked.mails)
    except CantInstallError as why:
        sys.exit(f"Not installed: {why}")


def _followed(
    stack: ExitStack, folder: Path, releases: tuple[Path, Path], work: Path, mails: int
) -> None:
    own = authority(work / "authority")
    words = {user(name, "vaguemestre."): secrets.token_hex(12) for name in KNOWN_TO_KAFKA.values()}
    kafka = SecuredKafka(work / "kafka", own, words)
    kafka.start()
    stack.callback(kafka.stop)
    relay = stack.enter_context(Relay(own).running())
    issuer = stack.enter_context(identity_provider(PERSON))
    site = load_folder(PROJECT / "deploy/site/indre")
    boxes = Mailboxes(own, {box.id: box.address for box in site.sources.mailboxes})
    root = stack.enter_context(booted(folder))
    bare(root, folder, own.file)
    boxes.installed(root, folder)
    for name in PROXIES:
        signed = own.signs(name, x509.DNSName(name)).read_text("ascii")
        for suffix in ("pem", "key"):
            (folder / f"etc/nginx/vaguemestre/{name.split('.')[0]}.{suffix}").write_text(signed)
    ledger = Ledger(root, folder, boxes, relay)

    began = time.monotonic()
    former, release = releases
    complete = partial(completed, root, boxes, relay, issuer, words)
    prologue = _typed(root, folder, former, kafka, complete)
    awaited("every process is ready", all_ready)
    installing = time.monotonic() - began
    print(f"installed, all ready, in {installing / 60:.1f} min, without downloads")  # noqa: T201  (for a terminal)
    empty = disk(root)
    _live(root)
    ledger.mail(mails)
    ledger.scan((folder / ETC[1:] / "site-secret").read_text("ascii").strip())
    _form(ledger)
    ledger.settled("installed")
    _looked_at(root, ledger)

    with traffic(ledger) as away:
        took = _upgraded(root, folder, release, prologue)
        time.sleep(5)
    print(f"upgraded in {took:.0f} s; {away}")  # noqa: T201  (for a terminal)
    ledger.mail(mails)
    ledger.settled("upgraded")
    _looked_at(root, ledger)
    with _step("keys, and all files encrypted"):
        _encrypted(root, ledger, encryption_block(guide_of(release)), mails)
    nights(root)
    with _step("the drill of the guide, and its unit"):
        drilled(root, drill_blocks(guide_of(release)))
    ledger.mail(1)
    ledger.settled("at the end")
    sized(empty, disk(root), ledger.counts()["items"])
    print(f"nothing lost, nothing twice; installing took {installing / 60:.1f} min")  # noqa: T201  (for a terminal)


def all_ready() -> bool:
    """Whether each process answers at the port that the guide gave it: /ready is 200."""
    ports = range(9101, 9101 + len(PROCESSES))
    return all(answers(f"http://127.0.0.1:{port}/ready") == 200 for port in ports)


def _typed(
    root: Root, folder: Path, release: Path, kafka: SecuredKafka, complete: Callable[[], None]
) -> str:
    """Types the guide's blocks with a release; returns what sets the variables of its shell."""
    _brought(folder, release)
    prologue = ""
    for text in blocks(guide_of(release)):
        said = text.replace("127.0.0.1:9092", kafka.address)
        said = said.replace("VERSION=0.1.0", f"VERSION={version_of(release)}")
        with _step(said.strip().splitlines()[0]):
            # What the first blocks set, such as SITE, the later ones use, as in one shell.
            root.run(f"{prologue}\n{said}", at="/srv/release")
        kept = re.findall(r"^(?:VERSION=.*|BASE=.*|password\(\).*)$", said, re.MULTILINE)
        prologue += "".join(f"{line}\n" for line in kept)
        if "/share/vaguemestre/site/indre" in said:
            as_our_prefecture(folder / ETC[1:] / "site")
        if "VAGUEMESTRE_KAFKA=" in said:
            complete()
        if "owner topics" in said:
            given_rights(root, kafka)
    return prologue


def _brought(folder: Path, release: Path) -> None:
    for path in release.iterdir():
        (folder / "srv/release" / path.name).write_bytes(path.read_bytes())


@contextmanager
def _step(name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:6.1f} s  {name[:90]}", flush=True)  # noqa: T201  (for a terminal)


def _live(root: Root) -> None:
    """Goes live, as the guide of the quality officer says: what comes now gets a receipt."""
    said = root.run(
        "vaguemestre-as 36 owner site go-live --by installation --why 'mise en service' --yes"
    )
    print(said.strip().splitlines()[-1])  # noqa: T201  (for a terminal)


def _upgraded(root: Root, folder: Path, release: Path, prologue: str) -> float:
    """Types the lines of the software with the new release, then those of upgrades.

    Returns the seconds that the latter took: the former stop nothing.
    """
    _brought(folder, release)
    version, guide = version_of(release), guide_of(release)
    prologue = re.sub(r"VERSION=\S+", f"VERSION={version}", prologue)
    software = re.sub(r"VERSION=\S+", f"VERSION={version}", blocks(guide)[0])
    *before, last = (software, *upgrade_blocks(guide))
    for said in before:
        with _step(said.strip().splitlines()[0]):
            print(root.run(f"{prologue}\n{said}", at="/srv/release").strip())  # noqa: T201  (for a terminal)
    began = time.monotonic()
    with _step(last.strip().splitlines()[0]):
        root.run(f"{prologue}\n{last}", at="/srv/release")
    awaited("every process is ready again", all_ready)
    took = time.monotonic() - began
    seen = root.run("/opt/vaguemestre/site-36/bin/vaguemestre --version")
    print(seen.strip())  # noqa: T201  (for a terminal)
    if version not in seen:
        raise CantInstallError(f"the program is not {version} but {seen}")
    return took


def _form(ledger: Ledger) -> None:
    if not ledger.form():
        raise CantInstallError(f"The form is not taken:\n{ledger.refused[-1][-3000:]}")


def _encrypted(root: Root, ledger: Ledger, typed: str, mails: int) -> None:
    """Types the guide's lines of encryption, which restart the processes twice.

    What came before and what comes afterwards, by mail and by the form, lies in clear no more.
    """
    print(root.run(typed).strip())  # noqa: T201  (for a terminal)
    awaited("every process is ready with its keys", all_ready)
    _none_in_clear(root)
    ledger.mail(mails)
    _form(ledger)
    ledger.settled("encrypted")
    _none_in_clear(root)


def _none_in_clear(root: Root) -> None:
    counted = root.run("vaguemestre-as 36 owner blobs keys").strip()
    print(counted)  # noqa: T201  (for a terminal)
    if not counted.endswith("in clear: 0 files"):
        raise CantInstallError(f"files lie in clear:\n{counted}")


def _looked_at(root: Root, ledger: Ledger) -> None:
    """Units, readings of what must be closed, secrets, a person signed in, and what it takes."""
    units = root.run("systemctl list-units --all --no-legend --plain 'vaguemestre-*@36.service'")
    words = [line.split() for line in units.splitlines()]
    up = [word[0] for word in words if word[2:4] == ["active", "running"]]
    closed = root.run(
        through("courrier", "/metrics", "--write-out '%{http_code}' --output /dev/null")
    )
    seen = root.run(
        "for pid in $(pgrep -f /opt/vaguemestre); do tr '\\0' '\\n' < /proc/$pid/environ; done"
        " | grep -cE 'postgresql://[^ ]*:[^ ]*@|PASSWORD_PREF_BMI=|KAFKA_PASSWORD=' || true"
    ).strip()
    page = ledger.signed_in(PERSON["sub"])
    used = memory(root, PROCESSES)
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'vaguemestre_indre'"
    lines = root.run(f"su postgres -c 'psql -tA' <<'FIN'\n{asked};\nFIN").strip()
    print(f"{len(up)} units up; /metrics from outside: {closed.strip()}; secrets in an environment:"  # noqa: T201  (for a terminal)
          f" {seen}; memory (MB, PSS): {used}, together {sum(used.values())}; connections to"
          f" PostgreSQL: {lines}")  # fmt: skip
    if (len(up), closed.strip(), seen) != (len(PROCESSES), "404", "0"):
        raise CantInstallError(f"it is not as it should be:\n{units}")
    if "Perrot" not in page:
        raise CantInstallError(f"nobody is signed in through {host('courrier')}:\n{page[:2000]}")
    print(root.run("vaguemestre-as 36 status status", fails=True))  # noqa: T201  (for a terminal)


if __name__ == "__main__":
    main()
