"""Forms that can't be read are refused in French, whatever the library says of them."""

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from shared.web import forms
from shared.web.forms import MOST_FIELDS, MOST_FILES

_FILE = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\na\r\n'
_FIELD = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\na\r\n'
_END = b"--b--\r\n"


def _request(body: bytes, media_type: bytes = b"multipart/form-data; boundary=b") -> Request:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", media_type), (b"content-length", b"%d" % len(body))]
    return Request({"type": "http", "method": "POST", "headers": headers, "app": None}, receive)


async def test_as_many_files_as_may_be_are_read() -> None:
    form = await forms.read(_request(_FILE * MOST_FILES + _END), 1_000_000)
    assert len(form.files("f")) == MOST_FILES
    await form.data.close()


@pytest.mark.parametrize(
    "request_",
    [
        _request(_FILE * (MOST_FILES + 1) + _END),
        _request(_FIELD * (MOST_FIELDS + 1) + _END),
        _request(b"nothing of it", b"multipart/form-data"),
        _request(b"--c\r\nno header\r\n"),
    ],
    ids=["files", "fields", "no boundary", "torn"],
)
async def test_what_cannot_be_read_is_refused_in_french(request_: Request) -> None:
    with pytest.raises(HTTPException) as refused:
        await forms.read(request_, 1_000_000)
    assert refused.value.status_code == 400
    assert refused.value.detail.startswith("Votre envoi ne peut pas être lu")


async def test_what_is_too_large_is_said_so() -> None:
    with pytest.raises(HTTPException) as refused:
        await forms.read(_request(_FILE + _END), 50)
    assert refused.value.status_code == 413
