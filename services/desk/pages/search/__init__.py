"""Search, filters, exports and imports."""

from services.desk.pages.search.routes import PAGES

__all__ = ["PAGES"]
