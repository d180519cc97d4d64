"""The one table of what the register consists of: who takes a feature away removes its row here.

And its folders; `make removable FEATURE=search` shows that the rest stands without it
(docs/decisions/0080). The order of the rows is the order of the menu. A row names where its parts
stand, below services/desk, and they are imported where they are asked for: `desk serve` imports no
job and no command, `desk keep` no page (docs/decisions/0218).
"""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from services.desk.jobs import JobMaker
    from services.desk.pages.mount import Mounting
    from services.desk.pages.page import Page


@dataclass(frozen=True)
class Feature:
    """A removable part of the register: pages, commands, background jobs, other applications."""

    page_rooms: Sequence[str] = ()
    """Modules below services/desk with `PAGES`."""
    command_places: Sequence[str] = ()
    """`module:name` of each command, as of each job."""
    job_places: Mapping[str, str] = field(default_factory=dict)
    mount_rooms: Sequence[str] = ()
    """Modules with `MOUNTS`."""

    @property
    def pages(self) -> "Sequence[Page]":
        """The rows of its pages; imports them."""
        return [page for room in self.page_rooms for page in _found(f"{room}:PAGES")]

    @property
    def commands(self) -> Sequence[click.Command]:
        """The commands below `vaguemestre desk`; imports them."""
        return [_found(place) for place in self.command_places]

    @property
    def jobs(self) -> "Mapping[str, JobMaker]":
        """The makers of its jobs of `desk keep`, by name; imports them."""
        return {name: _found(place) for name, place in self.job_places.items()}

    @property
    def mounts(self) -> "Sequence[Mounting]":
        """The makers of the applications that it serves next to its pages; imports them."""
        return [mount for room in self.mount_rooms for mount in _found(f"{room}:MOUNTS")]


def _found(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(f"services.desk.{module}"), name)


