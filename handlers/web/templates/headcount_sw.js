// Keeps the list page's shell for when the line is gone. Only the files named here: never data, never other pages.
const CACHE = "muster-headcount-{{ version }}";
const FILES = {{ files | tojson }};

self.addEventListener("install", (event) => {
  const requests = FILES.map((file) => new Request(file, { cache: "no-cache", credentials: "omit" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOldOnes().then(() => self.clients.claim()));
});

async function forgetOldOnes() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("muster-headcount-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const file = url.pathname === "/headcount" ? "/headcount" : url.pathname + url.search;
  if (event.request.method !== "GET" || url.origin !== self.location.origin || !FILES.includes(file)) return;
  event.respondWith(caches.match(file, { cacheName: CACHE }).then((kept) => kept || fetch(event.request)));
});
