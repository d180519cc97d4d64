"""A secret stands in a file instead of the environment; given twice, it is refused."""

from datetime import date
from pathlib import Path

import pytest

from services.ingest.mailbox import AccessRefused
from services.ingest.settings import IngestSettings
from shared.errors import PermanentFailure
from shared.paper.code_settings import CodeSettings
from shared.platform.secret_files import SecretFileError
from shared.platform.settings import BadSetting, load
from shared.site.tables.mailboxes import Mailbox

URL = "postgresql://vaguemestre_indre_ingest:hidden@db.example/vaguemestre_indre"
BOX = Mailbox(id="pref-bmi", address="pref-bmi@indre.example", host="imap.example", service="bmi")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("VAGUEMESTRE_DATA", str(tmp_path / "no stack runs"))
    for name in ("DATABASE_URL", "SECRET", "CODE_SECRET", "FORMER_CODE_SECRETS"):
        monkeypatch.delenv(f"VAGUEMESTRE_{name}", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setenv("VAGUEMESTRE_KAFKA", "127.0.0.1:9092")
    for name in ("BLOBS", "SPOOL"):
        monkeypatch.setenv(f"VAGUEMESTRE_{name}", str(tmp_path))
    return tmp_path


@pytest.fixture
def pointed(monkeypatch: pytest.MonkeyPatch, bare: Path) -> Path:
    """The database's address and the secret by files, as an editor leaves them: a line's end."""
    for name, value in {"DATABASE_URL": f"{URL}\n", "SECRET": "the site's\r\n"}.items():
        (bare / name).write_text(value, encoding="utf-8", newline="")
        monkeypatch.setenv(f"VAGUEMESTRE_{name}_FILE", str(bare / name))
    return bare


def test_a_value_is_its_file_without_the_end_of_the_line(pointed: Path) -> None:
    settings = load(CodeSettings)
    assert settings.database_url.get_secret_value() == URL
    assert settings.secret.get_secret_value() == "the site's"
    assert str(pointed / "SECRET") not in repr(settings)


def test_blanks_of_a_password_are_its_own(pointed: Path) -> None:
    (pointed / "SECRET").write_text(" two words \n")
    assert load(CodeSettings).secret.get_secret_value() == " two words "


def test_a_list_is_read_as_json_from_its_file(
    pointed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pointed / "former").write_text('[{"secret": "old",\n  "until": "2027-06-30"}]\n')
    monkeypatch.setenv("VAGUEMESTRE_FORMER_CODE_SECRETS_FILE", str(pointed / "former"))
    (former,) = load(CodeSettings).former_code_secrets
    assert (former.secret.get_secret_value(), former.until) == ("old", date(2027, 6, 30))
    (pointed / "former").write_text("[hidden")
    with pytest.raises(BadSetting, match=r"FORMER_CODE_SECRETS can't be read: it is") as refused:
        load(CodeSettings)
    assert "hidden" not in str(refused.value)


def test_a_folder_of_credentials_gives_all_that_stand_in_it(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(bare))
    (bare / "VAGUEMESTRE_DATABASE_URL").write_text(URL)
    (bare / "VAGUEMESTRE_SECRET").write_text("the site's\n")
    (bare / "VAGUEMESTRE_PASSWORD_PREF_BMI").write_text("of the mailbox\n")
    settings = load(IngestSettings)
    assert settings.database_url.get_secret_value() == URL
    assert settings.secret.get_secret_value() == "the site's"
    account = settings.account(BOX, "INBOX", observed=False)
    assert account.sign_in.key().get_secret_value() == "of the mailbox"


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ("VAGUEMESTRE_SECRET", "the variable VAGUEMESTRE_SECRET and by VAGUEMESTRE_SECRET_FILE"),
        ("CREDENTIALS_DIRECTORY", "VAGUEMESTRE_SECRET_FILE and by a credential in"),
    ],
)
def test_a_value_that_is_given_twice_is_refused(
    pointed: Path, monkeypatch: pytest.MonkeyPatch, beside: str, said: str
) -> None:
    (pointed / "VAGUEMESTRE_SECRET").write_text("another")
    monkeypatch.setenv(beside, str(pointed))
    with pytest.raises(SecretFileError, match=said) as refused:
        load(CodeSettings)
    assert "the site's" not in str(refused.value)
    assert str(refused.value).endswith(": keep one.")


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (None, r"can't be read \(No such file or directory\)"),
        (b"\n", "is empty"),
        (b"\xff\xfehidden", "is no UTF-8 text"),
        (b"hidden" * 20_000, "is too long for a setting"),
    ],
)
def test_a_file_that_holds_no_value_is_one_sentence_without_it(
    pointed: Path, octets: bytes | None, said: str
) -> None:
    path = pointed / "SECRET"
    path.unlink()
    if octets is not None:
        path.write_bytes(octets)
    with pytest.raises(PermanentFailure, match=f"The file of VAGUEMESTRE_SECRET, .*{said}") as no:
        load(CodeSettings)
    assert "hidden" not in str(no.value)


def test_a_mailboxs_password_is_read_anew_at_each_login(
    pointed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pointed / "bmi").write_text("of before\n")
    monkeypatch.setenv("VAGUEMESTRE_PASSWORD_PREF_BMI_FILE", str(pointed / "bmi"))
    account = load(IngestSettings).account(BOX, "INBOX", observed=False)
    assert account.sign_in.key().get_secret_value() == "of before"
    (pointed / "bmi").write_text("of now\n")
    assert account.sign_in.key().get_secret_value() == "of now"
    (pointed / "bmi").unlink()
    with pytest.raises(AccessRefused, match=r"PASSWORD_PREF_BMI, .*can't be read"):
        account.sign_in.key()
