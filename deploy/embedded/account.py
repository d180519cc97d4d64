"""The local account of the desk's pages: its password is made up once, shown once, kept hashed."""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from argon2 import PasswordHasher


@dataclass(frozen=True, slots=True)
class Account:
    """The local account of the pages: the password's hash, and the password if just made."""

    hashed: str = field(repr=False)
    password: str = field(repr=False, default="")


def new_account() -> Account:
    """Makes a local account with a password of 24 characters and its Argon2id hash."""
    password = secrets.token_urlsafe(18)
    return Account(PasswordHasher().hash(password), password)


def kept_account(data: Path) -> Account:
    """Reads the local account from a data folder; makes it the first time.

    Whoever lost the password deletes that file: the next start makes another account.
    """
    path = data / "secrets" / "account"
    if path.exists():
        return Account(path.read_text())
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    account = new_account()
    partial = path.with_name(f".account.{os.getpid()}")
    partial.touch(mode=0o600)
    partial.write_text(account.hashed)
    partial.replace(path)
    return account
