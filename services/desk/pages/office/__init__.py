"""The mail office: its day, the queue to qualify, departures, what waits, the counter, printing."""

from services.desk.pages.office.routes import PAGES

__all__ = ["PAGES"]
