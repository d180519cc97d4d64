/* What somebody writes is kept in their tab as they write it, and offered again: after an expired
   sign-in, a reload, a click beside it. It never leaves the browser, and goes with the tab, or before:
   once it has arrived, at the sign-out, at the first page of somebody else (desk.js). */
"use strict";

const writing = document.querySelector("form[data-draft]");

/* Where a text is still to be written, typing writes it. */
const blank = document.querySelector("textarea[data-blank]");
const hole = blank?.value.match(/\{[^{}\n]+\}/);
if (hole) {
  blank.focus({ preventScroll: true });
  blank.setSelectionRange(hole.index, hole.index + hole[0].length);
}

function fieldsOf(form) {
  return [...form.querySelectorAll("textarea[name], input[type=text][name]")].filter((field) => field.tabIndex >= 0);
}

function wordsOf(form) {
  return Object.fromEntries(fieldsOf(form).map((field) => [field.name, field.value]));
}

if (writing) {
  const name = `brouillon ${writing.dataset.draft} ${location.pathname}`;
  const drawn = JSON.stringify(wordsOf(writing));
  const kept = keptDraft(name);
  if (kept) {
    const { whole, ...draft } = kept;
    /* A check or a refusal shows what was sent, filled and completed by the register: the draft from now on. */
    const shown = whole && writing.dataset.answers !== undefined;
    keepDraft(name, shown ? { ...draft, words: JSON.parse(drawn) } : draft);
    if (!shown && JSON.stringify(draft.words) !== drawn) offerDraft(name, draft);
  }
  /* Colleagues who open the item read that somebody writes: said again each minute while they type. */
  let told = performance.now();
  writing.addEventListener("input", () => {
    if (writing.dataset.writes && performance.now() - told > 60000) {
      told = performance.now();
      fetch(writing.dataset.writes, { method: "POST", body: new URLSearchParams({ jeton: writing.elements.jeton.value }) }).catch(() => null);
    }
    const words = wordsOf(writing);
    if (JSON.stringify(words) === drawn) return;
    keepDraft(name, { words, at: plainHour(Date.now()) });
  });
  writing.addEventListener("submit", () => {
    const draft = keptDraft(name);
    /* What was offered and not taken is not in what is sent. */
    const whole = draft && JSON.stringify(draft.words) === JSON.stringify(wordsOf(writing));
    if (draft) keepDraft(name, { ...draft, sent: true, whole });
  });
}

function keptDraft(name) {
  try { return JSON.parse(sessionStorage.getItem(name)); } catch { return null; }
}

function keepDraft(name, draft) {
  try { sessionStorage.setItem(name, JSON.stringify(draft)); } catch { /* it is not kept, and not lost either */ }
}

function offerDraft(name, draft) {
  const offer = document.createElement("p");
  offer.className = "draft";
  offer.setAttribute("role", "status");
  offer.append(`Un texte commencé à ${draft.at} n’a pas été envoyé. `);
  const take = Object.assign(document.createElement("button"), { type: "button", className: "button quiet", textContent: "Le reprendre" });
  const drop = Object.assign(document.createElement("button"), { type: "button", className: "button quiet", textContent: "L’effacer" });
  take.addEventListener("click", () => {
    for (const field of fieldsOf(writing)) field.value = draft.words[field.name] ?? field.value;
    offer.remove();
    fieldsOf(writing).find((field) => field.matches("textarea"))?.focus();
  });
  drop.addEventListener("click", () => {
    sessionStorage.removeItem(name);
    offer.remove();
  });
  offer.append(take, " ", drop);
  writing.before(offer);
}
