"""A command run for one site: on this machine, or on the site's by ssh.

What is run is what the guide has an operator type: `vaguemestre-as SITE ROLE …`, `ln`,
`systemctl restart`. Programs are found on the path.
"""

import asyncio
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from services.ops.fleet.listing import FleetSite

_SSH = ("ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10")
"""Without a question: whoever types has a key there, or is told so."""
UNREACHED = 255
"""The exit code of ssh when it reached nobody."""


@dataclass(frozen=True, slots=True)
class CommandOutcome:
    """The words that a command printed, and its exit code."""

    code: int
    out: str
    error: str

    @property
    def why(self) -> str:
        """The command's last three lines, for a person: of stderr, else of stdout."""
        lines = [line for line in (self.error or self.out).splitlines() if line.strip()]
        return " ".join(lines[-3:]) or f"exit code {self.code}"


async def run(site: FleetSite, words: Sequence[str], *, seconds: float) -> CommandOutcome:
    """Runs a command where the site is; cut after so many seconds, which is a failure as well."""
    if site.host is not None:
        words = (*_SSH, "--", site.host, shlex.join(words))
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        return CommandOutcome(127, "", f"{words[0]}: {error.strerror}")
    try:
        async with asyncio.timeout(seconds):
            out, error_said = await process.communicate()
    except TimeoutError:
        return CommandOutcome(124, "", f"{words[0]} did not end within {seconds:.0f} s.")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return CommandOutcome(
        process.returncode or 0, out.decode(errors="replace"), error_said.decode(errors="replace")
    )


async def run_as(
    site: FleetSite, role: str, words: Sequence[str], *, release: str = "", seconds: float
) -> CommandOutcome:
    """Runs a `vaguemestre` command as one of a site's roles, by the site's program or a release's.

    `release` is the number of an installed one, such as `1.3.0`.
    """
    program = ("env", f"VAGUEMESTRE_PROGRAM={program_of(release)}") if release else ()
    return await run(site, (*program, "vaguemestre-as", site.site, role, *words), seconds=seconds)


def program_of(release: str) -> str:
    """Returns the path of an installed release's program."""
    return f"/opt/vaguemestre/{release}/bin/vaguemestre"
