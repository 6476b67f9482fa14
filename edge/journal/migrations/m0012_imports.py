"""Step 12: the lines of deliveries, and every name that a vaccine ever had.

Both are made from the journal. A delivery goes by its document's number (``same_as``: as it is
compared), or, without one, by the day it came in.
"""

SQL = """
CREATE TABLE delivery_line (
    id       TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    same_as  TEXT NOT NULL,
    received TEXT NOT NULL,
    vaccine  TEXT NOT NULL,
    lot      TEXT NOT NULL,
    expiry   TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_line_document ON delivery_line (same_as);
CREATE INDEX delivery_line_lot ON delivery_line (vaccine, lot);
INSERT INTO delivery_line
    (id, document, same_as, received, vaccine, lot, expiry, quantity, position)
SELECT id,
       '',
       '',
       substr(json_extract(content, '$.at'), 1, 10),
       json_extract(content, '$.body.vaccine'),
       json_extract(content, '$.body.lot'),
       json_extract(content, '$.body.expiry'),
       json_extract(content, '$.body.quantity'),
       position
FROM entry WHERE type = 'StockReceived';

CREATE TABLE vaccine_name (
    name TEXT NOT NULL,
    code TEXT NOT NULL,
    PRIMARY KEY (name, code)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO vaccine_name (name, code)
SELECT json_extract(item.value, '$.name'), json_extract(item.value, '$.code')
FROM entry, json_each(entry.content, '$.body.campaign.vaccines') AS item
WHERE entry.type = 'CampaignApplied';
INSERT OR IGNORE INTO vaccine_name (name, code)
SELECT json_extract(item.value, '$.name'), json_extract(item.value, '$.code')
FROM entry, json_each(entry.content, '$.body.items') AS item
WHERE entry.type = 'CatalogueRecorded' AND json_extract(entry.content, '$.body.kind') = 'vaccines';
"""
