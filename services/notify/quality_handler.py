"""What notify does with facts about quality: copies of hashes, reminders, figures, invitations.

A reminder stands until its measure is changed, done, closed or opened again, its page is checked or
its change of the website made: a digest that is written after that does not say it.
"""

from collections.abc import Sequence
from datetime import datetime

from services.notify import committee_mails, exercise_mails, survey_invitations
from services.notify.store import quality, quality_rungs, website_rungs, weekly_figures
from shared.facts.quality import Quality
from shared.facts.quality.figures import FiguresStated
from shared.facts.quality.measures import (
    MeasureChanged,
    MeasureClosed,
    MeasureDone,
    MeasureReopened,
    QualityRung,
)
from shared.facts.quality.website import ChangeDone, ChangePlaced, PageChecked, WebsiteRung
from shared.platform.database import Connection
from shared.platform.messaging.subscription import Handle, RejectedFact, pass_over_known
from shared.site.applied_rules import Rules


def hears_quality(rules: Rules) -> Handle[Quality]:
    """Makes notify's handler of topic `quality`: stores reminders and hashes, plans emails."""

    async def hear(
        connection: Connection, batch: Sequence[Quality], now: datetime
    ) -> Sequence[RejectedFact[Quality]]:
        new = await quality.keep_new(connection, batch)
        pass_over_known(batch, new)
        await exercise_mails.plan(connection, batch, new, rules, now)
        await survey_invitations.plan(connection, batch, new, rules, now)
        await committee_mails.plan(connection, batch, new, rules, now)
        for fact in sorted(batch, key=lambda fact: fact.seq):
            if fact.event_id not in new:
                continue
            match fact:
                case QualityRung():
                    await quality_rungs.reach(connection, fact)
                case FiguresStated():
                    await weekly_figures.keep(connection, fact)
                case MeasureChanged() | MeasureDone() | MeasureClosed() | MeasureReopened():
                    await quality_rungs.withdraw(connection, fact.subject_id, fact.seq)
                case WebsiteRung():
                    await website_rungs.reach(connection, fact)
                case PageChecked():
                    await website_rungs.remove_checked(connection, fact.page, fact.seq)
                case ChangePlaced() | ChangeDone():
                    await website_rungs.withdraw(connection, fact.subject_id, fact.seq)
                case _:
                    pass
        return ()

    return hear
