"""Decisions about the satisfaction survey: checked, stated as facts; sheets typed and kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from services.desk.domain.survey_lines import SheetRow
from services.desk.quality.domain import agents, survey_results
from services.desk.quality.domain import survey as rules
from services.desk.quality.domain.survey import SurveyCampaign
from services.desk.quality.label_proofs import LabelProofs
from services.desk.quality.store import survey as store
from services.desk.quality.store import survey_doors, texts
from services.desk.quality.store import survey_results as results_store
from services.desk.store import quality
from services.desk.store.quality import Author
from shared.errors import Refused
from shared.facts import ids
from shared.facts.quality.base import QualityFact
from shared.facts.quality.survey import (
    TYPED,
    CampaignClosed,
    CampaignOpened,
    ResultsPublished,
    SheetsDistributed,
)
from shared.facts.vocabulary import SurveyChannel
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import Site
from shared.site.tables.survey import SurveyForm, SurveyTable

TWICE: Final = 20
"""One typed sheet in so many is typed a second time: chosen by its id, which is of chance."""
ANSWERS: Final = (None, 0, 1, 2, 3, 4)
LONGEST: Final = 2_000
"""Letters of what is written freely."""


@dataclass(frozen=True, slots=True)
class TypedSheet:
    """A survey sheet as somebody of the préfecture typed it."""

    sheet_id: UUID
    """Made by the page: typed twice by mistake, it is one sheet."""
    channel: SurveyChannel
    place: str
    answers: Sequence[int | None]
    free_text: str = ""


@dataclass(frozen=True, slots=True)
class SurveyDesk:
    """The service object by which one author acts on the survey on a local day."""

    connection: Connection
    author: Author
    site: Site
    directory: Directory
    today: date

    @property
    def table(self) -> SurveyTable:
        """The site's survey forms and places."""
        return self.site.survey

    async def open(self, name: str) -> int:
        """Opens a survey campaign with a form (`usagers-1`), now frozen; returns its number.

        Raises Refused: there is no such form, an earlier campaign used the same version with
        another wording, a question names an agent, or a campaign of the form is open.
        """
        form = self.table.form_named(name)
        if form is None:
            raise Refused(f"There is no form {name}.", "no-such-form")
        for text in form.texts:
            if agents.named_person(text, self.directory.people.values()) is not None:
                raise Refused("No question is about somebody of ours.", "survey-names-agent")
        await quality.lock_chain(self.connection)
        known = await store.campaigns(self.connection)
        rules.may_open(known, form.id)
        for campaign in known:
            if (campaign.form, campaign.version) == (form.id, form.version):
                await self._same(form, campaign)
        number = 1 + max((campaign.number for campaign in known), default=0)
        subject = ids.quality_id(self.author.site, "survey", str(number))
        kept = await texts.keep(self.connection, subject, form.model_dump_json(), self.author.now)
        await quality.state(
            self.connection,
            self.author,
            subject,
            CampaignOpened,
            number=number,
            form=form.id,
            version=form.version,
            sha256=kept,
        )
        await survey_doors.create(self.connection, number, form, ["", *self.table.place])
        return number

    async def _same(self, form: SurveyForm, campaign: SurveyCampaign) -> None:
        """Refuses a form whose version was used in other words."""
        if await store.form_of(self.connection, campaign) != form:
            raise Refused(
                f"Version {form.version} was used by campaign {campaign.number} in other words.",
                "form-frozen",
                number=campaign.number,
                version=form.version,
            )

    async def distribute(self, number: int, n: int, place: str, on: date) -> None:
        """Records that paper sheets of a survey were handed out at a place. Raises Refused."""
        campaign = await self._locked(number)
        rules.may_distribute(campaign, n, on, self.today)
        self._place(place)
        await self._state(campaign, SheetsDistributed, n=n, place=place, on=on)

    async def enter(self, number: int, typed: TypedSheet) -> bool:
        """Stores a typed survey sheet; returns whether it is to be typed again. Raises Refused."""
        campaign = await self._answering(number)
        form = await store.form_of(self.connection, campaign)
        if typed.channel not in TYPED:
            raise Refused("Nobody types a sheet of this channel.", "channel-not-typed")
        answers = _whole(typed.answers, form)
        self._place(typed.place)
        if len(typed.free_text) > LONGEST:
            raise Refused(f"At most {LONGEST} letters.", "quality-text-long", most=LONGEST)
        if not typed.free_text and all(answer is None for answer in answers):
            raise Refused("Nothing was answered on this sheet.", "sheet-empty")
        week = rules.week_of(self.today)
        row = SheetRow(typed.sheet_id, typed.channel.value, typed.place, week, answers)
        new = await store.keep_sheet(self.connection, number, row)
        if new and typed.free_text:
            await store.keep_verbatim(self.connection, number, week, typed.free_text)
        return new and _twice(row)

    async def enter_again(
        self, number: int, sheet_id: UUID, answers: Sequence[int | None]
    ) -> Sequence[int]:
        """Compares a survey sheet with its second typing; returns the places that differ, from 0.

        Raises Refused: it was sealed meanwhile.
        """
        campaign = await self._answering(number)
        first = await self._unsealed(number, sheet_id)
        again = _whole(answers, await store.form_of(self.connection, campaign))
        differing = [
            place
            for place, (one, other) in enumerate(zip(first.answers, again, strict=True))
            if one != other
        ]
        await store.keep_second(self.connection, sheet_id, len(again), len(differing))
        return differing

    async def correct(self, number: int, sheet_id: UUID, answers: Sequence[int | None]) -> None:
        """Replaces the answers of a survey sheet whose two typings differ.

        Raises Refused: it is sealed, or was not typed twice with a difference.
        """
        campaign = await self._answering(number)
        await self._unsealed(number, sheet_id)
        if not await store.differs(self.connection, sheet_id):
            raise Refused("Both typings of this sheet are the same.", "sheet-not-chosen")
        again = _whole(answers, await store.form_of(self.connection, campaign))
        await store.retype(self.connection, sheet_id, again)

    async def close(self, number: int, unreached: str) -> None:
        """Closes a survey campaign, with who could not be reached. Raises Refused."""
        await store.ends(self.connection)
        campaign = await self._locked(number)
        rules.may_answer(campaign)
        agents.name_nobody(self.directory.people.values(), unreached)
        await survey_doors.shut(self.connection, number)
        await self._said(campaign, CampaignClosed, unreached)

    async def publish(self, number: int) -> None:
        """Publishes the results of a survey campaign as they stand. Raises Refused.

        It is the proof of each engagement of the label that rests on this form.
        """
        campaign = await self._locked(number)
        rules.may_publish(campaign)
        if differing := await results_store.unlike(self.connection, campaign):
            raise Refused(
                "Sealed sheets are not those that were sealed.",
                "sheets-differ",
                numbers=", ".join(map(str, differing)),
            )
        results = await results_store.published_results(self.connection, campaign)
        await self._said(campaign, ResultsPublished, survey_results.write_results(results))
        if campaign.closed_at is not None:
            proofs = LabelProofs(self.connection, self.author, self.site, self.directory)
            said = f"Enquête n° {number} : {results.sheets} réponses, résultats publiés."
            await proofs.results_published(campaign.form, campaign.closed_at, said)

    async def mask(self, verbatim_id: UUID, text: str) -> None:
        """Releases a survey remark as masked. Raises Refused if it names an agent, or is long."""
        if len(text) > LONGEST:
            raise Refused(f"At most {LONGEST} letters.", "quality-text-long", most=LONGEST)
        if agents.named_person(text, self.directory.people.values()) is not None:
            raise Refused("This text still names somebody of ours.", "verbatim-names-agent")
        await self._settle(verbatim_id, text)

    async def withhold(self, verbatim_id: UUID) -> None:
        """Withholds a survey remark from everybody: it is erased. Raises Refused."""
        await self._settle(verbatim_id, None)

    async def _settle(self, verbatim_id: UUID, text: str | None) -> None:
        if not await store.settle_verbatim(self.connection, verbatim_id, text):
            raise Refused("This text waits no more.", "verbatim-settled")

    def _place(self, place: str) -> None:
        if place and place not in self.table.place:
            raise Refused(f"There is no place {place}.", "no-such-place")

    async def _unsealed(self, number: int, sheet_id: UUID) -> SheetRow:
        found = await store.sheet(self.connection, number, sheet_id)
        if found is None:
            raise Refused("This sheet is sealed: it changes no more.", "sheet-sealed")
        if found.channel not in TYPED or not _twice(found):
            raise Refused("This sheet was not chosen to be typed twice.", "sheet-not-chosen")
        return found

    async def _answering(self, number: int) -> SurveyCampaign:
        """A campaign that takes answers, and goes on to until this transaction ends."""
        await store.answers(self.connection)
        campaign = await self._found(number)
        rules.may_answer(campaign)
        return campaign

    async def _locked(self, number: int) -> SurveyCampaign:
        await quality.lock_chain(self.connection)
        return await self._found(number)

    async def _found(self, number: int) -> SurveyCampaign:
        return rules.find_campaign(await store.campaigns(self.connection), number)

    async def _said(self, campaign: SurveyCampaign, kind: type[QualityFact], text: str) -> None:
        kept = await texts.keep(self.connection, campaign.subject, text, self.author.now)
        await self._state(campaign, kind, sha256=kept)

    async def _state(self, campaign: SurveyCampaign, kind: type[QualityFact], **said: Any) -> None:
        await quality.state(self.connection, self.author, campaign.subject, kind, **said)


def _twice(row: SheetRow) -> bool:
    """Whether a sheet is typed a second time: one in twenty, by its id."""
    return row.sheet_id.int % TWICE == 0


def _whole(answers: Sequence[int | None], form: SurveyForm) -> Sequence[int | None]:
    """The answers, one for each question. Raises Refused."""
    if any(answer not in ANSWERS for answer in answers):
        raise Refused("An answer is 0 to 4, or none.", "sheet-answer")
    if len(answers) != len(form.questions):
        raise Refused("An answer for each question.", "sheet-length", n=len(form.questions))
    return answers
