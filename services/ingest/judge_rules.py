"""The applied rules in the form the judges use, compiled once for each version and day."""

from collections.abc import Callable
from datetime import date, datetime

from services.ingest.domain.rules import JudgeRules, rules
from shared.content.site_keys import SiteKeys
from shared.site.applied_rules import AppliedRules


class CompiledRules:
    """A cache of the applied rules, compiled for judging once for each version and local day.

    On its day a former secret stops proving what it signed.
    """

    def __init__(
        self,
        in_force: AppliedRules,
        keys: SiteKeys,
        now: Callable[[], datetime],
        *,
        antivirus: bool = False,
    ) -> None:
        """`antivirus`: one looks at what is attached."""
        self._in_force = in_force
        self._keys = keys
        self._moment = now
        self._antivirus = antivirus
        self._compiled_for: tuple[int, date] | None = None
        self._rules: JudgeRules | None = None

    @property
    def now(self) -> JudgeRules:
        """The compiled rules now applied, to be taken once for each batch."""
        applied = self._in_force.applied
        today = self._moment().astimezone(applied.site.zone).date()
        if self._rules is None or self._compiled_for != (applied.version, today):
            keys = self._keys.on(today)
            self._rules = rules(applied.site, keys, antivirus=self._antivirus)
            self._compiled_for = (applied.version, today)
        return self._rules
