/* The palette: Ctrl K offers what the page offers already, its acts, the menu and the search, by
   their words. Nothing depends on it. */
"use strict";

(() => {
  const MOST = 12;
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[’']/g, " ").toLowerCase();

  /* What has a key on the page, where it can be seen; a field is reached, not pressed. */
  function acts() {
    const found = [...document.querySelectorAll("main [data-key]")];
    return found.filter(offered).map((element) => ({
      words: named(element), group: "Cette page", key: element.dataset.key, go: () => press(element),
    }));
  }

  /* Links of the page that have no key are acts too; those of lists are found by the search. */
  function links() {
    const found = document.querySelectorAll("main .actions a:not([data-key]), main .actions button:not([data-key])");
    return [...found].filter(offered).map((element) => ({ words: named(element), group: "Cette page", go: () => press(element) }));
  }

  function pages() {
    return [...document.querySelectorAll("nav.menu a")].map((link) => ({
      words: link.firstChild.textContent.trim(), group: "Menu", go: () => link.click(),
    }));
  }

  function search(text) {
    const field = document.getElementById("chercher");
    if (!field || !text) return [];
    const go = () => { field.value = text; field.form.requestSubmit(); };
    return [{ words: `Chercher «\u00a0${text}\u00a0»`, group: "Recherche", go }];
  }

  function matching(offers, typed) {
    const wanted = plain(typed).split(/\s+/).filter(Boolean);
    const found = offers.filter((offer) => wanted.every((word) => plain(offer.words).includes(word)));
    return [...found.slice(0, MOST), ...search(typed.trim())];
  }

  function open() {
    if (document.querySelector("dialog[open]")) return;
    const offers = [...acts(), ...links(), ...pages()].filter((offer) => offer.words);
    const dialog = document.createElement("dialog"), field = document.createElement("input"), list = document.createElement("ul");
    dialog.className = "palette";
    dialog.setAttribute("aria-label", "Aller à une page, ou agir");
    for (const [name, value] of Object.entries({
      type: "text", role: "combobox", placeholder: "Une page, un acte, un numéro, un nom…", autocomplete: "off", spellcheck: "false",
      "aria-label": "Aller à une page, ou agir", "aria-expanded": "true", "aria-controls": "palette-offres", "aria-autocomplete": "list",
    })) field.setAttribute(name, value);
    list.id = "palette-offres";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Ce qui peut être fait");
    dialog.append(field, list);
    let shown = [], at = 0;

    function choose(offer) {
      dialog.close();
      offer?.go();
    }
    function mark(to) {
      at = Math.max(0, Math.min(to, shown.length - 1));
      [...list.children].forEach((row, n) => row.setAttribute("aria-selected", String(n === at)));
      const row = list.children[at];
      if (row) field.setAttribute("aria-activedescendant", row.id);
      else field.removeAttribute("aria-activedescendant");
      row?.scrollIntoView({ block: "nearest" });
    }
    function draw() {
      shown = matching(offers, field.value);
      list.replaceChildren(...shown.map((offer, n) => {
        const row = document.createElement("li"), group = document.createElement("small");
        row.id = `palette-${n}`;
        row.setAttribute("role", "option");
        row.append(offer.words);
        group.textContent = offer.group;
        if (offer.key) {
          const key = document.createElement("kbd");
          key.className = "typing";
          key.textContent = offer.key;
          group.append(" ", key);
        }
        row.append(group);
        row.addEventListener("click", () => choose(offer));
        return row;
      }));
      mark(0);
    }
    field.addEventListener("input", draw);
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by) { mark(at + by); event.preventDefault(); }
      if (event.key === "Enter") { event.preventDefault(); if (!event.repeat) choose(shown[at]); }
    });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    draw();
    dialog.showModal();
    field.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (!event.repeat) open();
  });
})();
