"""The pages of the register, in French: where the mail office and the services work.

They work without JavaScript, load nothing from elsewhere, and write a mark beside every colour.

How to add a page
-----------------
1. Write a handler in the package of its area (`pages/<area>/…`), templates in `templates/<area>/`:

    async def close(visit: Visit) -> Response:
        found = await visit.item(visit.request.path_params["chrono"], decides=True)
        if visit.request.method == "GET":
            return await visit.html("item/close.html", item=found.item)
        form = await visit.form()
        reason = form.require("reason", "Choisissez un motif.")
        await visit.decider(form.decision).about(found.item.item_id, Close(reason))
        return await visit.to(f"/courrier/{found.item.chrono}", said="Courrier classé.")

   Several decisions that belong together are one method of services/desk/service.py, which the
   command line calls too: a page derives no id of a decision.

2. Give it a row in the area's `PAGES` (page.py), with its right (rights.py):

    Page("/courrier/{chrono}/classer", close, Right.BELONG, methods=("GET", "POST"))

   A path with `{service}` and `Right.LEAD` asks for the chef or directeur of that service. `nav`
   puts the page into the menu. tests/integration/desk/authorisations.py gets a row for it: who is
   allowed, who meets 403 or 404.

3. Write the template: `{% extends "base.html" %}`, blocks `title` and `main`, and

    {% from "macros.html" import form_head, field, submit with context %}
    <form method="post" action="…">{{ form_head() }} {{ field("reason", "Motif") }} …</form>

   `form_head()` carries the token, the decision's id and the address of the page. Every template
   has `person, roles, menu, said, refusal, here, token, today, authority, demo`, and the functions
   `asset, new_decision, has_page, short_day, long_day, jours_ouvres`.

What the ground does for a page
-------------------------------
- One request is one transaction (visit.py): it commits when the answer leaves, and a `Refused` or
  any other error rolls everything back. What is slow (a blob, another machine, a file to unpack)
  stands in `async with visit.apart():`, which holds no connection; tests see who forgets it. Of a
  form that is slow to judge, `visit.read()` first and `visit.form()`, which begins the decision,
  after that.
- `await visit.form()` has checked that the form is ours (token, Origin) and comes for the first
  time: sent twice, its second sending gets the first one's redirect and decides nothing.
- A refusal shows the page that holds the form again, with status 422, the French sentence
  (refusals.py) and what was typed: a handler of that page need not know. Raise `Mistyped(field,
  "phrase")` for a field of yours.
- `visit.item(chrono)` answers 404 for what the person may not know of, and notes the reading of
  what is réservé. `visit.sight(item)` says whether the content may be shown; lists ask
  `desk.known_to(i, …)` with the five values of `visit.roles.seen`.
- A part of a page with an id and `data-live` (`<section id="liste" data-live>`) is drawn again by
  itself when an item of the person's services changes: streaming.py, desk.js.
- A script or a style stands in static/, never in a page: the policy forbids what is inline. Keys:
  `data-key="c"` on a link, a button or a field (desk.js). htmx is there (`hx-get` …) where it only
  refreshes what a plain link shows as well.

Tests: tests/desk_browser.py (`Browser(pages(pool, clock, tmp_path)).sign_in("c.head")`).
"""
