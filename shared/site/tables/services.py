"""services.yaml: the services that answer, and the directions above them."""

from shared.site.tables.identity import OpeningHours, Postal
from shared.site.tables.website import WebAddress
from shared.values import Code, EmailAddress, Table


class Service(Table):
    """A service of the préfecture, as letters name it, with its head and director."""

    id: Code
    name: str
    """« Bureau des migrations et de l'intégration »."""
    short: str
    """« BMI »: for our own people; no text to the public says it."""
    everyday: str | None = None
    """How the public is told of it, in a sentence: « le service des étrangers »; `None`: `name`."""
    head: Code
    """Person id; also holds what nobody has taken."""
    director: Code
    email: EmailAddress
    """From and Reply-To of what the service sends."""
    phone: str
    postal: Postal | None = None
    """Where it differs from the préfecture's."""
    opening: OpeningHours | None = None
    appointments: WebAddress | None = None
    """Where the public makes an appointment with it (RDV Service Public); `None`: it gives none."""
    replaces: tuple[Code, ...] = ()
    """Former services whose open items come here when they are removed."""

    @property
    def public(self) -> str:
        """The service as a sentence to the public names it: in everyday words, then by its name."""
        return self.name if self.everyday is None else f"{self.everyday} ({self.name})"


class Services(Table):
    """The table services.yaml: all services of the préfecture."""

    services: tuple[Service, ...]
