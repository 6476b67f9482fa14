// Passkeys (WebAuthn): the site asks, the tablet's own lock answers, and the answer goes with a form.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const listed = (some) => (some ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
const asked = (show) => ({
  ...show,
  challenge: bytes(show.challenge),
  ...(show.user ? { user: { ...show.user, id: bytes(show.user.id) } } : {}),
  excludeCredentials: listed(show.excludeCredentials),
  allowCredentials: listed(show.allowCredentials),
});
const told = (made) => {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[name]) response[name] = text(made.response[name]);
  }
  return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} });
};
const begun = async (address, fields) => {
  const step = fields.step.value && !fields.passkey.value ? { step: fields.step.value } : {};
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ method: "passkey", ...step }),
  });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.sentence);
  return found;
};
for (const form of document.querySelectorAll("form[data-passkey], fieldset[data-passkey], form[data-ask]")) {
  const button = form.querySelector("button[data-words]"), fields = form.elements;
  if (!window.PublicKeyCredential) continue;
  button.hidden = false;
  form.querySelector("[data-unable]")?.remove();
  button.addEventListener("click", async () => {
    const whole = form.tagName === "FORM" ? form : form.form;
    if (!whole.reportValidity()) return;
    button.setAttribute("aria-busy", "true");
    try {
      const found = form.dataset.ask ? { show: JSON.parse(form.dataset.ask) } : await begun(form.dataset.passkey, fields);
      const publicKey = asked(found.show);
      const made = found.show.user ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
      fields.passkey.value = told(made);
      if (fields.step) fields.step.value = found.step;
    } catch (error) {
      let says = form.querySelector("[role=alert]");
      if (!says) form.append((says = Object.assign(document.createElement("p"), { className: "problem" })));
      says.setAttribute("role", "alert");
      says.textContent = error.message && !(error instanceof DOMException) ? error.message : button.dataset.words;
      return;
    } finally { button.removeAttribute("aria-busy"); }
    whole.requestSubmit(whole.querySelector("button[type=submit].primary") ?? undefined);
  });
}

// While somebody signs in on a telephone the tablet looks by itself whether they have.
const again = document.querySelector("form[data-again]");
if (again) setTimeout(() => again.requestSubmit(), Number(again.dataset.again) * 1000);
