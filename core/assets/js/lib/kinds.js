// What it is about: the likely categories, all of them by groups, a search by words, the extra questions.

function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Takes charge of a [data-kinds] fieldset of `form`; `onKind(code, isPrivate)` hears of every choice. */
export function kindField(fieldset, form, { onKind = () => {} } = {}) {
  const likely = fieldset.querySelector("[data-likely]");
  const all = fieldset.querySelector("[data-all]");
  const search = fieldset.querySelector("[data-search]");
  const count = fieldset.querySelector("[data-count]");
  const none = fieldset.querySelector(".kind-none");
  const questions = form.querySelector("[data-questions]");
  const choices = [...fieldset.querySelectorAll(".choice:not(summary)")];
  let walking = false;
  const texts = new Map(choices.map((one) => [one, plain(`${one.textContent} ${one.querySelector("input").dataset.words ?? ""}`)]));

  function filter() {
    const wanted = plain(search.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const one of choices) {
      one.hidden = !wanted.every((word) => texts.get(one).includes(word));
      if (!one.hidden) shown += 1;
    }
    none.hidden = shown > 0;
    const { one, several, none: nothing } = count.dataset;
    count.textContent = shown === 0 ? nothing : shown === 1 ? one : several.replace("0", shown);
  }

  function ask(code) {
    const template = form.querySelector(`template[data-category="${CSS.escape(code)}"]`);
    const asked = form.elements.asked;
    if (asked.value === code) return;
    questions.replaceChildren(asked);
    asked.value = template ? code : "";
    if (template) questions.append(template.content.cloneNode(true));
  }

  /** What was chosen joins the likely ones, in sight, and the long list closes again. */
  function settle(input, goThere = true) {
    const label = input.closest(".choice");
    if (label.parentElement !== likely) likely.append(label);
    if (!all.open) return;
    all.open = false;
    search.value = "";
    filter();
    if (!goThere) return;
    input.focus({ preventScroll: true });
    label.scrollIntoView({ block: "nearest" });
  }

  // Arrow keys walk through the list and choose at each step: it stays open until they have settled on one.
  fieldset.addEventListener("keydown", (event) => {
    walking = event.key.startsWith("Arrow");
    if (event.key !== "Enter" || event.target.name !== "category") return;
    event.preventDefault();
    settle(event.target);
  });
  fieldset.addEventListener("pointerdown", () => {
    walking = false;
  });
  all.addEventListener("focusout", ({ relatedTarget }) => {
    const checked = all.querySelector("input[name=category]:checked");
    if (walking && checked && !all.contains(relatedTarget)) settle(checked, false);
  });

  fieldset.addEventListener("change", ({ target }) => {
    if (target.name !== "category") return;
    if (!walking) settle(target);
    ask(target.value);
    onKind(target.value, target.dataset.private === "1");
  });
  search.addEventListener("input", filter);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const first = choices.find((one) => !one.hidden)?.querySelector("input");
    if (first?.checked) settle(first);
    else first?.click();
  });
  all.addEventListener("toggle", () => {
    if (all.open) search.focus();
  });

  return { chosen: () => form.querySelector("input[name=category]:checked")?.value ?? "" };
}
