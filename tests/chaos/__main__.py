"""`make chaos`: a préfecture that suffers by a seed, and its ledger.

SEED=number MINUTES=number FAULT=kind: only this kind of fault, by its name in faults.py.

With its usual minutes it ends within a quarter of an hour: a minute to start, the last fault's end,
four minutes to heal, the stop.
"""

import asyncio
import os
import signal
import sys

import click

from tests.chaos.faults import FAULTS
from tests.chaos.play import Outcome, Plan, play

_MINUTES = 9.0


def report(outcome: Outcome) -> int:
    """The ledger, line by line; the exit code."""
    ledger = outcome.ledger
    ends = ", ".join(f"{n} {word.replace('_', ' ')}" for word, n in ledger.ends.items())
    click.echo(f"  inputs    {ledger.inputs}")
    click.echo(f"  ends      {sum(ledger.ends.values())}: {ends}")
    click.echo(f"  items     {ledger.items}, chronos 1 to {ledger.items}")
    click.echo(
        f"  receipts  {ledger.receipts}, one a person; {ledger.repeated} came twice with one"
    )
    click.echo(f"            Message-ID; the relay cut {outcome.cuts} answers off")
    click.echo(f"  healed    {ledger.healed_seconds:.0f} s after the last fault, without a hand")
    for name in outcome.not_done:
        click.echo(f"  not done  {name}")
    for line in ledger.wrong:
        click.echo(f"  ✗ {line}")
    verdict = "all as it must be" if not ledger.wrong else f"{len(ledger.wrong)} things are wrong"
    click.echo(f"chaos: {len(outcome.done)} faults, {ledger.inputs} inputs; {verdict}")
    return 1 if ledger.wrong else 0


async def played(plan: Plan) -> Outcome:
    """The play, which takes its servers and its mount away also when it is told to end."""
    task = asyncio.ensure_future(play(plan, click.echo))
    for word in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(word, task.cancel)
    return await task


if __name__ == "__main__":
    seed = int(os.environ.get("SEED", "1"))
    minutes = float(os.environ.get("MINUTES", str(_MINUTES)))
    only = os.environ.get("FAULT")
    faults = [fault for fault in FAULTS if only in (None, fault.kind)]
    if not faults:
        kinds = ", ".join(dict.fromkeys(fault.kind for fault in FAULTS))
        sys.exit(f"No fault is called {only}; there are {kinds}.")
    click.echo(f"chaos: seed {seed}, {minutes:g} minutes")
    try:
        outcome = asyncio.run(played(Plan(seed, minutes * 60, faults)))
    except asyncio.CancelledError:
        sys.exit("chaos: told to end before its ledger; nothing is shown.")
    sys.exit(report(outcome))
