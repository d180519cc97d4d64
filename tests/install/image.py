"""`make image-test`: the image of a release, built and run with a read-only root, without rights.

    python -m tests.install.image [--release FOLDER] [--base IMAGE]

A bare Debian made by debootstrap is the base, unless one is named. PostgreSQL, Kafka and the mail
server are those of the tests, on this machine. Each command of the image runs in a container of its
own; a mail and a scan go in, and the ledger says what became of them. As root, with Debian's
podman, buildah, runc and debootstrap (docs/guide/exploitation.md).
"""

import argparse
import asyncio
import os
import re
import shutil
import smtplib
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import asyncpg
from pydantic import SecretStr

from deploy.demo import paper
from deploy.demo.deliver import scan
from deploy.embedded.addresses import Addresses
from deploy.embedded.ports import free_port
from deploy.embedded.stack import Stack
from shared.paper.code_keys import CodeKeys
from shared.site.load import load_folder
from shared.site.tables.bundle import Site
from tests.architecture.test_anatomy import PROJECT
from tests.install.containers import USER, Containers, answers, awaited, base, built, containers
from tests.install.containers import said as typed
from tests.install.releases import release_of, version_of
from tests.install.root import CantInstallError

SITE, ID = PROJECT / "deploy/site/indre", "indre"
ROLES = {
    "owner": "owner", "ingest": "ingest", "keep": "desk", "serve": "web", "sla": "sla",
    "notify": "notify", "portal": "portal", "status": "status",
}  # fmt: skip
EXAMPLE = "/opt/vaguemestre/share/vaguemestre/site/indre"
"""In the image, of its own version."""
PROCESSES = {
    "ingest": ("ingest run", "blobs spool scans"), "keep": ("desk keep", "blobs spool"),
    "serve": ("desk serve", "blobs spool"), "sla": ("sla run", ""),
    "notify": ("notify run", "blobs"), "portal": ("portal serve", "spool"),
}  # fmt: skip
"""Of each process its command and its folders, as compose.yaml says."""
PAGES = ("serve", "portal")
NEEDS = ("podman", "buildah", "runc", "debootstrap")
LETTER = {
    "from": ["Mariam Essai, 4 impasse des Lilas, 36100 Issoudun"],
    "dated": "7 mai 2026",
    "object": "Demande de titre de séjour sans réponse",
    "pages": ["Madame, Monsieur,\n\nMa demande de titre de séjour est restée sans réponse."],
}


def main() -> None:
    """Builds, runs and prints the ledger; exit code 1 when something is not as it should be."""
    parser = argparse.ArgumentParser(prog="make image-test")
    parser.add_argument("--release", type=Path, help="folder of a release; else one is built")
    parser.add_argument("--image", help="one that was built before: it is run alone")
    parser.add_argument("--base", help="an image that podman has; else a bare Debian is made one")
    asked = parser.parse_args()
    lacking = [name for name in NEEDS if shutil.which(name) is None]
    if lacking or os.geteuid() != 0:
        sys.exit(f"As root, with Debian's packages {' '.join(NEEDS)}; missing: {lacking}")
    try:
        with ExitStack() as stack:
            work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vaguemestre-")))
            image = asked.image or _build(work, asked.release, asked.base)
            _run(stack, image, work)
    except CantInstallError as why:
        sys.exit(f"The image is not as it should be: {why}")


def _build(work: Path, release: Path | None, on: str | None) -> str:
    on = on or base(work)
    release = release or release_of("HEAD", work)
    began = time.monotonic()
    image = built(release.resolve(), version_of(release), on, work)
    _say(f"built in {time.monotonic() - began:.0f} s: {image}, {_megabytes(image)} MB")
    return image


