"""By which version of the rules each clock of an item was counted."""

from collections.abc import Mapping

from services.desk.french.why import counted_from
from services.desk.store.sheets import ItemSheet
from shared.facts.vocabulary import ClockName
from shared.platform.database import Connection
from shared.site import store
from shared.site.tables.bundle import AppliedSite


async def counted_by(
    connection: Connection, applied: AppliedSite, sheet: ItemSheet
) -> Mapping[ClockName, AppliedSite]:
    """Returns the version of the site's rules by which each deadline of an item was counted.

    `applied` is the present one.
    """
    versions = await store.versions(connection) if sheet.clocks else ()
    found = {applied.version: applied}
    by = dict[ClockName, AppliedSite]()
    for clock in sheet.clocks.values():
        moment = counted_from(clock, sheet.facts)
        known = [
            version.version for version in versions if moment and version.effective_from <= moment
        ]
        number = (known or [versions[0].version])[-1] if moment else applied.version
        if number not in found:
            found[number] = await store.version(connection, number)
        by[clock.clock] = found[number]
    return by
