"""What an operator of the trial adds to the guide's lines: names, addresses, passwords, rights."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from services.ops.kafka_rights import Grant, user
from shared.platform.kafka.connection import KafkaAccess
from shared.platform.kafka.topics import admin
from tests.install.root import CantInstallError, Root
from tests.install.servers import (
    MAILBOXES_HOST,
    OWNER,
    PROXIES,
    RELAY_HOST,
    Mailboxes,
    Relay,
    SecuredKafka,
)
from tests.kafka_acls import give

ETC, AUTHORITY = "/etc/vaguemestre/36", "/etc/ssl/interieur.pem"
KNOWN_TO_KAFKA = {
    "owner": "owner", "ingest": "ingest", "keep": "desk", "serve": "desk", "sla": "sla",
    "notify": "notify", "status": "status",
}  # fmt: skip
"""By the folder of its secrets, as which service a process comes to Kafka."""
_BARE = """
systemctl disable --now vaguemestre@36.target 2>/dev/null || true
systemctl stop 'vaguemestre-*@36.socket' 'vaguemestre-*@36.service' 'vaguemestre-*@36.timer'
rm -rf /etc/systemd/system/vaguemestre*
systemctl daemon-reload
rm -rf /srv/release /opt/vaguemestre /etc/vaguemestre /var/lib/vaguemestre
rm -f /etc/nginx/conf.d/vaguemestre.conf /etc/nginx/sites-enabled/default /tmp/jar* /tmp/session
mkdir -p /srv/release /etc/nginx/vaguemestre
for name in vgm-36 vgm-36-portal; do userdel $name || true; groupdel $name || true; done 2>/dev/null
su postgres -c 'dropdb --if-exists --force vaguemestre_indre'
for role in $(su postgres -c "psql -tAc 'SELECT rolname FROM pg_roles'" | grep ^vaguemestre); do
  su postgres -c "dropuser $role"
done
"""


def bare(root: Root, folder: Path, authority_file: Path) -> None:
    """Takes away what an earlier trial left, and gives the names and the authority of the house."""
    names = " ".join((MAILBOXES_HOST, RELAY_HOST, *PROXIES))
    root.run(_BARE)
    root.run(f"grep -q {RELAY_HOST} /etc/hosts || echo 127.0.0.1 {names} >> /etc/hosts")
    (folder / AUTHORITY[1:]).write_bytes(authority_file.read_bytes())


def as_our_prefecture(site: Path) -> None:
    """No demo, and mailboxes that are reached by TLS, as the guide tells an operator to write."""
    path = site / "site.yaml"
    path.write_text(path.read_text("utf-8").replace("demo: true", "demo: false"), "utf-8")
    path = site / "mailboxes.yaml"
    text = path.read_text("utf-8").replace("tls: false", f"host: {MAILBOXES_HOST}, tls: true")
    path.write_text(re.sub(r"address: ([^,]+),", r"address: \1, user: \1,", text), "utf-8")


def completed(
    root: Root, boxes: Mailboxes, relay: Relay, issuer: str, words: Mapping[str, str]
) -> None:
    """What the guide calls « Complétez »: addresses and passwords of one's own servers."""
    everywhere = f"VAGUEMESTRE_KAFKA_TLS=true VAGUEMESTRE_KAFKA_CA={AUTHORITY}"
    voice = f"VAGUEMESTRE_SMTP_HOST={RELAY_HOST} VAGUEMESTRE_SMTP_PORT={relay.port}"
    pages = f"VAGUEMESTRE_OIDC_ISSUER={issuer} VAGUEMESTRE_OIDC_CLIENT_ID=vaguemestre"
    lines = [
        f"cd {ETC}",
        "umask 077",
        f"printf '%s\\n' {everywhere} SSL_CERT_FILE={AUTHORITY} >> env",
        f"printf '%s\\n' {voice} VAGUEMESTRE_SMTP_USER={relay.USER} >> notify.env",
        f"printf '%s\\n' {pages} >> serve.env",
        f"echo {relay.password} > secrets/notify/SMTP_PASSWORD",
        "echo secret > secrets/serve/OIDC_CLIENT_SECRET",
    ]
    for name, word in boxes.passwords.items():
        variable = f"PASSWORD_{name.upper().replace('-', '_')}"
        lines.append(f"echo {word} > secrets/ingest/{variable}")
    for process, service in KNOWN_TO_KAFKA.items():
        name = user(service, "vaguemestre.")
        lines.append(f"echo VAGUEMESTRE_KAFKA_USER={name} >> {process}.env")
        lines.append(f"echo {words[name]} > secrets/{process}/KAFKA_PASSWORD")
    root.run("\n".join(lines))


def given_rights(root: Root, kafka: SecuredKafka) -> None:
    """Gives at Kafka the rights that the installed program prints, and no others."""
    printed = root.run("/opt/vaguemestre/current/bin/vaguemestre kafka-rights")
    pattern = re.compile(
        r"User:(?P<user>\S+) --operation (?P<operation>\w+)"
        r" --(?P<kind>cluster|topic|group) ?(?P<name>[\w.-]+)?(?P<prefixed> .*prefixed)?$"
    )
    rights = [found for line in printed.splitlines() if (found := pattern.search(line))]
    if len(rights) != len(printed.splitlines()):
        raise CantInstallError(f"kafka-rights prints what is no right:\n{printed}")

    async def given() -> None:
        access = KafkaAccess(
            kafka.address, tls=True, authority=kafka.authority_file, user=OWNER,
            password=SecretStr(kafka.password(OWNER)),
        )  # fmt: skip
        async with admin(access) as client:
            for line in rights:
                right = Grant(
                    line["kind"], line["name"] or "", line["operation"],  # type: ignore[arg-type]  # as it was printed
                    prefixed=bool(line["prefixed"]),
                )  # fmt: skip
                await give(client, right, line["user"])

    asyncio.run(given())