def _run(stack: ExitStack, image: str, work: Path) -> None:
    _is_shut_in(image)
    site = load_folder(SITE)
    boxes = {box.id: box.address for box in site.sources.mailboxes}
    servers = Stack(work / "servers", boxes, site=ID, given={}, durable=False)
    addresses = asyncio.run(servers.start())
    stack.callback(servers.stop)
    folder = work / "prefecture"
    told = _told(addresses, folder)
    here = stack.enter_context(containers(image, folder))
    for words in (
        ("migrate", "--site", ID),
        ("topics", "--replication", "1"),
        ("site", "apply", EXAMPLE, "--by", "essai", "--why", "image"),
        ("site", "go-live", "--by", "essai", "--why", "image", "--yes"),
    ):
        _say(here.does("owner", told, *words).strip().splitlines()[-1])
    looks = _start(here, told)
    _goes_in(here, addresses, site, folder)
    _looked_at(here, told, looks)
    memory = {name: here.memory(name) for name in PROCESSES}
    _say(f"memory (MB, PSS): {memory}, together {sum(memory.values())}")
    for name in PROCESSES:
        code, took = here.stop(name)
        _say(f"{name} ended with {code} in {took:.1f} s")
        if code != "0":
            raise CantInstallError(f"{name} did not end as asked.\n{here.log(name)[-2000:]}")


def _is_shut_in(image: str) -> None:
    """Its commands are there, it is nobody, and its root takes nothing."""
    options = ("--rm", "--network=none", "--read-only", "--cap-drop=ALL", "--tmpfs=/tmp")
    _say(typed("podman", "run", *options, image, "--version"))
    shell = typed(
        "podman", "run", *options, "--entrypoint=/bin/sh", image, "-c",
        "id -u; id -g; touch /opt/x /etc/x /x 2>&1 | wc -l; touch /tmp/x && echo wrote;"
        " grep CapEff /proc/self/status; which vaguemestre python3 gcc pip",
        fails=True,
    ).split()  # fmt: skip
    _say(" ".join(shell))
    if shell[:4] != [str(USER), str(USER), "3", "wrote"] or shell[5] != "0" * 16:
        raise CantInstallError(f"The container may do more than it should: {shell}")


def _told(addresses: Addresses, folder: Path) -> Mapping[str, str]:
    """Lays out secrets and folders for the image's account; returns what all are told openly."""
    for name in ("blobs", "spool", "scans", "scans/courrier", "scans/departs"):
        (folder / "data" / name).mkdir(parents=True)
        os.chown(folder / "data" / name, USER, USER)
    site_secret = {"SECRET": addresses.secret, "LOCAL_ACCOUNT": addresses.account.hashed}
    passwords = {
        f"PASSWORD_{box.upper().replace('-', '_')}": word
        for box, word in addresses.mailbox_passwords.items()
    }
    for process, role in ROLES.items():
        values = {"DATABASE_URL": addresses.database_urls[role]}
        if process in {"ingest", "keep", "serve", "notify"}:
            values |= site_secret
        if process == "ingest":
            values |= passwords
        at = folder / "secrets" / process
        at.mkdir(parents=True)
        for name, word in values.items():
            path = at / f"VAGUEMESTRE_{name}"
            path.write_text(word)
            path.chmod(0o400)
            os.chown(path, USER, USER)
        os.chown(at, USER, USER)
    open_words = {
        "KAFKA": addresses.kafka, "BLOBS": "/data/blobs", "SPOOL": "/data/spool",
        "SCANS": "/data/scans", "IMAP_HOST": addresses.imap_host, "IMAP_TLS": "false",
        "IMAP_PORT": str(addresses.imap_port), "SMTP_HOST": addresses.smtp_host,
        "SMTP_PORT": str(addresses.smtp_port), "SMTP_TLS": "false",
    }  # fmt: skip
    return {f"VAGUEMESTRE_{name}": word for name, word in open_words.items()}


