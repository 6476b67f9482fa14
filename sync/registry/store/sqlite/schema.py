"""The tables in SQLite, step by step since the first version."""

from __future__ import annotations

from sync.migrations import Migration

FIRST = Migration(
    1,
    "first",
    # Files of the first version hold these tables and no record of steps.
    (
        "CREATE TABLE IF NOT EXISTS node (node TEXT PRIMARY KEY, key TEXT NOT NULL,"
        " facility TEXT NOT NULL, name TEXT NOT NULL, enrolled_at TEXT NOT NULL,"
        " heard_at TEXT NOT NULL) STRICT",
        "CREATE TABLE IF NOT EXISTS entry (node TEXT NOT NULL, epoch TEXT NOT NULL,"
        " number INTEGER NOT NULL, type TEXT NOT NULL, hash TEXT NOT NULL,"
        " content TEXT NOT NULL, received_at TEXT NOT NULL,"
        " PRIMARY KEY (node, epoch, number)) STRICT",
        "CREATE TABLE IF NOT EXISTS alarm (node TEXT NOT NULL, epoch TEXT NOT NULL,"
        " number INTEGER NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL) STRICT",
    ),
)

NATION = Migration(
    2,
    "nation",
    (
        # Alarms: each once.
        "ALTER TABLE alarm RENAME TO alarm_before",
        "CREATE TABLE alarm (node TEXT NOT NULL, epoch TEXT NOT NULL, number INTEGER NOT NULL,"
        " kind TEXT NOT NULL, at TEXT NOT NULL,"
        " PRIMARY KEY (node, epoch, number, kind)) STRICT, WITHOUT ROWID",
        "INSERT INTO alarm SELECT node, epoch, number, kind, min(at) FROM alarm_before"
        " GROUP BY node, epoch, number, kind",
        "DROP TABLE alarm_before",
        # Nodes: what they said, and their counts.
        "ALTER TABLE node RENAME TO node_before",
        "CREATE TABLE node (node TEXT PRIMARY KEY, key TEXT NOT NULL, facility TEXT NOT NULL,"
        " name TEXT NOT NULL, enrolled_at TEXT NOT NULL, heard_at TEXT NOT NULL DEFAULT '',"
        " entries INTEGER NOT NULL DEFAULT 0, alarms INTEGER NOT NULL DEFAULT 0,"
        " state TEXT NOT NULL DEFAULT 'active', waiting INTEGER NOT NULL DEFAULT 0,"
        " software TEXT NOT NULL DEFAULT '', day TEXT NOT NULL DEFAULT '',"
        " today INTEGER NOT NULL DEFAULT 0) STRICT",
        "INSERT INTO node (node, key, facility, name, enrolled_at, heard_at, entries, alarms)"
        " SELECT node, key, facility, name, enrolled_at, heard_at,"
        " (SELECT count(*) FROM entry WHERE entry.node = node_before.node),"
        " (SELECT count(*) FROM alarm WHERE alarm.node = node_before.node) FROM node_before",
        "DROP TABLE node_before",
        # Entries: by their ids and types.
        "ALTER TABLE entry ADD COLUMN id TEXT NOT NULL DEFAULT ''",
        "UPDATE entry SET id = substr(coalesce(json_extract(content, '$.id'), ''), 1, 200)",
        "CREATE INDEX entry_id ON entry (node, id)",
        "CREATE INDEX entry_type ON entry (type)",
        # Heads: where each epoch stands, and what it follows.
        "CREATE TABLE head (node TEXT NOT NULL, epoch TEXT NOT NULL, number INTEGER NOT NULL,"
        " hash TEXT NOT NULL, parent_epoch TEXT NOT NULL, parent_number INTEGER NOT NULL,"
        " judged INTEGER NOT NULL, at TEXT NOT NULL,"
        " PRIMARY KEY (node, epoch)) STRICT, WITHOUT ROWID",
        "INSERT INTO head SELECT last.node, last.epoch, last.number, last.hash,"
        " coalesce(json_extract(first.content, '$.parent.epoch'), ''),"
        " coalesce(json_extract(first.content, '$.parent.number'), 0), 0, last.received_at"
        " FROM (SELECT node, epoch, max(number) AS number, hash, received_at FROM entry"
        " GROUP BY node, epoch) AS last JOIN entry AS first"
        " ON first.node = last.node AND first.epoch = last.epoch AND first.number = 1",
        "CREATE INDEX head_parent ON head (node, parent_epoch)",
        "CREATE INDEX head_unjudged ON head (at) WHERE judged < number",
        # What is said of entries, and to nodes; who works here.
        "CREATE TABLE feed (feed TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT",
        "CREATE TABLE letter (feed TEXT NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL,"
        " kind TEXT NOT NULL, body TEXT NOT NULL, at TEXT NOT NULL,"
        " PRIMARY KEY (feed, number), UNIQUE (feed, id)) STRICT",
        "CREATE TABLE verdict (node TEXT NOT NULL, epoch TEXT NOT NULL, number INTEGER NOT NULL,"
        " state TEXT NOT NULL, id TEXT NOT NULL, field TEXT NOT NULL, sentence TEXT NOT NULL,"
        " waits TEXT NOT NULL, PRIMARY KEY (node, epoch, number)) STRICT, WITHOUT ROWID",
        "CREATE TABLE mention (key TEXT NOT NULL, node TEXT NOT NULL, epoch TEXT NOT NULL,"
        " number INTEGER NOT NULL, PRIMARY KEY (key, node, epoch, number))"
        " STRICT, WITHOUT ROWID",
        "CREATE TABLE code (digest TEXT PRIMARY KEY, facility TEXT NOT NULL,"
        " expires_at TEXT NOT NULL, node TEXT NOT NULL, used_at TEXT NOT NULL) STRICT",
        "CREATE TABLE operator (name TEXT PRIMARY KEY, role TEXT NOT NULL, digest TEXT NOT NULL,"
        " added_at TEXT NOT NULL) STRICT",
        "CREATE TABLE audit (who TEXT NOT NULL, at TEXT NOT NULL, place INTEGER NOT NULL,"
        " what TEXT NOT NULL, whom TEXT NOT NULL, PRIMARY KEY (who, at, place)) STRICT",
        "CREATE INDEX audit_at ON audit (at)",
    ),
)

