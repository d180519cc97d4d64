/* The queue: who has the letter open, the list beside it, the next letter. Nothing depends on it. */
"use strict";

const BEAT = 30000, AWAY = 300000, LONGEST = 8000, KEPT_WITHIN = 30000, FRESH = 120000, QUIETLY = { "HX-Request": "true" };
const watching = () => document.getElementById("veille");
const said = (form, more = []) => new URLSearchParams([...new FormData(form), ...more]);

/* Says that the page is in sight, and shows who else has the letter open, as it is now. Whoever has
   not touched it for five minutes is away: the letter goes back to the queue. */
let asking = false, anew = false, ended = false, deciding = null, touched = performance.now();
async function beat() {
  const form = watching();
  if (asking) { anew = true; return; }
  if (!form || document.hidden || ended || deciding || performance.now() - touched > AWAY) return;
  if (form.closest("main").querySelector(".decide form[data-sent]")) return;
  asking = true;
  try {
    const held = ahead, more = held ? [["avance", stateOf(held)]] : [];
    const answer = await fetch(form.action, { method: "POST", body: said(form, more), headers: QUIETLY, signal: AbortSignal.timeout(LONGEST) });
    if (answer.status === 403) { stop(); return; }
    if (answer.status !== 200) return;
    const now = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (form !== watching() || deciding) return;
    if (held && held === ahead && now.getElementById("perime")) fetchAhead();
    for (const id of ["menu", "regard", "reste", "file", "dernier"]) put(id, now.getElementById(id));
    retitle(now.getElementById("attend")?.textContent);
  } catch { /* the next one asks again */ } finally { asking = false; }
  if (anew) { anew = false; beat(); }
}
/* What waits stands before the title, as the page that the register draws has it. */
function retitle(count) {
  document.title = `${count ? `(${count}) ` : ""}${document.title.replace(/^\(\d+\+?\) /, "")}`;
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

/* The next letter, fetched while this one is read. The key that decides shows it at once; behind it
   the register is asked whether it is the clerk's and as it was fetched, and then told what was
   decided. Nothing can be decided of it before: what is a colleague's by now goes away again. What
   was fetched over two minutes ago is asked for first, and what was changed since is forgotten.
   `data-ahead` on the root says that it is there, or that there is none to fetch (`none`). */
let ahead = null, since = 0;
const root = document.documentElement;
async function fetchAhead() {
  forgetAhead();
  const form = watching();
  if (!form || document.querySelector(".watched")) return;
  const asked = fetch(form.action.replace(/regarder$/, "d-avance"), { method: "POST", body: said(form), headers: QUIETLY });
  const answer = await asked.catch(() => null);
  if (form !== watching() || deciding) return;
  if (answer?.status !== 200) { root.dataset.ahead = "none"; return; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.getElementById("veille") || form !== watching() || deciding) return;
  ahead = page;
  since = Date.now();  // a laptop's sleep counts too
  root.dataset.ahead = "yes";
}
function forgetAhead() {
  ahead = null;
  delete root.dataset.ahead;
}

/* Of what is typed to join a letter to another the register is asked first: it is often mistyped. */
document.addEventListener("submit", (event) => {
  const form = event.target, fetched = ahead;
  if (event.defaultPrevented || form.dataset.plain || form.method === "dialog" || !watching()) return;
  if (deciding) { event.preventDefault(); afterwards(() => again(form, event.submitter)); return; }
  if (!fetched || !form.matches("#confirmer, #ecarter") || event.submitter?.hasAttribute("formaction")) return;
  event.preventDefault();
  forgetAhead();
  decide(form, event.submitter, fetched);
});
/* Who leaves before the decision is kept would not hear why it was refused: links and forms wait,
   the search and the way out too. Of a tab that is closed the browser asks first; closed all the
   same, it sends what may not be sent yet: twice decides nothing twice. A page that goes away gives
   up what it asked, and hears of that before it hears that it goes. */
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!deciding || !link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  afterwards(() => location.assign(link.href));
});
addEventListener("beforeunload", (event) => { if (deciding && !leaving) event.preventDefault(); });
addEventListener("pagehide", () => { if (unsent) sentBehind(...unsent); });
addEventListener("pageshow", (event) => { if (event.persisted) unsent = null; });
const afterwards = (what) => deciding.then((kept) => { if (kept) what(); });
function again(form, submitter) {
  delete form.dataset.sent;
  if (form.isConnected) form.requestSubmit(submitter);
}
/* Sent by the browser it decides nothing twice, and leads where it led, or says why it was refused.
   It stays among what may not be sent: of a page that goes away no form is sent any more. */
