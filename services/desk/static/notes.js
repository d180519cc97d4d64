/* Internal notes: behind an @, who may be named is offered. Without this the list below the form
   says it, and an id or a name that is typed does the same. */
"use strict";

for (const field of document.querySelectorAll("[data-mentions]")) {
  const source = document.getElementById(field.dataset.mentions);
  if (!source) continue;
  const MOST = 8;
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const people = [...source.querySelectorAll("li[data-id]")].map((line) => ({
    id: line.dataset.id, words: line.querySelector("span").textContent,
    beside: [...line.querySelectorAll("small")].map((one) => one.textContent).join(", "),
  }));
  const list = document.createElement("ul"), count = document.createElement("p");
  list.className = "mentions";
  list.id = "personnes-proposees";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Personnes qui peuvent être nommées");
  count.className = "visually-hidden";
  count.setAttribute("role", "status");
  field.after(list, count);
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  let shown = [], at = 0;

  /* What stands between the last @ and the caret, where a name may begin. */
  const typed = () => /(?:^|[^\w.@/+-])@([\p{L}\p{N}.'’-]*)$/u.exec(field.value.slice(0, field.selectionStart));

  function close() {
    shown = [];
    list.hidden = true;
    list.replaceChildren();
    field.removeAttribute("aria-activedescendant");
  }

  function mark() {
    [...list.children].forEach((line, n) => line.setAttribute("aria-selected", n === at ? "true" : "false"));
    field.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  }

  function offer() {
    const found = typed();
    if (!found) { close(); return; }
    const wanted = plain(found[1]);
    const fits = (person) => plain(person.id).startsWith(wanted)
      || plain(person.words).split(/[\s-]+/).some((word) => word.startsWith(wanted));
    shown = people.filter(fits).slice(0, MOST);
    if (!shown.length) { close(); count.textContent = "Personne de ce nom ne peut être nommé."; return; }
    at = 0;
    list.replaceChildren(...shown.map((person, n) => {
      const line = document.createElement("li");
      line.id = `personne-${n}`;
      line.setAttribute("role", "option");
      line.textContent = person.beside ? `${person.words} (${person.beside})` : person.words;
      line.addEventListener("mousedown", (event) => { event.preventDefault(); take(person); });
      return line;
    }));
    list.hidden = false;
    count.textContent = shown.length > 1 ? `${shown.length} personnes proposées` : "1 personne proposée";
    mark();
  }

  function take(person) {
    const found = typed();
    if (!found) return;
    const caret = field.selectionStart, start = caret - found[1].length;
    field.setRangeText(`${person.id} `, start, caret, "end");
    close();
    field.focus();
  }

  field.addEventListener("input", offer);
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { field.form.requestSubmit(); event.preventDefault(); return; }
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      at = (at + (event.key === "ArrowDown" ? 1 : shown.length - 1)) % shown.length;
      mark();
      event.preventDefault();
    } else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) {
      take(shown[at]);
      event.preventDefault();
    } else if (event.key === "Escape") {
      close();
      event.preventDefault();
      event.stopPropagation();
    }
  });
}
