// The button "tell me on this device": on a report's page, and on the page of all that one follows.
import "./lib/page.js";
import { ask, canBeTold, subscribe, subscription } from "./lib/push.js";

function button(box) {
  const press = box.querySelector("button");
  const words = box.querySelector("[data-words]");
  const news = box.querySelector("[data-news]");
  const { reference, mine, language, key } = box.dataset;
  let told = false;

  function show(now, said = "") {
    told = now;
    words.textContent = now ? box.dataset.on : box.dataset.off;
    press.setAttribute("aria-pressed", String(now));
    press.disabled = now && Boolean(mine);
    news.textContent = said;
  }

  async function begin() {
    const found = await subscribe(key);
    if (!found) return show(false, box.dataset.denied);
    if (mine) {
      await ask("/mine/push", { key: mine, subscription: found.toJSON() });
      window.location.assign("/mine?done=push");
      return null;
    }
    await ask("/push/follow", { reference, language, subscription: found.toJSON() });
    return show(true, box.dataset.told);
  }

  async function end() {
    const found = await subscription();
    if (found) await ask("/push/stop", { reference, endpoint: found.endpoint });
    return show(false, box.dataset.stopped);
  }

  press.addEventListener("click", async () => {
    press.disabled = true;
    try {
      await (told ? end() : begin());
    } catch {
      show(told, box.dataset.failed);
    } finally {
      press.disabled = told && Boolean(mine);
    }
  });

  async function now() {
    const found = await subscription();
    if (found && reference) show((await ask("/push/state", { reference, endpoint: found.endpoint })).following);
    else show(false);
  }

  box.hidden = false;
  now().catch(() => show(false));
}

if (canBeTold()) for (const box of document.querySelectorAll("[data-push]")) button(box);
