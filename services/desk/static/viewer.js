/* Documents page by page: zoom, whole page, page n of N, thumbnails, turns (templates/viewer.html). */
"use strict";

const WHOLE_PAGE = "viewer-whole-page", STEP = 1.25, LEAST = .25, MOST = 4;
/* What lies over a picture is turned as it is; the page is one unit wide and high (pages/paper.py). */
const TURNINGS = { 0: "", 90: "matrix(0 1 -1 0 1 0)", 180: "matrix(-1 0 0 -1 1 1)", 270: "matrix(0 -1 1 0 0 1)" };
/* A part of a page, which takes no sentence away that the page behind shows. */
const PART = { "HX-Request": "true" };

/* Where a browser keeps nothing, each page begins at full width. */
function remembered(name) {
  try { return localStorage.getItem(name); } catch { return null; }
}
function remember(name, value) {
  try { localStorage.setItem(name, value); } catch { /* it holds for this page */ }
}

function viewerOf(root) {
  const bar = root.querySelector(".bar"), strip = root.querySelector(".strip");
  const figures = [...root.querySelectorAll(".sheets figure")];
  const all = bar.querySelector("[data-does=all]");
  let zoom = 1, whole = false, at = 0, heading = 0, kept = Promise.resolve();
  const gone = new AbortController(), { signal } = gone; /* once another letter is shown */

  /* What scrolls: itself, or the room in which it stands. */
  const room = () => (getComputedStyle(root).overflowY === "visible" && root.closest(".original")) || root;
  const picture = (n) => figures[n].querySelector("img");
  const height = () => room().clientHeight - bar.offsetHeight;

  function draw() {
    const top = figures[at].getBoundingClientRect().top, tall = figures[at].offsetHeight || 1;
    const inside = (room().getBoundingClientRect().top - top) / tall;
    root.classList.toggle("page", whole);
    root.style.setProperty("--zoom", zoom);
    root.style.setProperty("--pane", `${Math.max(160, height() - 24)}px`);
    bar.querySelector("[data-zoom]").textContent = whole ? "page" : `${Math.round(zoom * 100)} %`;
    bar.querySelector("[data-does=fit]").textContent = whole ? "Pleine largeur" : "Page entière";
    const now = figures[at].getBoundingClientRect().top;
    if (inside > 0) room().scrollTop += now - room().getBoundingClientRect().top + inside * figures[at].offsetHeight;
    else if (at > 0) room().scrollTop += now - top;
  }

  function set(next) {
    if (whole) zoom = picture(at).clientWidth / (figures[at].clientWidth || 1);
    whole = false;
    zoom = Math.min(MOST, Math.max(LEAST, next(zoom)));
    if (Math.abs(zoom - 1) < .1) zoom = 1;
    draw();
  }

  /* Where the reader goes counts, not what was asked for before and comes late. */
  function show(n) {
    if (n < 0 || n >= figures.length) return false;
    arrive();
    place(n);
    return true;
  }

  function arrive() {
    heading++;
    root.removeAttribute("aria-busy");
  }

  function place(n) {
    const pane = room();
    pane.scrollIntoView({ block: "nearest" });
    pane.scrollTop += figures[n].getBoundingClientRect().top - pane.getBoundingClientRect().top - bar.offsetHeight - 4;
    tell(n);
  }

  function tell(n) {
    at = n;
    bar.querySelector("[data-at]").textContent = n + 1;
    for (const [m, one] of [...strip.children].entries()) {
      if (m === n) one.setAttribute("aria-current", "true");
      else one.removeAttribute("aria-current");
      if (m === n && !strip.hidden) strip.scrollLeft = one.offsetLeft - strip.clientWidth / 2;
    }
  }

  /* The first mark of a page is shown, once its picture is there, if the page's top shows none. */
  async function toMark(n) {
    const going = ++heading, image = picture(n);
    root.setAttribute("aria-busy", "true");
    place(n);
    image.loading = "eager";
    await image.decode().catch(() => {});
    if (going !== heading) return;
    place(n);
    const mark = marksOf(n).firstElementChild.getBoundingClientRect(), pane = room().getBoundingClientRect();
    const below = Math.min(mark.bottom, mark.top + 80) - Math.min(pane.bottom, innerHeight);
    if (below > 0) room().scrollTop += below + 24;
    arrive();
  }

  /* The page that fills what is seen below the bar: at its upper third. */
  function look() {
    if (!root.isConnected) { gone.abort(); return; }
    const third = room().getBoundingClientRect().top + bar.offsetHeight + height() / 3;
    const n = figures.findIndex((one) => one.getBoundingClientRect().bottom > third);
    if (n >= 0 && n !== at) tell(n);
  }

  const turnOf = (n) => +(/-(\d+)(?:&|$)/.exec(picture(n).getAttribute("src"))?.[1] ?? 0);

  /* Marks fill what the picture fills of its place, once it is there. */
  const marksOf = (n) => figures[n].querySelector(".word-marks");
  function laid(n) {
    const { naturalWidth: wide, naturalHeight: high } = picture(n), marks = marksOf(n);
    if (!marks || !wide) return;
    marks.setAttribute("viewBox", `0 0 ${wide} ${high}`);
    marks.setAttribute("preserveAspectRatio", "xMidYMid meet");
    marks.firstElementChild.setAttribute("transform", `scale(${wide} ${high}) ${TURNINGS[turnOf(n)]}`);
  }
  const marked = [...figures.keys()].filter(marksOf);
  for (const n of marked) {
    picture(n).addEventListener("load", () => laid(n));
    laid(n);
  }
  const further = bar.querySelector("[data-does=found]");
  if (further) further.hidden = !marked.some((n) => n > 0);

  function turned(n, turn) {
    const image = picture(n);
    image.classList.add("coming");
    image.addEventListener("load", () => { image.classList.remove("coming"); }, { once: true });
    image.src = image.getAttribute("src").replace(/-\d+$/, `-${turn}`);
    const small = strip.children[n]?.querySelector("img");
    if (small) small.src = `${image.getAttribute("src")}&petite`;
  }

  function turn(by) {
    const next = (turnOf(at) + by + 360) % 360;
    turned(at, next);
    keep(at + 1, next);
    if (all) all.hidden = false;
  }

  /* Kept, so that the next reader sees it upright; where nothing is kept, turned for now. */
  function keep(number, turn) {
    const form = root.querySelector(".turning form");
    if (!form) return;
    const body = new URLSearchParams(new FormData(form));
    body.set("number", number);
    body.set("turn", turn);
    // One after the other: of two quick turns the last one stands.
    kept = kept.then(() => fetch(form.action, { method: "POST", body, headers: PART })).then((answer) => {
      if (!answer.ok) throw answer;
    }).catch(() => sayIt("La page est tournée sur votre écran seulement : ce n’est pas enregistré."));
  }

  function thumbnails() {
    if (!strip.children.length) {
      for (const n of figures.keys()) {
        const one = document.createElement("button"), image = document.createElement("img");
        one.type = "button";
        image.loading = "lazy";
        one.classList.toggle("marked", marked.includes(n));
        image.alt = `Page ${n + 1}${marked.includes(n) ? ", surlignée" : ""}`;
        const src = picture(n).getAttribute("src");
        image.src = `${src}${src.includes("?") ? "&" : "?"}petite`;
        one.append(image, String(n + 1));
        one.addEventListener("click", () => show(n));
        strip.append(one);
      }
    }
    strip.hidden = !strip.hidden;
    bar.querySelector("[data-does=strip]").setAttribute("aria-expanded", String(!strip.hidden));
    draw();
    tell(at);
  }

  const does = {
    in: () => set((one) => one * STEP),
    out: () => set((one) => one / STEP),
    fit: () => {
      whole = !whole; zoom = 1;
      remember(WHOLE_PAGE, whole ? "yes" : "");
      draw();
    },
    left: () => turn(-90),
    right: () => turn(90),
    all: () => { const one = turnOf(at); for (const n of figures.keys()) turned(n, one); keep(0, one); all.hidden = true; },
    previous: () => show(at - 1),
    next: () => show(at + 1),
    found: () => toMark(marked.find((n) => n > at) ?? marked[0]),
    strip: thumbnails,
  };
  bar.addEventListener("click", (event) => { does[event.target.closest("[data-does]")?.dataset.does]?.(); });

  /* A page at a time where a whole page is shown; else these keys scroll, as everywhere. */
  root.ownerDocument.addEventListener("keydown", (event) => {
    if (!root.isConnected || !whole || !current(root) || event.defaultPrevented || typing(event.target)) return;
    if (event.key === "PageDown" ? show(at + 1) : event.key === "PageUp" && show(at - 1)) event.preventDefault();
  }, { signal });
  addEventListener("scroll", look, { capture: true, passive: true, signal });
  addEventListener("resize", () => { if (whole) draw(); }, { signal });
  for (const name of ["focusin", "pointerdown"]) root.addEventListener(name, () => take(root));

  bar.hidden = false;
  root.classList.add("live");
  whole = remembered(WHOLE_PAGE) === "yes";
  draw();
}

