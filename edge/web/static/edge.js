// What the pages do better with a script. Without it every form still works.

// A print on its way: ask what became of it, then show the page as it is now.
const paper = document.querySelector("[data-job]");
if (paper) {
  const ask = async () => {
    try {
      const answer = await fetch(`/api/v1/print-jobs/${paper.dataset.job}`);
      const job = await answer.json();
      if (!["queued", "sending", "sent"].includes(job.state)) return location.reload();
    } catch { /* the site computer will answer again */ }
    setTimeout(ask, 700);
  };
  setTimeout(ask, 500);
}

// Instants in the time of the one who reads them.
for (const place of document.querySelectorAll("[data-time]")) {
  const moment = new Date(place.dataset.time);
  const today = moment.toDateString() === new Date().toDateString();
  const form = today ? { hour: "2-digit", minute: "2-digit" } : { dateStyle: "medium", timeStyle: "short" };
  if (!isNaN(moment)) place.textContent = new Intl.DateTimeFormat(document.documentElement.lang, form).format(moment);
}
for (const place of document.querySelectorAll("[data-since]")) {
  const minutes = Math.round((Date.now() - new Date(place.dataset.since)) / 60000);
  if (minutes >= 0) place.textContent = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "minute" }).format(minutes);
}

// A form is sent once: its number makes a second press harmless, and this makes it rare.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", () => form.classList.add("sent"));
}
document.querySelector("#problem")?.focus();

// The button that gives a dose says which, and is the page's own only for one that is due. Of
// another day than today nobody has judged it yet.
const dose = document.querySelector("form.dose");
if (dose) {
  const button = dose.querySelector("button.give");
  const words = button.querySelector("span");
  const plain = words.textContent;
  const tell = () => {
    const [vaccine, lot] = dose.elements.lot.value.split("|");
    const key = `${dose.elements.programme.value}|${vaccine}`;
    const day = dose.elements.on;
    const now = day.value === "" || day.value === day.max;
    const offer = now && [...dose.querySelectorAll("data")].find((one) => one.value === key);
    const number = dose.elements.otherLot.value.trim() || lot;
    words.textContent = offer && number ? `${offer.textContent} · ${dose.dataset.lot} ${number}` : plain;
    button.classList.toggle("primary", offer?.dataset?.due !== undefined);
  };
  dose.addEventListener("input", tell);
  tell();
}

// The camera: pictures go to the site computer, which decodes and judges them. The codes of a
// calibration slip a tablet that can also reads itself.
const sent = async (address, form) => {
  const answer = await fetch(address, { method: "POST", body: form });
  if (answer.status === 503) await new Promise((go) => setTimeout(go, 500)); // others' pictures first
  return new DOMParser().parseFromString(await answer.text(), "text/html");
};
const judged = async (picture) => {
  const form = new FormData();
  form.append("picture", picture, "frame.jpg");
  const drawn = await sent("/verify", form);
  const verdict = drawn.querySelector("#verdict .verdict");
  if (!verdict || verdict.classList.contains("unreadable")) return false;
  document.querySelector("#verdict").replaceChildren(...drawn.querySelector("#verdict").childNodes);
  return true;
};
const detector = "BarcodeDetector" in window ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
const calibrated = (address) => async (picture, canvas) => {
  const form = new FormData();
  form.append("do", "read");
  form.append("read", document.querySelector("[data-read]").dataset.read);
  let codes = [];
  try { codes = detector ? await detector.detect(canvas) : []; } catch { /* the site computer reads */ }
  if (codes.length) form.append("text", codes.map((code) => code.rawValue).join("\n"));
  else form.append("picture", picture, "frame.jpg");
  const drawn = await sent(address, form);
  const read = drawn.querySelector("[data-read]");
  if (read && read.dataset.read !== form.get("read")) {
    document.querySelector("#sizes").replaceChildren(...drawn.querySelector("#sizes").childNodes);
    document.querySelector("form[enctype] [name=read]").value = read.dataset.read;
  }
  return false; // there may be a larger one: a person ends it
};
const scan = document.querySelector("#scan");
if (scan && navigator.mediaDevices?.getUserMedia) {
  scan.hidden = false;
  const video = document.querySelector("#video");
  const camera = document.querySelector("#camera");
  const look = scan.dataset.scan ? calibrated(scan.dataset.scan) : judged;
  let stream = null;
  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    camera.hidden = true;
    scan.hidden = false;
  };
  document.querySelector("#stop").addEventListener("click", stop);
  scan.addEventListener("click", async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: 1280 } });
    } catch { return; }
    video.srcObject = stream;
    await video.play();
    camera.hidden = false;
    scan.hidden = true;
    const canvas = document.createElement("canvas");
    while (stream) {
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      canvas.getContext("2d").drawImage(video, 0, 0);
      const picture = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
      if (stream && (await look(picture, canvas))) stop();
    }
  });
}
