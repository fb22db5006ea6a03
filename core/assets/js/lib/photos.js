// The form's photos: seen as soon as they are chosen, sent at once, taken back with one press.
import { upload } from "./upload.js";

const ICON_X = "x";

function icon(name) {
  const sprite = document.querySelector("svg.icon use")?.getAttribute("href").split("#")[0] ?? "";
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("class", "icon");
  picture.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  picture.append(use);
  return picture;
}

/**
 * Takes charge of a [data-photos] section. `onSpot(spot)` hears where a photo was taken, when it says so.
 * Returns {settled()}: resolves once nothing is on its way; what could not be sent goes with the form itself.
 */
export function photoField(section, { address, onSpot = () => {} }) {
  const { most, largest } = section.dataset;
  const list = section.querySelector("[data-list]");
  const input = section.querySelector("input[type=file]");
  const adder = input?.closest("li");
  const trouble = section.querySelector("[data-photo-error]");
  const news = section.querySelector("[data-photo-news]");
  const under_way = new Set();
  const unsent = new Map();

  const count = () => list.querySelectorAll("[data-kept], [data-sending]").length;

  function complain(words) {
    trouble.textContent = words;
    trouble.hidden = !words;
  }

  function room() {
    if (adder) adder.hidden = count() >= Number(most);
  }

  function remove(item) {
    const next = item.nextElementSibling?.querySelector("button, input") ?? input;
    unsent.delete(item);
    URL.revokeObjectURL(item.querySelector("img")?.src);
    item.remove();
    room();
    news.textContent = section.dataset.removed;
    next?.focus();
  }

  function addRemover(item) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "photo-remove";
    button.setAttribute("aria-label", section.dataset.remove);
    button.append(icon(ICON_X));
    button.addEventListener("click", () => remove(item));
    item.append(button);
  }

  function preview(file) {
    const item = document.createElement("li");
    item.className = "photo";
    item.dataset.sending = "";
    const picture = document.createElement("img");
    picture.alt = section.dataset.alt;
    // What the browser cannot draw (HEIC, often) is named instead.
    picture.addEventListener("error", () => {
      const words = document.createElement("span");
      words.className = "photo-missing";
      words.append(icon("image"), ` ${file.name}`);
      picture.replaceWith(words);
    });
    picture.src = URL.createObjectURL(file);
    const bar = document.createElement("progress");
    bar.className = "progress photo-bar";
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", section.dataset.progress);
    item.append(picture, bar);
    addRemover(item);
    list.insertBefore(item, adder);
    room();
    return item;
  }

  function keep(item, token) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "photo";
    field.value = token;
    item.append(field);
    item.dataset.kept = token;
    delete item.dataset.sending;
    item.querySelector("progress")?.remove();
    news.textContent = section.dataset.sent;
  }

  async function send(item, file) {
    try {
      const answer = await upload(address, file, (share) => {
        const bar = item.querySelector("progress");
        if (bar) bar.value = share;
      });
      if (!item.isConnected) return;
      keep(item, answer.token);
      if (answer.spot) onSpot(answer.spot);
    } catch (error) {
      if (!item.isConnected) return;
      if (error.refused) {
        complain(error.message);
        remove(item);
      } else {
        item.querySelector("progress")?.remove();
        unsent.set(item, file);
        complain(section.dataset.lost);
      }
    }
  }

  function take(files) {
    complain("");
    for (const file of files) {
      if (count() >= Number(most)) {
        complain(section.dataset.tooMany);
        break;
      }
      if (file.size > Number(largest)) {
        complain(section.dataset.tooLarge);
        continue;
      }
      const sending = send(preview(file), file).finally(() => under_way.delete(sending));
      under_way.add(sending);
    }
  }

  for (const item of list.querySelectorAll("[data-kept]")) addRemover(item);
  room();
  input?.addEventListener("change", () => {
    take([...input.files]);
    input.value = "";
  });

  return {
    busy: () => under_way.size > 0,
    async settled() {
      await Promise.all(under_way);
      if (!unsent.size || !input) return;
      const carried = new DataTransfer();
      for (const file of unsent.values()) carried.items.add(file);
      input.files = carried.files;
    },
  };
}
