"""Which mailbox signs in by token, and what is said when its variables are not all there."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from services.ingest.settings import IngestSettings
from services.ingest.sign_in import ByPassword, ByToken
from services.notify.settings import NotifySettings
from shared.errors import PermanentFailure
from shared.platform.access_tokens import TokenServerAway
from shared.platform.settings import load
from shared.platform.token_settings import token_answer
from shared.site.tables.mailboxes import Mailbox

BOX = Mailbox(id="pref-bmi", address="pref-bmi@indre.example", host="imap.example", sign_in="token")
GIVEN = {
    "OAUTH_TOKEN_URL": "https://login.example/token",
    "OAUTH_CLIENT_ID": "0f1c",
    "OAUTH_CLIENT_SECRET": "hidden",
}


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = GIVEN | {
        "DATA": str(tmp_path / "no stack runs"),
        "DATABASE_URL": "postgresql://a@db.example/b",
        "SECRET": "the site's",
        "KAFKA": "127.0.0.1:9092",
        "BLOBS": str(tmp_path),
        "SPOOL": str(tmp_path),
        "SMTP_HOST": "smtp.example",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"VAGUEMESTRE_{name}", value)


def test_all_mailboxes_of_a_process_share_their_tokens() -> None:
    settings = load(IngestSettings)
    first = settings.account(BOX, "INBOX", observed=False).sign_in
    shared = BOX.model_copy(update={"id": "sg", "user": "partagee@indre.example"})
    second = settings.account(shared, "INBOX", observed=False).sign_in
    assert isinstance(first, ByToken)
    assert isinstance(second, ByToken)
    assert first.tokens is second.tokens
    assert (first.user, second.user) == ("pref-bmi@indre.example", "partagee@indre.example")
    assert list(settings.token_checks) == ["tokens"]


@pytest.mark.parametrize("missing", ["OAUTH_TOKEN_URL", "OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET"])
def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.delenv(f"VAGUEMESTRE_{missing}")
    with pytest.raises(PermanentFailure, match=f"VAGUEMESTRE_{missing}"):
        load(IngestSettings).account(BOX, "INBOX", observed=False)
    monkeypatch.setenv("VAGUEMESTRE_SMTP_SIGN_IN", "token")
    monkeypatch.setenv("VAGUEMESTRE_SMTP_USER", "pref-courrier@indre.example")
    with pytest.raises(PermanentFailure, match=f"VAGUEMESTRE_{missing}"):
        _ = load(NotifySettings).smtp


def test_a_mailbox_with_a_password_needs_no_token_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in GIVEN:
        monkeypatch.delenv(f"VAGUEMESTRE_{name}")
    monkeypatch.setenv("VAGUEMESTRE_PASSWORD_PREF_BMI", "its own")
    settings = load(IngestSettings)
    box = BOX.model_copy(update={"sign_in": None, "signs_in_as": "lecteur@indre.example"})
    account = settings.account(box, "INBOX", observed=False)
    assert isinstance(account.sign_in, ByPassword)
    assert account.sign_in.signs_in_as == "lecteur@indre.example"
    assert settings.token_checks == {}


def test_the_clients_secret_is_read_anew_at_each_question(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("VAGUEMESTRE_OAUTH_CLIENT_SECRET")
    file = tmp_path / "client"
    file.write_text("of before\n")
    monkeypatch.setenv("VAGUEMESTRE_OAUTH_CLIENT_SECRET_FILE", str(file))
    tokens = load(IngestSettings).tokens
    assert tokens is not None
    file.unlink()
    with pytest.raises(TokenServerAway, match=r"OAUTH_CLIENT_SECRET, .*can't be read"):
        tokens.current()


def test_the_relay_is_signed_in_to_by_token_only_where_it_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VAGUEMESTRE_SMTP_USER", "pref-courrier@indre.example")
    monkeypatch.setenv("VAGUEMESTRE_SMTP_PASSWORD", "of the relay")
    by_password = load(NotifySettings).smtp
    assert (by_password.by_token, by_password.password) == (None, SecretStr("of the relay"))
    monkeypatch.setenv("VAGUEMESTRE_SMTP_SIGN_IN", "token")
    by_token = load(NotifySettings).smtp
    assert by_token.by_token is not None
    assert by_token.by_token.user == "pref-courrier@indre.example"
    assert (by_token.user, by_token.password) == (None, None)


def test_a_name_with_the_signs_of_the_mechanism_is_written_so_that_it_stays_one_name() -> None:
    assert token_answer("OAUTHBEARER", "a=b,c@d.example", SecretStr("t")) == (
        b"n,a=a=3Db=2Cc@d.example,\1auth=Bearer t\1\1"
    )
    assert token_answer("XOAUTH2", "a=b,c@d.example", SecretStr("t")) == (
        b"user=a=b,c@d.example\1auth=Bearer t\1\1"
    )
