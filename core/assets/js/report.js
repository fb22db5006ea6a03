// The report form, quicker: each part is a module, this file only joins them. Without it the form works too.
import "./lib/page.js";
import { kindField } from "./lib/kinds.js";
import { knownNearby } from "./lib/nearby.js";
import { sendOnce } from "./lib/page.js";
import { photoField } from "./lib/photos.js";
import { placeField } from "./lib/pin.js";

const form = document.getElementById("report");
const look = knownNearby(form.querySelector("[data-known]"));
const send = form.querySelector("[data-send-words]");
let here = null;
let unshared = false;

const kinds = kindField(form.querySelector("[data-kinds]"), form, {
  onKind(code, isPrivate) {
    unshared = isPrivate;
    look(here, unshared ? "" : code);
  },
});
const place = placeField(form.querySelector("[data-place]"), form, {
  onPlace(found) {
    here = found;
    look(here, unshared ? "" : kinds.chosen());
  },
});
const photos = photoField(form.querySelector("[data-photos]"), {
  address: "/report/photo",
  onSpot: (spot) => place.fromPhoto(spot),
});

// Photos on their way are waited for; then the form leaves, once.
let ready = false;
form.addEventListener("submit", async (event) => {
  if (ready) return;
  event.preventDefault();
  if (form.classList.contains("is-waiting")) return;
  form.classList.add("is-waiting");
  send.textContent = photos.busy() ? form.dataset.waiting : form.dataset.sending;
  await photos.settled();
  send.textContent = form.dataset.sending;
  ready = true;
  // Not within this same event: a form whose submission is being announced ignores another.
  setTimeout(() => form.requestSubmit());
});
sendOnce(form);
window.addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  ready = false;
  form.classList.remove("is-waiting");
});
