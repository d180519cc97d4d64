/* Departures: whatever was refused is said, and the next scan still goes into the field. */
"use strict";
const keep = document.querySelector("[data-keep-focus]");
if (keep) { keep.focus(); keep.select(); }
