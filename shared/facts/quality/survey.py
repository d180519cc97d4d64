"""Facts about the satisfaction survey: campaigns, what was handed out, answers sealed in batches.

No fact has an answer, a name or an hour of anybody: a batch is a count and a digest. Who is invited
by mail is named by the item that was answered, never beside a sheet.
"""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from shared.facts.envelope import Digest, ItemId
from shared.facts.quality.base import QualityFact
from shared.facts.vocabulary import SurveyChannel

TYPED: tuple[SurveyChannel, ...] = (
    SurveyChannel.COUNTER,
    SurveyChannel.PAPER,
    SurveyChannel.TELEPHONE,
)
"""The channels whose sheets somebody of ours types."""


class CampaignOpened(QualityFact):
    """Fact: a survey campaign was opened with a version of a form, which is frozen by it."""

    type: Literal["CampaignOpened"] = "CampaignOpened"
    number: int
    """From 1, without a gap."""
    form: str
    version: int
    sha256: Digest
    """Of the form's text (JSON), kept under the campaign."""


class SheetsDistributed(QualityFact):
    """Fact: paper sheets of the survey were handed out or laid out at a place."""

    type: Literal["SheetsDistributed"] = "SheetsDistributed"
    n: int
    place: str
    """Its id in survey.yaml; empty: none of them."""
    on: date
    """Local day."""


class InvitationsOpened(QualityFact):
    """Fact: a survey campaign invites by email a share of those answered from a day on."""

    type: Literal["InvitationsOpened"] = "InvitationsOpened"
    seed: str
    """Of chance, stated before anybody is drawn: each draw can be made again."""
    share: int
    """In hundredths."""
    starts: date
    """The first local day whose replies are considered."""


class InvitationsDrawn(QualityFact):
    """Fact: persons to invite to the survey were drawn, of those answered on some local days."""

    type: Literal["InvitationsDrawn"] = "InvitationsDrawn"
    first: date
    last: date
    """Local days on which the replies left, both included."""
    page: str
    """The address of the survey's page, the same for everybody."""
    items: tuple[ItemId, ...]
    """Whose senders are invited, in the order of their tickets."""
    left_out: Mapping[str, int]
    """Answered on these days and not invited, counted by reason."""


class InvitationsStopped(QualityFact):
    """Fact: a survey campaign invites nobody any more, and waiting invitations are not sent."""

    type: Literal["InvitationsStopped"] = "InvitationsStopped"


class InvitationRefused(QualityFact):
    """Fact: a person who was invited to the survey by email wants no further email."""

    type: Literal["InvitationRefused"] = "InvitationRefused"
    stop: Digest
    """Of the signed token of the mail's link: it names nobody without the site's secret."""


class AnswersSealed(QualityFact):
    """Fact: a batch of survey sheets was sealed: none changes, none can be added."""

    type: Literal["AnswersSealed"] = "AnswersSealed"
    batch: int
    """From 1, without a gap within the campaign."""
    n: int
    sha256: Digest
    """Of a line for each sheet, as services/desk/domain/survey_lines.py writes them."""
    last: bool
    """The campaign is closed, and nothing comes after this batch."""


class CampaignClosed(QualityFact):
    """Fact: a survey campaign was closed: nobody answers any more."""

    type: Literal["CampaignClosed"] = "CampaignClosed"
    sha256: Digest
    """Of what was said about who could not be reached."""


class ResultsPublished(QualityFact):
    """Fact: the results of a closed survey campaign were published as they stood."""

    type: Literal["ResultsPublished"] = "ResultsPublished"
    sha256: Digest
    """Of the published tables (text), kept under the campaign."""


InvitationFact = InvitationsOpened | InvitationsDrawn | InvitationsStopped | InvitationRefused
SurveyFact = (
    CampaignOpened
    | SheetsDistributed
    | InvitationFact
    | AnswersSealed
    | CampaignClosed
    | ResultsPublished
)
