"""Who signed a mail (S/MIME), in French: said as its certificate says it, and never judged."""

from collections.abc import Mapping
from datetime import MAXYEAR, datetime, tzinfo
from typing import Final

from shared.calendar.local_days import plain_day
from shared.content.plis import Correspondent, Pli, Signature

_UNREADABLE: Final = (
    "Ce courriel porte une signature électronique (S/MIME) qui n’a pas pu être lue."
)
_CHAIN: Final[Mapping[str, str]] = {
    "known": "Une autorité que la préfecture connaît répond de ce certificat.",
    "unknown": "Aucune autorité que la préfecture connaît ne répond de ce certificat.",
    "unchecked": "L’autorité n’a pas été cherchée.",
}
_CONTENT: Final[Mapping[str, str]] = {
    "same": "Le message reçu est celui qui a été signé.",
    "changed": "Le message reçu n’est pas celui qui a été signé.",
    "unchecked": (
        "Le registre ne peut pas dire si le message affiché est celui qui a été signé"
        "\N{NO-BREAK SPACE}: la signature n’a pas pu y être comparée, ou ne couvre pas"
        " tout ce qui est affiché."
    ),
}
_NOT_JUDGED: Final = "Le registre ne juge pas cette signature, ni si le certificat a été révoqué."


def of_pli(pli: Pli, zone: tzinfo) -> tuple[str, ...]:
    """Returns a French sentence for each signature of a message; `zone`: the préfecture's."""
    return tuple(sentences(signature, pli.sender, zone) for signature in pli.signatures)


def sentences(signature: Signature, sender: Correspondent, zone: tzinfo) -> str:
    """Formats in French whose certificate signed a message, who vouches for it, what differs.

    Args:
        signature: as a child process read it.
        sender: who wrote the message, by its own word.
        zone: the préfecture's time zone, for the certificate's days.
    """
    if not signature.name:
        return _UNREADABLE
    said = [_who(signature, zone), _CHAIN[signature.chain], _CONTENT[signature.content]]
    if signature.address and sender.address and signature.address != sender.address.lower():
        said.append("L’adresse du certificat n’est pas celle de l’expéditeur.")
    return " ".join([*said, _NOT_JUDGED])


def _who(signature: Signature, zone: tzinfo) -> str:
    who = [signature.name]
    if signature.organisation and signature.organisation != signature.name:
        who.append(signature.organisation)
    if signature.address:
        who.append(signature.address)
    issuer = f" délivré par {signature.issuer}" if signature.issuer else ""
    return (
        f"Signature électronique (S/MIME) au nom de {', '.join(who)}\N{NO-BREAK SPACE}:"
        f" certificat{issuer}{_days(signature, zone)}."
    )


def _days(signature: Signature, zone: tzinfo) -> str:
    first = "" if signature.begins is None else _day(signature.begins, zone)
    if signature.ends is None or signature.ends.year == MAXYEAR:
        return f", valable à partir du {first}, sans date de fin" if first else ""
    last = _day(signature.ends, zone)
    return f", valable du {first} au {last}" if first else f", valable jusqu’au {last}"


def _day(moment: datetime, zone: tzinfo) -> str:
    """The day there; at the ends of the calendar, where a zone may have none, that of UTC."""
    try:
        return plain_day(moment.astimezone(zone).date())
    except OverflowError:
        return plain_day(moment.date())
