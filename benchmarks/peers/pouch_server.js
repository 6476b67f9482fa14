// CouchDB's protocol over PouchDB, as a registry would run it: node pouch_server.js PORT FOLDER
const express = require("express");
const PouchDB = require("pouchdb").defaults({ prefix: process.argv[3] + "/" });
const app = express();
app.use("/", require("express-pouchdb")(PouchDB, { logPath: process.argv[3] + "/log.txt" }));
app.listen(Number(process.argv[2]), "127.0.0.1", () => console.log("ready"));
