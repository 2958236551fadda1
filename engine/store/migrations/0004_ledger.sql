-- Whoever posts to ledgers locks the gate first: PostgreSQL has many writers, and a ledger has one order.
CREATE TABLE ledger_gate (
    held {int} NOT NULL
);

-- The day up to which nothing may be posted to a ledger, as days since 1970.
CREATE TABLE ledger_locks (
    ledger    {text} PRIMARY KEY,
    through   {int} NOT NULL,
    locked_at {int} NOT NULL,
    locked_by {text} NOT NULL
);
