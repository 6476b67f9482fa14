// DIVOC's own signer, for comparison: reads a job from standard input, prints one line of JSON.
// {keyType, did, publicKeyPem, privateKeyPem, publicKeyBase58, privateKeyBase58, contexts,
//  document, seconds, verify: [credentials]}
const say = console.log;
console.log = console.info = () => {};
const signer = require(`${process.argv[2]}/certificate-signer-library/signer.js`);

async function main() {
  const job = JSON.parse(require("fs").readFileSync(0, "utf8"));
  signer.setDocumentLoader(job.contexts, {
    keyType: job.keyType, CERTIFICATE_DID: job.did, CERTIFICATE_PUBKEY_ID: job.did,
    CERTIFICATE_CONTROLLER_ID: job.did.split("#")[0], publicKeyPem: job.publicKeyPem,
    privateKeyPem: job.privateKeyPem, publicKeyBase58: job.publicKeyBase58,
    privateKeyBase58: job.privateKeyBase58,
  });
  const verified = [];
  for (const one of job.verify) verified.push((await signer.verifyJSON(one)).verified);
  let count = 0;
  const start = process.hrtime.bigint();
  const until = start + BigInt(Math.round(job.seconds * 1e9));
  let signed = null;
  while (process.hrtime.bigint() < until) {
    const document = JSON.parse(JSON.stringify(job.document));
    document.credentialSubject.name = `Almaz Tesfaye ${count}`;
    signed = await signer.signJSON(document);
    count += 1;
  }
  const took = Number(process.hrtime.bigint() - start) / 1e9;
  say(JSON.stringify({ verified, signed, rate: count / took }));
}
main().catch((error) => { console.error(String(error)); process.exit(1); });
