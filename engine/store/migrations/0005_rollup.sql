-- How many rows give each value to a roll-up that counts different ones: what one row changes is told without reading
-- the others. A long value is kept as its digest.
CREATE TABLE rollup_values (
    field  {text} NOT NULL,
    keeper {text} NOT NULL,
    value  {text} NOT NULL,
    n      {int} NOT NULL,
    PRIMARY KEY (field, keeper, value)
);
