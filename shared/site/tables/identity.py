"""site.yaml: who this préfecture is, where it is, and how it counts, speaks and looks."""

from datetime import date, time
from enum import StrEnum
from ipaddress import ip_network
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from shared.facts.vocabulary import NoticeKind
from shared.values import Code, EmailAddress, Table

UNAUDITED = (
    "Aucun audit de conformité au référentiel général d’amélioration de l’accessibilité (RGAA 4.1) "
    "n’est encore en cours de validité : la loi ne permet alors pas d’autre mention. À chaque "
    "nouvelle version, toutes les pages sont vérifiées par un outil automatique, qui n’y trouve "
    "aucun défaut, et les formulaires sont remplis au clavier et sans JavaScript."
)
"""What the declaration of accessibility says until a préfecture has had its pages audited."""


def _unasked(value: object) -> object:
    return None if value is False else value


class Postal(Table):
    """A postal address as printed at the head of a letter."""

    street: str
    postcode: str
    town: str


class OpeningHours(Table):
    """The local opening hours of a working day, Monday to Friday."""

    opens: time = time(9, 0)
    closes: time = time(17, 0)


class StandIn(StrEnum):
    """The permissions that a deputy may get beyond digests and daily acts."""

    RESERVED = "reserved"
    """To read and decide what is réservé."""
    PROOF = "proof"
    """Evidence, audits, withdrawals, destruction."""
    RULES = "rules"
    """To approve standard letters."""


class Deputies(Table):
    """The permissions that pass to a deputy during an absence, by the absent person's function."""

    agent: tuple[StandIn, ...] = ()
    head: tuple[StandIn, ...] = ()
    director: tuple[StandIn, ...] = ()
    quality_officer: tuple[StandIn, ...] = ()
    general_secretary: tuple[StandIn, ...] = ()


class Accessibility(Table):
    """The declaration of accessibility of the pages (law of 11 February 2005, article 47)."""

    state: Literal["non conforme", "partiellement conforme", "totalement conforme"] = "non conforme"
    """The only words that the law has; without an audit in force, *non conforme*."""
    text: str = Field(min_length=1, default=UNAUDITED)
    """What the audit found: paragraphs between empty lines, lists whose lines begin with `- `."""


def _a_network(written: str) -> str:
    if ip_network(written).prefixlen == 0:
        raise ValueError("a network that holds every address opens everything")
    return written


class WebhookPlaces(Table):
    """The hosts and networks inside the préfecture that webhooks may reach."""

    networks: tuple[Annotated[str, AfterValidator(_a_network)], ...] = ()
    """Private networks or single addresses: [10.36.4.0/24, "fd36:4::/64"]."""
    plain_hosts: tuple[str, ...] = ()
    """Hosts that are told by http, without encryption: [parapheur.indre.local]."""


class CircuitFor(Table):
    """A circuit of signature at the parapheur of one signatory, or of a service."""

    of: Code
    """A person of people.yaml, or a service of services.yaml."""
    circuit: str = Field(min_length=1, max_length=200)
    """As at the parapheur: Signature du secrétaire général."""


ServerAddress = Annotated[
    str,
    StringConstraints(
        pattern=r"^(https://[^/?#@\s]+|http://(localhost|127\.0\.0\.1)(:\d+)?)(/[^?#\s]*)?$"
    ),
]
"""The address of a server, by https unless it is this machine."""


SignsHere = Annotated[Literal[True] | None, BeforeValidator(_unasked)]
"""Whether a letter may also be signed in the register; without it only at the parapheur.

No is as good as nothing and is not stored: the version before refuses what it does not know.
"""


