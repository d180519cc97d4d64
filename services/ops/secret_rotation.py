"""`vaguemestre secret rotate`: another secret for the site, in the files that processes read.

A folder of secrets has a folder for each process (docs/guide/exploitation.md). In each that has the
site's secret the new one takes its place, the former is put among those that still prove what they
signed, and the first one of all stays that of pseudonyms. All files are written beside their places
before the first is renamed, the secret itself last: a crash before leaves what was there.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import click

from services.ops.secret_folder import place
from shared.content.site_keys import key_id
from shared.errors import Refused
from shared.platform.clock import SystemClock
from shared.platform.secret_files import read

_SECRET: Final = "SECRET"  # noqa: S105  (the name of a file)
_FIRST: Final = "PSEUDONYM_SECRET"
_FORMER: Final = "FORMER_SECRETS"
_CODE_SECRET: Final = "CODE_SECRET"  # noqa: S105  (as above)
_FORMER_CODES: Final = "FORMER_CODE_SECRETS"
_COPY: Final = "site-secret"
"""The copy that the guide has one keep beside the folder of secrets."""
_TOKENS, _CODES = timedelta(days=400), timedelta(days=1200)
"""For how long a former secret proves tokens of mails, and codes on paper, unless one says so."""
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group("secret")
def secret_commands() -> None:
    """Look after the site's secret."""


@secret_commands.command()
@click.option(
    "--folder",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Of all secrets, with a folder for each process.",
)
@click.option("--until", type=_DAY, help="Last day of tokens in mails; 400 days from today.")
@click.option("--codes-until", type=_DAY, help="Last day of codes on paper; 1200 days from today.")
def rotate(folder: Path, until: Any, codes_until: Any) -> None:
    """Replace the site's secret; what the former one signed stays valid until its day.

    Then restart the processes, those that read before those that sign: notify last.
    """
    today = SystemClock().now().astimezone().date()
    tokens = until.date() if until else today + _TOKENS
    codes = codes_until.date() if codes_until else today + _CODES
    former, current, holders = replace_secret(folder, today, tokens, codes)
    click.echo(f"Key {current} signs from now on; {former} proves tokens until {tokens}.")
    last = [name for name in holders if name == "notify"]
    order = [*(name for name in holders if name not in last), *last]
    click.echo(f"Restart in this order, whoever signs last: {', '.join(order)}.")


def replace_secret(
    folder: Path, today: date, until: date, codes_until: date
) -> tuple[str, str, Sequence[str]]:
    """Replaces the secret in the folder of every process, and in its copy above them.

    Returns:
        The ids of the former and of the new key, and the folders that have it.

    Raises:
        Refused: no folder has the secret, or they have different ones.
    """
    holders = sorted(path.parent for path in folder.glob(f"*/{_SECRET}"))
    if not holders:
        raise Refused(f"No folder below {folder} has a file {_SECRET}.")
    found = {holder.name: read(_SECRET, holder / _SECRET) for holder in holders}
    if len(set(found.values())) > 1:
        keys = ", ".join(f"{name} {key_id(secret.encode())}" for name, secret in found.items())
        raise Refused(f"The folders below {folder} have different secrets ({keys}): make them one.")
    former, new = found[holders[0].name], secrets.token_hex(32)
    written: dict[Path, str] = {}
    for holder in holders:
        written |= _beside(holder, former, today, until, codes_until)
    copy = folder.parent / _COPY
    last = [*([copy] if copy.exists() else []), *(holder / _SECRET for holder in holders)]
    place(written | dict.fromkeys(last, new), like=holders[0] / _SECRET)
    return key_id(former.encode()), key_id(new.encode()), [holder.name for holder in holders]


def _beside(
    holder: Path, former: str, today: date, until: date, codes_until: date
) -> Mapping[Path, str]:
    """What stands beside the secret of one process, once it is replaced."""
    files = {holder / _FORMER: _joined(holder / _FORMER, former, today, until)}
    if not (holder / _FIRST).exists():
        files[holder / _FIRST] = former
    if not (holder / _CODE_SECRET).exists():
        codes = holder / _FORMER_CODES
        files[codes] = _joined(codes, former, today, codes_until)
    return files


def _joined(path: Path, former: str, today: date, until: date) -> str:
    kept = json.loads(read(path.name, path)) if path.exists() else []
    alive = [entry for entry in kept if date.fromisoformat(entry["until"]) >= today]
    return json.dumps([{"secret": former, "until": until.isoformat()}, *alive])
