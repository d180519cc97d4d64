"""The servers of the préfecture that the guide supposes, each as a hosting centre would have it.

Kafka asks who comes, over TLS, and gives each service its own rights alone; Dovecot shows mailboxes
by TLS; the relay takes mails over TLS from who says a password. One authority signed them all, and
its file is what the guide calls /etc/ssl/interieur.pem.
"""

import imaplib
import ipaddress
import secrets
import ssl
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from typing import Any, Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.ports import free_port
from tests.authorities import Authority
from tests.install.root import CantInstallError, Root

MAILBOXES_HOST: Final = "messagerie.prefecture.example"
RELAY_HOST: Final = "relais.prefecture.example"
PROXIES: Final = ("ecrire.prefecture.example", "courrier.prefecture.example")
PEOPLE: Final = "citoyen.example"
"""Below it the domains of whoever writes."""
OWNER: Final = "vaguemestre-owner"
_DOVECOT: Final = """
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = </etc/dovecot/private/messagerie.pem
ssl_key = </etc/dovecot/private/messagerie.pem
mail_location = maildir:/srv/mail/%u
first_valid_uid = 0
mail_max_userip_connections = 50
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u /etc/dovecot/private/people
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=/srv/mail/%u
}
service imap-login {
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = 993
    ssl = yes
  }
}
"""


class SecuredKafka(KafkaServer):
    """A Kafka by SASL_SSL: who comes is known by SCRAM, and only its owner may do all."""

    def __init__(self, data: Path, own: Authority, passwords: Mapping[str, str]) -> None:
        super().__init__(data)
        self._own = own
        self._passwords = passwords
        self._store = own.signs("kafka", x509.IPAddress(ipaddress.ip_address("127.0.0.1")))

    @property
    def authority_file(self) -> Path:
        """The file by which its certificate is believed."""
        return self._own.file

    def password(self, name: str) -> str:
        """The password of one who may come."""
        return self._passwords[name]

    def _properties(self, controller_port: int, logs: Path) -> str:
        return super()._properties(controller_port, logs).replace(
            f"PLAINTEXT://127.0.0.1:{self.port}", f"SASL_SSL://127.0.0.1:{self.port}"
        ).replace("protocol.map=PLAINTEXT:PLAINTEXT", "protocol.map=SASL_SSL:SASL_SSL").replace(
            "listener.name=PLAINTEXT", "listener.name=SASL_SSL"
        ) + (
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n"
            f"super.users=User:{OWNER};User:ANONYMOUS\n"  # the controller's own listener
            "sasl.enabled.mechanisms=SCRAM-SHA-512\n"
            "sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512\n"
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config="
            "org.apache.kafka.common.security.scram.ScramLoginModule required"
            f' username="{OWNER}" password="{self._passwords[OWNER]}";\n'
            "ssl.keystore.type=PEM\n"
            f"ssl.keystore.location={self._store}\n"
            "ssl.truststore.type=PEM\n"
            f"ssl.truststore.location={self._own.file}\n"
        )

    def _begins_as(self) -> list[str]:
        """With the names that may come: Kafka knows these from its own log."""
        known = [
            f"SCRAM-SHA-512=[name={name},password={word}]" for name, word in self._passwords.items()
        ]
        return [*super()._begins_as(), *(word for told in known for word in ("--add-scram", told))]


class Relay:
    """A relay that takes mails over STARTTLS from who says the password, and keeps them."""

    USER: Final = "vaguemestre"

    def __init__(self, own: Authority) -> None:
        self.port = free_port()
        self.password = secrets.token_hex(12)
        self.taken: list[tuple[Sequence[str], bytes]] = []
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(own.signs("relais", x509.DNSName(RELAY_HOST)))
        self._server = Controller(
            self, hostname="127.0.0.1", port=self.port, tls_context=context,
            require_starttls=True, auth_required=True, authenticator=self._knows,
            enable_SMTPUTF8=True,
        )  # fmt: skip

    @contextmanager
    def running(self) -> Iterator["Relay"]:
        """A context manager during which it takes mails."""
        self._server.start()
        try:
            yield self
        finally:
            self._server.stop()

    def _knows(self, *words: Any) -> AuthResult:
        said = words[-1]
        known = isinstance(said, LoginPassword) and said.password.decode() == self.password
        return AuthResult(success=known)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  (aiosmtpd's name)
        """Keeps one mail with those whom it is for."""
        del server, session
        self.taken.append((list(envelope.rcpt_tos), envelope.content))
        return "250 taken"

    def receipts(self) -> Counter[str]:
        """How many mails each person outside was sent."""
        to = [person for people, _ in self.taken for person in people]
        return Counter(person for person in to if person.endswith(PEOPLE))

    def subjects(self) -> Sequence[str]:
        """The subjects of what it took, for a message."""
        return [str(message_from_bytes(octets)["Subject"]) for _, octets in self.taken]


class Mailboxes:
    """Debian's Dovecot in the root, by TLS alone, with a password for each mailbox."""

    def __init__(self, own: Authority, addresses: Mapping[str, str]) -> None:
        self._own = own
        self.passwords = dict.fromkeys(addresses, "")
        self._addresses = addresses
        for name in addresses:
            self.passwords[name] = secrets.token_hex(12)

    def installed(self, root: Root, folder: Path) -> None:
        """Writes its configuration into the root and starts it."""
        private = folder / "etc/dovecot/private"
        private.mkdir(parents=True, exist_ok=True)
        signed = self._own.signs("messagerie", x509.DNSName(MAILBOXES_HOST))
        (private / "messagerie.pem").write_bytes(signed.read_bytes())
        known = [f"{self._addresses[name]}:{word}" for name, word in self.passwords.items()]
        (private / "people").write_text("\n".join(known) + "\n", encoding="utf-8")
        (folder / "etc/dovecot/dovecot.conf").write_text(_DOVECOT, encoding="utf-8")
        root.run(
            "rm -rf /srv/mail && install -d -o nobody -g nogroup /srv/mail"
            " && chown -R dovecot /etc/dovecot/private && systemctl restart dovecot"
        )
        for address in self._addresses.values():
            root.run(f"doveadm mailbox create -u {address} Sent")

    def deliver(self, name: str, octets: bytes) -> None:
        """Puts a mail into a mailbox, as the préfecture's server of entry does.

        Raises:
            CantInstallError: Dovecot refuses it.
        """
        context = ssl.create_default_context(cafile=str(self._own.file))
        context.check_hostname = False  # by its address; the services go by its name
        with imaplib.IMAP4_SSL("127.0.0.1", 993, ssl_context=context, timeout=60) as session:
            session.login(self._addresses[name], self.passwords[name])
            said, why = session.append("INBOX", "", "", octets)
        if said != "OK":
            raise CantInstallError(f"Dovecot refuses a mail: {why!r}")
