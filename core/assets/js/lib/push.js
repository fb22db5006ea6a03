// Being told on this device: leave is asked only once the button is tapped; the worker then shows what arrives.

const WORKER = "/told_worker.js";

/** Whether this browser can be told at all. */
export function canBeTold() {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

/** Returns this browser's subscription, or null where it has none. */
export async function subscription() {
  const known = await navigator.serviceWorker.getRegistration("/");
  return known ? known.pushManager.getSubscription() : null;
}

/** Subscribes this browser with the town's `key`; null where the person or the browser says no. */
export async function subscribe(key) {
  if ((await Notification.requestPermission()) !== "granted") return null;
  await navigator.serviceWorker.register(WORKER, { scope: "/" });
  const worker = await navigator.serviceWorker.ready;
  const wanted = bytes(key);
  const known = await worker.pushManager.getSubscription();
  if (known && sameKey(known, wanted)) return known;
  await known?.unsubscribe();
  return worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: wanted });
}

/** Posts `what` as JSON; returns the answer's object. Throws where it was refused. */
export async function ask(path, what) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(what),
  });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

function bytes(word) {
  const text = atob(word.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function sameKey(known, wanted) {
  const had = known.options?.applicationServerKey;
  return had && new Uint8Array(had).every((byte, at) => byte === wanted[at]);
}
