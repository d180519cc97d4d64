"""Audit log of commands: what gives content away by a shell leaves a line in desk's journal.

A page notes a reading or a file in the transaction of its answer; so does each command of `GIVES`,
with the account of the system that typed it and why, where VAGUEMESTRE_WHY says so (ADR 0064). All
other commands stand in tests/integration/desk/test_command_journal.py with their reason.
"""

import os
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

import click

from shared.platform.database import Connection
from shared.platform.shell import CODE, VARIABLE, account, origin_here

READING: Final = "reading"
DOWNLOAD: Final = "download"
GIVES: Final[Mapping[str, str]] = {
    "desk audit draw": DOWNLOAD,
    "desk audit freeze": DOWNLOAD,
    "desk audit review": DOWNLOAD,
    "desk compose": READING,
    "desk destroy print": DOWNLOAD,
    "desk evidence export": DOWNLOAD,
    "desk export": DOWNLOAD,
    "desk month show": DOWNLOAD,
    "desk search find": READING,
    "desk show": READING,
    "desk waiting show": READING,
    "notify preview": READING,
}
"""What each gives: content on the screen, or only where it writes a file."""
_ABOUT: Final = ("chrono", "arrival", "slip", "number", "month")
"""What of a command's words names what it is about."""
_NUMBER: Final = re.compile(r"[0-9A-Za-z.-]{1,40}")


async def note(connection: Connection, now: datetime, chronos: Iterable[str] = ()) -> None:
    """Writes the running command into the audit journal, if it shows or exports items' content.

    `chronos`: those of the items that the command named. Any other command leaves no line.
    """
    context = click.get_current_context(silent=True)
    if context is None:
        return
    typed = context.command_path
    command = typed if typed in GIVES else typed.partition(" ")[2]
    what = GIVES.get(command)
    if what is None:
        return
    if _writes(context):
        what = DOWNLOAD
    elif what == DOWNLOAD:
        return
    await connection.execute(
        """
        INSERT INTO desk.journal (at, what, person, page, about, account, why)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        now,
        what,
        context.params.get("who"),
        f"vaguemestre {command}",
        " ".join(chronos) or _about(context.params),
        account(),
        why(),
    )


def outputs(command: click.Command) -> tuple[str, ...]:
    """Returns the names of a command's options that name a file to write."""
    return tuple(
        option.name
        for option in command.params
        if isinstance(option, click.Option)
        and isinstance(option.type, click.Path)
        and not option.type.exists
        and option.name is not None
    )


def why() -> str | None:
    """Returns the reason code that the user typed, by --why or in VAGUEMESTRE_WHY.

    `None` without one, or when it is not well formed.
    """
    shell = origin_here().shell
    given = (shell and shell.why) or os.environ.get(VARIABLE, "")
    return given if CODE.takes(given) else None


def _writes(context: click.Context) -> bool:
    return any(context.params.get(option) is not None for option in outputs(context.command))


def _about(params: Mapping[str, Any]) -> str:
    for name in _ABOUT:
        value = params.get(name)
        text = f"{value:%Y-%m}" if isinstance(value, date) else str(value or "")
        if _NUMBER.fullmatch(text):
            return text
    return ""