def _start(here: Containers, told: Mapping[str, str]) -> Mapping[str, int]:
    """Starts the six processes and waits until each is ready; returns where /health answers."""
    looks = {}
    for name, (command, folders) in PROCESSES.items():
        pages, looks[name] = free_port(), free_port()
        own = {
            "VAGUEMESTRE_HTTP_PORT": str(pages if name in PAGES else looks[name]),
            "VAGUEMESTRE_HEALTH_PORT": str(looks[name]),
        }
        here.start(name, {**told, **own}, folders.split(), *command.split())
        ready = f"http://127.0.0.1:{looks[name]}/ready"
        awaited(f"{name} is ready", partial(_is_ready, ready), partial(here.log, name))
        if name in PAGES and answers(f"http://127.0.0.1:{pages}/") != 200:
            raise CantInstallError(f"{name} shows no page.")
    return looks


def _is_ready(url: str) -> bool:
    return answers(url) == 200


def _goes_in(here: Containers, addresses: Addresses, site: Site, folder: Path) -> None:
    """A mail and a scanned letter go in, and become one item each, the letter by its words."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "lea.essai@citoyen.example", "pref-bmi@indre.example"
    mail["Subject"], mail["Message-ID"] = "Mon dossier", f"<{uuid.uuid4().hex}@citoyen.example>"
    mail.set_content("Bonjour, je voudrais savoir où en est mon dossier de naturalisation.")
    with smtplib.SMTP(addresses.smtp_host, addresses.smtp_port) as relay:
        relay.send_message(mail)
    courrier = folder / "data/scans/courrier"
    scan(courrier, "lot-essai.pdf", _batch(addresses.secret, site))
    url = addresses.database_urls["desk"]
    awaited("2 items", lambda: len(_items(url)) >= 2, lambda: here.log("ingest"))
    time.sleep(3)  # what came twice would come now
    items = _items(url)
    _say(f"1 mail and 1 scanned letter in, items: {items}")
    if len(items) != 2 or items[1] != ("letter", "bmi", "titre-de-sejour"):
        raise CantInstallError(f"the ledger is not as it should be.\n{here.log('ingest')[-3000:]}")


def _items(url: str) -> Sequence[tuple[str, ...]]:
    async def asked() -> Sequence[tuple[str, ...]]:
        register = await asyncpg.connect(url)
        try:
            found = await register.fetch(
                "SELECT channel, service, category FROM desk.items ORDER BY channel"
            )
        finally:
            await register.close()
        return [tuple(row) for row in found]

    return asyncio.run(asked())


def _batch(secret: str, site: Site) -> bytes:
    """A sheet of separation and a letter of one page, as a copier scans them."""
    copier = paper.Copier(dpi=200, tilt=0.4, noise=4)
    keys = CodeKeys.of("indre", SecretStr(secret))
    pages = [paper.sheet("service:bmi", site, keys, copier), *paper.letter_pages(LETTER, copier)]
    seen = [paper.scan_picture(page, copier, seed) for seed, page in enumerate(pages)]
    return paper.scan_file("lot-essai.pdf", seen, copier)


def _looked_at(here: Containers, told: Mapping[str, str], looks: Mapping[str, int]) -> None:
    """`status` answers in the image, the readers have their sandbox, and no secret is shown."""
    ports = str(dict(looks)).replace("'", '"')
    told = {**told, "VAGUEMESTRE_HTTP_PORTS": ports}
    options = here.words("status", told, ())
    screen = typed("podman", "run", "--rm", *options, here.image, "status", fails=True)
    _say(screen)
    if "Traceback" in screen or not all(name in screen for name in PROCESSES):
        raise CantInstallError("status does not show the processes.")
    shown = "".join(typed("podman", "inspect", made) for made in here.running.values())
    if re.search(r"postgresql://\S+:\S+@", shown) or "VAGUEMESTRE_SECRET=" in shown:
        raise CantInstallError("a secret stands in what podman inspect shows.")


def _megabytes(image: str) -> int:
    return int(typed("podman", "image", "inspect", "--format={{.Size}}", image)) // 1_000_000


def _say(words: str) -> None:
    print(words.strip())  # noqa: T201  (for a terminal)


if __name__ == "__main__":
    main()
