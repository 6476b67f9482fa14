"""The tables in PostgreSQL, step by step.

Text compares by its bytes (``COLLATE "C"``), as in SQLite. Every unique key begins with the column
that a distributed database would spread the table by; there are no sequences, triggers or
foreign keys, which such a database cannot keep over its parts.
"""

from __future__ import annotations

from sync.migrations import Migration

_PARTS = 16
_TEXT = 'text COLLATE "C" NOT NULL'


def _table(name: str, columns: str, key: str, more: str = "") -> str:
    """Write a table: names are texts, ``#name`` are numbers, ``=value`` a default."""
    written = []
    for column in columns.split():
        bare, _, default = column.partition("=")
        kind = "bigint NOT NULL" if bare.startswith("#") else _TEXT
        written.append(f"{bare.lstrip('#')} {kind}" + (f" DEFAULT {default}" if default else ""))
    return f"CREATE TABLE {name} ({', '.join(written)}, PRIMARY KEY ({key})) {more}".rstrip()


FIRST = Migration(
    1,
    "first",
    (
        _table(
            "node",
            "node key facility name enrolled_at heard_at='' #entries=0 #alarms=0"
            " state='active' #waiting=0 software='' day='' #today=0",
            "node",
            "WITH (fillfactor = 50)",
        ),
        _table(
            "head",
            "node epoch #number hash parent_epoch #parent_number #judged at",
            "node, epoch",
            "WITH (fillfactor = 70)",
        ),
        "CREATE INDEX head_parent ON head (node, parent_epoch)",
        "CREATE INDEX head_unjudged ON head (at) WHERE judged < number",
        _table(
            "entry",
            "node epoch #number type id hash content received_at",
            "node, epoch, number",
            "PARTITION BY HASH (node)",
        ),
        *(
            f"CREATE TABLE entry_{part:02} PARTITION OF entry"
            f" FOR VALUES WITH (MODULUS {_PARTS}, REMAINDER {part})"
            for part in range(_PARTS)
        ),
        "CREATE INDEX entry_id ON entry (node, id)",
        "CREATE INDEX entry_type ON entry (type)",
        _table("alarm", "node epoch #number kind at", "node, epoch, number, kind"),
        "CREATE INDEX alarm_at ON alarm (at)",
        _table("feed", "feed #last", "feed", "WITH (fillfactor = 50)"),
        _table("letter", "feed #number id kind body at", "feed, number"),
        "CREATE UNIQUE INDEX letter_id ON letter (feed, id)",
        _table(
            "verdict", "node epoch #number state id field sentence waits", "node, epoch, number"
        ),
        _table("mention", "key node epoch #number", "key, node, epoch, number"),
        _table("code", "digest facility expires_at node used_at", "digest"),
        _table("operator", "name role digest added_at", "name"),
        _table("audit", "who at #place what whom", "who, at, place"),
        "CREATE INDEX audit_at ON audit (at)",
    ),
)

URGENT = Migration(
    2,
    "urgent",
    (
        _table(
            "advance",
            "node epoch #number type id hash content received_at",
            "node, epoch, number",
        ),
        "CREATE INDEX advance_type ON advance (type)",
    ),
)

OFFICE = Migration(
    3,
    "office",
    (
        # By the hour: an update within the hour touches no index (HOT).
        f"ALTER TABLE node ADD COLUMN heard_hour {_TEXT} DEFAULT ''",
        "UPDATE node SET heard_hour = substr(heard_at, 1, 13)",
        "CREATE INDEX node_heard ON node (heard_hour, node)",
        "CREATE INDEX node_facility ON node (facility, node)",
        # What was received, in order, of a type and of a node.
        "DROP INDEX entry_type",
        "CREATE INDEX entry_type ON entry (type, received_at, node, epoch, number)",
        "CREATE INDEX entry_received ON entry (node, received_at, epoch, number)",
        f"ALTER TABLE code ADD COLUMN made_at {_TEXT} DEFAULT ''",
        "CREATE INDEX code_made ON code (made_at, digest)",
        "DROP INDEX audit_at",
        "CREATE INDEX audit_at ON audit (at, who, place)",
        _table("sign_in", "digest name expires_at", "digest"),
        _table("csr", "node pem at signed_at", "node"),
        "CREATE INDEX csr_open ON csr (node) WHERE signed_at = ''",
    ),
)

BESIDE = Migration(
    4,
    "beside",
    (
        # Two contents sent ahead for one place are both kept.
        "ALTER TABLE advance DROP CONSTRAINT advance_pkey,"
        " ADD PRIMARY KEY (node, epoch, number, hash)",
    ),
)

