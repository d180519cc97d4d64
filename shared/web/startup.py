"""The start-up page: everybody sees it while a process with pages waits for its servers.

It knows neither the rules nor the moment yet, so it can take nothing in: it says so, and that
nothing which had a number is lost.
"""

from collections.abc import Callable
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from shared.web.assets import Assets
from shared.web.guards import middleware

AWAY = 503
AGAIN_SECONDS: Final = 30
METHODS = ("GET", "POST")

READ: Final = (
    "Ce service redémarre",
    (
        "Réessayez dans quelques minutes. Rien de ce qui a reçu un numéro n’est perdu."
        " Si c’est pressé, téléphonez à la préfecture."
    ),
)
SENT: Final = (
    "Votre envoi n’est pas arrivé",
    (
        "Ce service redémarre. Revenez à la page précédente, ce que vous avez écrit y est encore ;"
        " envoyez de nouveau dans quelques minutes. Si c’est pressé, téléphonez à la préfecture."
    ),
)


def startup(assets: Assets, draw: Callable[[str, str], str], url: str | None) -> Starlette:
    """Makes the web application that shows a start-up page until the pages can answer.

    `draw` makes a page of a sentence and of what to do; browsers reach the pages at `url`.
    """

    async def answer(request: Request) -> HTMLResponse:
        said = SENT if request.method == "POST" else READ
        headers = {"retry-after": str(AGAIN_SECONDS)}
        return HTMLResponse(draw(*said), AWAY, headers)

    return Starlette(
        routes=[
            Route("/static/{name:path}", assets.answer),
            Route("/{path:path}", answer, methods=METHODS),
        ],
        middleware=middleware(url),
    )
