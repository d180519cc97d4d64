// Photos that are too large for a form are made smaller before they leave: a telephone's picture of ten
// megabytes is read as well at one, and what the telephone wrote into it (where it was taken) stays here.
// Without this script, or of a picture that the browser can't open, the file goes as it is.
"use strict";

const LARGE = 1_500_000;
const LONGEST = 2600;
const QUALITY = 0.85;

async function smaller(file) {
  if (file.size <= LARGE || !["image/jpeg", "image/png"].includes(file.type)) return file;
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    const sheet = canvas.getContext("2d");
    sheet.fillStyle = "#fff";
    sheet.fillRect(0, 0, canvas.width, canvas.height);
    sheet.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (!made || made.size >= file.size) return file;
    const name = file.name.replace(/\.[^.]*$/, "") + ".jpg";
    return new File([made], name, { type: "image/jpeg", lastModified: file.lastModified });
  } catch {
    return file;
  }
}

async function shrink(input) {
  const chosen = [...input.files];
  if (!chosen.some((file) => file.size > LARGE)) return;
  const sent = new DataTransfer();
  for (const file of chosen) sent.items.add(await smaller(file));
  // Chosen anew meanwhile: those files have their own turn.
  if (chosen.length === input.files.length && chosen.every((file, at) => file === input.files[at])) {
    input.files = sent.files;
  }
}

for (const form of document.querySelectorAll("form.write")) {
  let work = Promise.resolve();
  let pending = 0;
  let waits = false;
  for (const input of form.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => {
      pending += 1;
      work = work.then(() => shrink(input)).catch(() => {}).finally(() => { pending -= 1; });
    });
  }
  form.addEventListener("submit", (event) => {
    if (!pending) return;
    // What is still being made smaller leaves first: the browser sends the form once it is.
    event.preventDefault();
    if (waits) return;
    waits = true;
    const button = event.submitter;
    // In a task of its own: while a form tells its listeners that it is sent, it can't be sent again.
    work.then(() => setTimeout(() => { waits = false; form.requestSubmit(button ?? undefined); }));
  });
}
