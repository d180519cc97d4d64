"""The campaigns of the satisfaction survey, folded from their facts; what may be decided. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from shared.errors import Refused
from shared.facts.envelope import Digest
from shared.facts.quality.base import SubjectId
from shared.facts.quality.survey import (
    AnswersSealed,
    CampaignClosed,
    CampaignOpened,
    InvitationFact,
    InvitationRefused,
    InvitationsDrawn,
    InvitationsOpened,
    InvitationsStopped,
    ResultsPublished,
    SheetsDistributed,
    SurveyFact,
)

BATCH: Final = 5
"""Sheets from which a batch is sealed: when one sheet came is told by no fact."""
ENOUGH: Final = 10
"""Sheets below which nothing is told of any question, and so nothing is published."""
MOST_SHEETS: Final = 100_000
"""Sheets handed out that one line may tell: more is a slip of the finger."""


@dataclass(frozen=True, slots=True)
class SurveyCampaign:
    """A campaign of the satisfaction survey, computed from its facts: dates, sheets, batches."""

    subject: SubjectId
    number: int
    form: str
    version: int
    form_text: Digest
    opened_at: datetime
    distributed: Sequence[SheetsDistributed] = ()
    batches: Sequence[AnswersSealed] = ()
    closed_at: datetime | None = None
    unreached: Digest | None = None
    """What was said, at its closing, about who could not be reached."""
    published: Digest | None = None
    """The published tables."""
    published_at: datetime | None = None
    invitations: InvitationsOpened | None = None
    """By mail after a reply; `None`: nobody turned them on."""
    draws: Sequence[InvitationsDrawn] = ()
    stopped_at: datetime | None = None
    """When somebody stopped the invitations."""
    refusals: int = 0
    """Persons who were invited and want no such mail again."""

    @property
    def invitations_over(self) -> bool:
        """Whether the campaign invites nobody any more: stopped, or closed."""
        return self.stopped_at is not None or not self.open

    @property
    def open(self) -> bool:
        """Whether the survey campaign takes answers."""
        return self.closed_at is None

    @property
    def sealed(self) -> int:
        """The number of the survey's sheets in sealed batches."""
        return sum(batch.n for batch in self.batches)

    @property
    def complete(self) -> bool:
        """Whether the campaign is closed and all sealed, so that results are computed."""
        return any(batch.last for batch in self.batches)

    @property
    def handed_out(self) -> int:
        """The number of paper sheets of the survey that were handed out or laid out."""
        return sum(fact.n for fact in self.distributed)


def fold(facts: Iterable[SurveyFact]) -> Sequence[SurveyCampaign]:
    """Returns survey campaigns from their facts, by number."""
    found = dict[SubjectId, SurveyCampaign]()
    for fact in facts:
        subject = fact.subject_id
        if isinstance(fact, CampaignOpened):
            found[subject] = SurveyCampaign(
                subject, fact.number, fact.form, fact.version, fact.sha256, fact.happened_at
            )
        elif subject in found:
            found[subject] = _after(found[subject], fact)
    return sorted(found.values(), key=lambda campaign: campaign.number)


def _after(  # noqa: PLR0911  (one line a fact)
    campaign: SurveyCampaign,
    fact: SheetsDistributed | InvitationFact | AnswersSealed | CampaignClosed | ResultsPublished,
) -> SurveyCampaign:
    match fact:
        case InvitationsOpened():
            return replace(campaign, invitations=fact)
        case InvitationsDrawn():
            return replace(campaign, draws=[*campaign.draws, fact])
        case InvitationsStopped():
            return replace(campaign, stopped_at=fact.happened_at)
        case InvitationRefused():
            return replace(campaign, refusals=campaign.refusals + 1)
        case SheetsDistributed():
            return replace(campaign, distributed=[*campaign.distributed, fact])
        case AnswersSealed():
            return replace(campaign, batches=[*campaign.batches, fact])
        case CampaignClosed():
            return replace(campaign, closed_at=fact.happened_at, unreached=fact.sha256)
        case ResultsPublished():
            return replace(campaign, published=fact.sha256, published_at=fact.happened_at)


def may_open(known: Sequence[SurveyCampaign], form: str) -> None:
    """Raises Refused for a second open survey campaign of the same form."""
    for campaign in known:
        if campaign.open and campaign.form == form:
            raise Refused(
                f"Campaign {campaign.number} of this form is open.",
                "campaign-open",
                number=campaign.number,
            )


def before(known: Sequence[SurveyCampaign], campaign: SurveyCampaign) -> SurveyCampaign | None:
    """Returns the last complete campaign of the same survey form before one, or `None`."""
    earlier = [
        other
        for other in known
        if other.form == campaign.form and other.number < campaign.number and other.complete
    ]
    return earlier[-1] if earlier else None


def find_campaign(known: Sequence[SurveyCampaign], number: int) -> SurveyCampaign:
    """Returns the survey campaign of a number. Raises Refused when there is none."""
    for campaign in known:
        if campaign.number == number:
            return campaign
    raise Refused(f"There is no campaign {number}.", "no-such-campaign", number=number)


def may_answer(campaign: SurveyCampaign) -> None:
    """Raises Refused for a survey sheet of a closed campaign."""
    if not campaign.open:
        raise Refused("This campaign is closed.", "campaign-closed")


def may_distribute(campaign: SurveyCampaign, n: int, on: date, today: date) -> None:
    """Raises Refused for sheets handed out in a closed campaign, none, too many, or in future."""
    may_answer(campaign)
    if not 1 <= n <= MOST_SHEETS:
        raise Refused("How many sheets were handed out?", "sheets-number", most=MOST_SHEETS)
    if on > today:
        raise Refused("This day lies ahead.", "sheets-day")


def may_publish(campaign: SurveyCampaign) -> None:
    """Raises Refused unless a survey is closed and sealed, has `ENOUGH` sheets, is unpublished."""
    if not campaign.complete:
        raise Refused("Its last batch is not sealed yet.", "campaign-incomplete")
    if campaign.sealed < ENOUGH:
        raise Refused("Too few answered.", "campaign-few", least=ENOUGH)
    if campaign.published is not None:
        raise Refused("Its results are published.", "campaign-published")


def week_of(day: date) -> str:
    """Returns the ISO week of a local day: `2026-W40`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
