"""What a form must carry to be believed, and what becomes of it: once, said, or refused."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from starlette.responses import Response

from services.desk import features
from services.desk.domain.decisions.closure import Close
from services.desk.handlers.arrivals import hears_arrivals
from services.desk.pages.page import Page
from services.desk.pages.renderer import TEMPLATES
from services.desk.pages.serve import PageServer
from services.desk.pages.signin import cookies
from services.desk.pages.visit import Visit
from services.desk.rights import Right
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.web import forms
from tests.desk_browser import HOME, TODAY, Browser, pages
from tests.desk_builders import an_arrival, certain, rules

pytestmark = pytest.mark.usefixtures("live_site")

FIRST = "/courrier/36-2026-A-000001"


async def close(visit: Visit) -> Response:
    """What a colleague's page looks like."""
    found = await visit.item(visit.request.path_params["chrono"], decides=True)
    if visit.request.method == "GET":
        return await visit.html("try.html", chrono=found.item.chrono)
    form = await visit.form()
    reason = form.require("motif", "Choisissez un motif.")
    await visit.decider(form.decision).about(found.item.item_id, Close(reason))
    return await visit.to(f"/courrier/{found.item.chrono}", said="Courrier classé.")


CLOSE = Page("/courrier/{chrono}/essai", close, Right.BELONG, methods=("GET", "POST"))
TRY = """{% extends "base.html" %}
{% from "macros.html" import form_head, field, submit with context %}
{% block main %}<form method="post">{{ form_head() }}{{ field("motif", "Motif") }}
{{ submit("Classer") }}</form>{% endblock %}"""


@pytest.fixture
def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    (tmp_path / "try.html").write_text(TRY)
    made = pages(pool, story_clock, tmp_path)
    return replace(made, table=(*features.all_pages(), CLOSE), templates=(TEMPLATES, tmp_path))


@pytest.fixture
async def clerk(pool: Pool, desk: PageServer) -> Browser:
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, [an_arrival("a", routing=certain())], TODAY)
    return await Browser(desk).sign_in("c.lerk")


async def test_a_decision_is_said_once_on_the_next_page(clerk: Browser) -> None:
    answer = await clerk.send(f"{FIRST}/essai", f"{FIRST}/essai", {"motif": "sans-suite"})
    assert "Courrier classé." in await clerk.to(answer)
    assert "Courrier classé." not in await clerk.page(FIRST)


async def test_a_form_that_is_sent_twice_decides_once_and_leads_to_the_same_page(
    pool: Pool, clerk: Browser
) -> None:
    decision = str(uuid4())
    answers = [
        await clerk.send(
            f"{FIRST}/essai", f"{FIRST}/essai", {"motif": "sans-suite"}, decision=decision
        )
        for _ in range(2)
    ]
    assert [answer.headers.get("location") for answer in answers] == [FIRST, FIRST]
    closed = await pool.fetchval("SELECT count(*) FROM desk.facts WHERE type = 'ItemClosed'")
    assert closed == 1


async def test_a_refused_decision_shows_its_page_again_with_the_french_sentence(
    pool: Pool, clerk: Browser
) -> None:
    await clerk.send(f"{FIRST}/essai", f"{FIRST}/essai", {"motif": "sans-suite"})
    answer = await clerk.send(f"{FIRST}/essai", f"{FIRST}/essai", {"motif": "doublon"})
    assert answer.status_code == 422
    assert "Le courrier 36-2026-A-000001 est déjà classé." in answer.text
    assert 'value="doublon"' in answer.text
    kept = await pool.fetchval("SELECT count(*) FROM desk.decisions")
    assert kept == 1, "what was refused may be sent again"


async def test_what_is_mistyped_is_said_beside_its_field(clerk: Browser) -> None:
    answer = await clerk.send(f"{FIRST}/essai", f"{FIRST}/essai", {"motif": " "})
    assert answer.status_code == 422
    assert '<p class="error" id="motif-erreur">Choisissez un motif.</p>' in answer.text


FORGED = (  # type: ignore[var-annotated]  # empty of any type
    ({"origin": "https://attaquant.example"}, True),
    ({"origin": "null"}, True),
    ({"origin": "http://["}, True),
    ({"origin": f"{HOME}.attaquant.example"}, True),
    ({"sec-fetch-site": "cross-site"}, True),
    ({"origin": HOME}, False),
    ({}, False),
)
"""Where a form says that it comes from, and whether it has the session's token."""


async def test_a_form_of_another_page_decides_nothing(pool: Pool, clerk: Browser) -> None:
    secret = clerk.client.cookies[cookies.SESSION]
    for headers, token in FORGED:
        fields = {"motif": "sans-suite", "decision": str(uuid4())}
        fields |= {"jeton": forms.token(secret)} if token else {}
        answer = await clerk.client.post(f"{FIRST}/essai", data=fields, headers=headers)
        assert answer.status_code == 403, (headers, token)
    assert await pool.fetchval("SELECT state FROM desk.items") != "closed"


async def test_what_no_column_takes_breaks_no_page(clerk: Browser) -> None:
    assert (await clerk.get("/service/bmi?q=%00")).status_code == 404
    assert (await clerk.get("/courrier/%00")).status_code == 404
    answer = await clerk.send(f"{FIRST}/essai", f"{FIRST}/essai", {"motif": "\0"})
    assert answer.status_code == 422
    assert (await clerk.client.head(f"{FIRST}/essai")).status_code == 200


async def test_halves_of_letters_in_fields_and_file_names_break_no_page(clerk: Browser) -> None:
    """A form may say that it is written in Python's escapes: what they make is no text."""
    secret = clerk.client.cookies[cookies.SESSION]
    fields = {"jeton": forms.token(secret), "motif": "\\ud800\\0", "page": f"{FIRST}/essai"}
    fields["decision"] = str(uuid4())
    parts = [
        *(f'form-data; name="{name}"\r\n\r\n{said}' for name, said in fields.items()),
        'form-data; name="fichier"; filename="\\ud800.csv"\r\n\r\na;b',
    ]
    body = "".join(f"--b\r\nContent-Disposition: {part}\r\n" for part in parts) + "--b--\r\n"
    kind = "multipart/form-data; boundary=b; charset=unicode_escape"
    for url in (f"{FIRST}/essai", "/reprise"):
        answer = await clerk.client.post(
            url, content=body, headers={"origin": HOME, "content-type": kind}
        )
        assert answer.status_code in {303, 422}, (url, answer.status_code)


async def test_a_refused_form_that_names_no_page_of_ours_is_refused_all_the_same(
    clerk: Browser,
) -> None:
    for page in ("//[", "https://attaquant.example/", "", "/nulle-part?" + "x" * 5000):
        fields = {"motif": " ", "page": page}
        answer = await clerk.send(f"{FIRST}/essai", f"{FIRST}/essai", fields)
        assert (answer.status_code, "Choisissez un motif." in answer.text) == (422, True), page


async def test_a_form_beyond_its_limit_is_not_read(clerk: Browser) -> None:
    answer = await clerk.client.post(f"{FIRST}/essai", data={"motif": "x" * 300_000})
    assert answer.status_code == 413
