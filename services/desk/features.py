"""The one table of what the register consists of: who takes a feature away removes its row here.

And its folders; `make removable FEATURE=search` shows that the rest stands without it
(docs/decisions/0080). The order of the rows is the order of the menu.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import click

from services.desk.api.answers_job import forgets_answers
from services.desk.api.webhook_job import sends_webhooks
from services.desk.archive.deposit_job import deposits_packages
from services.desk.commands import (
    api_keys,
    classification,
    closure,
    deposits,
    exports,
    imports,
    letter_returns,
    questions,
    replies,
    retell,
    retention,
    search,
    webhooks,
)
from services.desk.commands.archive import archive
from services.desk.commands.audit import audit
from services.desk.commands.compose import compose
from services.desk.commands.evidence import evidence
from services.desk.commands.labels import labels
from services.desk.commands.letters import letters
from services.desk.commands.months import month_
from services.desk.commands.waiting_lists import waiting
from services.desk.evidence.seals import seals
from services.desk.evidence.verification.night import verifies
from services.desk.exports.evening import writes_each_evening
from services.desk.jobs import JobMaker
from services.desk.journal.export import purges, sends
from services.desk.learner.night import learns
from services.desk.migration.job import takes_over
from services.desk.pages import administration as administration_pages
from services.desk.pages import api as api_pages
from services.desk.pages import archive as archive_pages
from services.desk.pages import calendars as calendar_pages
from services.desk.pages import evidence as evidence_pages
from services.desk.pages import exports as export_pages
from services.desk.pages import help as help_pages
from services.desk.pages import indicators as indicator_pages
from services.desk.pages import item as item_pages
from services.desk.pages import journal as journal_pages
from services.desk.pages import learner as learner_pages
from services.desk.pages import letters as letter_pages
from services.desk.pages import migration as migration_pages
from services.desk.pages import office as office_pages
from services.desk.pages import parapheur as parapheur_pages
from services.desk.pages import people as people_pages
from services.desk.pages import privacy as privacy_pages
from services.desk.pages import quality as quality_pages
from services.desk.pages import rehearsals as rehearsal_pages
from services.desk.pages import retention as retention_pages
from services.desk.pages import search as search_pages
from services.desk.pages import service as service_pages
from services.desk.pages import signin as signin_pages
from services.desk.pages.mount import Mounting
from services.desk.pages.page import Page
from services.desk.parapheur.job import gives_to_parapheur
from services.desk.parapheur.mail_job import sends_secure_mails
from services.desk.quality.event_job import minds_events
from services.desk.quality.history_job import keeps_histories
from services.desk.quality.invitation_job import invites
from services.desk.quality.measure_reminders import reminds_measures
from services.desk.quality.perimeter_service import settles_perimeter
from services.desk.quality.reminders import reminds
from services.desk.quality.survey_job import surveys
from services.desk.quality.uploads import sweeps
from services.desk.quality.website_reminders import reminds_website
from services.desk.quality.weekly_figures import states_figures
from services.desk.retention.blob_deletion import erases
from services.desk.retention.purge import forgets
from services.desk.search.index_job import indexes


@dataclass(frozen=True)
class Feature:
    """A removable part of the register: pages, commands, background jobs, other applications."""

    pages: Sequence[Page] = ()
    commands: Sequence[click.Command] = ()
    jobs: Mapping[str, JobMaker] = field(default_factory=dict)
    mounts: Sequence[Mounting] = ()


FEATURES: Final[Mapping[str, Feature]] = {
    "core": Feature(
        pages=(*service_pages.PAGES, *office_pages.PAGES, *item_pages.PAGES),
        commands=(
            questions.list_,
            questions.show,
            questions.verify,
            deposits.deposit,
            waiting,
            labels,
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
            replies.pieces,
            replies.pieces_received,
            replies.holding_reply,
            replies.in_signature,
            replies.third_party,
            replies.confirm_reply,
            replies.reply,
            replies.depart,
            replies.declare,
            replies.to_transmit,
            replies.transfer,
            replies.explicit_decision,
            letter_returns.returned,
            letter_returns.settle_return,
            letter_returns.register_number,
            letter_returns.note_delivery,
            closure.close,
            closure.reopen,
            closure.answer_reminder,
            closure.explain_late,
            closure.merge,
            closure.split,
            closure.undo,
            retell.republish,
        ),
    ),
    "search": Feature(search_pages.PAGES, (search.search,), {"index": indexes}),
    "migration": Feature(migration_pages.PAGES, (imports.import_,), {"import": takes_over}),
    "letters": Feature(letter_pages.PAGES, (letters, compose)),
    "parapheur": Feature(
        parapheur_pages.PAGES,
        jobs={"parapheur": gives_to_parapheur, "secure-mail": sends_secure_mails},
    ),
    "people": Feature(people_pages.PAGES),
    "calendars": Feature(calendar_pages.PAGES),
    "quality": Feature(
        quality_pages.PAGES,
        jobs={
            "figures": states_figures,
            "events": minds_events,
            "histories": keeps_histories,
            "invitations": invites,
            "measures": reminds_measures,
            "perimeter": settles_perimeter,
            "remind": reminds,
            "survey": surveys,
            "uploads": sweeps,
            "website": reminds_website,
        },
    ),
    "evidence": Feature(
        evidence_pages.PAGES, (evidence, audit), {"verify": verifies, "seal": seals}
    ),
    "indicators": Feature(indicator_pages.PAGES, (month_,)),
    "journal": Feature(journal_pages.PAGES, jobs={"journal": sends, "purge": purges}),
    "learner": Feature(learner_pages.PAGES, jobs={"learn": learns}),
    "rehearsals": Feature(rehearsal_pages.PAGES),
    "retention": Feature(
        retention_pages.PAGES,
        (
            retention.withdraw,
            retention.legal_hold,
            retention.leave_perimeter,
            retention.destroy,
            retention.erase,
        ),
        {"forget": forgets, "erase": erases},
    ),
    "privacy": Feature(privacy_pages.PAGES),
    "archive": Feature(archive_pages.PAGES, (archive,), {"deposit": deposits_packages}),
    "exports": Feature(export_pages.PAGES, (exports.export,), {"evening": writes_each_evening}),
    "api": Feature(
        api_pages.PAGES,
        (api_keys.api_keys, webhooks.webhooks_),
        {"answers": forgets_answers, "webhooks": sends_webhooks},
        mounts=api_pages.MOUNTS,
    ),
    "signin": Feature((*administration_pages.PAGES, *signin_pages.PAGES, *help_pages.PAGES)),
}

PAGES: Final[Sequence[Page]] = tuple(
    page for feature in FEATURES.values() for page in feature.pages
)
COMMANDS: Final[Sequence[click.Command]] = tuple(
    command for feature in FEATURES.values() for command in feature.commands
)
JOBS: Final[Mapping[str, JobMaker]] = {
    name: job for feature in FEATURES.values() for name, job in feature.jobs.items()
}
MOUNTS: Final[Sequence[Mounting]] = tuple(
    mounting for feature in FEATURES.values() for mounting in feature.mounts
)
