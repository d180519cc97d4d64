"""How surely somebody must have signed in at the identity provider: levels and methods. Pure.

`acr` is one name of a level that the provider certifies (ProConnect: `eidas2`), `amr` the list of
methods that were used (RFC 8176: `otp`, `hwk`, `mfa`). Both are asked for and then read back in the
signed identity token: a request that the provider does not heed gives nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.desk.domain.oidc_roles import Claims

UNMET: Final = "unmet_authentication_requirements"
"""The provider's error for whoever can't sign in as surely as was asked."""


@dataclass(frozen=True, slots=True)
class SignInStrength:
    """The OIDC levels (acr) and methods (amr) of which a sign-in must have one each; empty: any."""

    levels: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()

    def parameters(self, *, by_claims: bool) -> Mapping[str, str]:
        """Returns the URL parameters that ask the provider for this strength; none if any will do.

        `by_claims`: the provider takes the `claims` parameter; else levels alone can be asked for.
        """
        if not by_claims:
            return {"acr_values": " ".join(self.levels)} if self.levels else {}
        asked: dict[str, Any] = {}
        if self.levels:
            asked["acr"] = {"essential": True, "values": list(self.levels)}
        if self.methods:
            asked["amr"] = {"essential": True}
        return {"claims": json.dumps({"id_token": asked}, separators=(",", ":"))} if asked else {}

    def is_met(self, claims: Claims) -> bool:
        """Returns whether an identity token's verified claims prove a sign-in of this strength.

        A claim of another shape says nothing.
        """
        level, methods = claims.get("acr"), claims.get("amr")
        used = methods if isinstance(methods, list) else []
        return (not self.levels or level in self.levels) and (
            not self.methods or any(method in self.methods for method in used)
        )