FEATURES: Final[Mapping[str, Feature]] = {
    "core": Feature(
        page_rooms=(
            "pages.service",
            "pages.office",
            "pages.item",
        ),
        command_places=(
            "commands.questions:list_",
            "commands.questions:show",
            "commands.questions:verify",
            "commands.deposits:deposit",
            "commands.waiting_lists:waiting",
            "commands.labels:labels",
            "commands.classification:qualify",
            "commands.classification:sort_again",
            "commands.classification:assign",
            "commands.classification:reclassify",
            "commands.classification:sender",
            "commands.classification:confirm_regime",
            "commands.classification:extend_period",
            "commands.classification:correct_receipt",
            "commands.classification:register",
            "commands.classification:formerly",
            "commands.replies:pieces",
            "commands.replies:pieces_received",
            "commands.replies:holding_reply",
            "commands.replies:in_signature",
            "commands.replies:third_party",
            "commands.replies:confirm_reply",
            "commands.replies:reply",
            "commands.replies:depart",
            "commands.replies:declare",
            "commands.replies:to_transmit",
            "commands.replies:transfer",
            "commands.replies:explicit_decision",
            "commands.letter_returns:returned",
            "commands.letter_returns:settle_return",
            "commands.letter_returns:register_number",
            "commands.letter_returns:note_delivery",
            "commands.closure:close",
            "commands.closure:reopen",
            "commands.closure:answer_reminder",
            "commands.closure:explain_late",
            "commands.closure:merge",
            "commands.closure:split",
            "commands.closure:undo",
            "commands.retell:republish",
        ),
    ),
    "search": Feature(
        page_rooms=("pages.search",),
        command_places=("commands.search:search",),
        job_places={"index": "search.index_job:indexes"},
    ),
    "migration": Feature(
        page_rooms=("pages.migration",),
        command_places=("commands.imports:import_",),
        job_places={"import": "migration.job:takes_over"},
    ),
    "letters": Feature(
        page_rooms=("pages.letters",),
        command_places=(
            "commands.letters:letters",
            "commands.compose:compose",
        ),
    ),
    "parapheur": Feature(
        page_rooms=("pages.parapheur",),
        job_places={
            "parapheur": "parapheur.job:gives_to_parapheur",
            "secure-mail": "parapheur.mail_job:sends_secure_mails",
        },
    ),
    "people": Feature(
        page_rooms=("pages.people",),
    ),
    "calendars": Feature(
        page_rooms=("pages.calendars",),
    ),
    "quality": Feature(
        page_rooms=("pages.quality",),
        job_places={
            "figures": "quality.weekly_figures:states_figures",
            "events": "quality.event_job:minds_events",
            "histories": "quality.history_job:keeps_histories",
            "invitations": "quality.invitation_job:invites",
            "measures": "quality.measure_reminders:reminds_measures",
            "perimeter": "quality.perimeter_service:settles_perimeter",
            "remind": "quality.reminders:reminds",
            "survey": "quality.survey_job:surveys",
            "uploads": "quality.uploads:sweeps",
            "website": "quality.website_reminders:reminds_website",
        },
    ),
    "evidence": Feature(
        page_rooms=("pages.evidence",),
        command_places=(
            "commands.evidence:evidence",
            "commands.audit:audit",
        ),
        job_places={
            "verify": "evidence.verification.night:verifies",
            "seal": "evidence.seals:seals",
        },
    ),
    "indicators": Feature(
        page_rooms=("pages.indicators",),
        command_places=("commands.months:month_",),
    ),
    "journal": Feature(
        page_rooms=("pages.journal",),
        job_places={"journal": "journal.export:sends", "purge": "journal.export:purges"},
    ),
    "learner": Feature(
        page_rooms=("pages.learner",),
        job_places={"learn": "learner.night:learns"},
    ),
    "rehearsals": Feature(
        page_rooms=("pages.rehearsals",),
    ),
    "retention": Feature(
        page_rooms=("pages.retention",),
        command_places=(
            "commands.retention:withdraw",
            "commands.retention:legal_hold",
            "commands.retention:leave_perimeter",
            "commands.retention:destroy",
            "commands.retention:erase",
        ),
        job_places={"forget": "retention.purge:forgets", "erase": "retention.blob_deletion:erases"},
    ),
    "privacy": Feature(
        page_rooms=("pages.privacy",),
    ),
    "archive": Feature(
        page_rooms=("pages.archive",),
        command_places=("commands.archive:archive",),
        job_places={"deposit": "archive.deposit_job:deposits_packages"},
    ),
    "exports": Feature(
        page_rooms=("pages.exports",),
        command_places=("commands.exports:export",),
        job_places={"evening": "exports.evening:writes_each_evening"},
    ),
    "api": Feature(
        page_rooms=("pages.api",),
        command_places=(
            "commands.api_keys:api_keys",
            "commands.webhooks:webhooks_",
        ),
        job_places={
            "answers": "api.answers_job:forgets_answers",
            "webhooks": "api.webhook_job:sends_webhooks",
        },
        mount_rooms=("pages.api",),
    ),
    "signin": Feature(
        page_rooms=(
            "pages.administration",
            "pages.signin",
            "pages.help",
        ),
    ),
}


def modules() -> Sequence[str]:
    """Lists the modules of pages, jobs and mounts by name: what `keep` and `serve` import."""
    rooms = [
        room
        for row in FEATURES.values()
        for room in (*row.page_rooms, *row.mount_rooms, *row.job_places.values())
    ]
    return [f"services.desk.{room.partition(':')[0]}" for room in rooms]


def all_pages() -> "Sequence[Page]":
    """Returns the pages of all features, in the order of the menu."""
    return [page for feature in FEATURES.values() for page in feature.pages]


def all_commands() -> Sequence[click.Command]:
    """Returns the commands of all features."""
    return [command for feature in FEATURES.values() for command in feature.commands]


def all_jobs() -> "Mapping[str, JobMaker]":
    """Returns the makers of the background jobs of all features, by name."""
    return {name: job for feature in FEATURES.values() for name, job in feature.jobs.items()}


def all_mounts() -> "Sequence[Mounting]":
    """Returns the makers of the applications that features serve next to their pages."""
    return [mounting for feature in FEATURES.values() for mounting in feature.mounts]
