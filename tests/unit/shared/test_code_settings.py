"""With which secrets a process signs and believes the codes on paper."""

from datetime import date

import pytest
from pydantic import SecretStr

from shared.paper.code_keys import CodeKeys, Doubt, UnprovenCode
from shared.paper.code_settings import CodeSettings
from shared.paper.codes import LabelCode
from shared.platform.settings import load
from tests.papers import PREFECTURE

LABEL = LabelCode("indre", 7)
OLD, NEW = (CodeKeys.of("indre", SecretStr(secret)) for secret in ("the site's", "of codes alone"))


def keys(monkeypatch: pytest.MonkeyPatch, **said: str) -> CodeKeys:
    for name, value in {"DATABASE_URL": "x", "KAFKA": "x", "SECRET": "the site's", **said}.items():
        monkeypatch.setenv(f"VAGUEMESTRE_{name}", value)
    return load(CodeSettings).printing_keys(PREFECTURE)


def test_codes_are_signed_by_the_sites_secret_unless_they_have_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert keys(monkeypatch).write(LABEL) == OLD.write(LABEL)
    assert keys(monkeypatch, CODE_SECRET="of codes alone").write(LABEL) == NEW.write(LABEL)


def test_a_secret_of_before_is_believed_until_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    former = '[{"secret": "the site\'s", "until": "2027-06-30"}]'
    rotated = keys(monkeypatch, CODE_SECRET="of codes alone", FORMER_CODE_SECRETS=former)
    assert rotated.read(OLD.write(LABEL), date(2027, 6, 30)) == LABEL
    late = rotated.read(OLD.write(LABEL), date(2027, 7, 1))
    assert late == UnprovenCode(LABEL, Doubt.EXPIRED)
    assert "the site's" not in repr(rotated)
    assert "octets" not in repr(rotated)
