/* The queue: who has the letter open, the list beside it, the next letter. Nothing depends on it. */
"use strict";

const BEAT = 30000, AWAY = 300000, LONGEST = 8000, QUIETLY = { "HX-Request": "true" };
const watching = () => document.getElementById("veille");
const said = (form, more = []) => new URLSearchParams([...new FormData(form), ...more]);

/* Says that the page is in sight, and shows who else has the letter open, as it is now. Whoever has
   not touched it for five minutes is away: the letter goes back to the queue. */
let asking = false, again = false, ended = false, deciding = false, touched = performance.now();
async function beat() {
  const form = watching();
  if (asking) { again = true; return; }
  if (!form || document.hidden || ended || deciding || performance.now() - touched > AWAY) return;
  if (form.closest("main").querySelector(".decide form[data-sent]")) return;
  asking = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body: said(form), headers: QUIETLY, signal: AbortSignal.timeout(LONGEST) });
    if (answer.status === 403) { stop(); return; }
    if (answer.status !== 200) return;
    const now = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (form !== watching() || deciding) return;
    for (const id of ["regard", "reste", "file", "dernier"]) put(id, now.getElementById(id));
  } catch { /* the next one asks again */ } finally { asking = false; }
  if (again) { again = false; beat(); }
}
/* Somebody else is signed in by now, or nobody: this page asks nothing any more. */
function stop() {
  ended = true;
  const line = document.createElement("p");
  line.className = "news";
  line.textContent = "Votre session a changé : rechargez la page.";
  document.getElementById("annonces")?.replaceChildren(line);
}
for (const name of ["keydown", "pointerdown", "scroll", "wheel"]) {
  addEventListener(name, () => {
    const away = performance.now() - touched > AWAY;
    touched = performance.now();
    if (away) beat();
  }, { capture: true, passive: true });
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
/* Without the fields of forms, which differ each time, nor the form that holds what was typed. */
function bare(part) {
  const copy = part.cloneNode(true);
  for (const field of copy.querySelectorAll("[type=hidden]")) field.remove();
  for (const button of copy.querySelectorAll("button[form]")) button.removeAttribute("form");
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
  if (form.closest("#dernier") || event.submitter?.hasAttribute("formaction")) return;
  event.preventDefault();
  forgetAhead();
  decide(form, event.submitter, fetched);
});

async function decide(form, submitter, fetched) {
  const more = submitter?.name ? [[submitter.name, submitter.value]] : [];
  const body = said(form, [...more, ["suivant", fetched.state]]);
  deciding = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: QUIETLY, redirect: "manual", signal: AbortSignal.timeout(LONGEST) });
    if (answer.status === 200) {
      const part = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (part.body.dataset.shown) { show(fetched.page, part); return; }
    }
  } catch { /* the form is sent by itself */ } finally { deciding = false; }
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
  at = place();
  scrollTo(0, 0);
  viewers(document);
  lookFirst();
  now.querySelector("[data-first]")?.focus({ preventScroll: true });
  document.dispatchEvent(new Event("vaguemestre:shown"));
  deciding = false;
  beat();
  fetchAhead();
}
document.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("formaction")) event.target.dataset.takesOver = "yes";
}, true);
/* A number typed into the form that joins comes along when the letter is taken over. */
document.addEventListener("formdata", (event) => {
  const into = document.querySelector("#joindre [name=into]");
  if (event.target.dataset.takesOver && into?.value) event.formData.set("into", into.value);
});

/* Back and forward lead to other letters; a link within the page leads nowhere else. */
const place = () => location.pathname + location.search;
let at = place();
if (watching()) addEventListener("popstate", () => { if (place() !== at) location.replace(place()); });

if (watching()) {
  /* The answer to a form that decides nothing: its address is the letter's. */
  if (location.pathname.endsWith("/prendre-la-main")) {
    history.replaceState(null, "", watching().elements.page.value);
    at = place();
  }
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
