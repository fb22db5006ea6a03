// An answer with photos: each one is sent as soon as it is chosen. Without it the form works too.
import "./lib/page.js";
import { leaveWith } from "./lib/leaving.js";
import { photoField } from "./lib/photos.js";

for (const form of document.querySelectorAll("form[data-answer]")) {
  const photos = photoField(form.querySelector("[data-photos]"), { address: "/report/photo" });
  leaveWith(form, photos, form.querySelector("[data-send-words]"));
}
