"""The variables of whoever prints or reads codes on paper."""

from pydantic import SecretStr

from shared.paper.code_keys import CodeKeys, FormerSecret
from shared.platform.settings import Settings
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.identity import Identity


class CodeSettings(Settings):
    """The settings of a process that prints or reads codes on paper."""

    secret: SecretStr
    """The site's secret."""
    code_secret: SecretStr | None = None
    """Signs the codes on paper in its stead, so that they can be given another key alone."""
    former_code_secrets: tuple[FormerSecret, ...] = ()
    """What signed them before, each with the last day on which it is believed (JSON)."""

    def code_keys(self, applied: AppliedSite) -> CodeKeys:
        """Returns the keys that sign and verify the paper codes of the applied site."""
        return CodeKeys.of(
            applied.site.identity.id,
            self.code_secret or self.secret,
            self.former_code_secrets,
            applied.unsigned_codes_until,
        )

    def printing_keys(self, identity: Identity) -> CodeKeys:
        """Returns the keys that sign paper codes for a site known by its folder only."""
        return CodeKeys.of(identity.id, self.code_secret or self.secret, self.former_code_secrets)
