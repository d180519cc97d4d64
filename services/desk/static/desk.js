/* What a page gains with JavaScript. Nothing depends on it: every page works without. */
"use strict";

/* Keys. An element with data-key="x" is reached or pressed by x, when nobody types in a field. */
function typing(element) {
  return element.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
}

/* Whoever dictates or types elsewhere mutes the keys of one sign (RGAA 12.10), at the foot of a page. */
const MUTED = "touches-muettes";
function muted() {
  try { return localStorage.getItem(MUTED) !== null; } catch { return false; }
}
for (const button of document.querySelectorAll("[data-mute]")) {
  const say = () => { button.textContent = muted() ? "Remettre les touches d’une lettre" : "Couper les touches d’une lettre"; };
  button.addEventListener("click", () => {
    try { if (muted()) localStorage.removeItem(MUTED); else localStorage.setItem(MUTED, "oui"); } catch { /* the browser keeps nothing */ }
    say();
  });
  say();
  button.hidden = false;
}

/* « 9 h 05 », which no line breaks: as the register writes its hours. */
function plainHour(at) {
  const [hours, minutes] = new Date(at).toLocaleTimeString("fr-FR", { hour: "numeric", minute: "2-digit" }).split(":");
  return `${Number(hours)}\u00a0h\u00a0${minutes}`;
}

/* Nothing of the page is pressed behind an open card; « ? » closes its own. */
function covered(event) {
  const card = document.querySelector("dialog[open]");
  return Boolean(card) && !(event.key === "?" && card.matches(".keys"));
}

/* What is shown, or folded under « Autre décision »: its key is the same, open or not. */
function offered(element) {
  return element.offsetParent !== null || element.closest("details.acts") !== null;
}

function press(element) {
  /* data-leads: the key leads there, and another one decides: what leaves can’t be taken back. */
  if (element.matches("a[href], button, summary, [type=radio], [type=checkbox]") && element.dataset.leads === undefined) element.click();
  else { element.focus(); if (element.select) element.select(); }
}

/* A key that is held down says what it said once: it presses nothing, and sends nothing, again. */
document.addEventListener("keydown", (event) => {
  const pressed = event.key === "Enter" || event.key === " ";
  if (event.repeat && pressed && event.target.closest("button, summary, a[href]")) event.preventDefault();
}, true);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented || covered(event)) return;
  if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
  if (typing(event.target) || muted()) return;
  if (event.key === "?") { keys(); event.preventDefault(); return; }
  /* Digits by their place: a French keyboard types « & » where it shows a 1. */
  const digit = /^Digit(\d)$/.exec(event.code)?.[1];
  const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)
    || (digit && document.querySelector(`[data-key="${digit}"]`));
  if (!wanted || !offered(wanted)) return;
  event.preventDefault();
  /* Meant for the letter before, as a press of its buttons would be. */
  if (performance.now() < awake && wanted.closest("[data-read-first]")) lookFirst();
  else press(wanted);
});

/* j and k walk the rows of a list (data-rows), x ticks one; Enter opens, as for any link. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || covered(event)) return;
  if (!"jkx".includes(event.key) || typing(event.target) || muted()) return;
  const links = [...document.querySelectorAll("[data-rows] tbody th a")];
  const at = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  if (event.key === "x") { if (at >= 0) links[at].closest("tr").querySelector("[type=checkbox]")?.click(); }
  else links[event.key === "j" ? Math.min(at + 1, links.length - 1) : Math.max(at - 1, 0)]?.focus();
});

/* « Tout cocher »: every box of the list, or none when all are. A list that is drawn anew has it too. */
function showTickAll() {
  for (const button of document.querySelectorAll("[data-tick-all]")) button.hidden = false;
}
showTickAll();
document.addEventListener("htmx:afterSettle", showTickAll);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-tick-all]");
  if (!button) return;
  const boxes = [...button.form.querySelectorAll("[data-rows] [type=checkbox]")];
  const all = boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = !all;
});

/* What an element with a key is called: by its own name, its label, or its words. */
function named(element) {
  const label = element.id && document.querySelector(`label[for="${CSS.escape(element.id)}"]`);
  const words = (label || element).cloneNode(true);
  for (const key of words.querySelectorAll("kbd")) key.remove();
  return element.getAttribute("aria-label") || words.textContent.trim().replace(/\s+/g, " ") || element.title;
}

