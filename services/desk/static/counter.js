/* The counter: files dropped anywhere on the page, and the numbers of what was handed in. Nothing
   depends on it: the field takes the files, the page that is asked again has the numbers. */
"use strict";

(() => {
  const form = document.querySelector("form[data-drop]"), say = document.getElementById("glisser");
  const field = form?.querySelector("[type=file][multiple]");
  if (!field) return;
  say.hidden = false;
  const carries = (event) => [...event.dataTransfer?.types ?? []].includes("Files");
  let inside = 0;
  document.addEventListener("dragenter", (event) => {
    if (!carries(event)) return;
    inside += 1;
    form.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (!carries(event)) return;
    inside = Math.max(0, inside - 1);
    if (!inside) form.classList.remove("dropping");
  });
  document.addEventListener("dragover", (event) => { if (carries(event)) event.preventDefault(); });
  /* What is dropped joins what was chosen before; whoever dropped it says when it is handed in. */
  document.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    inside = 0;
    form.classList.remove("dropping");
    const files = new DataTransfer();
    for (const file of [...field.files, ...event.dataTransfer.files]) files.items.add(file);
    field.files = files.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    form.querySelector("button.button").focus();
  });
  field.addEventListener("change", () => {
    const names = [...field.files].map((file) => file.name);
    say.textContent = names.length
      ? `${names.length > 1 ? `${names.length} documents prêts` : "Un document prêt"} à déposer\u00a0: ${names.join(", ")}.`
      : "Vous pouvez aussi glisser des fichiers n’importe où sur cette page.";
  });
})();

/* Quarantine and copies change no item of which the page would hear: it asks while it waits. */
setInterval(() => {
  if (!document.hidden && document.querySelector("[data-pending]")) refresh();
}, 4000);