class Parapheur(Table):
    """The Pastell server by which letters go to the parapheur, where they are signed."""

    url: ServerAddress
    """Its address: https://pastell.prefecture.example."""
    entity: int = Field(ge=1)
    """Number of the entity (id_e) under which letters are deposited: 12."""
    circuit: str = Field(min_length=1, max_length=200)
    """Circuit of signature there, the sous-type of the parapheur: Courrier préfecture."""
    circuits: tuple[CircuitFor, ...] = ()
    """Other circuits, of who signs or of a service; the signatory's goes before the service's."""
    flow: Code = "ls-document-pdf"
    """Type of file there; its steps beyond the signature are not asked for."""
    timeout_seconds: int = Field(default=30, ge=1, le=120)
    """For one question."""
    signs_here: SignsHere = None


RemoteCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""An identifier of i-Parapheur, as it stands in addresses there: a UUID."""


class IParapheur(Table):
    """The i-Parapheur 5 server, asked by its own REST API, where letters are signed."""

    url: ServerAddress
    """Its address: https://iparapheur.prefecture.example."""
    tenant: RemoteCode
    """Identifier of the entity there."""
    desk: RemoteCode
    """Identifier of the desk (bureau) from which letters leave, and which nothing else uses."""
    type: str = Field(min_length=1, max_length=200)
    """Type of its circuits there, by its name: PAdES."""
    circuit: str = Field(min_length=1, max_length=200)
    """Circuit of signature there, the sous-type, by its name: Courrier préfecture."""
    circuits: tuple[CircuitFor, ...] = ()
    """Other circuits, of who signs or of a service; the signatory's goes before the service's."""
    timeout_seconds: int = Field(default=30, ge=1, le=120)
    """For one question."""
    signs_here: SignsHere = None


SigningPlace: TypeAlias = Parapheur | IParapheur


class SecureMailPlace(Table):
    """The Pastell server that sends letters as mails sécurisés: a link, and who has read it."""

    url: ServerAddress
    """Its address: https://pastell.prefecture.example."""
    entity: int = Field(ge=1)
    """Number of the entity (id_e) under which they leave: 12."""
    flow: Literal["mailsec", "ls-mailsec"] = "mailsec"
    """Type of file there."""
    unread_days: int = Field(default=7, ge=1, le=90)
    """Days after which whoever is in charge is told that nobody has read it."""
    timeout_seconds: int = Field(default=30, ge=1, le=120)
    """For one question."""


def circuit_towards(place: SigningPlace, signatory: str, service: str) -> str:
    """Returns the circuit of a letter: its signatory's, else its service's, else the usual one."""
    named = {row.of: row.circuit for row in place.circuits}
    return named.get(signatory) or named.get(service) or place.circuit


RuleId = Annotated[str, StringConstraints(pattern=r"^[^\s](.{0,98}[^\s])?$")]
"""An identifier in the tables of an archive: FRAD036, APP-00001."""


class ArchiveDeposit(Table):
    """The as@lae of an archive, to which packages are sent by its REST web services."""

    url: ServerAddress
    """Address of its web services: https://asalae.archives.example/restservices."""
    timeout_seconds: int = Field(default=60, ge=1, le=600)
    """For one question, or one piece of 2 MB."""


class Archive(Table):
    """The archive to which closed items are transferred (SEDA 2.2), before they are destroyed."""

    agency: RuleId
    """Identifier of the archive there (ArchivalAgency): FRAD036."""
    transferring: RuleId
    """Identifier there of the préfecture, which transfers (TransferringAgency): FRPREF036."""
    originating: RuleId | None = None
    """Identifier there of who produced the items; `None`: who transfers them."""
    agreement: RuleId | None = None
    """The agreement with the archive (ArchivalAgreement), where it asks for one: CT-000001."""
    appraisal_rule: RuleId | None = None
    """The rule there of the durée d'utilité administrative: APP-00001; `None`: none is named."""
    access_rule: RuleId | None = None
    """The rule there by which the letters may be read one day: ACC-00025; `None`: as agreed."""
    copies: bool = False
    """Whether a package also has a PDF/A copy of each scan, with the text that OCR read in it."""
    deposit: ArchiveDeposit | None = None
    """Where packages are sent once somebody says so; `None`: a person carries them there."""


