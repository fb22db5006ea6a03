// What is open beside the list: a report, a work order. On a wide screen a row opens there; on a narrow one the
// link is followed to the thing's own page. The address remembers what is open.
const wide = window.matchMedia("(min-width: 75rem)");

function panel() {
  return document.getElementById("beside");
}

function sheet() {
  return panel()?.querySelector("[data-sheet]");
}

/** Says in the address what is open, so that the page can be loaded again or handed on. */
function remember() {
  if (!panel()) return;
  const address = new URL(window.location.href);
  const open = sheet()?.dataset.sheet;
  if (open) address.searchParams.set("open", open);
  else address.searchParams.delete("open");
  if (address.href !== window.location.href) history.replaceState(history.state, "", address);
}

function close() {
  const id = sheet()?.dataset.sheet;
  panel().replaceChildren();
  remember();
  document.getElementById(`row-${id}`)?.querySelector("a")?.focus();
}

function say(words) {
  const flash = document.createElement("p");
  flash.className = "flash flash-error";
  flash.setAttribute("role", "alert");
  flash.textContent = words;
  panel().querySelector(".flash-error")?.remove();
  panel().prepend(flash);
}

/** A row that a decision changed takes the place of the one shown; its tick and its place in the walk stay. */
function replaceRow(changed) {
  const before = document.querySelector(`#list [data-row="${CSS.escape(changed.dataset.row)}"]`);
  if (!before) return;
  const after = document.importNode(changed, true);
  const tick = after.querySelector("input[type=checkbox]");
  if (tick) tick.checked = before.querySelector("input[type=checkbox]")?.checked ?? false;
  after.classList.toggle("is-current", before.classList.contains("is-current"));
  before.replaceWith(after);
}

/** Takes charge of [#beside]. Returns what is to be called when its content changed. */
export function besides(htmx) {
  if (!panel()) return () => {};

  async function open(address) {
    await htmx.ajax("GET", address, { target: panel(), swap: "innerHTML" });
    panel().scrollTop = 0;
    (panel().querySelector("[data-focus]") ?? panel().querySelector("[data-title]"))?.focus({ preventScroll: true });
  }

  document.addEventListener("desk:open", ({ detail }) => {
    if (wide.matches) open(detail.address);
    else window.location = detail.address;
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) {
      close();
      return;
    }
    const link = event.target.closest("#list .row-what a");
    if (!link || !wide.matches || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.getAttribute("href"));
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && sheet() && !document.querySelector("dialog[open]") && !event.target.matches("#q, select")) close();
  });

  document.addEventListener("htmx:sendError", () => say(panel().dataset.away));
  return () => {
    for (const row of panel().querySelector("template[data-changed]")?.content.querySelectorAll("[data-row]") ?? []) replaceRow(row);
    remember();
  };
}

/** An answer that is a whole page (signed out, not found…) never stands inside another. */
export function wholePages() {
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { xhr, target } = detail;
    const path = xhr.responseURL ? new URL(xhr.responseURL).pathname : "";
    if (path && !/^\/(desk|admin)(\/|$)/.test(path)) {
      detail.shouldSwap = false;
      window.location = "/desk/";
      return;
    }
    if (!/^\s*<!doctype/i.test(xhr.responseText)) return;
    detail.shouldSwap = false;
    const words = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("h1")?.textContent;
    if (target === panel() && words) say(words);
    else window.location.reload();
  });
}
