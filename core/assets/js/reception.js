// Reception's form, quicker: kinds and addresses found as they are typed, the map beside, what is known there.
import { combobox } from "./lib/combobox.js";
import { calm, makeMap } from "./lib/map.js";
import { photoField } from "./lib/photos.js";
import { sendOnce } from "./lib/page.js";

const form = document.getElementById("reception");
const { kind, address, lat, lon, asked } = form.elements;
const known = document.querySelector("[data-known]");
const called = document.querySelector("[data-called]");
const element = document.querySelector("[data-where]");
const WAIT = 250;

function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

// --- what it is about
const kinds = [...document.querySelectorAll("#kinds option")].map((one) => ({
  words: one.value, code: one.dataset.code, note: one.textContent, plain: plain(`${one.value} ${one.dataset.words}`), name: plain(one.value),
}));

const chosen = () => kinds.find((one) => one.name === plain(kind.value))?.code ?? "";

function ask() {
  const code = chosen();
  const template = form.querySelector(`template[data-category="${CSS.escape(code)}"]`);
  if (asked.value === (template ? code : "")) return;
  asked.parentElement.replaceChildren(asked);
  asked.value = template ? code : "";
  if (template) asked.after(template.content.cloneNode(true));
}

function findKind(words) {
  const wanted = plain(words).split(/\s+/);
  return kinds
    .filter((one) => wanted.every((word) => one.plain.includes(word)))
    .sort((one, other) => other.name.startsWith(wanted[0]) - one.name.startsWith(wanted[0]))
    .slice(0, 8);
}

combobox(kind, {
  find: findKind,
  said: kind.closest("[data-kind]").dataset,
  onPick(one) {
    kind.value = one.words;
    ask();
    look();
  },
});
kind.addEventListener("change", () => {
  ask();
  look();
});

// --- where it is
const map = makeMap(element, { keyboardPanDelta: 40, scrollWheelZoom: "center", doubleClickZoom: "center", touchZoom: "center" });
element.setAttribute("role", "application");
let moved = false;
let typed = address.value !== "";
let timer = 0;
let asking = null;

async function learn(path) {
  asking?.abort();
  asking = new AbortController();
  const answer = await fetch(path, { signal: asking.signal, headers: { Accept: "application/json" } });
  return answer.ok ? answer.json() : null;
}

/** What the place under the pin is called, where nobody has typed an address. */
async function name() {
  try {
    const found = await learn(`/report/place?lat=${lat.value}&lon=${lon.value}`);
    if (!found) return;
    called.textContent = found.inside ? found.words : called.dataset.outside;
    if (found.inside && found.addressed && !typed) address.value = found.words;
  } catch {
    // Without an answer the place is still kept.
  }
}

function put(there) {
  lat.value = Number(there.lat).toFixed(6);
  lon.value = Number(there.lng ?? there.lon).toFixed(6);
  clearTimeout(timer);
  timer = setTimeout(() => {
    name();
    look();
  }, WAIT);
}

function nowhere() {
  lat.value = "";
  lon.value = "";
  called.textContent = called.dataset.nowhere;
  look();
}

for (const event of ["pointerdown", "keydown", "wheel"]) element.addEventListener(event, () => (moved = true), { passive: true });
map.on("moveend", () => {
  if (moved) put(map.getCenter());
});

function go(there) {
  moved = false;
  map.setView([there.lat, there.lon], Math.max(map.getZoom(), 17), { animate: !calm });
  put(there);
}

combobox(address, {
  least: 3,
  wait: WAIT,
  said: address.closest("[data-address]").dataset,
  async find(words, signal) {
    const answer = await fetch(`/report/addresses?q=${encodeURIComponent(words)}`, { signal, headers: { Accept: "application/json" } });
    const found = answer.ok ? await answer.json() : { known: false };
    return found.known ? found.items : null;
  },
  onPick(one) {
    address.value = one.words;
    typed = true;
    go(one);
  },
});
address.addEventListener("input", () => {
  typed = address.value !== "";
  // An address that is typed anew is not the place of the one before.
  if (lat.value && !moved) nowhere();
});

// --- what is known there
let last = "";
let looking = null;

async function look() {
  const question = lat.value && lon.value ? `lat=${lat.value}&lon=${lon.value}&category=${encodeURIComponent(chosen())}` : "";
  if (question === last || !question) return;
  last = question;
  looking?.abort();
  looking = new AbortController();
  try {
    const answer = await fetch(`/desk/new/nearby?${question}`, { signal: looking.signal });
    if (answer.ok) known.replaceChildren(document.createRange().createContextualFragment(await answer.text()));
  } catch (error) {
    if (error.name !== "AbortError") last = "";
  }
}

// --- photos, and sending
const photos = photoField(form.querySelector("[data-photos]"), {
  address: "/report/photo",
  onSpot(spot) {
    if (spot.inside && !lat.value) go(spot);
  },
});

let ready = false;
form.addEventListener("submit", async (event) => {
  if (ready || !photos.busy()) return;
  event.preventDefault();
  const button = event.submitter;
  await photos.settled();
  ready = true;
  setTimeout(() => form.requestSubmit(button));
});
sendOnce(form);
// On the whole page: the map stands beside the form, not in it.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
if (!document.querySelector("[data-focus]")) kind.focus();
