"""A day of the bureau du courrier and of one service, by the API and webhooks alone.

    export KEY=vgm_… SECRET=whsec_…
    python a-day-by-api.py https://courrier.prefecture.example 8099 2026-05-12

The key has the scopes `items` and `decide`, of the bureau du courrier and of the service; one of
its webhooks tells this program, at the port that it is given, what happens. What a person would do
on pages is done here by address: whoever reads the register afterwards can't tell, save that it was
the key. Each decision has a word of its own (Idempotency-Key), so that a request that is sent again
decides nothing twice. The office closes when the input ends (Ctrl-D).
"""

import base64
import hmac
import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
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
CLOSED, LATEST = ("the office closes", ""), 300
told: SimpleQueue[tuple[str, str]] = SimpleQueue()
"""Of each message the fact's type and the item's number, in the order in which they came."""


class Receiver(BaseHTTPRequestHandler):
    """Takes in what the webhook tells, and lets the work be done afterwards."""

    def do_POST(self) -> None:
        """Accepts what is signed by the webhook's secret, within five minutes."""
        body = self.rfile.read(int(self.headers["content-length"]))
        sent, at = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        key = base64.b64decode(os.environ["SECRET"].removeprefix("whsec_"))
        mac = hmac.digest(key, f"{sent}.{at}.".encode() + body, "sha256")
        said = [one.partition(",")[2] for one in self.headers["webhook-signature"].split()]
        ours = base64.b64encode(mac).decode()
        right = any(hmac.compare_digest(ours, one) for one in said)
        if right and abs(time.time() - int(at)) < LATEST:  # noqa: TID251  (no process of ours)
            told.put((json.loads(body)["data"]["fact"], json.loads(body)["subject"]))
        self.send_response(204 if right else 401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing of each message."""


@dataclass(frozen=True)
class Register:
    """The register as a program meets it."""

    client: httpx.Client
    day: str

    def get(self, path: str) -> httpx.Response:
        """Asks; raises on a refusal, with the sentence of the register."""
        return self._said(self.client.get(f"/api/v1{path}"))

    def numbers(self, state: str) -> Iterator[str]:
        """The numbers of all items in a state, page after page."""
        path: str | None = f"/items?state={state}&limit=200"
        while path:
            page = self.get(path.removeprefix("/api/v1")).json()
            yield from (item["chrono"] for item in page["items"])
            path = page["next"]

    def register(self, number: int, paper: Mapping[str, str]) -> None:
        """Registers a paper."""
        word = {"idempotency-key": f"{self.day}-paper-{number}"}
        self._said(self.client.post("/api/v1/items", json=paper, headers=word))

    def decide(self, chrono: str, name: str, **said: Any) -> None:
        """Takes a decision about an item as it stands now."""
        tag = self.get(f"/items/{chrono}").headers["etag"]
        headers = {"if-match": tag, "idempotency-key": f"{self.day}-{chrono}-{name}"}
        path = f"/api/v1/items/{chrono}/decisions/{name}"
        self._said(self.client.post(path, json=said, headers=headers))
        print(name, chrono, flush=True)

    @staticmethod
    def _said(answer: httpx.Response) -> httpx.Response:
        if answer.is_error:
            raise SystemExit(f"{answer.request.url.path}: {answer.json()['title']}")
        return answer


def look(register: Register, chrono: str) -> None:
    """Does what is to be done about an item as it is now: sorts it, or gives it to its agent."""
    item = register.get(f"/items/{chrono}").json()
    agent = AGENTS.get(item["service"])
    if item["state"] == "to_qualify":
        service = ELSEWHERE.get(item["category"])
        register.decide(chrono, "qualify", **({"service": service} if service else {}))
    elif item["state"] == "open" and item["agent"] is None and agent:
        register.decide(chrono, "assign", agent=agent)


def evening(register: Register) -> None:
    """One reply left on paper, one was signed and brought back, one letter needs no answer."""
    first, second, *_, last = sorted(register.numbers("open"))
    register.decide(first, "ask-pieces", until="2026-06-05", pieces=["passeport"], sent=True)
    register.decide(first, "take-pieces")
    register.decide(first, "depart", kind="reply", day=register.day)
    register.decide(second, "to-signature", signatory="b.head")
    register.decide(second, "from-signature")
    register.decide(second, "declare", day=register.day)
    register.decide(last, "close", reason="sans-suite")
    left = {("ReplySent", first), ("ReplySent", second), ("ItemClosed", last)}
    while left:  # the register has told what was done
        left.discard(told.get())


def main() -> None:
    """Plays the day: what came on paper, what stands, what is told, what has left by evening."""
    address, port, day = sys.argv[1:]
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    headers = {"authorization": f"Bearer {os.environ['KEY']}", "accept-language": "en"}
    with httpx.Client(base_url=address, headers=headers, timeout=60) as client:
        register = Register(client, day)
        for number, paper in enumerate(PAPERS):
            register.register(number, paper)
        for chrono in [*register.numbers("to_qualify"), *register.numbers("open")]:
            look(register, chrono)
        print("listening", flush=True)
        threading.Thread(target=lambda: (sys.stdin.read(), told.put(CLOSED)), daemon=True).start()
        while (message := told.get()) != CLOSED:
            look(register, message[1])
        evening(register)
        for state in ("answered", "closed"):
            print(state, *sorted(register.numbers(state)))


if __name__ == "__main__":
    main()
