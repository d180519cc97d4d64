"""Where the parts of the register meet."""

from services.desk.hearing.arrivals import hears_arrivals
from services.desk.hearing.clocks import hear_clocks
from services.desk.hearing.notices import hears_notices
from services.desk.rules import KeptRules
from services.desk.settings import DeskSettings
from shared.facts.arrivals import ARRIVALS
from shared.facts.clocks import CLOCKS
from shared.facts.envelope import Topic
from shared.facts.notices import NOTICES
from shared.listening import Ear
from shared.process import Ground, Parts, Service

SCHEMA = "desk"


def create_keep(settings: DeskSettings) -> Service:
    """`desk keep`: the topics into the register, what it states into `items`."""

    async def assemble(ground: Ground) -> Parts:
        del ground
        rules = KeptRules()
        return Parts(
            ears=[
                Ear(Topic.ARRIVALS, ARRIVALS.validate_json, hears_arrivals(rules)),
                Ear(Topic.CLOCKS, CLOCKS.validate_json, hear_clocks),
                Ear(Topic.NOTICES, NOTICES.validate_json, hears_notices(rules)),
            ]
        )

    return Service("desk keep", SCHEMA, settings, assemble)
