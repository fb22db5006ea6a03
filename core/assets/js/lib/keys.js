// The desk's keys: whatever carries data-key="x" is what `x` presses; a field so marked is gone to.
// They can be turned off in the list that `?` shows (single keys disturb those who dictate).

const OFF = "keys-off";

function typing(target) {
  return target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], dialog[open]");
}

function visible(element) {
  return element.getClientRects().length > 0;
}

/** Calls handlers[key] for a key, else presses the visible thing marked data-key=key. */
export function listenToKeys(handlers = {}) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape" && event.target.matches("[data-key='/']")) event.target.blur();
    if (typing(event.target) || localStorage.getItem(OFF)) return;
    const handler = handlers[event.key];
    if (handler) {
      if (handler() !== false) event.preventDefault();
      return;
    }
    if (event.key.length !== 1 || event.key === '"' || event.key === "\\") return;
    const found = [...document.querySelectorAll(`[data-key="${event.key}"]`)].find(visible);
    if (!found) return;
    event.preventDefault();
    if (found.matches("input, textarea, select")) found.focus();
    else found.click();
  });
}

/** Opens the list of keys, and keeps the choice made there to do without them. */
export function showKeys() {
  const dialog = document.getElementById("keys");
  if (!dialog) return;
  for (const button of document.querySelectorAll("[data-help]")) {
    button.addEventListener("click", () => dialog.showModal());
  }
  const wanted = dialog.querySelector("[data-keys-wanted]");
  if (!wanted) return;
  wanted.checked = !localStorage.getItem(OFF);
  wanted.addEventListener("change", () => {
    if (wanted.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });
}
