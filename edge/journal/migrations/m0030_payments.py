"""Step 30: how doses are paid, and the cash that each member of staff holds."""

SQL = """\
CREATE TABLE payment (
    id            TEXT PRIMARY KEY,
    dose          TEXT NOT NULL,
    payer         TEXT NOT NULL,
    kind          TEXT NOT NULL,
    state         TEXT NOT NULL,
    amount        INTEGER NOT NULL,
    currency      TEXT NOT NULL,
    party         TEXT NOT NULL DEFAULT '',
    voucher       TEXT NOT NULL DEFAULT '',
    trouble       TEXT NOT NULL DEFAULT '',
    receipt       INTEGER NOT NULL DEFAULT 0,
    facility      TEXT NOT NULL,
    taken_by      TEXT NOT NULL,
    on_day        TEXT NOT NULL,
    at            TEXT NOT NULL,
    replaced_by   TEXT NOT NULL DEFAULT '',
    returned_at   TEXT NOT NULL DEFAULT '',
    returned_to   TEXT NOT NULL DEFAULT '',
    returned_by   TEXT NOT NULL DEFAULT '',
    return_reason TEXT NOT NULL DEFAULT '',
    spent_also    TEXT NOT NULL DEFAULT '',
    counts        INTEGER NOT NULL DEFAULT 1,
    position      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_dose ON payment (dose, position);
CREATE INDEX payment_day ON payment (on_day, position);
CREATE INDEX payment_voucher ON payment (voucher) WHERE voucher <> '';
CREATE INDEX payment_receipt ON payment (receipt) WHERE receipt > 0;

CREATE TABLE cash_move (
    entry    TEXT NOT NULL,
    box      TEXT NOT NULL,
    kind     TEXT NOT NULL,
    amount   INTEGER NOT NULL,
    currency TEXT NOT NULL,
    on_day   TEXT NOT NULL,
    at       TEXT NOT NULL,
    other    TEXT NOT NULL DEFAULT '',
    reason   TEXT NOT NULL DEFAULT '',
    payment  TEXT NOT NULL DEFAULT '',
    counted  INTEGER,
    position INTEGER NOT NULL,
    PRIMARY KEY (entry, box)
) STRICT, WITHOUT ROWID;
CREATE INDEX cash_move_box ON cash_move (box, currency, on_day);
CREATE INDEX cash_move_day ON cash_move (on_day, position);
"""
