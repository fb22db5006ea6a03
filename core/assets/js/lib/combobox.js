// A field that finds while one types: arrow keys walk through what was found, Enter takes it, Escape closes.

let number = 0;

/**
 * Makes a combobox of `input`. `find(words, signal)` gives (a promise of) items {words, note}; `onPick(item)` hears
 * of the one that was taken, and has the field to itself. `said`: the sentences {none, several}.
 */
export function combobox(input, { find, onPick, said, least = 1, wait = 0 }) {
  const list = document.createElement("ul");
  const news = document.createElement("p");
  let items = [];
  let at = -1;
  let asking = null;
  let timer = 0;

  number += 1;
  list.id = `found-${number}`;
  list.className = "combo-list";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0]?.textContent ?? "");
  news.className = "visually-hidden";
  news.setAttribute("role", "status");
  input.removeAttribute("list");
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) {
    input.setAttribute(name, value);
  }
  input.after(list, news);

  function close() {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function point(to) {
    at = (to + items.length) % items.length;
    [...list.children].forEach((line, index) => line.setAttribute("aria-selected", String(index === at)));
    const line = list.children[at];
    input.setAttribute("aria-activedescendant", line.id);
    line.scrollIntoView({ block: "nearest" });
  }

  function take(item) {
    clearTimeout(timer);
    asking?.abort();
    close();
    onPick(item);
  }

  function show(found) {
    items = found;
    list.replaceChildren(
      ...found.map((item, index) => {
        const line = document.createElement("li");
        line.id = `${list.id}-${index}`;
        line.setAttribute("role", "option");
        line.setAttribute("aria-selected", "false");
        line.textContent = item.words;
        if (item.note) {
          const note = document.createElement("span");
          note.className = "muted small";
          note.textContent = ` ${item.note}`;
          line.append(note);
        }
        line.addEventListener("pointerdown", (event) => event.preventDefault());
        line.addEventListener("click", () => take(item));
        return line;
      }),
    );
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
    news.textContent = found.length ? said.several.replace("0", found.length) : said.none;
    if (found.length) point(0);
    else input.removeAttribute("aria-activedescendant");
  }

  async function look() {
    asking?.abort();
    asking = new AbortController();
    const words = input.value.trim();
    if (words.length < least) {
      close();
      return;
    }
    try {
      const found = await find(words, asking.signal);
      if (found && document.activeElement === input) show(found);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, wait);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) look();
      else point(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if ((event.key === "Enter" || event.key === "Tab") && !list.hidden && at >= 0 && !event.ctrlKey) {
      // Tab takes it and goes on, Enter takes it and stays.
      if (event.key === "Enter") event.preventDefault();
      take(items[at]);
    }
  });
  input.addEventListener("blur", close);
}
