"""The applied rules in the form the judges use, compiled once for each version."""

from services.ingest.domain.rules import JudgeRules, rules
from shared.site.applied_rules import AppliedRules


class CompiledRules:
    """A cache of the applied rules, compiled for judging once for each version."""

    def __init__(self, in_force: AppliedRules, secret: bytes) -> None:
        self._in_force = in_force
        self._secret = secret
        self._version: int | None = None
        self._rules: JudgeRules | None = None

    @property
    def now(self) -> JudgeRules:
        """The compiled rules now applied, to be taken once for each batch."""
        applied = self._in_force.applied
        if self._rules is None or self._version != applied.version:
            self._rules = rules(applied.site, self._secret)
            self._version = applied.version
        return self._rules
