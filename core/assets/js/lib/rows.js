// A list worked with one hand: j and k walk, x picks, e opens. The rows are plain links and tick boxes in
// a form, so that all of it also goes without a script; the bar of actions then shows at all times.

/** Takes charge of one [data-rows] list and its [data-picked] bar. Returns {current, show(id)}. */
export function workList(list) {
  const bar = document.querySelector("[data-picked]");
  const rows = () => [...list.querySelectorAll("[data-row]")];
  const current = () => list.querySelector(".is-current");

  function go(row) {
    if (!row) return;
    current()?.classList.remove("is-current");
    row.classList.add("is-current");
    row.querySelector("a")?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    list.dispatchEvent(new CustomEvent("row", { detail: { id: row.dataset.row } }));
  }

  function walk(step) {
    const all = rows();
    const at = all.indexOf(current());
    go(all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))]);
  }

  function count() {
    const picked = list.querySelectorAll("[data-row] input[type=checkbox]:checked").length;
    if (!bar) return;
    bar.classList.toggle("is-on", picked > 0);
    const words = bar.querySelector("[data-picked-count]");
    if (words) words.textContent = picked === 1 ? words.dataset.one : words.dataset.many.replace("0", picked);
  }

  list.addEventListener("change", count);
  list.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row || row === current()) return;
    current()?.classList.remove("is-current");
    row.classList.add("is-current");
    list.dispatchEvent(new CustomEvent("row", { detail: { id: row.dataset.row } }));
  });
  count();

  return {
    count,
    show: (id) => go(list.querySelector(`[data-row="${CSS.escape(id)}"]`)),
    keys: {
      j: () => walk(1),
      k: () => walk(-1),
      x: () => current()?.querySelector("input[type=checkbox]")?.click(),
      e: () => current()?.querySelector("a")?.click(),
    },
  };
}
