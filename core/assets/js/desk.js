// The desk: parts of pages that change alone (htmx), the list and its map with one selection, what is open
// beside them, the keys. Without it every page still works: each part is also a page of its own.
import htmx from "htmx.org";

import { besides, wholePages } from "./desk_beside.js";
import { freshness } from "./desk_fresh.js";
import { joinList, keys } from "./desk_list.js";
import { readySheets } from "./desk_sheet.js";
import { listenToKeys, showKeys } from "./lib/keys.js";
import "./lib/page.js";

// The page's policy allows neither inline styles nor evaluated code; htmx must not try.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
// Pages hold names and addresses: none of them stays behind in the browser's storage.
htmx.config.historyCacheSize = 0;
htmx.config.refreshOnHistoryMiss = true;
// A refused form comes back with its reason: it is shown like any other answer.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "4(09|12|22)", swap: true },
  { code: "...", swap: false, error: true },
];

// An address names only what is asked for.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") return;
  for (const [name, value] of [...detail.formData.entries()]) if (value === "") detail.formData.delete(name);
});

wholePages();
const remember = besides(htmx);
joinList();
readySheets(document);
freshness();
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  joinList();
  readySheets(detail.target);
  remember();
});
showKeys();
listenToKeys(keys);
