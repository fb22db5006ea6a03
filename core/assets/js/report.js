// The report form, quicker: each part is a module, this file only joins them. Without it the form works too.
import "./lib/page.js";
import { kindField } from "./lib/kinds.js";
import { leaveWith } from "./lib/leaving.js";
import { knownNearby } from "./lib/nearby.js";
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

leaveWith(form, photos, send);