URGENT = Migration(
    3,
    "urgent",
    (
        "CREATE TABLE advance (node TEXT NOT NULL, epoch TEXT NOT NULL, number INTEGER NOT NULL,"
        " type TEXT NOT NULL, id TEXT NOT NULL, hash TEXT NOT NULL, content TEXT NOT NULL,"
        " received_at TEXT NOT NULL, PRIMARY KEY (node, epoch, number)) STRICT",
        "CREATE INDEX advance_type ON advance (type)",
    ),
)

OFFICE = Migration(
    4,
    "office",
    (
        # By the hour: the index is changed once an hour and node, not with every question.
        "ALTER TABLE node ADD COLUMN heard_hour TEXT NOT NULL DEFAULT ''",
        "UPDATE node SET heard_hour = substr(heard_at, 1, 13)",
        "CREATE INDEX node_heard ON node (heard_hour, node)",
        "CREATE INDEX node_facility ON node (facility, node)",
        "CREATE INDEX alarm_at ON alarm (at)",
        # What was received, in order, of a type and of a node.
        "DROP INDEX entry_type",
        "CREATE INDEX entry_type ON entry (type, received_at, node, epoch, number)",
        "CREATE INDEX entry_received ON entry (node, received_at, epoch, number)",
        "ALTER TABLE code ADD COLUMN made_at TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX code_made ON code (made_at, digest)",
        "DROP INDEX audit_at",
        "CREATE INDEX audit_at ON audit (at, who, place)",
        "CREATE TABLE sign_in (digest TEXT PRIMARY KEY, name TEXT NOT NULL,"
        " expires_at TEXT NOT NULL) STRICT",
        "CREATE TABLE csr (node TEXT PRIMARY KEY, pem TEXT NOT NULL, at TEXT NOT NULL,"
        " signed_at TEXT NOT NULL) STRICT",
        "CREATE INDEX csr_open ON csr (node) WHERE signed_at = ''",
    ),
)

