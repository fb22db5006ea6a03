// Runs without a page: shows what the town tells, opens what it is about, and stops it where that is asked.
// It imports nothing: browsers keep this one file.

const HOME = self.location.origin;

function read(event) {
  try {
    return event.data.json();
  } catch {
    return {};
  }
}

/** Returns `address` where it lies in this town, else the town's first page. */
function here(address) {
  try {
    const found = new URL(address, HOME);
    return found.origin === HOME ? found.href : HOME;
  } catch {
    return HOME;
  }
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  const told = read(event);
  const actions = told.stop && told.stop_words ? [{ action: "stop", title: told.stop_words }] : [];
  event.waitUntil(
    self.registration.showNotification(told.title || "Alentour", {
      body: told.body || "",
      tag: told.tag,
      renotify: Boolean(told.tag),
      lang: told.lang,
      icon: told.icon,
      timestamp: told.at ? Date.parse(told.at) : undefined,
      data: { page: told.page, stop: told.stop },
      actions,
    }),
  );
});

async function open(address) {
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = open.find((one) => one.url.split("?")[0] === address.split("?")[0]);
  return there ? there.focus() : self.clients.openWindow(address);
}

self.addEventListener("notificationclick", (event) => {
  const { page, stop } = event.notification.data || {};
  event.notification.close();
  if (event.action === "stop" && stop) {
    const body = new URLSearchParams({ "List-Unsubscribe": "One-Click" });
    event.waitUntil(fetch(here(stop), { method: "POST", body, credentials: "omit" }));
    return;
  }
  event.waitUntil(open(here(page)));
});

// The push service gave this browser another address: what it follows stays.
self.addEventListener("pushsubscriptionchange", (event) => {
  const former = event.oldSubscription;
  if (!former) return;
  const renew = async () => {
    const fresh = event.newSubscription || (await self.registration.pushManager.subscribe(former.options));
    await fetch("/push/renew", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ former: former.endpoint, subscription: fresh.toJSON() }),
    });
  };
  event.waitUntil(renew());
});
