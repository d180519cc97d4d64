"""The day of the mail office."""

from datetime import datetime, time

from services.desk.pages.visit import Visit


def midnight(visit: Visit) -> datetime:
    """Returns the moment when the local day of the request began."""
    return datetime.combine(visit.today, time(), visit.applied.site.zone)
