"""One item: what came, where it stands, how its limits count, its past, and what is decided."""

from services.desk.pages.item.routes import PAGES

__all__ = ["PAGES"]
