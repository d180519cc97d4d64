"""Routes looked up by the first segment of the path: hundreds are not tried one after the other."""

from collections.abc import Sequence

from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

_FOUND = "vaguemestre.route"
"""Key of the scope: the route that answers."""


class RouteIndex(BaseRoute):
    """Routes as one, which answers as a list of them would: the first that matches, in its order.

    Of each request only those routes are tried whose path begins with the same segment, or with a
    parameter.
    """

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes = routes
        firsts = [_first(getattr(route, "path", "")) for route in routes]
        self._others = [route for route, first in zip(routes, firsts, strict=True) if not first]
        self._by_segment = {
            segment: [
                route
                for route, first in zip(routes, firsts, strict=True)
                if first in {segment, None}
            ]
            for segment in filter(None, set(firsts))
        }

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Returns how the first route that matches does, or else the first with other methods."""
        partial: tuple[Match, Scope] = Match.NONE, {}
        for route in self._candidates(scope):
            match, more = route.matches(scope)
            if match is Match.FULL:
                return match, {**more, _FOUND: route}
            if match is Match.PARTIAL and partial[0] is Match.NONE:
                partial = match, {**more, _FOUND: route}
        return partial

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        """Returns the path of a route by its name. Raises NoMatchFound."""
        for route in self._routes:
            try:
                return route.url_path_for(name, **path_params)
            except NoMatchFound:
                continue
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands a request to the route that matched it."""
        scope["route"] = scope[_FOUND]
        await scope[_FOUND].handle(scope, receive, send)

    def _candidates(self, scope: Scope) -> Sequence[BaseRoute]:
        path, root = scope.get("path", ""), scope.get("root_path", "")
        below = path[len(root) :] if root and path.startswith(f"{root}/") else path
        # A pattern's end also stands before the end of a line that ends the path.
        return self._by_segment.get((_segment(below) or "").removesuffix("\n"), self._others)


def _first(path: str) -> str | None:
    """The first segment of a route's path; `None`: a parameter stands in it, or there is none."""
    segment = _segment(path)
    return None if not segment or "{" in segment else segment


def _segment(path: str) -> str | None:
    return next(iter(path.split("/")[1:2]), None)
