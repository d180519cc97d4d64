"""The second chapter as data: its mails by day, who answers when, and what people do on pages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.demo.inputs import NOON, ZONE

HERE: Final = Path(__file__).parent
FIRST_MAIL: Final = time(9, 5)
SORTER: Final = "v.noel"
COMPLAINTS_TO: Final = "pan"
FIRST_NAMES: Final = (
    *("Adèle", "Bastien", "Céline", "Driss", "Elsa", "Fabien", "Ginette", "Hakim", "Inès", "Jonas"),
    *("Kadiatou", "Lionel", "Mireille", "Noé", "Oumar", "Pauline", "Quentin", "Rosa", "Sacha"),
)
NAMES: Final = (
    *("Amblard", "Besson", "Caillaud", "Debray", "Estève", "Foucher", "Gaudin", "Huguet", "Imbert"),
    *("Jolivet", "Kessler", "Lardeau", "Mercadier", "Nivet", "Ollivier", "Pasquet", "Quillet"),
)


@dataclass(frozen=True, slots=True)
class ChapterDay:
    """A day of the demo's second chapter: emails that come, commands of services, pages."""

    on: date
    mails: Sequence[Mapping[str, Any]]
    sorts: Sequence[str]
    answers: Sequence[str]
    acts: Sequence[Mapping[str, Any]]

    @property
    def at(self) -> datetime:
        """The moment at which the day is played."""
        return datetime.combine(self.on, NOON, ZONE)


def read_chapter() -> Sequence[ChapterDay]:
    """Reads the days of the demo's second chapter from mails.yaml and acts.yaml, in order."""
    written, acts = _yaml("mails.yaml"), _yaml("acts.yaml")
    letters = list(_letters(written))
    days = {*acts, *written["lines"]}
    days |= {letter["day"] for letter in letters}
    days |= {letter["answered"] for letter in letters if "answered" in letter}
    return [_day(day, letters, written, acts) for day in sorted(days)]


def _letters(written: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Each mail of its own, with its name, service, agent and theme."""
    number = 0
    groups = [*written["requests"], *({**row, "n": 1} for row in written["complaints"])]
    for group in groups:
        service = group.get("for", COMPLAINTS_TO)
        agents = written["services"][service]["agents"]
        for place in range(group["n"]):
            number += 1
            yield {
                **group,
                "id": group["id"] if group["n"] == 1 else f"{group['id']}-{place + 1}",
                "service": service,
                "box": written["services"][service]["box"],
                "agent": agents[number % len(agents)],
                "subject": f"{written['subjects'][group.get('theme', service)]} ({number})",
                "sender": f"{FIRST_NAMES[number % len(FIRST_NAMES)]} {NAMES[number % len(NAMES)]}",
                "number": number,
            }


def _day(
    day: date,
    letters: Sequence[Mapping[str, Any]],
    written: Mapping[str, Any],
    acts: Mapping[date, Sequence[Mapping[str, Any]]],
) -> ChapterDay:
    come = [letter for letter in letters if letter["day"] == day]
    first = datetime.combine(day, FIRST_MAIL, ZONE)
    return ChapterDay(
        day,
        [_mail(letter, first + timedelta(minutes=place)) for place, letter in enumerate(come)],
        [_sorting(letter) for letter in come],
        [
            *(
                f"reply {{{letter['id']}}} {letter['agent']}"
                for letter in letters
                if letter.get("answered") == day
            ),
            *written["lines"].get(day, ()),
        ],
        acts.get(day, ()),
    )


def _mail(letter: Mapping[str, Any], taken: datetime) -> Mapping[str, Any]:
    return {
        "id": letter["id"],
        "to": [letter["box"]],
        "taken": taken,
        "from": f"{letter['sender']} <correspondant.{letter['number']}@courriel.example>",
        "subject": letter["subject"],
        "text": f"Bonjour,\n\n{letter['subject']}\n\nMerci d’avance.\n\n{letter['sender']}\n",
    }


def _sorting(letter: Mapping[str, Any]) -> str:
    words = f"desk qualify {{{letter['id']}}} --as {SORTER} --sender-kind citizen"
    theme = letter.get("theme")
    complaint = f" --nature complaint --theme {theme}" if theme else ""
    return f"{words} --service {letter['service']} --agent {letter['agent']}{complaint}"


def _yaml(name: str) -> Any:
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
