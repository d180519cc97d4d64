"""`make install-test`: the guide followed word by word on a bare Debian, in minutes.

    python -m tests.install [--root FOLDER] [--release FOLDER] [--mails N]

A Debian made by debootstrap boots with its own systemd; PostgreSQL and nginx are Debian's, in it;
Kafka, the mail server and the identity provider are those of the tests, on this machine. The marked
blocks of the guide are typed as they stand, but for addresses. Then mails and a form through the
proxy; at the end the ledger, and how long installing took. As root.
"""

import argparse
import re
import smtplib
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email.message import EmailMessage
from pathlib import Path

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.mail import EmbeddedMailbox, MailServer
from deploy.release import artefacts
from tests.architecture.test_anatomy import PROJECT
from tests.certificates import self_signed
from tests.contract.oidc.plain import running as identity_provider
from tests.install.guide import blocks
from tests.install.root import CantInstallError, Root, booted, bootstrapped

BOX, PASSWORD = "pref-bmi@indre.example", "secret-of-the-box"
SECRETS = "/etc/vaguemestre/36/secrets"


def main() -> None:
    """Runs the installation and prints its ledger; exit code 1 when something is not as it says."""
    parser = argparse.ArgumentParser(prog="make install-test")
    parser.add_argument(
        "--root", type=Path, help="where the Debian is or shall be; else thrown away"
    )
    parser.add_argument("--release", type=Path, help="folder of a release; else one is built")
    parser.add_argument("--mails", type=int, default=20)
    asked = parser.parse_args()
    try:
        with ExitStack() as stack:
            work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vaguemestre-")))
            folder = asked.root or work / "root"
            bootstrapped(folder)
            release = asked.release or _release(work)
            _followed(stack, folder, release, work, asked.mails)
    except CantInstallError as why:
        sys.exit(f"Not installed: {why}")


def _release(work: Path) -> Path:
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    (work / "built").mkdir()
    made = artefacts.make(version, "HEAD", work / "dist", work / "built", None)
    artefacts.summed(made)
    return made


def _followed(stack: ExitStack, folder: Path, release: Path, work: Path, mails: int) -> None:
    kafka = KafkaServer(work)
    post = MailServer(work, [EmbeddedMailbox(BOX, PASSWORD)])
    for server in (kafka, post):
        server.start()
        stack.callback(server.stop)
    issuer = stack.enter_context(identity_provider())
    root = stack.enter_context(booted(folder, release))
    root.run("rm -rf /root/work /opt/vaguemestre && mkdir -p /root/work /etc/nginx/vaguemestre"
             " && cp release/* work/ && rm -f /etc/nginx/sites-enabled/default")  # fmt: skip
    for name in ("ecrire", "courrier"):
        self_signed(
            folder / f"etc/nginx/vaguemestre/{name}.pem",
            folder / f"etc/nginx/vaguemestre/{name}.key",
            f"{name}.prefecture.example",
        )
    began = time.monotonic()
    typed = ""
    for text in blocks():
        said = text.replace("127.0.0.1:9092", kafka.address)
        said = said.replace("VERSION=0.1.0", f"VERSION={_version(release)}")
        with _step(said.strip().splitlines()[0]):
            # What the first blocks set, such as SITE, the later ones use, as in one shell.
            root.run(f"{typed}\n{said}", at="/root/work")
        typed += (
            "\n".join(re.findall(r"^(?:VERSION=.*|BASE=.*|password\(\).*)$", said, re.MULTILINE))
            + "\n"
        )
        if "cp -r /opt/vaguemestre" in said:
            _as_our_prefecture(folder / "etc/vaguemestre/36/site")
        if "VAGUEMESTRE_KAFKA=" in said:
            _completed(root, post, issuer)
    minutes = (time.monotonic() - began) / 60
    print(f"installed in {minutes:.1f} min, without downloads")  # noqa: T201  (for a terminal)
    _ledger(root, post, mails)


def _version(release: Path) -> str:
    (wheel,) = release.glob("*.whl")
    return wheel.name.split("-")[1]


@contextmanager
def _step(name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:6.1f} s  {name[:90]}")  # noqa: T201  (for a terminal)


def _as_our_prefecture(site: Path) -> None:
    """No demo, and one mailbox, as the guide tells an operator to write."""
    path = site / "site.yaml"
    path.write_text(path.read_text("utf-8").replace("demo: true", "demo: false"), "utf-8")