function plainly(form, submitter) {
  form.dataset.plain = "yes";
  leaving = true;
  again(form, submitter);
}

/* Whether the page goes by itself, and what is decided but perhaps not sent: where to, and what. */
let leaving = false, unsent = null;
function decide(form, submitter, fetched) {
  const more = submitter?.name ? [[submitter.name, submitter.value]] : [];
  const next = number(fetched), was = number(document), fresh = Date.now() - since < FRESH;
  const claim = claimOf(fetched, fresh ? [["vu", "oui"]] : []);
  const body = said(form, [...more, ["montre", next]]);
  leaving = false;
  unsent = [form.action, body];
  deciding = (async () => {
    const asked = claimed(...claim);
    await null;  // what is pressed from here on waits for this decision
    let back = fresh ? show(fetched, was) : null;
    const status = await asked;
    if (status !== 204) {
      if (fresh && status === 409) missed(next);
      back?.();
      plainly(form, submitter);
      return false;
    }
    back ??= show(fetched, was);
    unsent = null;
    const part = await sentBehind(form.action, body);
    if (!part) { back(); plainly(form, submitter); return false; }
    document.getElementById("annonces").replaceChildren(document.adoptNode(part.getElementById("dit")));
    return true;
  })();
  deciding.then((kept) => {
    deciding = null;
    if (!kept) return;
    beat();
    fetchAhead();
  });
}
const stateOf = (page) => page.getElementById("veille").elements.etat.value;
const number = (page) => stateOf(page).split(":")[0];

/* What asks for a letter that was fetched: 204, it is this clerk's from now on, and as it was then. */
function claimOf(page, more) {
  const form = page.getElementById("veille");
  return [form.getAttribute("action").replace(/regarder$/, "montrer"), said(form, more)];
}
async function claimed(address, body) {
  try {
    const answer = await fetch(address, { method: "POST", body, headers: QUIETLY, signal: AbortSignal.timeout(LONGEST) });
    return answer.status;
  } catch { return 0; }
}
/* A letter that was shown and is a colleague's by now, or another: the page that follows says so. */
const MISSED = "queue-missed";
function missed(letter) {
  try { sessionStorage.setItem(MISSED, letter); } catch { /* it goes away without a word */ }
}
function sayMissed() {
  let letter = "";
  try { letter = sessionStorage.getItem(MISSED) ?? ""; sessionStorage.removeItem(MISSED); } catch { /* the same */ }
  if (!letter || document.querySelector(".refusal")) return;
  const line = document.createElement("p");
  line.className = "news";
  line.textContent = watching() && number(document) === letter
    ? `Le courrier ${letter} a changé pendant qu’il s’affichait\u00a0: le voici tel qu’il est.`
    : `Le courrier ${letter}, affiché un instant, est ouvert par un collègue ou déjà trié\u00a0: rien n’en a été décidé ici.`;
  document.getElementById("annonces")?.append(line);
}
/* What the register says of the decision; nothing where it was refused, lost, or leads elsewhere. */
async function sentBehind(address, body) {
  try {
    const answer = await fetch(address, { method: "POST", body, headers: QUIETLY, redirect: "manual", keepalive: true, signal: AbortSignal.timeout(KEPT_WITHIN) });
    if (answer.status !== 200) return null;
    const part = new DOMParser().parseFromString(await answer.text(), "text/html");
    return part.body.dataset.shown ? part : null;
  } catch { return null; }
}

/* Shows a page that was fetched; returns what shows the one before again. */
function show(page, was) {
  const here = document.querySelector("main"), now = document.adoptNode(page.querySelector("main"));
  const title = document.title, before = place(), after = now.querySelector("#veille").elements.page.value;
  now.querySelector(".queue-side").open = Boolean(here.querySelector(".queue-side")?.open);
  const line = document.createElement("p");
  line.className = "said pending";
  line.textContent = `${was}\u00a0: décision en cours d’enregistrement…`;
  line.setAttribute("aria-hidden", "true");
  now.querySelector("#annonces").replaceChildren(line);
  here.replaceWith(now);
  document.title = page.title;
  history.pushState(null, "", after);
  at = place();
  scrollTo(0, 0);
  viewers(document);
  lookFirst();
  now.querySelector("[data-first]")?.focus({ preventScroll: true });
  document.dispatchEvent(new Event("vaguemestre:shown"));
  return () => {
    now.replaceWith(here);
    awake = performance.now();
    document.title = title;
    history.replaceState(null, "", before);
    at = place();
  };
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
if (watching()) addEventListener("popstate", onward);
function onward() {
  if (deciding) afterwards(onward);
  else if (place() !== at) location.replace(place());
}

sayMissed();
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