BESIDE = Migration(
    5,
    "beside",
    (
        # Two contents sent ahead for one place are both kept.
        "ALTER TABLE advance RENAME TO advance_before",
        "CREATE TABLE advance (node TEXT NOT NULL, epoch TEXT NOT NULL, number INTEGER NOT NULL,"
        " type TEXT NOT NULL, id TEXT NOT NULL, hash TEXT NOT NULL, content TEXT NOT NULL,"
        " received_at TEXT NOT NULL, PRIMARY KEY (node, epoch, number, hash)) STRICT",
        "INSERT INTO advance SELECT * FROM advance_before",
        "DROP TABLE advance_before",
        "CREATE INDEX advance_type ON advance (type)",
    ),
)

RULED = Migration(
    6,
    "ruled",
    (
        "ALTER TABLE node ADD COLUMN stopped_at TEXT NOT NULL DEFAULT ''",
        "UPDATE node SET stopped_at = heard_at WHERE state = 'stopped'",
        "CREATE TABLE ruling (node TEXT NOT NULL, hash TEXT NOT NULL, state TEXT NOT NULL,"
        " ruled_by TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (node, hash))"
        " STRICT, WITHOUT ROWID",
        # Who issued a certificate, of the entries that were judged before.
        "INSERT OR IGNORE INTO mention (key, node, epoch, number)"
        " SELECT 'certificate:' || substr(json_extract(content, '$.body.certificate'), 1, 100),"
        " node, epoch, number FROM entry WHERE type = 'CertificateIssued'"
        " AND json_type(content, '$.body.certificate') = 'text'"
        " AND instr(content, '\\u0000') = 0",
    ),
)

ONCE = Migration(
    7,
    "once",
    ("ALTER TABLE node ADD COLUMN asked_at TEXT NOT NULL DEFAULT ''",),
)

FACTORS = Migration(
    8,
    "second factors",
    (
        "CREATE TABLE second_factor (name TEXT PRIMARY KEY, secret TEXT NOT NULL,"
        " confirmed_at TEXT NOT NULL DEFAULT '', last_step INTEGER NOT NULL DEFAULT 0,"
        " tries INTEGER NOT NULL DEFAULT 0, tried_at TEXT NOT NULL DEFAULT '') STRICT",
        "CREATE TABLE recovery_code (name TEXT NOT NULL, digest TEXT NOT NULL,"
        " used_at TEXT NOT NULL DEFAULT '', PRIMARY KEY (name, digest)) STRICT, WITHOUT ROWID",
        "ALTER TABLE sign_in ADD COLUMN confirmed_at TEXT NOT NULL DEFAULT ''",
    ),
)

PRESENCE = Migration(
    9,
    "presence",
    (
        "CREATE TABLE proof_try (who TEXT NOT NULL, day TEXT NOT NULL, tries INTEGER NOT NULL,"
        " PRIMARY KEY (who, day)) STRICT, WITHOUT ROWID",
        "CREATE TABLE present (person TEXT NOT NULL, other TEXT NOT NULL, node TEXT NOT NULL,"
        " at TEXT NOT NULL, PRIMARY KEY (person, other)) STRICT, WITHOUT ROWID",
        # Whose paper has a code, of the entries that were judged before.
        "INSERT OR IGNORE INTO mention (key, node, epoch, number)"
        " SELECT 'code:' || substr(json_extract(content, '$.body.person.code'), 1, 100),"
        " node, epoch, number FROM entry WHERE type = 'PersonRegistered'"
        " AND json_type(content, '$.body.person.code') = 'text'"
        " AND instr(content, '\\u0000') = 0",
    ),
)

