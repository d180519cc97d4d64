"""The cookies: of a session, and of a browser that is about to sign in or out elsewhere."""

from starlette.requests import Request
from starlette.responses import Response

from services.desk.settings import DeskSettings

SESSION = "desk"
SIGNING_IN = "desk-connexion"
SIGNING_OUT = "desk-deconnexion"
TEN_MINUTES = 600


def _name(settings: DeskSettings, name: str) -> str:
    """`__Host-` makes a browser refuse the cookie of a neighbour, and one sent without https."""
    return f"__Host-{name}" if settings.desk_url else name


def read(request: Request, settings: DeskSettings, name: str) -> str | None:
    """Reads a cookie of the register's pages from a request, or `None`."""
    return request.cookies.get(_name(settings, name))


def put(
    answer: Response, settings: DeskSettings, name: str, value: str, seconds: int | None = None
) -> None:
    """Sets a cookie that scripts can't read; without `seconds`, until the browser is closed."""
    answer.set_cookie(
        _name(settings, name),
        value,
        max_age=seconds,
        path="/",
        secure=settings.desk_url is not None,
        httponly=True,
        samesite="lax",
    )


def drop(answer: Response, settings: DeskSettings, name: str) -> None:
    """Deletes a cookie of the register's pages from the browser."""
    answer.delete_cookie(
        _name(settings, name), path="/", secure=settings.desk_url is not None, httponly=True
    )