class Identity(Table):
    """The table site.yaml: the préfecture's name, addresses, officers and general settings."""

    id: Code
    """Also the namespace of every id: it never changes."""
    department: str = Field(pattern=r"^(\d{2,3}|2[AB])$")
    """First part of every chrono: `36`."""
    authority: str
    """« Préfecture de l'Indre »."""
    signatory: str
    """« Pour le préfet et par délégation »: above the name of whoever has a delegation, alone."""
    neutral_signature: str | None = None
    """Above any other name: « Le bureau du courrier »; `None`: the name of the service."""
    delegation_required: tuple[NoticeKind, ...] = ()
    """Texts that leave over the name of whoever has a delegation, or not at all: [reply]."""
    postal: Postal
    phone: str
    email: EmailAddress
    website: str
    timezone: str
    """IANA name: `Europe/Paris`."""
    opening: OpeningHours = OpeningHours()
    day_rung: time = time(6, 0)
    """Local time at which the rungs of a jour ouvré fall."""
    day_sheet_days: int = Field(default=3, ge=0, le=20)
    """How many jours ouvrés old a sheet of the day may be when its batch is scanned."""
    unsigned_codes_until: date | None = None
    """Last local day on which sheets and labels printed without a signature are believed; `None`:
    six months from the upgrade that brought signatures, never where there was none."""
    domains: tuple[str, ...]
    """Our own mail domains: no automatic mail ever goes there."""
    return_path: EmailAddress | None = None
    """Mailbox that nothing answers; signed per notice by plus-address so that a bounce finds it."""
    mail_office: Code
    """The service that registers."""
    legal_office: Code
    """The service to which appeals are kept for a person."""
    quality_officer: Code
    general_secretary: Code
    on_call: Code
    """The person told at once of words of danger."""
    roots_address: EmailAddress | None = None
    """A mailbox of another house to which each root of the evidence goes too, such as that of the
    archives départementales; `None`: no root leaves the préfecture's own mailboxes."""
    data_protection_officer: Code | None = None
    """Who reads the journal beside those who prove, and nothing else by that; `None`: nobody."""
    journal_months: int = Field(default=12, ge=6, le=36)
    """For how long who signed in, read or took a file away stays in the journal."""
    deputies: Deputies = Deputies()
    """What a deputy has beyond digests and daily acts; nothing where it says nothing."""
    data_protection: str
    """The notice at the foot of each message."""
    emergency_line: str
    """The line with 17 / 112 / 114 / 3114 that every receipt carries."""
    desk_url: str
    """Where the links of digests lead."""
    accessibility: Accessibility = Accessibility()
    """What the foot of every public page leads to; as without an audit where it is absent."""
    theme: Literal["neutral", "dsfr"] = "neutral"
    """How the pages look. `dsfr`: the State's design system, which its sites alone may wear."""
    brand: tuple[str, ...] = Field(default=("République", "Française"), min_length=1, max_length=5)
    """Lines of the bloc-marque, for `dsfr` alone: [Préfet, de l’Indre]."""
    second_language: str | None = Field(default=None, pattern=r"^[a-z]{2}$")
    """Also said by mail below the French, where `templates/xx/` has the text: `en`."""
    webhooks: WebhookPlaces = WebhookPlaces()
    """What webhooks may reach inside; nothing where it says nothing."""
    parapheur: Parapheur | None = None
    """Where letters are signed electronically, by Pastell; `None`: on paper, or below."""
    iparapheur: IParapheur | None = None
    """Where letters are signed electronically, at i-Parapheur itself; never both."""
    secure_mail: SecureMailPlace | None = None
    """Where letters leave as mails sécurisés, by Pastell; `None`: by mail or on paper alone."""
    archive: Archive | None = None
    """Where categories with `final: archive` go first; `None`: no category says so."""
    demo: bool = False
    """A demo site alone may have a story moment instead of the real time."""

    @property
    def signing(self) -> SigningPlace | None:
        """Settings of the parapheur, Pastell or i-Parapheur; `None`: letters are signed by hand."""
        return self.parapheur or self.iparapheur
