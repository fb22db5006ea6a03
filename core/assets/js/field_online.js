// A form that leaves without a network is lost with the page it stood on. So the site is asked first whether
// it answers; where it does not, the page stays as it is and says so.
const PATIENCE = 8000;

let passing = null;

function say(form) {
  const said = document.querySelector(".field-offline") ?? document.createElement("p");
  said.className = "field-offline flash flash-warning";
  said.setAttribute("role", "alert");
  said.textContent = "";
  (form.querySelector(".field-bar") ?? form).prepend(said);
  // Put in after it is in the page, so that it is read out each time.
  said.textContent = form.dataset.online;
  form.querySelector("button:not([type=button])")?.focus({ preventScroll: true });
}

async function answers() {
  if (!navigator.onLine) return false;
  try {
    await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout?.(PATIENCE) });
    return true;
  } catch {
    return false;
  }
}

/** Sends the forms marked data-online once the site has answered. */
export function sendWhenOnline() {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-online]")) return;
    if (passing === form) {
      passing = null;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    if (form.dataset.asking) return;
    form.dataset.asking = "1";
    const there = await answers();
    delete form.dataset.asking;
    if (!there) {
      say(form);
      return;
    }
    document.querySelector(".field-offline")?.remove();
    passing = form;
    form.requestSubmit(submitter);
  }, true);
}
