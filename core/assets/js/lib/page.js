// What every page does: says that scripts run, moves to what went wrong, sends a form once.

document.documentElement.classList.add("js");

/** Lets a form leave once: a second tap while the first is on its way does nothing. Returns the gate. */
export function sendOnce(form) {
  let gone = false;
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (gone) {
      event.preventDefault();
      return;
    }
    gone = true;
    form.classList.add("is-sent");
  });
  // Coming back by the browser's history, the same page may be sent again.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    gone = false;
    form.classList.remove("is-sent");
  });
}

document.querySelector("[data-focus]")?.focus();
for (const form of document.querySelectorAll("form[method=post]:not([data-many])")) sendOnce(form);
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
