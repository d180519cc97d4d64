"""What a command asks of whoever decides by it: in whose name, and why not on a page.

A shell session in which several things are mended says why once: `export VAGUEMESTRE_WHY=CODE`.
"""

import os
import pwd
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from shared.facts.envelope import Shell, Via
from shared.facts.origin import Origin

C = TypeVar("C", bound=Callable[..., Any])

_LOGIN: Final = Path("/proc/self/loginuid")
_NOBODY_LOGGED_IN: Final = 2**32 - 1
VARIABLE: Final = "VAGUEMESTRE_WHY"
_KEPT: Final = "vaguemestre.why"
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")


class CodeParam(click.ParamType[str]):
    """A click parameter type: a code of at most 63 lower-case letters, digits, '-', '_' and '.'."""

    name = "code"

    def takes(self, text: str) -> bool:
        """Whether a text is a well-formed code of at most 63 characters."""
        return _CODE.fullmatch(text) is not None

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Returns the code that a user typed; refuses any other text with a sentence."""
        if not self.takes(str(value)):
            self.fail(
                "a code of at most 63 lower-case letters, digits, '-', '_' or '.' is expected,"
                " such as sans-suite",
                param,
                ctx,
            )
        return str(value)


CODE: Final[CodeParam] = CodeParam()


def keep_why(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Click callback: takes a command's own `--why` also as the reason for not using a page.

    The environment's VAGUEMESTRE_WHY goes before it; the command is refused without both.
    """
    del param
    given = os.environ.get(VARIABLE) or value
    if not given:
        raise click.UsageError("Say why by a command and not on a page: --why CODE.", ctx)
    ctx.meta[_KEPT] = given
    return value


WHY: Final = click.option(
    "--why",
    type=CODE,
    required=True,
    envvar=VARIABLE,
    show_envvar=True,
    expose_value=False,
    callback=lambda context, _, why: context.meta.update({_KEPT: why}),
    help="Why by a command and not on a page: a code, such as page-en-panne.",
)


def decides(who: Callable[[C], C]) -> Callable[[C], C]:
    """Makes a decorator for commands by which a person decides: it adds `--why` and their option.

    `who` is the decorator of the option that names the person.
    """

    def add(command: C) -> C:
        return who(WHY(command))

    return add


def origin_here() -> Origin:
    """Returns the origin for facts of the running shell command: the login account, and why.

    Why: the code of its `--why` or of VAGUEMESTRE_WHY; `None` where none was asked.
    """
    context = click.get_current_context(silent=True)
    if context is None:
        return typed_origin(None)
    return typed_origin(context.meta.get(_KEPT))


def typed_origin(why: str | None) -> Origin:
    """Makes the origin of a fact stated by a command; `why` is the reason code that was typed."""
    return Origin(Via.SHELL, Shell(account=account(), why=why))


def account() -> str:
    """Returns the system account of the person at the shell: the login one, even after `su`.

    The kernel is asked, because a variable such as SUDO_USER can be set to anything.
    """
    uid = os.getuid()
    try:
        logged_in = int(_LOGIN.read_text(encoding="ascii"))
    except (OSError, ValueError):
        logged_in = _NOBODY_LOGGED_IN
    if logged_in != _NOBODY_LOGGED_IN:
        uid = logged_in
    try:
        return pwd.getpwuid(uid).pw_name[:64]
    except KeyError:
        return f"uid-{uid}"


def by_page(name: str, page: str, does: str) -> click.Command:
    """Makes a command that refuses, and tells which page does this act instead (ADR 0041).

    `does`: the act, as the first words of a sentence.
    """

    @click.command(
        name,
        help=f"{does}: only on the page {page}.",
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )
    def refuses() -> None:
        message = f"{does}: sign in and do it on the page {page}; no command does it."
        raise click.ClickException(message)

    return refuses
