-- Rules that are judged by the clock: the records for which each is broken, and were told of.
CREATE TABLE broken_rules (
    app    {text} NOT NULL,
    rule   {text} NOT NULL,
    record {text} NOT NULL,
    since  {int} NOT NULL,
    PRIMARY KEY (app, rule, record)
);

-- A notification of a rule says which.
ALTER TABLE notifications ADD COLUMN rule {text} NOT NULL DEFAULT '';
