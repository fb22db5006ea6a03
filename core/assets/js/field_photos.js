// Photos leave one by one as soon as they are taken: each is kept by the site before the form is sent, which
// then names it by its token. What could not leave stays in the form and goes with it.

/** A tile with a preview (where the browser can draw the file), its name, what became of it, and a way out. */
function tile(file, words, remove) {
  const item = document.createElement("li");
  const figure = document.createElement("figure");
  figure.className = "photo";
  const picture = document.createElement("img");
  picture.alt = file.name;
  picture.src = URL.createObjectURL(file);
  picture.addEventListener("error", () => {
    const name = document.createElement("span");
    name.className = "photo-missing";
    name.textContent = file.name;
    picture.replaceWith(name);
  });
  const state = document.createElement("figcaption");
  state.textContent = words.sending;
  figure.append(picture, state);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-glove btn-wide";
  button.textContent = words.remove;
  button.addEventListener("click", () => {
    item.remove();
    URL.revokeObjectURL(picture.src);
    remove();
  });
  item.append(figure, button);
  return { item, state, figure };
}

/** Sends one file; answers {token}, {sentence} when it is refused, or {} when it could not leave. */
async function send(address, file, csrf, signal) {
  const body = new FormData();
  body.append("photos", file, file.name);
  try {
    const answer = await fetch(address, { method: "POST", body, signal, headers: { "X-CSRFToken": csrf, Accept: "application/json" } });
    if (answer.status === 201) return { token: (await answer.json()).token };
    if (answer.status === 422) return { sentence: (await answer.json()).detail };
  } catch {
    // No network, or the form has left in the meantime: the file is still in the form.
  }
  return {};
}

/** Takes charge of one fieldset marked data-photos. */
export function keepPhotos(place) {
  const { address, most, ...words } = place.dataset;
  const list = place.querySelector("[data-kept-photos]");
  const status = place.querySelector("[data-photo-status]");
  const inputs = [...place.querySelectorAll("input[type=file]")];
  const form = place.closest("form");
  const csrf = form.querySelector("[name=csrf_token]")?.value ?? "";
  const leaving = new AbortController();
  const waiting = new Set();

  /** Only what has not left yet is in the form's own fields. */
  function refill() {
    const files = new DataTransfer();
    for (const file of waiting) files.items.add(file);
    inputs[0].files = new DataTransfer().files;
    inputs[1].files = files.files;
  }

  async function add(file) {
    let gone = false;
    const { item, state, figure } = tile(file, words, () => {
      gone = true;
      waiting.delete(file);
      refill();
      inputs[0].focus();
    });
    list.append(item);
    const { token, sentence } = await send(address, file, csrf, leaving.signal);
    if (gone) return;
    if (token) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "photo", value: token });
      item.append(field);
      waiting.delete(file);
      state.textContent = words.kept;
    } else if (sentence) {
      waiting.delete(file);
      state.textContent = sentence;
      figure.classList.add("photo-refused");
      item.setAttribute("data-refused", "");
    } else {
      state.textContent = words.later;
    }
    status.textContent = state.textContent;
    refill();
  }

  for (const input of inputs) {
    input.addEventListener("change", () => {
      const chosen = [...input.files].filter((file) => ![...waiting].includes(file));
      const room = Number(most) - list.querySelectorAll("li:not([data-refused])").length;
      for (const file of chosen.slice(0, Math.max(0, room))) {
        waiting.add(file);
        add(file);
      }
      refill();
    });
  }
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) leaving.abort();
  });
}
