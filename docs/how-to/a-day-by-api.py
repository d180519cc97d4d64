"""A day of the bureau du courrier and of one service, by the API alone.

    python a-day-by-api.py https://courrier.prefecture.example vgm_… 2026-05-12

The key has the scopes `items` and `decide`, of the bureau du courrier and of the service. What a
person would do on pages is done here by address: whoever reads the register afterwards can't tell,
save that each decision is the key's. Each has a word of its own (Idempotency-Key): a request that
is sent again after a cut decides nothing twice.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

AGENTS = {"bmi": "a.gent", "dre": "r.gent"}
"""Who has the letters of a service; of the others its head gives them out."""
ELSEWHERE = {"association": "dre"}
"""Categories that the mail office gives to another service than is proposed."""
PAPERS = (
    {"category": "titre-de-sejour", "subject": "Une carte perdue", "name": "Ada Essai"},
    {"category": "association", "subject": "Des statuts", "name": "Les Amis du canal"},
)
"""What was handed over at the counter this morning."""


@dataclass(frozen=True)
class Register:
    """The register as a program meets it."""

    client: httpx.Client
    day: str

    def get(self, path: str) -> httpx.Response:
        """Asks; raises on a refusal, with the sentence of the register."""
        return self._said(self.client.get(f"/api/v1{path}"))

    def items(self, state: str) -> Iterator[Mapping[str, Any]]:
        """All items in a state, page after page."""
        path: str | None = f"/items?state={state}&limit=200"
        while path:
            page = self.get(path.removeprefix("/api/v1")).json()
            yield from page["items"]
            path = page["next"]

    def register(self, number: int, paper: Mapping[str, str]) -> str:
        """Registers a paper; returns its number."""
        word = {"idempotency-key": f"{self.day}-paper-{number}"}
        answer = self.client.post("/api/v1/items", json=paper, headers=word)
        return str(self._said(answer).json()["chrono"])

    def decide(self, chrono: str, name: str, **said: Any) -> Mapping[str, Any]:
        """Takes a decision about an item as it stands now."""
        tag = self.get(f"/items/{chrono}").headers["etag"]
        answer = self.client.post(
            f"/api/v1/items/{chrono}/decisions/{name}",
            json=said,
            headers={"if-match": tag, "idempotency-key": f"{self.day}-{chrono}-{name}"},
        )
        decided: Mapping[str, Any] = self._said(answer).json()
        return decided

    @staticmethod
    def _said(answer: httpx.Response) -> httpx.Response:
        if answer.is_error:
            raise SystemExit(f"{answer.request.url.path}: {answer.json()['title']}")
        return answer


def morning(register: Register) -> None:
    """The mail office registers what came on paper, and sorts what came by itself."""
    for number, paper in enumerate(PAPERS):
        register.register(number, paper)
    for item in list(register.items("to_qualify")):
        service = ELSEWHERE.get(item["category"])
        register.decide(item["chrono"], "qualify", **({"service": service} if service else {}))


def noon(register: Register) -> None:
    """Each letter gets its agent; one waits for a piece, which comes."""
    for item in list(register.items("open")):
        agent = AGENTS.get(item["service"])
        if item["agent"] is None and agent is not None:
            register.decide(item["chrono"], "assign", agent=agent)
    waiting = next(iter(sorted(item["chrono"] for item in register.items("open"))))
    register.decide(waiting, "ask-pieces", until="2026-06-05", pieces=["passeport"], sent=True)
    register.decide(waiting, "take-pieces")


def evening(register: Register) -> None:
    """One reply left on paper, one was signed and brought back, one letter needs no answer."""
    first, second, *_, last = sorted(item["chrono"] for item in register.items("open"))
    register.decide(first, "depart", kind="reply", day=register.day)
    register.decide(second, "to-signature", signatory="b.head")
    register.decide(second, "from-signature")
    register.decide(second, "declare", day=register.day)
    register.decide(last, "close", reason="sans-suite")


def main() -> None:
    """Plays the day, from morning to evening."""
    address, key, day = sys.argv[1:]
    headers = {"authorization": f"Bearer {key}", "accept-language": "en"}
    with httpx.Client(base_url=address, headers=headers, timeout=60) as client:
        register = Register(client, day)
        for part in (morning, noon, evening):
            part(register)
        for state in ("answered", "closed"):
            print(state, *sorted(item["chrono"] for item in register.items(state)))


if __name__ == "__main__":
    main()
