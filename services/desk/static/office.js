/* What the mail office's pages gain with JavaScript: the focus is where the next key is typed. */
"use strict";

/* Departures: whatever was refused is said, and the next scan still goes into the field. */
const keep = document.querySelector("[data-keep-focus]");
if (keep) { keep.focus(); keep.select(); }

/* The queue: what a key unfolds is ready to be filled. */
document.addEventListener("click", (event) => {
  const opened = event.target.closest(".decide summary")?.parentElement;
  if (!opened || opened.open) return;
  requestAnimationFrame(() => opened.querySelector("select, input:not([type=hidden])")?.focus());
});
