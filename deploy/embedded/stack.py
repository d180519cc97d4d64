"""The stack: the servers that the environment doesn't give, their addresses, DATA/run.json.

A server whose address stands in the environment (VAGUEMESTRE_KAFKA, VAGUEMESTRE_DATABASE_URL,
VAGUEMESTRE_IMAP_HOST with VAGUEMESTRE_SMTP_HOST) is not started: the given one is used. To a given
PostgreSQL the portal goes by an address of its own (VAGUEMESTRE_PORTAL_DATABASE_URL), never by the
register's.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

from deploy.embedded import roles
from deploy.embedded.account import Account, kept_account
from deploy.embedded.addresses import Addresses
from deploy.embedded.data_folder import kept_port, kept_secret
from deploy.embedded.downloads import tessdata, web
from deploy.embedded.errors import EmbeddedError
from deploy.embedded.kafka import KafkaServer
from deploy.embedded.mail import EmbeddedMailbox, MailServer
from deploy.embedded.postgres import PostgresServer
from deploy.embedded.processes import PORTAL
from deploy.embedded.server import Server

_PREFIX = "VAGUEMESTRE_"
_PORTALS_DATABASE = "PORTAL_DATABASE_URL"
_LAST_ONES_SECONDS = 15
_POLL = 0.05


class Stack:
    """The embedded servers of one data folder: Kafka, PostgreSQL and mail.

    `site` is the id of the préfecture. `mailboxes` maps the id of each of its mailboxes to its
    address, `folders` maps it to the folders that the mailbox has besides its inbox.
    """

    def __init__(
        self,
        data: Path,
        mailboxes: Mapping[str, str],
        *,
        site: str,
        folders: Mapping[str, Sequence[str]] | None = None,
        given: Mapping[str, str] | None = None,
        durable: bool = True,
    ) -> None:
        self._data = data.resolve()
        self._site = site
        self._given = os.environ if given is None else given
        self._passwords = {
            mailbox: self._given.get(password_variable(mailbox))
            or kept_secret(self._data, f"mailbox-{mailbox}")
            for mailbox in mailboxes
        }
        self._kafka = None if self._has("KAFKA") else self._make_kafka()
        self._postgres = None if self._has("DATABASE_URL") else self._make_postgres(durable)
        self._mail = (
            None
            if self._has("IMAP_HOST") and self._has("SMTP_HOST")
            else self._make_mail(
                [
                    EmbeddedMailbox(
                        address, self._passwords[name], tuple((folders or {}).get(name, ()))
                    )
                    for name, address in mailboxes.items()
                ]
            )
        )
        # Servers die with the thread that started them, so these threads live as long as we do.
        self._starts: list[Future[None]] = []
        self._threads = ThreadPoolExecutor(max_workers=3, thread_name_prefix="stack")

    @property
    def servers(self) -> Sequence[Server]:
        """The embedded servers that run here; those given by the environment do not."""
        every: tuple[Server | None, ...] = (self._postgres, self._kafka, self._mail)
        return [server for server in every if server is not None]

    async def start(self) -> Addresses:
        """Starts the servers side by side, and makes database roles: about five seconds.

        Raises:
            EmbeddedError: one of them did not start; the others are stopped.
        """
        self._starts = [self._threads.submit(server.start) for server in self.servers]
        started = await asyncio.gather(
            *(asyncio.wrap_future(start) for start in self._starts), return_exceptions=True
        )
        for failure in started:
            if isinstance(failure, BaseException):
                self.stop()
                raise failure
        return await self._addresses()

    def stop(self) -> None:
        """Ends all servers, side by side; one that is just starting may finish first."""
        wait(self._starts)
        list(self._threads.map(lambda server: server.stop(), self.servers))

    def kill(self) -> None:
        """Kills all servers, like a power cut."""
        for server in self.servers:
            server.kill()

    async def _addresses(self) -> Addresses:
        if self._postgres is not None:
            urls = await roles.make_roles(self._postgres, self._data, self._site)
        else:
            urls = self._given_urls()
        mail = self._mail
        return Addresses(
            kafka=self._kafka.address if self._kafka else self._given[f"{_PREFIX}KAFKA"],
            database_urls=urls,
            imap_host=self._word("IMAP_HOST", mail.host if mail else ""),
            imap_port=int(self._word("IMAP_PORT", str(mail.imap_port if mail else 993))),
            smtp_host=self._word("SMTP_HOST", mail.host if mail else ""),
            smtp_port=int(self._word("SMTP_PORT", str(mail.smtp_port if mail else 587))),
            tls=mail is None,
            blobs=self._folder("BLOBS"),
            spool=self._folder("SPOOL"),
            scans=self._folder("SCANS"),
            tessdata=Path(self._word("TESSDATA", "") or tessdata()),
            vendor=Path(self._word("VENDOR", "") or web()),
            account=self._account(),
            secret=self._word("SECRET", "") or kept_secret(self._data, "secret"),
            mailbox_passwords=self._passwords,
            code_secret=self._word("CODE_SECRET", ""),
        )

    def _given_urls(self) -> Mapping[str, str]:
        """One address for all who work in the register; the portal has its own, or none."""
        urls = dict.fromkeys(roles.NAMES, self._given[f"{_PREFIX}DATABASE_URL"])
        del urls[PORTAL]
        own = self._word(_PORTALS_DATABASE, "")
        return urls | ({PORTAL: own} if own else {})

    def _account(self) -> Account:
        given = self._word("LOCAL_ACCOUNT", "")
        return Account(given) if given else kept_account(self._data)

    def _make_kafka(self) -> KafkaServer:
        return KafkaServer(self._data, port=kept_port(self._data, "kafka"))

    def _make_postgres(self, durable: bool) -> PostgresServer:  # noqa: FBT001 (passed through)
        port = kept_port(self._data, "postgres")
        return PostgresServer(self._data, port=port, durable=durable)

    def _make_mail(self, mailboxes: Sequence[EmbeddedMailbox]) -> MailServer:
        imap, smtp = kept_port(self._data, "imap"), kept_port(self._data, "smtp")
        return MailServer(self._data, mailboxes, imap_port=imap, smtp_port=smtp)

    def _has(self, name: str) -> bool:
        return bool(self._given.get(f"{_PREFIX}{name}"))

    def _word(self, name: str, otherwise: str) -> str:
        return self._given.get(f"{_PREFIX}{name}") or otherwise

    def _folder(self, name: str) -> Path:
        folder = Path(self._word(name, str(self._data / name.lower())))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # letters of people
        return folder


def password_variable(mailbox: str) -> str:
    """Returns the name of the environment variable with a mailbox's password."""
    return f"{_PREFIX}PASSWORD_{mailbox.upper().replace('-', '_')}"


@contextlib.contextmanager
def occupy(data: Path) -> Iterator[None]:
    """A context manager that locks a data folder against a second stack.

    Raises:
        EmbeddedError: another process holds it, or the servers of a killed one don't end.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise EmbeddedError(
                f"Another `vaguemestre up` uses {data}: stop it, or choose another --data."
            ) from error
        _await_the_last_ones(data)
        yield


def _await_the_last_ones(data: Path) -> None:
    """Wait until the servers of an `up` that was killed have ended too: run.json has their ids."""
    run_file = data / "run.json"
    deadline = time.monotonic() + _LAST_ONES_SECONDS
    while run_file.exists():
        pids = json.loads(run_file.read_text())["pids"]
        left = [pid for pid in pids.values() if _names(pid, data)]
        if not left:
            run_file.unlink()
        elif time.monotonic() > deadline:
            raise EmbeddedError(
                f"Processes {left} of an earlier `vaguemestre up` still use {data}: end them first."
            )
        else:
            time.sleep(_POLL)


def _names(pid: int, data: Path) -> bool:
    """Does a process of this id have the data folder on its command line?"""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return os.fsencode(data.resolve()) in line
