// The agents' pages. Everything also goes without a script; with one, photos leave as soon as they are taken,
// minutes are tapped, and nothing is sent into the void.
import { showDistances } from "./field_away.js";
import { sendWhenOnline } from "./field_online.js";
import { keepPhotos } from "./field_photos.js";
import "./lib/page.js";

for (const place of document.querySelectorAll("[data-photos]")) keepPhotos(place);

for (const taps of document.querySelectorAll("[data-minutes]")) {
  const minutes = taps.querySelector("input");
  taps.addEventListener("click", ({ target }) => {
    const step = Number(target.closest("[data-add]")?.dataset.add);
    if (step) minutes.value = Math.max(0, (Number.parseInt(minutes.value, 10) || 0) + step);
  });
}

sendWhenOnline();
showDistances();
