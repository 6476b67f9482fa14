// Keeps the public verification page for the day without a network; nothing else goes through it.
const NAME = "verify-2";
const KEPT = ["/verify/offline", "/verify/keys.json", "/static/edge.css", "/static/offline.js", "/static/verify-core.js", "/static/cards.js"];

self.addEventListener("install", (event) => event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(KEPT))));
self.addEventListener("activate", (event) => event.waitUntil(
  caches.keys().then((names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name))))));
self.addEventListener("fetch", (event) => {
  const path = new URL(event.request.url).pathname;
  if (event.request.method !== "GET" || !KEPT.includes(path)) return;
  event.respondWith(fetch(event.request).then(async (answer) => {
    if (answer.ok) (await caches.open(NAME)).put(path, answer.clone());
    return answer;
  }).catch(() => caches.match(path)));
});
