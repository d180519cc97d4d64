"""The variables of whoever prints or reads codes on paper."""

from pydantic import SecretStr

from shared.content.site_keys import SiteKeys
from shared.paper.code_keys import CodeKeys, FormerSecret
from shared.platform.settings import Settings
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.identity import Identity


class CodeSettings(Settings):
    """The settings of a process that prints or reads codes on paper."""

    secret: SecretStr
    """The site's secret."""
    former_secrets: tuple[FormerSecret, ...] = ()
    """What signed tokens in our mails before it, each with the last day on which it is believed
    (JSON)."""
    pseudonym_secret: SecretStr | None = None
    """The site's first secret, once it was replaced: pseudonyms keep it."""
    code_secret: SecretStr | None = None
    """Signs the codes on paper in its stead, so that they can be given another key alone."""
    former_code_secrets: tuple[FormerSecret, ...] = ()
    """What signed them before, each with the last day on which it is believed (JSON)."""

    @property
    def site_keys(self) -> SiteKeys:
        """The keys that sign tokens and make pseudonyms."""
        return SiteKeys(
            _octets(self.secret),
            tuple((_octets(former.secret), former.until) for former in self.former_secrets),
            None if self.pseudonym_secret is None else _octets(self.pseudonym_secret),
        )

    def code_keys(self, applied: AppliedSite) -> CodeKeys:
        """Returns the keys that sign and verify the paper codes of the applied site."""
        return CodeKeys.of(
            applied.site.identity.id,
            self.code_secret or self.secret,
            self._former_codes,
            applied.unsigned_codes_until,
        )

    def printing_keys(self, identity: Identity) -> CodeKeys:
        """Returns the keys that sign paper codes when the site is read from its folder alone."""
        return CodeKeys.of(identity.id, self.code_secret or self.secret, self._former_codes)

    @property
    def _former_codes(self) -> tuple[FormerSecret, ...]:
        """What signed codes: paper has its own days, else those of the tokens."""
        if self.code_secret is not None or self.former_code_secrets:
            return self.former_code_secrets
        return self.former_secrets


def _octets(secret: SecretStr) -> bytes:
    return secret.get_secret_value().encode()
