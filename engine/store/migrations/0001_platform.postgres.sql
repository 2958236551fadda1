-- Notes which records change while one of their columns is being filled. The trigger's argument is the step.
CREATE FUNCTION tenon_dirty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO schema_dirty (step, record) VALUES (TG_ARGV[0], NEW.id::text) ON CONFLICT DO NOTHING;
    RETURN NEW;
END
$$;
