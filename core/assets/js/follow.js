// The page of a report whose photos are still being prepared: asks again now and then, until they are there.
import "./lib/page.js";

const PAUSES = [2, 3, 5, 8, 13, 20, 30];

async function again() {
  const answer = await fetch(window.location.pathname, { headers: { Accept: "text/html" } });
  if (!answer.ok) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const waiting of document.querySelectorAll(".photo-processing")) {
    const made = fresh.querySelector(`[data-photo="${CSS.escape(waiting.dataset.photo)}"]`);
    if (made && !made.matches(".photo-processing")) waiting.replaceWith(made);
  }
  return Boolean(document.querySelector(".photo-processing"));
}

async function wait() {
  for (const pause of PAUSES) {
    await new Promise((resolve) => setTimeout(resolve, pause * 1000));
    try {
      if (!(await again())) return;
    } catch {
      // No network now: the next pause is longer.
    }
  }
}

wait();