function sayIt(words) {
  const line = document.createElement("p");
  line.className = "news";
  line.textContent = words;
  document.getElementById("annonces")?.replaceChildren(line);
}

/* Keys are one viewer’s: the first one’s, then the last that was touched. */
const current = (root) => root.querySelector(".bar [data-key]") !== null;
function take(root) {
  for (const one of document.querySelectorAll("[data-viewer] .bar button[aria-keyshortcuts]")) {
    if (one.closest("[data-viewer]") === root) one.dataset.key = one.getAttribute("aria-keyshortcuts");
    else delete one.dataset.key;
  }
}

function viewers(inside) {
  const found = [...inside.querySelectorAll("[data-viewer]:not(.live)")].filter((one) => one.querySelector("figure"));
  for (const one of found) viewerOf(one);
  if (found.length) take(found[0]);
}
viewers(document);

/* data-opens: what a link leads to is shown below it, and put away by it. */
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[data-opens]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const open = link.parentElement.querySelector(".opened");
  if (open) open.hidden = !open.hidden;
  else if (!link.dataset.asked) {
    link.dataset.asked = "yes";
    const answer = await fetch(link.href, { headers: PART }).catch(() => null);
    const part = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("piece");
    if (!part) { location.href = link.href; return; }
    part.removeAttribute("id");
    link.parentElement.append(part);
    viewers(part);
  }
  link.setAttribute("aria-expanded", String(!link.parentElement.querySelector(".opened")?.hidden));
});