def _completed(root: Root, post: MailServer, issuer: str) -> None:
    """What the guide calls « Complétez »: addresses and passwords of one's own servers."""
    root.run(
        f"""
cd /etc/vaguemestre/36
printf 'VAGUEMESTRE_IMAP_HOST=127.0.0.1\\nVAGUEMESTRE_IMAP_PORT={post.imap_port}\\n' >> ingest.env
printf 'VAGUEMESTRE_IMAP_TLS=false\\n' >> ingest.env
printf 'VAGUEMESTRE_SMTP_HOST=127.0.0.1\\nVAGUEMESTRE_SMTP_PORT={post.smtp_port}\\n' >> notify.env
printf 'VAGUEMESTRE_SMTP_TLS=false\\n' >> notify.env
printf 'VAGUEMESTRE_OIDC_ISSUER={issuer}\\nVAGUEMESTRE_OIDC_CLIENT_ID=vaguemestre\\n' >> serve.env
umask 077
echo {PASSWORD} > {SECRETS}/ingest/PASSWORD_PREF_BMI
echo secret > {SECRETS}/serve/OIDC_CLIENT_SECRET
"""
    )


def _ledger(root: Root, post: MailServer, mails: int) -> None:
    """Mails and a form go in; each is one item, and no secret stands in an environment."""
    with smtplib.SMTP("127.0.0.1", post.smtp_port) as relay:
        for number in range(mails):
            mail = EmailMessage()
            mail["From"], mail["To"] = f"personne{number}@citoyen.example", BOX
            mail["Subject"] = f"Demande {number}"
            mail.set_content("Bonjour, je voudrais savoir où en est mon dossier.")
            relay.send_message(mail)
    page = root.run(_through("ecrire", "/formulaire", "--cookie-jar /tmp/jar"))
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page))
    if {"jeton", "depot"} - hidden.keys():
        raise CantInstallError(f"The form does not come through the proxy:\n{page[:2000]}")
    fields = hidden | {
        "nature": "demande", "nom": "Claire Petit", "courriel": "claire@citoyen.example",
        "objet": "Passage clouté", "message": "Bonjour, un passage clouté manque rue Grande.",
    }  # fmt: skip
    words = " ".join(f"--form-string '{name}={value}'" for name, value in fields.items())
    words += " --header 'Origin: https://ecrire.prefecture.example' --write-out '%{http_code}'"
    sent = root.run(_through("ecrire", "/formulaire", f"--cookie /tmp/jar {words}"))
    if not sent.endswith("303"):
        raise CantInstallError(f"The form is not taken:\n{sent[-2000:]}")
    closed = root.run(
        _through("courrier", "/metrics", "--write-out '%{http_code}' --output /dev/null")
    )
    deadline = time.monotonic() + 300
    wanted = mails + 1
    while (found := _items(root)) < wanted and time.monotonic() < deadline:
        time.sleep(1)
    time.sleep(5)  # what came twice would come now
    found = _items(root)
    seen = root.run(
        "for pid in $(pgrep -f /opt/vaguemestre); do tr '\\0' '\\n' < /proc/$pid/environ; done"
        " | grep -cE 'postgresql://[^ ]*:[^ ]*@|PASSWORD_PREF_BMI=' || true"
    ).strip()
    units = root.run("systemctl list-units --no-legend --plain 'vaguemestre-*.service'")
    print(units)  # noqa: T201  (for a terminal)
    print(f"{mails} mails and 1 form in, {found} items; /metrics from outside: {closed.strip()};"  # noqa: T201  (for a terminal)
          f" secrets in an environment: {seen}")  # fmt: skip
    if (found, closed.strip(), seen) != (wanted, "404", "0"):
        raise CantInstallError("the ledger is not as it should be.")


def _items(root: Root) -> int:
    asked = "su postgres -c \"psql -tA vaguemestre_indre -c 'SELECT count(*) FROM desk.items'\""
    return int(root.run(asked).strip())


def _through(name: str, path: str, words: str) -> str:
    host = f"{name}.prefecture.example"
    return (
        f"curl --silent --show-error --cacert /etc/nginx/vaguemestre/{name}.pem"
        f" --resolve {host}:443:127.0.0.1 {words} https://{host}{path}"
    )


if __name__ == "__main__":
    main()