/* « ? »: the keys of this page, read from the page itself. */
function keys() {
  const open = document.querySelector("dialog.keys");
  if (open) { open.remove(); return; }
  const dialog = document.createElement("dialog"), title = document.createElement("h2");
  dialog.className = "keys";
  title.id = "touches";
  title.textContent = "Touches de cette page";
  dialog.setAttribute("aria-labelledby", title.id);
  const list = document.createElement("dl");
  const say = (key, words) => {
    const term = document.createElement("dt"), what = document.createElement("dd");
    term.textContent = key;
    what.textContent = words;
    list.append(term, what);
  };
  for (const one of document.querySelectorAll("[data-key]")) say(one.dataset.key, named(one));
  say("Ctrl K", "Aller à une page, ou agir");
  const close = document.createElement("form"), button = document.createElement("button");
  close.method = "dialog";
  button.className = "button quiet";
  button.textContent = "Fermer";
  close.append(button);
  dialog.append(title, list, close);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/* A refused form: the sentence is read first. Else what the page is about, which stays where it is. */
document.querySelector("[data-focus]")?.focus();
if (!document.querySelector("[data-focus]")) document.querySelector("[data-first]")?.focus({ preventScroll: true });

/* data-read-first: what decides there, decides of what was on the screen. Until the page has stood
   still for a moment, a press was meant for the page before it: it counts for nothing, and begins
   the moment anew. `data-awake` on the root says that the moment has passed. */
const MOMENT = 400;
let awake = 0, waking = null;
function lookFirst() {
  if (!document.querySelector("[data-read-first]")) return;
  awake = performance.now() + MOMENT;
  delete document.documentElement.dataset.awake;
  clearTimeout(waking);
  waking = setTimeout(() => { document.documentElement.dataset.awake = "yes"; }, MOMENT);
}
lookFirst();
/* A picture that comes late says `pageshow` late: whoever was let decide is not put to sleep again. */
addEventListener("pageshow", (event) => {
  if (event.persisted || performance.now() < awake) lookFirst();
});
document.addEventListener("submit", (event) => {
  if (performance.now() >= awake) return;
  /* A hidden button stands for Enter in a field: where its form is, there it decides. */
  const pressed = event.submitter && !event.submitter.hidden ? event.submitter : event.target;
  if (!pressed.closest("[data-read-first]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  lookFirst();
});

/* A form that was sent is not sent twice; the server would answer the same anyway. */
document.addEventListener("submit", (event) => {
  if (event.submitter?.dataset.again !== undefined) return; /* it gives a file: the page stays */
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  if (event.target.method === "post") event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

/* A part that is drawn again by htmx keeps the focus where it was: by id, or by where a link leads. */
let focused = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  const here = document.activeElement;
  focused = here?.id ? `#${CSS.escape(here.id)}`
    : here?.getAttribute("href") ? `main a[href="${CSS.escape(here.getAttribute("href"))}"]` : null;
  /* Whoever was signed out meanwhile would see the list vanish: show the sign-in instead. */
  const part = event.detail.target;
  if (part?.hasAttribute("data-live") && !event.detail.serverResponse.includes(`id="${part.id}"`)) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});
document.addEventListener("htmx:afterSettle", () => {
  if (focused && document.activeElement === document.body) document.querySelector(focused)?.focus();
});

/* What is shown follows the register. The parts with an id and data-live ask again for themselves,
   all at once, when something changed; where somebody types or has ticked something, they are only
   told so. */
const live = () => [...document.querySelectorAll("[data-live]")];

function refresh() {
  const busy = (part) => (part.contains(document.activeElement) && typing(document.activeElement))
    || part.querySelector("input:checked, details[open] form");
  const free = live().filter((part) => window.htmx && !busy(part));
  if (free.length < live().length) sayThatItChanged();
  if (!free.length) return;
  const [first, ...others] = free.map((part) => `#${CSS.escape(part.id)}`);
  /* What waits is counted in the menu too, and in the title, which htmx takes from the page. */
  const menu = document.getElementById("menu");
  if (menu && !menu.contains(document.activeElement)) others.push("#menu");
  htmx.ajax("GET", location.href, {
    target: first, select: first, swap: "outerHTML",
    selectOOB: others.map((one) => `${one}:outerHTML`).join(","),
  });
}

function sayThatItChanged() {
  const say = document.getElementById("annonces");
  if (!say || say.querySelector(".news")) return;
  const line = document.createElement("p");
  line.className = "news";
  line.textContent = "La page a changé : rechargez-la pour voir ce qui est nouveau.";
  say.append(line);
}

let stream = null, polling = null;

function follow() {
  const told = document.querySelector("[data-news]");
  if (document.hidden || !(live().length || told)) return;
  if (!window.EventSource) { poll(); return; }
  stream = new EventSource(told?.dataset.news ?? "/nouvelles");
  stream.addEventListener("nouvelles", heard);
  stream.addEventListener("open", () => { clearInterval(polling); polling = null; });
  stream.addEventListener("error", () => {
    if (stream && stream.readyState === EventSource.CLOSED) poll();
  });
}

/* Scripts of a page that follow the register in their own way hear of it too. */
function heard() {
  refresh();
  document.dispatchEvent(new Event("vaguemestre:news"));
}

function poll() {
  if (!polling) polling = setInterval(() => { if (!document.hidden) heard(); }, 15000);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) { if (stream) stream.close(); stream = null; }
  else { refresh(); follow(); }
});
document.addEventListener("DOMContentLoaded", follow);

/* Texts that were begun (drafts.js). Sent, and said here to be done, one is no draft any more; of a page
   that says nothing, such as a sign-in or an error, it has not arrived. None stays for who sits there next. */
function sweepDrafts(ended) {
  try {
    for (const name of Object.keys(sessionStorage).filter((key) => key.startsWith("brouillon "))) {
      const draft = JSON.parse(sessionStorage.getItem(name));
      if (ended(name, draft)) sessionStorage.removeItem(name);
      else if (draft.sent) sessionStorage.setItem(name, JSON.stringify({ ...draft, sent: false }));
    }
  } catch { /* nothing is kept where the browser keeps nothing */ }
}
const readBy = document.body.dataset.person, saidDone = document.querySelector("#annonces .said") !== null;
sweepDrafts((name, draft) => (saidDone && draft.sent) || (readBy && !name.startsWith(`brouillon ${readBy} `)));
addEventListener("pageshow", (event) => { if (event.persisted) sweepDrafts(() => false); });
document.querySelector('form[action="/deconnexion"]')?.addEventListener("submit", () => sweepDrafts(() => true));
