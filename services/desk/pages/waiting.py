"""What everybody sees while `desk serve` waits for its servers at its start.

It knows neither the rules nor the moment yet, so it can take nothing in: it says so, and that
nothing which had a number is lost. Once it has run, the public form goes on without PostgreSQL.
"""

from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from services.desk.pages.assets import Assets
from services.desk.pages.drawing import Drawing
from services.desk.pages.guards import Guarded, hosts
from services.desk.settings import DeskSettings

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
        "Ce service redémarre. Revenez à la page précédente, ce que vous avez écrit y est encore ;"
        " envoyez de nouveau dans quelques minutes. Si c’est pressé, téléphonez à la préfecture."
    ),
)


def waiting(settings: DeskSettings) -> Starlette:
    """The ASGI application until the pages can answer."""
    assets = Assets(settings.vendor)
    drawing = Drawing(assets, ())

    async def answer(request: Request) -> HTMLResponse:
        said = SENT if request.method == "POST" else READ
        headers = {"retry-after": str(AGAIN_SECONDS)}
        return HTMLResponse(drawing.error(*said), AWAY, headers)

    return Starlette(
        routes=[
            Route("/static/{name:path}", assets.answer),
            Route("/{path:path}", answer, methods=METHODS),
        ],
        middleware=[
            Middleware(Guarded, https=settings.desk_url is not None),
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts(settings)),
        ],
    )
