"""A replaced secret proves what it signed until its day, and pseudonyms never change."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from shared.content.probe import probe_sent_at, probe_subject
from shared.content.site_keys import SiteKeys, key_id
from shared.content.survey_stops import TOKEN
from shared.content.tokens import (
    chrono_in_subject,
    message_id,
    notice_in_message_id,
    notice_in_return_address,
    notice_in_stop_token,
    pseudonym,
    return_address,
    stop_token,
    subject_token,
)
from shared.facts.envelope import Chrono, ItemId, NoticeId

CHRONO = Chrono("36-2026-A-000123")
ITEM, NOTICE = ItemId(UUID(int=1)), NoticeId(UUID(int=2))
AT = datetime(2026, 11, 28, 17, 30, tzinfo=UTC)
LAST = date(2027, 11, 28)
BEFORE = SiteKeys(b"the first")
ROTATED = SiteKeys(b"the second", ((b"the first", LAST),), b"the first")
AGAIN = SiteKeys(b"the third", ((b"the second", LAST),), b"the first")

Kind = tuple[Callable[[SiteKeys], str], Callable[[SiteKeys, str], bool]]
KINDS: Mapping[str, Kind] = {
    "subject": (
        lambda keys: subject_token(keys, CHRONO),
        lambda keys, text: chrono_in_subject(keys, f"Re: {text}") == CHRONO,
    ),
    "message id": (
        lambda keys: message_id(keys, ITEM, NOTICE, "indre.example"),
        lambda keys, text: notice_in_message_id(keys, text) == (ITEM, NOTICE),
    ),
    "return path": (
        lambda keys: return_address(keys, "retour@indre.example", NOTICE),
        lambda keys, text: notice_in_return_address(keys, text) == NOTICE,
    ),
    "stop of the survey": (
        lambda keys: stop_token(keys, NOTICE),
        lambda keys, text: (
            notice_in_stop_token(keys, text) == NOTICE and bool(TOKEN.fullmatch(text))
        ),
    ),
    "probe": (
        lambda keys: probe_subject(keys, AT),
        lambda keys, text: probe_sent_at(keys, text) == AT,
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_holds_under_its_former_key_until_its_day(kind: str) -> None:
    write, holds = KINDS[kind]
    before, after = write(BEFORE), write(ROTATED)
    assert before != after
    assert holds(ROTATED.on(LAST), before)
    assert holds(ROTATED.on(LAST), after)
    assert not holds(ROTATED.on(LAST + timedelta(days=1)), before)
    assert holds(ROTATED.on(LAST + timedelta(days=1)), after)
    assert not holds(BEFORE, after), "who knows the former secret alone signs nothing new"
    assert holds(AGAIN, after)
    assert not holds(AGAIN, before), "two rotations later it is not named any more"


@pytest.mark.parametrize("kind", ["subject", "message id", "return path", "stop of the survey"])
def test_a_token_says_its_key_once_there_were_two(kind: str) -> None:
    write, holds = KINDS[kind]
    assert len(write(ROTATED)) == len(write(BEFORE)) + len(key_id(b"the second"))
    said = write(ROTATED).replace(key_id(b"the second"), key_id(b"the first"))
    said = said.replace(key_id(b"the second").lower(), key_id(b"the first").lower())
    assert said != write(ROTATED)
    assert not holds(ROTATED, said), "the id is of the key that signed it, or nothing is"


def test_what_a_version_before_rotations_wrote_is_what_is_written_now() -> None:
    """From it, by hand: `hmac -sha256` of « chrono\\n36-2026-A-000123 », ten letters of base32."""
    assert subject_token(SiteKeys(b"secret"), CHRONO) == "[36-2026-A-000123-S2OMFT6UIK]"


def test_a_correspondent_is_the_same_after_every_rotation() -> None:
    given = [pseudonym(keys, "address", "a@example.org") for keys in (BEFORE, ROTATED, AGAIN)]
    assert len(set(given)) == 1