CARRIED = Migration(
    10,
    "carried questions",
    (
        "CREATE TABLE carried_question (node TEXT NOT NULL, digest TEXT NOT NULL,"
        " after TEXT NOT NULL, people TEXT NOT NULL,"
        " PRIMARY KEY (node, digest)) STRICT, WITHOUT ROWID",
    ),
)

DRAFTS = Migration(
    11,
    "drafts of campaigns",
    (
        "CREATE TABLE draft (id TEXT PRIMARY KEY, name TEXT NOT NULL, made_at TEXT NOT NULL,"
        " made_by TEXT NOT NULL, revision INTEGER NOT NULL, put_away_at TEXT NOT NULL DEFAULT '')"
        " STRICT",
        "CREATE TABLE draft_revision (draft TEXT NOT NULL, number INTEGER NOT NULL,"
        " at TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,"
        " PRIMARY KEY (draft, number)) STRICT, WITHOUT ROWID",
        "CREATE TABLE draft_file (draft TEXT NOT NULL, path TEXT NOT NULL,"
        " number INTEGER NOT NULL, content BLOB, PRIMARY KEY (draft, path, number)) STRICT",
        "CREATE INDEX draft_file_number ON draft_file (draft, number)",
    ),
)

SIGNING = Migration(
    12,
    "signing of campaigns",
    (
        "CREATE TABLE signing (id TEXT PRIMARY KEY, turn INTEGER NOT NULL, folder BLOB NOT NULL,"
        " request TEXT NOT NULL) STRICT",
    ),
)

LISTS = Migration(
    13,
    "lists of people",
    (
        "CREATE TABLE enrolment_list (name TEXT PRIMARY KEY, edition TEXT NOT NULL,"
        " programme TEXT NOT NULL) STRICT",
        "CREATE TABLE enrolment_piece (list TEXT NOT NULL, facility TEXT NOT NULL,"
        " place INTEGER NOT NULL, hash TEXT NOT NULL, people INTEGER NOT NULL,"
        " sealed TEXT NOT NULL, PRIMARY KEY (list, facility, place)) STRICT",
        "CREATE INDEX enrolment_piece_facility ON enrolment_piece (facility, hash)",
    ),
)

PASSKEYS = Migration(
    14,
    "passkeys of operators",
    (
        "CREATE TABLE operator_passkey (id TEXT PRIMARY KEY, name TEXT NOT NULL,"
        " key TEXT NOT NULL, count INTEGER NOT NULL, added_at TEXT NOT NULL) STRICT",
        "CREATE INDEX operator_passkey_name ON operator_passkey (name)",
    ),
)

ORDERED = Migration(
    15,
    "verdicts in order",
    (
        # What was given before is new to every reader: none was told of it.
        "ALTER TABLE verdict ADD COLUMN at TEXT NOT NULL DEFAULT ''",
        "UPDATE verdict SET at = date('now') || 'T' || strftime('%H:%M:%f', 'now') || 'Z'",
        "CREATE INDEX verdict_at ON verdict (at, node, epoch, number)",
        "CREATE INDEX verdict_state ON verdict (state, at, node, epoch, number)",
    ),
)

CLAIMED = Migration(
    16,
    "judging is shared out",
    ("ALTER TABLE head ADD COLUMN claimed_until TEXT NOT NULL DEFAULT ''",),
)

MIGRATIONS = (
    *(FIRST, NATION, URGENT, OFFICE, BESIDE, RULED, ONCE, FACTORS, PRESENCE, CARRIED, DRAFTS),
    SIGNING,
    LISTS,
    PASSKEYS,
    ORDERED,
    CLAIMED,
)
