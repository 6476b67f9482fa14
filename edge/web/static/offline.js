// The public page that verifies by itself: keys are fetched when it opens, then no more is needed.
import { judge } from "./verify-core.js";

const words = document.querySelector("#words").dataset;
const place = document.querySelector("#verdict");
const field = document.querySelector("#text");
const age = document.querySelector("#age");
let keys = [], site = null;

async function open() {
  const answer = await fetch("/verify/keys.json", { cache: "no-store" });
  const { documents, rules, ...told } = await answer.json();
  [keys, site] = [told.keys, { ...documents, rules }];
  age.textContent = `${words.keys} ${keys.length} · ${new Date().toLocaleString(document.documentElement.lang)}`;
  age.dataset.ready = "yes";
}

// Puts words in place of a laboratory's codes, also of those in a panel: "name: code; name: code".
const inWords = (result) => result.split("; ").map((part) => {
  const start = part.lastIndexOf(": ") + 1 && part.lastIndexOf(": ") + 2;
  return part.slice(0, start) + (words[`result${part.slice(start)}`] ?? part.slice(start));
}).join("; ");

function show(found) {
  const box = document.createElement("div");
  box.className = `verdict ${found.verdict}`;
  const sign = document.querySelector(`#icon-${found.verdict}`) ?? document.querySelector("#icon-warn");
  const word = document.createElement("strong");
  word.textContent = words[found.verdict.replaceAll("-", "")];
  box.append(sign.content.cloneNode(true), word);
  const reason = document.createElement("p");
  reason.textContent = found.sentence ?? words[`reason${found.reason}`];
  const list = document.createElement("dl");
  const add = (name, value) => {
    const label = document.createElement("dt"), said = document.createElement("dd"), kept = document.createElement("bdi");
    label.textContent = name;
    kept.textContent = value.slice(0, 200);
    said.append(kept);
    list.append(label, said);
  };
  const title = document.createElement("h2");
  title.textContent = found.document?.title ?? "";
  for (const [label, value] of found.document?.lines ?? []) if (value) add(label, value);
  for (const [name, value] of Object.entries(found.claims ?? {})) {
    if (value) add(words[`claim${name.toLowerCase()}`], ["result", "interpretation"].includes(name) ? inWords(String(value)) : String(value));
  }
  place.replaceChildren(box, reason, title, list);
}

const check = async (text) => {
  if (!text || !site) return;
  show(await judge(text, keys, Date.now() / 1000, site).catch(() => ({ verdict: "unreadable", reason: "damaged" })));
};

document.querySelector("#form").addEventListener("submit", (event) => {
  event.preventDefault();
  // a scanner types line ends around the code; blanks inside belong to it
  check(field.value.replace(/^[\r\n]+|[\r\n]+$/g, "")).then(() => field.select());
});

// Browsers on telephones can read the code themselves, where the page came over https.
const scan = document.querySelector("#scan");
if (window.BarcodeDetector && navigator.mediaDevices?.getUserMedia) {
  scan.hidden = false;
  scan.addEventListener("click", async () => {
    const video = document.querySelector("#video");
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.srcObject = stream;
    video.parentElement.hidden = false;
    await video.play();
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    for (let found = []; stream.active; ) {
      found = await detector.detect(video).catch(() => []);
      if (found.length) {
        stream.getTracks().forEach((track) => track.stop());
        video.parentElement.hidden = true;
        await check(found[0].rawValue);
      }
      await new Promise((done) => setTimeout(done, 120));
    }
  });
}

open().catch(() => { age.textContent = words.nokeys; });
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/worker.js").catch(() => {});
