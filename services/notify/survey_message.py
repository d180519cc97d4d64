"""The mail that invites to the satisfaction survey: its words, in text and HTML, and its way out.

French only, and plain (docs/decisions/0100). The HTML has no image, no style from elsewhere and no
link but the two of the text: nothing of it tells who opened it.
"""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from html import escape
from typing import Final

_LONGEST: Final = 998
"""Octets of a line (RFC 5322)."""
_HTML: Final = """\
<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{subject}</title>
</head>
<body>
<main>
<h1>{first}</h1>
<p>{asked}</p>
<p><a href="{page}">Donner mon avis : {shown}</a></p>
<p>{nameless}</p>
<p>{nothing}</p>
</main>
<hr>
<p>{stop}<br><a href="{stop_url}">Ne plus recevoir ce genre de message</a></p>
<p>{authority}</p>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class SurveyWords:
    """The words of a survey invitation: the same for everybody but the link to refuse more."""

    authority: str
    page: str
    stop_url: str

    subject: str = "Votre avis sur notre réponse"
    first: str = "Vous nous avez écrit, nous vous avons répondu : qu’en pensez-vous ?"
    asked: str = "Quelques questions, deux minutes. Aucune n’est obligatoire."
    nameless: str = (
        "La page est la même pour tout le monde : elle ne sait pas qui vous êtes, et vos réponses"
        " ne sont liées ni à votre adresse ni à votre dossier."
    )
    nothing: str = (
        "Si vous ne répondez pas, cela ne change rien pour vous et nous ne vous relancerons pas."
        " Ce message n’attend pas de réponse : pour nous écrire, répondez à notre courrier ou"
        " passez par le formulaire."
    )
    stop: str = "Vous ne voulez plus de message de ce genre ? Un clic suffit :"

    @property
    def text(self) -> str:
        """The survey invitation as plain text."""
        return "\n\n".join(
            (
                self.first,
                self.asked,
                f"Donner mon avis :\n{self.page}",
                self.nameless,
                self.nothing,
                f"{self.stop}\n{self.stop_url}",
                self.authority,
            )
        )

    @property
    def html(self) -> str:
        """The survey invitation as an HTML page: a heading, two links that say where they lead."""
        return _HTML.format(
            subject=escape(self.subject),
            first=escape(self.first),
            asked=escape(self.asked),
            page=escape(self.page),
            shown=escape(self.page.removeprefix("https://").removeprefix("http://")),
            nameless=escape(self.nameless),
            nothing=escape(self.nothing),
            stop=escape(self.stop),
            stop_url=escape(self.stop_url),
            authority=escape(self.authority),
        )


def with_way_out(octets: bytes, words: SurveyWords, boundary: str) -> bytes:
    """Returns a composed survey email with its HTML and the headers to unsubscribe (RFC 8058)."""
    policy = SMTP if octets.isascii() else SMTPUTF8
    message = message_from_bytes(octets, _class=EmailMessage, policy=policy)
    message["List-Unsubscribe"] = f"<{words.stop_url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.add_alternative(words.html, subtype="html", cte="quoted-printable")
    message.set_boundary(boundary)
    # An address is one word: folded at 78 letters it would be cut into encoded words.
    return message.as_bytes(policy=policy.clone(max_line_length=_LONGEST, refold_source="none"))
