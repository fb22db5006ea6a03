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
  const choices = [...all.querySelectorAll(".choice:not(summary)")];
  const texts = new Map(choices.map((one) => [one, plain(`${one.textContent} ${one.querySelector("input").dataset.words ?? ""}`)]));

  function filter() {
    const wanted = plain(search.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const one of choices) {
      one.hidden = one.parentElement !== likely && !wanted.every((word) => texts.get(one).includes(word));
      if (!one.hidden && one.parentElement !== likely) shown += 1;
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

  fieldset.addEventListener("change", ({ target }) => {
    if (target.name !== "category") return;
    const label = target.closest(".choice");
    if (label.parentElement !== likely) {
      // It joins the likely ones, in sight, and the long list closes again.
      likely.append(label);
      all.open = false;
      search.value = "";
      filter();
      target.focus({ preventScroll: true });
      label.scrollIntoView({ block: "nearest" });
    }
    ask(target.value);
    onKind(target.value, target.dataset.private === "1");
  });
  search.addEventListener("input", filter);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    choices.find((one) => !one.hidden && one.parentElement !== likely)?.querySelector("input").click();
  });
  all.addEventListener("toggle", () => {
    if (all.open) search.focus();
  });

  return { chosen: () => form.querySelector("input[name=category]:checked")?.value ?? "" };
}
