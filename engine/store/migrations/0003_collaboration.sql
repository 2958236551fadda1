-- What people keep for themselves and tell each other around records: their own views, comments, notices, and who
-- is looking at what.

CREATE TABLE saved_views (
    id         {text} PRIMARY KEY,
    app        {text} NOT NULL,
    view_id    {text} NOT NULL,
    user_id    {text} NOT NULL,
    title      {text} NOT NULL,
    shared     {int} NOT NULL,
    state      {text} NOT NULL,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL
);
CREATE INDEX saved_views_view ON saved_views (app, view_id, user_id);
CREATE INDEX saved_views_user ON saved_views (user_id);

-- An updated_at of 0 is a comment that is as it was written. Mentions are a JSON list of people's ids.
CREATE TABLE comments (
    id         {text} PRIMARY KEY,
    app        {text} NOT NULL,
    entity     {text} NOT NULL,
    record     {text} NOT NULL,
    author     {text} NOT NULL,
    body       {text} NOT NULL,
    mentions   {text} NOT NULL,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL
);
CREATE INDEX comments_record ON comments (app, entity, record, id);
CREATE INDEX comments_author ON comments (author, created_at);

-- What somebody is told. It holds nothing of the record or the comment: that is read when it is shown, with the
-- rights of the moment.
CREATE TABLE notifications (
    id         {text} PRIMARY KEY,
    user_id    {text} NOT NULL,
    kind       {text} NOT NULL,
    app        {text} NOT NULL,
    entity     {text} NOT NULL,
    record     {text} NOT NULL,
    comment_id {text} NOT NULL,
    actor      {text} NOT NULL,
    created_at {int} NOT NULL,
    read_at    {int} NOT NULL
);
CREATE INDEX notifications_user ON notifications (user_id, id);
CREATE INDEX notifications_comment ON notifications (comment_id);

-- Who has which record open. A row that isn't seen anew for a while is nobody.
CREATE TABLE presence (
    app     {text} NOT NULL,
    entity  {text} NOT NULL,
    record  {text} NOT NULL,
    user_id {text} NOT NULL,
    mode    {text} NOT NULL,
    since   {int} NOT NULL,
    seen_at {int} NOT NULL,
    PRIMARY KEY (app, entity, record, user_id)
);
CREATE INDEX presence_seen ON presence (seen_at);
CREATE INDEX presence_user ON presence (user_id, seen_at);

-- The one person for whom an event is; empty for everyone who may see it.
ALTER TABLE outbox ADD COLUMN recipient {text} NOT NULL DEFAULT '';
