-- The aggregates that are kept for cards: each has a table of its own, named by its id. Until it is ready its groups hold
-- the records up to the place, by id.
CREATE TABLE kept_aggregates (
    id         {text} PRIMARY KEY,
    app        {text} NOT NULL,
    ready      {int} NOT NULL,
    place      {text} NOT NULL,
    done       {int} NOT NULL,
    updated_at {int} NOT NULL
);
