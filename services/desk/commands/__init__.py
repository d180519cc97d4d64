"""The command line of the register.

`desk keep` and `desk serve` run until they are told to end; everything else is one question or one
decision: it opens a connection, does it in one transaction, and leaves. What makes no sense is
refused with one sentence and exit code 1. Decisions are taken `--as` a person of the site.
"""

import click

from services.desk.app import SCHEMA, ears
from services.desk.commands import (
    answering,
    depositing,
    ending,
    exporting,
    finding,
    importing,
    processes,
    questions,
    returning,
    sorting,
    telling,
    withdrawing,
)
from services.desk.commands.auditing import audit
from services.desk.commands.composing import compose
from services.desk.commands.evidence import evidence
from services.desk.commands.labels import labels
from services.desk.commands.letters import letters
from services.desk.commands.months import month_
from services.desk.commands.waiting import waiting
from services.desk.settings import DeskSettings
from shared.dead_letter_commands import dead_letters_commands


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def desk() -> None:
    """The register and its pages."""


for _command in (
    processes.keep,
    processes.serve,
    questions.list_,
    questions.show,
    questions.verify,
    finding.search,
    depositing.deposit,
    exporting.export,
    importing.import_,
    waiting,
    sorting.qualify,
    sorting.sort_again,
    sorting.assign,
    sorting.reclassify,
    sorting.sender,
    sorting.confirm_regime,
    sorting.extend_period,
    sorting.correct_receipt,
    sorting.register,
    labels,
    answering.pieces,
    answering.pieces_received,
    answering.holding_reply,
    answering.in_signature,
    answering.third_party,
    answering.confirm_reply,
    answering.reply,
    letters,
    compose,
    answering.depart,
    returning.returned,
    returning.settle_return,
    answering.declare,
    answering.to_transmit,
    answering.transfer,
    answering.explicit_decision,
    ending.close,
    ending.reopen,
    ending.answer_reminder,
    ending.merge,
    ending.split,
    ending.undo,
    evidence,
    audit,
    month_,
    withdrawing.withdraw,
    withdrawing.legal_hold,
    withdrawing.leave_perimeter,
    withdrawing.destroy,
    withdrawing.erase,
    telling.republish,
    dead_letters_commands(SCHEMA, DeskSettings, ears),
):
    desk.add_command(_command)
