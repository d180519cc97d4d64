"""Dovecot of Debian for tests and benches: any account, one password, Maildir on the disk."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.embedded.ports import accepts_connections, free_port

PASSWORD: Final = "secret"
_SEARCHED: Final = ("/usr/sbin", "/usr/lib/dovecot")
_SECONDS: Final = 300

_OAUTH2: Final = """
introspection_mode = post
introspection_url = {url}
username_attribute = username
username_format = %d
active_attribute = active
active_value = true
"""
_SETTINGS: Final = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{home}/mail/%u
first_valid_uid = 0
default_internal_user = dovecot
default_login_user = dovenull
auth_mechanisms = plain login{mechanisms}
auth_failure_delay = 0
auth_username_chars =
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
passdb {{
  driver = static
  mechanisms = plain
  master = yes
  args = password=opens-others
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
{passdb}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={home}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""
_BY_TOKENS: Final = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/oauth2.conf
}}
"""


@dataclass(frozen=True, slots=True)
class RunningDovecot:
    """Where it listens, and where the mails of its accounts lie (`mail/USER`)."""

    port: int
    home: Path


def program() -> Path | None:
    """Where Dovecot is, if it is installed."""
    folders = os.pathsep.join((os.environ.get("PATH", ""), *_SEARCHED))
    found = shutil.which("dovecot", path=folders)
    return Path(found) if found else None


@contextmanager
def dovecot(program: Path, introspection: str = "") -> Iterator[RunningDovecot]:
    """Runs a Dovecot that knows everybody by one password.

    An account that opens other mailboxes has a password of its own; where a token server is given
    (the address of its introspection), tokens open the mailboxes of their domain.
    """
    home, port = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp")), free_port()
    if introspection:
        (home / "oauth2.conf").write_text(_OAUTH2.format(url=introspection))
    config = home / "dovecot.conf"
    config.write_text(
        _SETTINGS.format(
            home=home,
            port=port,
            password=PASSWORD,
            mechanisms=" xoauth2 oauthbearer" if introspection else "",
            passdb=_BY_TOKENS.format(home=home) if introspection else "",
        )
    )
    home.chmod(0o755)
    (home / "mail").mkdir()
    (home / "mail").chmod(0o777)
    process = subprocess.Popen([program, "-F", "-c", config])  # noqa: S603  (our own words)
    try:
        deadline = time.monotonic() + _SECONDS
        while not accepts_connections(port):
            assert process.poll() is None, (home / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield RunningDovecot(port, home)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        shutil.rmtree(home, ignore_errors=True)
