-- The order in which transactions can be seen to have been committed; SQLite's is that of the numbers alone.
CREATE INDEX journal_order ON journal (xid, seq);
CREATE INDEX outbox_order ON outbox (xid, seq);

-- Notes which records change while one of their columns is being filled. The trigger's argument is the step.
CREATE FUNCTION tenon_dirty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO schema_dirty (step, record) VALUES (TG_ARGV[0], NEW.id::text) ON CONFLICT DO NOTHING;
    RETURN NEW;
END
$$;
