// Keeps the public verification page for the day without a network, and our words for a page that is
// asked for while the site computer is away. Nothing of anybody's data goes through it.
const NAME = "verify-5";
const AWAY = "/away";
const KEPT = [
  "/verify/offline", "/verify/keys.json", AWAY, "/static/edge.css", "/static/edge.js", "/static/offline.js",
  "/static/verify-core.js", "/static/cards.js", "/static/cbor.js", "/static/keys.js", "/static/kinds.js",
  "/static/libraries.js", "/static/tables.js", "/static/texts.js",
];

// a site where nothing is verified has no such pages, and our words for a page all the same
const keep = async (cache, path) => {
  const answer = await fetch(path);
  if (answer.status === 404) return;
  if (!answer.ok) throw new TypeError(path);
  await cache.put(path, answer);
};
self.addEventListener("install", (event) => event.waitUntil(
  caches.open(NAME).then((cache) => Promise.all(KEPT.map((path) => keep(cache, path))))));
self.addEventListener("activate", (event) => event.waitUntil(
  caches.keys().then((names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name))))
    .then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const path = new URL(event.request.url).pathname;
  if (event.request.method !== "GET") return;
  if (KEPT.includes(path)) {
    event.respondWith(fetch(event.request).then(async (answer) => {
      if (answer.ok) (await caches.open(NAME)).put(path, answer.clone());
      return answer;
    }).catch(() => caches.match(path)));
  } else if (event.request.mode === "navigate") {
    event.respondWith(fetch(event.request).catch(() => caches.match(AWAY)));
    // in the language that is chosen now
    if (path === "/") event.waitUntil(caches.open(NAME).then((cache) => cache.add(AWAY)).catch(() => {}));
  }
});
