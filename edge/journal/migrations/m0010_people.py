"""Step 10: who answers for a person, whether one still comes, and two who are one.

``person.kept`` is the id under which a person is shown: the own one, or that of the person with
whom this one is the same; ``others`` counts those who are shown under it. A dose, a certificate, an
observation or a place in the queue stays with the id it was recorded for. ``emptied`` names the
fields that were emptied on purpose. A row of ``merge`` is kept when it is undone.

What ended a wait, and what is so of somebody no more, is kept as a row too: of two who are one, the
later word counts.
"""

SQL = """
ALTER TABLE person ADD COLUMN guardian TEXT NOT NULL DEFAULT '{}';
ALTER TABLE person ADD COLUMN status TEXT NOT NULL DEFAULT 'active';
ALTER TABLE person ADD COLUMN status_on TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN status_place TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN status_position INTEGER NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN emptied TEXT NOT NULL DEFAULT '[]';
ALTER TABLE person ADD COLUMN kept TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN others INTEGER NOT NULL DEFAULT 0;
UPDATE person SET kept = id;
CREATE INDEX person_kept ON person (kept);
CREATE INDEX IF NOT EXISTS person_position ON person (position);

CREATE TABLE merge (
    id         TEXT PRIMARY KEY,
    kept       TEXT NOT NULL,
    merged     TEXT NOT NULL,
    reason     TEXT NOT NULL,
    merged_at  TEXT NOT NULL,
    merged_by  TEXT NOT NULL,
    origin     TEXT NOT NULL,
    undone_at  TEXT NOT NULL DEFAULT '',
    undone_by  TEXT NOT NULL DEFAULT '',
    undone_for TEXT NOT NULL DEFAULT '',
    position   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX merge_merged ON merge (merged, position);
CREATE INDEX merge_position ON merge (position);

CREATE TABLE distinguished (
    kind     TEXT NOT NULL,
    one      TEXT NOT NULL,
    other    TEXT NOT NULL,
    reason   TEXT NOT NULL,
    said_at  TEXT NOT NULL,
    said_by  TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (kind, one, other)
) STRICT, WITHOUT ROWID;

ALTER TABLE queue ADD COLUMN waits INTEGER NOT NULL DEFAULT 1;
DROP INDEX queue_order;
CREATE INDEX queue_order ON queue (position) WHERE waits = 1;
INSERT OR IGNORE INTO queue (person, programme, arrived_at, position, waits)
    SELECT json_extract(content, '$.body.person'), '', '', max(position), 0 FROM entry
    WHERE type IN ('PersonLeft', 'DoseGiven') GROUP BY 1;

ALTER TABLE observation ADD COLUMN present INTEGER NOT NULL DEFAULT 1;
INSERT OR IGNORE INTO observation (person, code, seen_on, position, present)
    SELECT json_extract(content, '$.body.person'), json_extract(content, '$.body.code'),
    json_extract(content, '$.body.on'), max(position), 0 FROM entry
    WHERE type = 'ObservationRecorded' GROUP BY 1, 2;

CREATE INDEX dose_told ON dose (position) WHERE reported = 1;
"""
