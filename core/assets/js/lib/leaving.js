// A form with photos leaves once, when they have all arrived.
import { sendOnce } from "./page.js";

/**
 * Lets `form` wait for its `photos` (see photos.js), then leave, once. `words` is the element of the button's words;
 * the form says with data-waiting and data-sending what it shows meanwhile.
 */
export function leaveWith(form, photos, words) {
  let ready = false;
  form.addEventListener("submit", async (event) => {
    if (ready) return;
    event.preventDefault();
    if (form.classList.contains("is-waiting")) return;
    form.classList.add("is-waiting");
    words.textContent = photos.busy() ? form.dataset.waiting : form.dataset.sending;
    await photos.settled();
    words.textContent = form.dataset.sending;
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
}
