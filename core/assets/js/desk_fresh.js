// How fresh what is seen is: said in words, counted from the last answer of the server.

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
}
