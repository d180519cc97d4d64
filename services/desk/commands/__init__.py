"""The command line of the register.

`desk keep` and `desk serve` run until they are told to end; everything else is one question or one
decision: it opens a connection, does it in one transaction, and leaves. What makes no sense is
refused with one sentence and exit code 1. Decisions are taken `--as` a person of the site.
"""

import click

from services.desk.app import SCHEMA, create_router
from services.desk.commands import (
    classification,
    closure,
    deposits,
    exports,
    imports,
    letter_returns,
    processes,
    questions,
    replies,
    retell,
    retention,
    search,
)
from services.desk.commands.audit import audit
from services.desk.commands.compose import compose
from services.desk.commands.evidence import evidence
from services.desk.commands.labels import labels
from services.desk.commands.letters import letters
from services.desk.commands.months import month_
from services.desk.commands.waiting_lists import waiting
from services.desk.settings import DeskSettings
from shared.platform.messaging.dead_letter_commands import dead_letters_commands


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def desk() -> None:
    """The commands of the register (desk) and of its web pages."""


for _command in (
    processes.keep,
    processes.serve,
    questions.list_,
    questions.show,
    questions.verify,
    search.search,
    deposits.deposit,
    exports.export,
    imports.import_,
    waiting,
    classification.qualify,
    classification.sort_again,
    classification.assign,
    classification.reclassify,
    classification.sender,
    classification.confirm_regime,
    classification.extend_period,
    classification.correct_receipt,
    classification.register,
    classification.formerly,
    labels,
    replies.pieces,
    replies.pieces_received,
    replies.holding_reply,
    replies.in_signature,
    replies.third_party,
    replies.confirm_reply,
    replies.reply,
    letters,
    compose,
    replies.depart,
    letter_returns.returned,
    letter_returns.settle_return,
    replies.declare,
    replies.to_transmit,
    replies.transfer,
    replies.explicit_decision,
    closure.close,
    closure.reopen,
    closure.answer_reminder,
    closure.explain_late,
    closure.merge,
    closure.split,
    closure.undo,
    evidence,
    audit,
    month_,
    retention.withdraw,
    retention.legal_hold,
    retention.leave_perimeter,
    retention.destroy,
    retention.erase,
    retell.republish,
    dead_letters_commands(SCHEMA, DeskSettings, create_router),
):
    desk.add_command(_command)