RULED = Migration(
    5,
    "ruled",
    (
        f"ALTER TABLE node ADD COLUMN stopped_at {_TEXT} DEFAULT ''",
        "UPDATE node SET stopped_at = heard_at WHERE state = 'stopped'",
        _table("ruling", "node hash state ruled_by at", "node, hash"),
        # Who issued a certificate, of the entries that were judged before.
        "INSERT INTO mention (key, node, epoch, number)"
        " SELECT 'certificate:' || substr(content::json #>> '{body,certificate}', 1, 100),"
        " node, epoch, number FROM entry WHERE type = 'CertificateIssued'"
        " AND strpos(content, '\\u0000') = 0"
        " AND json_typeof(content::json #> '{body,certificate}') = 'string'"
        " ON CONFLICT (key, node, epoch, number) DO NOTHING",
    ),
)

ONCE = Migration(
    6,
    "once",
    (f"ALTER TABLE node ADD COLUMN asked_at {_TEXT} DEFAULT ''",),
)

FACTORS = Migration(
    7,
    "second factors",
    (
        _table(
            "second_factor",
            "name secret confirmed_at='' #last_step=0 #tries=0 tried_at=''",
            "name",
        ),
        _table("recovery_code", "name digest used_at=''", "name, digest"),
        f"ALTER TABLE sign_in ADD COLUMN confirmed_at {_TEXT} DEFAULT ''",
    ),
)

PRESENCE = Migration(
    8,
    "presence",
    (
        _table("proof_try", "who day #tries", "who, day"),
        _table("present", "person other node at", "person, other"),
        # Whose paper has a code, of the entries that were judged before.
        "INSERT INTO mention (key, node, epoch, number)"
        " SELECT 'code:' || substr(content::json #>> '{body,person,code}', 1, 100),"
        " node, epoch, number FROM entry WHERE type = 'PersonRegistered'"
        " AND strpos(content, '\\u0000') = 0"
        " AND json_typeof(content::json #> '{body,person,code}') = 'string'"
        " ON CONFLICT (key, node, epoch, number) DO NOTHING",
    ),
)

CARRIED = Migration(
    9,
    "carried questions",
    (_table("carried_question", "node digest after people", "node, digest"),),
)

DRAFTS = Migration(
    10,
    "drafts of campaigns",
    (
        _table("draft", "id name made_at made_by #revision put_away_at=''", "id"),
        _table("draft_revision", "draft #number at who why", "draft, number"),
        _table("draft_file", "draft path #number", "draft, path, number"),
        "ALTER TABLE draft_file ADD COLUMN content bytea",
        "CREATE INDEX draft_file_number ON draft_file (draft, number)",
    ),
)

SIGNING = Migration(
    11,
    "signing of campaigns",
    (
        _table("signing", "id #turn request", "id"),
        "ALTER TABLE signing ADD COLUMN folder bytea NOT NULL",
    ),
)

LISTS = Migration(
    12,
    "lists of people",
    (
        _table("enrolment_list", "name edition programme", "name"),
        _table(
            "enrolment_piece",
            "list facility #place hash #people sealed",
            "list, facility, place",
        ),
        "CREATE INDEX enrolment_piece_facility ON enrolment_piece (facility, hash)",
    ),
)

PASSKEYS = Migration(
    13,
    "passkeys of operators",
    (
        _table("operator_passkey", "id name key #count added_at", "id"),
        "CREATE INDEX operator_passkey_name ON operator_passkey (name)",
    ),
)

ORDERED = Migration(
    14,
    "verdicts in order",
    (
        # What was given before is new to every reader: none was told of it.
        f"ALTER TABLE verdict ADD COLUMN at {_TEXT} DEFAULT ''",
        "UPDATE verdict SET at = to_char(now() AT TIME ZONE 'utc',"
        ' \'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\')',
        "CREATE INDEX verdict_at ON verdict (at, node, epoch, number)",
        "CREATE INDEX verdict_state ON verdict (state, at, node, epoch, number)",
    ),
)

CLAIMED = Migration(
    15,
    "judging is shared out",
    (f"ALTER TABLE head ADD COLUMN claimed_until {_TEXT} DEFAULT ''",),
)

MIGRATIONS = (
    *(FIRST, URGENT, OFFICE, BESIDE, RULED, ONCE, FACTORS, PRESENCE, CARRIED, DRAFTS, SIGNING),
    LISTS,
    PASSKEYS,
    ORDERED,
    CLAIMED,
)
