"""What a service works from: its items by limit, and how the register stands."""

from services.desk.pages.service.routes import PAGES

__all__ = ["PAGES"]
