// What is already known near the place, of the same kind, shown in the flow of the form.

/** Returns look(place, code): asks, and shows the answer in `box`; nothing where there is nothing to compare. */
export function knownNearby(box) {
  let asking = null;
  let last = "";
  return async function look(place, code) {
    const question = place?.inside && code ? `lat=${place.lat}&lon=${place.lon}&category=${encodeURIComponent(code)}` : "";
    if (question === last) return;
    last = question;
    asking?.abort();
    if (!question) {
      box.replaceChildren();
      return;
    }
    asking = new AbortController();
    try {
      const answer = await fetch(`/report/nearby?${question}`, { signal: asking.signal });
      if (!answer.ok) return;
      const piece = document.createRange().createContextualFragment(await answer.text());
      box.replaceChildren(piece);
    } catch (error) {
      if (error.name !== "AbortError") last = "";
    }
  };
}
