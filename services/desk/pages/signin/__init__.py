"""Sign-in and sign-out: by the identity provider, or by the one local account."""

from services.desk.pages.signin.routes import PAGES

__all__ = ["PAGES"]
