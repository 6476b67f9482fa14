// A site with PouchDB: node pouch_client.js FOLDER URL RECORDS; commands "save N" and "push" on stdin.
const fs = require("fs");
const readline = require("readline");
const PouchDB = require("pouchdb").defaults({ prefix: process.argv[2] + "/" });
const db = new PouchDB("site");
const lines = fs.readFileSync(process.argv[4], "utf8").trim().split("\n");
let next = 0;
const run = {
  async save(count) {
    for (let done = 0; done < count; done += 500) {
      const some = lines.slice(next, next + Math.min(500, count - done)).map((line) => {
        const record = JSON.parse(line);
        return { _id: record.id, ...record };
      });
      next += some.length;
      await db.bulkDocs(some);
    }
  },
  async meet() {},
  async push() {
    const done = await db.replicate.to(process.argv[3], { batch_size: 500 });
    if (!done.ok) throw new Error("not replicated");
  },
};
(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [what, count] = line.split(" ");
    const start = process.hrtime.bigint();
    await run[what](Number(count));
    console.log(Number(process.hrtime.bigint() - start) / 1e9);
  }
})();
