/* What a page gains with JavaScript. Nothing depends on it: every page works without. */
"use strict";

/* Keys. An element with data-key="x" is reached or pressed by x, when nobody types in a field. */
function typing(element) {
  return element.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
}

function press(element) {
  if (element.matches("a[href], button, summary")) element.click();
  else { element.focus(); if (element.select) element.select(); }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
  if (typing(event.target)) return;
  if (event.key === "?") { keys(); event.preventDefault(); return; }
  const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (wanted && wanted.offsetParent !== null) { event.preventDefault(); press(wanted); }
});

/* « ? »: the keys of this page, read from the page itself. */
function keys() {
  const open = document.querySelector("dialog.keys");
  if (open) { open.remove(); return; }
  const dialog = document.createElement("dialog");
  dialog.className = "keys";
  dialog.setAttribute("aria-label", "Touches de cette page");
  const list = document.createElement("dl");
  for (const one of document.querySelectorAll("[data-key]")) {
    const term = document.createElement("dt"), what = document.createElement("dd");
    term.textContent = one.dataset.key;
    const label = one.id && document.querySelector(`label[for="${CSS.escape(one.id)}"]`);
    const said = one.getAttribute("aria-label") || (label || one).textContent;
    what.textContent = said.replace(one.dataset.key, "").trim() || one.title;
    list.append(term, what);
  }
  dialog.append(list);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/* A refused form: the sentence is read first. */
document.querySelector("[data-focus]")?.focus();

/* A form that was sent is not sent twice; the server would answer the same anyway. */
document.addEventListener("submit", (event) => {
  if (event.submitter?.dataset.again !== undefined) return; /* it gives a file: the page stays */
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  if (event.target.method === "post") event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

/* A list that is drawn again by htmx keeps the focus where it was. */
let focused = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  focused = document.activeElement?.id || null;
  /* Whoever was signed out meanwhile would see the list vanish: show the sign-in instead. */
  const part = event.detail.target;
  if (part?.hasAttribute("data-live") && !event.detail.serverResponse.includes(`id="${part.id}"`)) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});
document.addEventListener("htmx:afterSettle", () => {
  if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus();
});

/* What is shown follows the register. A part with data-live="its id" asks again for itself when
   something changed; whoever types or has ticked something there is only told so. */
const live = () => document.querySelectorAll("[data-live]");

function refresh() {
  for (const part of live()) {
    const busy = part.contains(document.activeElement) && typing(document.activeElement)
      || part.querySelector("input:checked, details[open] form");
    if (busy || !window.htmx) {
      const say = document.getElementById("annonces");
      if (say && !say.querySelector(".news")) {
        const line = document.createElement("p");
        line.className = "news";
        line.textContent = "La liste a changé : rechargez la page pour la voir.";
        say.append(line);
      }
      continue;
    }
    const target = `#${CSS.escape(part.id)}`;
    htmx.ajax("GET", location.href, { target: target, select: target, swap: "outerHTML" });
  }
}

let stream = null, polling = null;

function follow() {
  if (document.hidden || !live().length) return;
  if (!window.EventSource) { poll(); return; }
  stream = new EventSource("/nouvelles");
  stream.addEventListener("nouvelles", refresh);
  stream.addEventListener("open", () => { clearInterval(polling); polling = null; });
  stream.addEventListener("error", () => {
    if (stream && stream.readyState === EventSource.CLOSED) poll();
  });
}

function poll() {
  if (!polling) polling = setInterval(() => { if (!document.hidden) refresh(); }, 15000);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) { if (stream) stream.close(); stream = null; }
  else { refresh(); follow(); }
});
document.addEventListener("DOMContentLoaded", follow);
