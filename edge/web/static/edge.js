// What the pages do better with a script. Without it every form still works.

// A print on its way: ask what became of it, then show that part of the page as it is now. The rest
// stays: a tap may be on its way, or a name half typed, and to load the page again would lose both.
const paper = document.querySelector("[data-job]");
if (paper) {
  const ask = async () => {
    try {
      const answer = await fetch(`/api/v1/print-jobs/${paper.dataset.job}`);
      const job = await answer.json();
      if (!["queued", "sending", "sent"].includes(job.state)) {
        const drawn = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
        for (const part of ["#paper", ".proof"]) {
          const now = drawn.querySelector(part);
          if (now) document.querySelector(part)?.replaceChildren(...now.childNodes);
        }
        return;
      }
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

// What leaves this page: a form that is sent, a link that is followed. The tap is seen at once, a
// second one sends nothing more, and while the site computer does not answer our own words stand
// here instead of the browser's page, with everything typed; then the same is sent again. Each form
// carries the number of its request, so that what arrived twice is done once.
const told = document.body.dataset;
const answers = async () => {
  try {
    const answer = await fetch("/api/v1/ping", { cache: "no-store", signal: AbortSignal.timeout(4000) });
    return answer.ok;
  } catch { return false; }
};
const waiting = () => {
  if (document.querySelector(".away")) return;
  const box = document.createElement("div");
  const [first, second] = [document.createElement("strong"), document.createElement("p")];
  [first.textContent, second.textContent] = [told.away, told.kept];
  box.className = "problem away";
  box.setAttribute("role", "alert");
  box.append(first, second);
  document.body.append(box);
};
const settled = () => {
  document.querySelector(".away")?.remove();
  for (const one of document.querySelectorAll(".sent")) one.classList.remove("sent");
  for (const one of document.querySelectorAll("[aria-busy]")) one.removeAttribute("aria-busy");
};
let leaving = null;
const leave = async (way, tapped) => {
  leaving = way;
  tapped?.setAttribute("aria-busy", "true");
  while (leaving === way && !(await answers())) {
    waiting();
    await new Promise((done) => setTimeout(done, 1000));
  }
  if (leaving !== way) return;
  document.querySelector(".away")?.remove();
  document.cookie = `moment=${Date.now()}; max-age=60; path=/; SameSite=Strict`; // what time it is here
  way();
};
document.addEventListener("submit", (event) => {
  const form = event.target, tapped = event.submitter;
  if (event.defaultPrevented) return;
  event.preventDefault();
  if (form.classList.contains("sent")) return;
  form.classList.add("sent");
  leave(() => {
    // form.submit() names no button, and each of a form's buttons may mean something else
    if (tapped?.name) {
      const kept = document.createElement("input");
      [kept.type, kept.name, kept.value] = ["hidden", tapped.name, tapped.value];
      form.append(kept);
    }
    if (tapped?.hasAttribute("formaction")) form.action = tapped.formAction;
    HTMLFormElement.prototype.submit.call(form);
  }, tapped ?? form.querySelector("button"));
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const there = new URL(link.href);
  if (there.origin !== location.origin || link.target || (there.hash && there.pathname === location.pathname)) return;
  event.preventDefault();
  leave(() => { location.href = link.href; }, link);
});
addEventListener("pageshow", (event) => { if (event.persisted) { leaving = null; settled(); } });
document.querySelector("#problem")?.focus();

// The same words where a page is asked for while the site computer is away: over https, or on the site
// computer itself, where browsers let pages keep anything.
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/worker.js").catch(() => {});
if (document.querySelector("#away")) {
  const look = async () => ((await answers()) ? location.reload() : setTimeout(look, 1000));
  setTimeout(look, 1000);
}

// A scanner is a keyboard: it types what it read, wherever the focus is, and ends with Enter. Where
// that is no field, the keys press no button and choose nothing: they are a search.
let typed = "", since = 0;
const field = (one) => one?.matches?.("input:not([type=radio], [type=checkbox], [type=submit], [type=button]), textarea");
let begun = false; // something is typed in a form of this page: nothing takes it away
addEventListener("input", () => { begun = true; });
const finder = document.querySelector("#q");

// A badge holds a staff code: it goes where the code belongs, also when it was read over the PIN.
const signIn = document.querySelector("form[action='/sign-in']:has([name=code])");
const badge = (code) => {
  signIn.elements.code.value = code.trim();
  signIn.elements.pin.value = "";
  signIn.elements.pin.focus();
};
const overPin = (event) => {
  const pin = signIn.elements.pin.value;
  if (/^\p{Nd}*$/u.test(pin)) return; // of any script: a PIN is shown nowhere
  if ("passwords" in signIn.dataset && !/^DEB1[A-Z2-7]{32}$/i.test(pin.trim())) return; // nor a password
  event.preventDefault();
  badge(pin);
};
signIn?.addEventListener("submit", overPin);
// with the code still empty the browser sends nothing, and no form tells of it
signIn?.elements.pin.addEventListener("keydown", (event) => { if (event.key === "Enter") overPin(event); });

// Another person at the same page: what is typed in it goes along, but no PIN.
let filled = null;
addEventListener("input", (event) => { filled = event.target.form ?? filled; });
const change = document.querySelector("form.change");
change?.addEventListener("submit", () => {
  if (filled?.method !== "post" || !filled.closest("main")) return;
  const form = {}, there = new URL(filled.action);
  for (const [name, text] of new FormData(filled)) if (typeof text === "string" && !/pin|password|passkey|step/i.test(name)) form[name] ??= text;
  change.elements.kept.value = JSON.stringify({ path: there.pathname + there.search, form });
});
addEventListener("keydown", (event) => {
  // what parts the elements of a vial's code comes as Ctrl and a bracket
  if (typed && event.ctrlKey && event.key === "]") return void (typed += "\x1d", event.preventDefault());
  if (typed && event.key === "Control") return;
  if (field(event.target) || event.ctrlKey || event.altKey || event.metaKey) return void (typed = "");
  if (event.timeStamp - since > 3000) typed = "";
  if (event.key.length === 1 && (event.key !== " " || typed)) {
    typed += event.key;
    since = event.timeStamp;
    event.preventDefault();
  } else if (event.key === "Enter" && typed) {
    event.preventDefault();
    if (signIn) return void (badge(typed), (typed = ""));
    if (begun) return void (typed = "");
    const form = document.createElement("form");
    const text = document.createElement("input");
    [form.method, form.action, form.hidden] = ["post", document.querySelector("form.verify")?.getAttribute("action") ?? "/", true];
    [text.name, text.value] = [form.getAttribute("action") === "/verify" ? "text" : "q", typed];
    form.append(text);
    document.body.append(form);
    typed = "";
    leave(() => HTMLFormElement.prototype.submit.call(form), finder);
  } else if (event.key !== "Shift") typed = "";
}, true);
addEventListener("keyup", (event) => { if (event.key === " " && typed && !field(event.target)) event.preventDefault(); }, true);

// The button of a dose's own page says the lot that is chosen; of another day nobody has judged it.
const dose = document.querySelector("form.dose");
if (dose) {
  const button = dose.querySelector("button.give");
  const words = button.querySelector("span");
  const plain = words.textContent;
  const tell = () => {
    const day = dose.elements.on, now = day.value === "" || day.value === day.max;
    const lot = dose.elements.otherLot.value.trim() || (dose.elements.lot.value ?? "").split("|")[1];
    words.textContent = now && lot ? `${plain} · ${dose.dataset.lot} ${lot}` : plain;
    button.classList.toggle("primary", Boolean(dose.dataset.due !== undefined && now && lot));
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
// A photograph may have more than the 8 MB that the site computer takes: it is made smaller here, and
// into a kind that is read there, where the browser can open it; else it goes as it is.
const smaller = async (file) => {
  if (!file.type.startsWith("image/") || (file.size < 6e6 && /jpeg|png/.test(file.type))) return file;
  try {
    const whole = await createImageBitmap(file);
    const scale = Math.min(1, Math.sqrt(12e6 / (whole.width * whole.height)));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [whole.width, whole.height].map((side) => Math.round(side * scale));
    const pen = canvas.getContext("2d");
    [pen.fillStyle, pen.imageSmoothingQuality] = ["white", "high"];
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(whole, 0, 0, canvas.width, canvas.height);
    whole.close();
    const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return made ? new File([made], "picture.jpg", { type: "image/jpeg" }) : file;
  } catch { return file; }
};
document.querySelectorAll("input[type=file][name=picture]").forEach((input) => input.addEventListener("change", async () => {
  const button = input.form.querySelector(".actions button"), chosen = new DataTransfer();
  button.disabled = true;
  for (const file of input.files) chosen.items.add(await smaller(file));
  input.files = chosen.files;
  button.disabled = false;
}));
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
const read = async (_, canvas) => {
  let codes = [];
  try { codes = await detector.detect(canvas); } catch { /* the next picture */ }
  if (codes.length) badge(codes[0].rawValue);
  return codes.length > 0;
};
const scan = document.querySelector("#scan");
if (scan && (detector || !("badge" in scan.dataset)) && navigator.mediaDevices?.getUserMedia) {
  scan.hidden = false;
  const video = document.querySelector("#video");
  const camera = document.querySelector("#camera");
  const look = "badge" in scan.dataset ? read : scan.dataset.scan ? calibrated(scan.dataset.scan) : judged;
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
