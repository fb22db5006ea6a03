// How fresh what is seen is: said in words, counted from the last answer of the server; and what came in since
// the list was shown, which waits to be asked for: no row moves under somebody's hand.

const MINUTE = 60_000;

async function askForNews() {
  const place = document.querySelector("[data-news]");
  if (!place || document.hidden) return;
  try {
    const answer = await fetch(place.dataset.news, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { number, words } = await answer.json();
    place.querySelector("span").textContent = words;
    place.hidden = number === 0;
  } catch {
    // Without a network there is no news; the map says so.
  }
}

/** Takes charge of [data-freshness]; the map says "fresh" and "stale" as answers come, or do not. */
export function freshness() {
  const place = document.querySelector("[data-freshness]");
  if (!place) return;
  const words = place.dataset;
  let last = Date.now();
  let away = false;

  function say() {
    const seconds = Math.round((Date.now() - last) / 1000);
    if (away) place.textContent = words.stale;
    else if (seconds < 3) place.textContent = words.now;
    else if (seconds < 60) place.textContent = words.seconds.replace("{n}", seconds);
    else place.textContent = words.minutes.replace("{n}", Math.floor(seconds / 60));
  }

  document.addEventListener("fresh", () => {
    last = Date.now();
    away = false;
    say();
  });
  document.addEventListener("stale", () => {
    away = true;
    say();
  });
  say();
  setInterval(say, 5000);
  setInterval(askForNews, MINUTE);
  document.addEventListener("visibilitychange", askForNews);
}
