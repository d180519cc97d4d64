"""Decisions about the survey's mails after a reply: turned on for a campaign, and stopped."""

import secrets
from dataclasses import dataclass
from datetime import date

from services.desk.quality.domain import invitations as rules
from services.desk.quality.domain.survey import SurveyCampaign, find_campaign
from services.desk.quality.store import survey as store
from services.desk.quality.store import survey_doors
from services.desk.store import quality
from services.desk.store.quality import Author
from shared.errors import Refused
from shared.facts.quality.survey import InvitationsOpened, InvitationsStopped
from shared.platform.database import Connection
from shared.site.tables.survey import SurveyTable

SEED_OCTETS = 16


@dataclass(frozen=True, slots=True)
class InvitationDesk:
    """The service object by which one author acts on survey invitations on a local day."""

    connection: Connection
    author: Author
    table: SurveyTable
    today: date
    reached: bool
    """Whether the address of the public's pages is set: without it a mail leads nowhere."""

    async def open(self, number: int, share: int, starts: date) -> None:
        """Lets a survey campaign invite a share of the persons whose reply leaves from a day on.

        Its seed is random, and stated before anybody is drawn. Raises Refused.
        """
        if self.table.mail is None:
            raise Refused("survey.yaml says nothing of mails.", "invitations-off")
        if not self.reached:
            raise Refused("The public's pages have no address.", "invitations-unreachable")
        campaign = await self._locked(number)
        rules.may_open(campaign, share, starts, self.today)
        form = await store.form_of(self.connection, campaign)
        await survey_doors.create_mail(self.connection, number, form)
        await quality.state(
            self.connection,
            self.author,
            campaign.subject,
            InvitationsOpened,
            seed=secrets.token_hex(SEED_OCTETS),
            share=share,
            starts=starts,
        )

    async def stop(self, number: int) -> None:
        """Stops a survey campaign's invitations, waiting ones too. Raises Refused."""
        campaign = await self._locked(number)
        rules.may_stop(campaign)
        await quality.state(self.connection, self.author, campaign.subject, InvitationsStopped)

    async def _locked(self, number: int) -> SurveyCampaign:
        await store.ends(self.connection)  # before the chain, as whoever closes a campaign does
        await quality.lock_chain(self.connection)
        return find_campaign(await store.campaigns(self.connection), number)
