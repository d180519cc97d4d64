/* A session ends after two hours in which nothing was asked of the register, and at the end of its day.
   Six minutes before, every open page says when, and one press keeps it (RGAA 13.1). */
"use strict";

(() => {
  const [idle, left] = (document.body.dataset.session ?? "").split(" ").map((seconds) => 1000 * Number(seconds));
  if (!idle) return;
  const LAST = "vu", BEFORE = 360000, SLACK = 60000, EACH = 10000;
  let asked = Date.now(), ends = asked + left, box = null;

  /* What one tab asks keeps the others signed in. */
  function lastAsked() {
    try { return Math.max(asked, Number(localStorage.getItem(LAST))); } catch { return asked; }
  }
  function ask(at) {
    asked = Math.max(asked, at);
    try { localStorage.setItem(LAST, String(lastAsked())); } catch { /* it holds for this page */ }
  }
  ask(asked);
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (!one.name.includes("/static/")) ask(performance.timeOrigin + one.startTime);
  }).observe({ type: "resource" });

  /* The register writes each minute at most that somebody is there: it may count a minute less. */
  const end = () => Math.min(lastAsked() + idle, ends) - SLACK;

  function say(words, ...buttons) {
    if (box?.dataset.words === words) return;
    box?.remove();
    box = document.createElement("div");
    box.className = "ending";
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", "Fin de session");
    box.dataset.words = words;
    const line = document.createElement("p");
    line.setAttribute("role", "alert");
    box.append(line, ...buttons);
    document.body.prepend(box);
    line.textContent = words; /* what comes into an alert is read out */
  }
  function hush() {
    const held = box?.contains(document.activeElement);
    box?.remove();
    box = null;
    if (held) document.getElementById("contenu")?.focus();
  }
  function button() {
    const one = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: "Rester connecté" });
    one.addEventListener("click", stay);
    return one;
  }
  async function stay() {
    const jeton = document.querySelector("form.leave [name=jeton]")?.value ?? "";
    const body = new URLSearchParams({ jeton });
    const answer = await fetch("/sessions/rester", { method: "POST", body }).catch(() => null);
    if (answer?.status !== 204) { over(); return; }
    ask(Date.now());
    const seconds = answer.headers.get("session-seconds"); /* a register of the version before says none */
    if (seconds !== null) ends = Date.now() + 1000 * Number(seconds);
    hush();
  }
  /* What was being written is kept by the tab, and offered once somebody signed in (drafts.js). */
  function over() {
    const again = Object.assign(document.createElement("a"), { href: location.href, className: "button", textContent: "S’identifier" });
    const kept = document.querySelector("form[data-draft]") ? " Le texte commencé ici vous sera proposé." : "";
    say(`Votre session est terminée.${kept}`, again);
  }

  function look() {
    const now = Date.now();
    if (now > end()) over();
    else if (now > end() - BEFORE + SLACK) say(`Votre session se termine à ${plainHour(end())} si vous ne faites rien.`, button());
    else if (box) hush();
  }
  setInterval(look, EACH);
  document.addEventListener("visibilitychange", look);
})();
