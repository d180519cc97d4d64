/* The queue: who has the letter open, the list beside it, the next letter. Nothing depends on it. */
"use strict";

const BEAT = 30000, QUIETLY = { "HX-Request": "true" };
const watching = () => document.getElementById("veille");
const said = (form, more = []) => new URLSearchParams([...new FormData(form), ...more]);

/* Says that the page is in sight, and shows who else has the letter open, as it is now. */
async function beat() {
  const form = watching();
  if (!form || document.hidden) return;
  const answer = await fetch(form.action, { method: "POST", body: said(form), headers: QUIETLY }).catch(() => null);
  if (answer?.status !== 200 || form !== watching()) return;
  const now = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["regard", "reste", "file", "dernier"]) put(id, now.getElementById(id));
}

/* What is the same stays where it is: nothing is read out twice, and the focus stays. */
function put(id, now) {
  const here = document.getElementById(id);
  if (!here || !now || here.innerHTML === now.innerHTML) return;
  if (bare(here) === bare(now)) return;
  const href = here.contains(document.activeElement) && document.activeElement.getAttribute("href");
  const seen = here.querySelector(".queue-rows")?.scrollTop ?? 0;
  here.innerHTML = now.innerHTML;
  here.querySelector(".queue-rows")?.scrollTo(0, seen);
  if (href) here.querySelector(`a[href="${CSS.escape(href)}"]`)?.focus();
}
/* Without the fields of forms, which differ each time. */
function bare(part) {
  const copy = part.cloneNode(true);
  for (const field of copy.querySelectorAll("[type=hidden]")) field.remove();
  return copy.innerHTML;
}

/* The next letter, fetched while this one is read. It is shown once the decision of this one was
   kept and the register said that it is still as it was fetched; else the form leads on by itself.
   `data-ahead` on the root says that it is there. */
let ahead = null;
async function fetchAhead() {
  forgetAhead();
  const form = watching();
  if (!form || document.querySelector(".watched")) return;
  const asked = fetch(form.action.replace(/regarder$/, "d-avance"), { method: "POST", body: said(form), headers: QUIETLY });
  const answer = await asked.catch(() => null);
  if (answer?.status !== 200) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const state = page.querySelector("#veille [name=etat]")?.value;
  if (!state || form !== watching()) return;
  ahead = { state, page };
  document.documentElement.dataset.ahead = "yes";
}
function forgetAhead() {
  ahead = null;
  delete document.documentElement.dataset.ahead;
}

document.addEventListener("submit", (event) => {
  const form = event.target, fetched = ahead;
  if (event.defaultPrevented || !fetched || form.dataset.plain || !form.matches(".decide form")) return;
  if (form.closest("#dernier")) return;
  event.preventDefault();
  forgetAhead();
  decide(form, event.submitter, fetched);
});

async function decide(form, submitter, fetched) {
  const more = submitter?.name ? [[submitter.name, submitter.value]] : [];
  const body = said(form, [...more, ["suivant", fetched.state]]);
  const answer = await fetch(form.action, { method: "POST", body, headers: QUIETLY, redirect: "manual" }).catch(() => null);
  if (answer?.status === 200) {
    const part = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (part.body.dataset.shown) { show(fetched.page, part); return; }
  }
  /* Sent again it decides nothing twice, and leads where it led, or says why it was refused. */
  form.dataset.plain = "yes";
  delete form.dataset.sent;
  form.requestSubmit(submitter);
}

function show(page, part) {
  const here = document.querySelector("main"), now = document.adoptNode(page.querySelector("main"));
  const side = here.querySelector(".queue-side"), line = here.querySelector("#annonces");
  now.querySelector(".queue-side").open = Boolean(side?.open);
  here.replaceWith(now);
  now.querySelector("#annonces").replaceWith(line);
  line.replaceChildren(document.adoptNode(part.getElementById("dit")));
  document.title = page.title;
  history.pushState(null, "", part.body.dataset.shown);
  scrollTo(0, 0);
  viewers(document);
  lookFirst();
  now.querySelector("[data-first]")?.focus({ preventScroll: true });
  document.dispatchEvent(new Event("vaguemestre:shown"));
  beat();
  fetchAhead();
}
addEventListener("popstate", () => location.reload());

if (watching()) {
  setInterval(beat, BEAT);
  beat();
  fetchAhead();
  document.addEventListener("vaguemestre:news", beat);
  document.addEventListener("visibilitychange", beat);
  addEventListener("pageshow", (event) => { if (event.persisted) beat(); });
  addEventListener("pagehide", () => {
    const form = watching();
    if (form) navigator.sendBeacon(form.action, said(form, [["faire", "quitter"]]));
  });
}

/* A wide screen has room for the list; whoever folds it finds it folded. */
const FOLDED = "queue-folded";
function unfold() {
  let kept = "";
  try { kept = localStorage.getItem(FOLDED) ?? ""; } catch { /* it holds for this page */ }
  const side = document.querySelector(".queue-side");
  if (side && matchMedia("(min-width: 90rem)").matches && kept !== "yes") side.open = true;
}
unfold();
document.addEventListener("click", (event) => {
  const side = event.target.closest?.(".queue-side > summary")?.parentElement;
  if (!side) return;
  try { localStorage.setItem(FOLDED, side.open ? "yes" : ""); } catch { /* the same */ }
  if (!side.open) requestAnimationFrame(() => side.querySelector("[aria-current]")?.focus());
});

/* Up and down walk the list in which the focus is. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || typing(event.target)) return;
  const list = event.target.closest(".queue-rows, .queue[data-rows]");
  if (!list) return;
  const links = [...list.querySelectorAll(".queue-rows a, tbody th a")];
  const row = event.target.closest("li, tr");
  const at = links.findIndex((link) => link.closest("li, tr") === row);
  event.preventDefault();
  links[event.key === "ArrowDown" ? Math.min(at + 1, links.length - 1) : Math.max(at - 1, 0)]?.focus();
});
