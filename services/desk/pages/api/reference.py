"""`/api/v1/docs`: the addresses of the API and its problems, for whoever writes a program."""

from starlette.responses import Response

from services.desk.pages.api.key_pages import SCOPES
from services.desk.pages.api.problems import PROBLEMS
from services.desk.pages.api.table import ENDPOINTS
from services.desk.pages.visit import Visit


async def page(visit: Visit) -> Response:
    """Shows the reference of the API: each address, the scope that it needs, and its errors."""
    return await visit.html(
        "api/reference.html",
        rows=[
            (
                f"{endpoint.method} /api/v1{endpoint.path}",
                endpoint.words,
                "toute clé" if endpoint.scope is None else endpoint.scope.value,
                list((endpoint.body or endpoint.query).model_fields),
            )
            for endpoint in ENDPOINTS
            if not endpoint.by_session
        ],
        by_session=[
            (f"{endpoint.method} /api/v1{endpoint.path}", endpoint.words)
            for endpoint in ENDPOINTS
            if endpoint.by_session
        ],
        scopes=[(scope.value, said) for scope, said in SCOPES.items()],
        problems=[
            (code, words.status, words.french)
            for code, words in sorted(PROBLEMS.items(), key=lambda row: row[1].status)
        ],
    )
