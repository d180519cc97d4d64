"""Who works where, who is away, who stands in, when a service opens, and who receives what."""

from services.desk.pages.people.routes import PAGES

__all__ = ["PAGES"]
