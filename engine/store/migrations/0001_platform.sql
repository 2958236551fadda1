-- The platform's own tables. {int}, {text}, {blob}, {serial} and {xid} stand for the dialect's types. Instants
-- are microseconds since 1970 in UTC; JSON is canonical text.

CREATE TABLE workspace (
    id         {text} PRIMARY KEY,
    created_at {int} NOT NULL
);

CREATE TABLE settings (
    name  {text} PRIMARY KEY,
    value {text} NOT NULL
);

-- Counts every change of who may do what, so that servers notice it.
CREATE TABLE epochs (
    name  {text} PRIMARY KEY,
    value {int} NOT NULL
);
INSERT INTO epochs (name, value) VALUES ('auth', 1);

-- Content-addressed documents and trees of documents.
CREATE TABLE objects (
    hash       {text} PRIMARY KEY,
    size       {int} NOT NULL,
    data       {blob} NOT NULL,
    created_at {int} NOT NULL
);

CREATE TABLE commits (
    hash    {text} PRIMARY KEY,
    app     {text} NOT NULL,
    tree    {text} NOT NULL,
    parents {text} NOT NULL,
    author  {text} NOT NULL,
    reason  {text} NOT NULL,
    at      {int} NOT NULL
);
CREATE INDEX commits_app ON commits (app, at, hash);

-- Which commit serves an app in an environment. The generation grows with every move.
CREATE TABLE refs (
    app         {text} NOT NULL,
    env         {text} NOT NULL,
    commit_hash {text} NOT NULL,
    generation  {int} NOT NULL,
    moved_at    {int} NOT NULL,
    PRIMARY KEY (app, env)
);

-- Every id that an element of an app ever had: never given again.
CREATE TABLE retired_ids (
    app        {text} NOT NULL,
    id         {text} NOT NULL,
    kind       {text} NOT NULL,
    first_used {int} NOT NULL,
    PRIMARY KEY (app, id)
);

-- The physical catalogue: tables, columns and indexes of apps that exist, used or hidden.
CREATE TABLE physical_columns (
    tbl            {text} NOT NULL,
    col            {text} NOT NULL,
    position       {int} NOT NULL,
    class          {text} NOT NULL,
    digits         {int} NOT NULL,
    scale          {int} NOT NULL,
    app            {text} NOT NULL,
    entity         {text} NOT NULL,
    field          {text} NOT NULL,
    PRIMARY KEY (tbl, col)
);
CREATE TABLE physical_indexes (
    name      {text} PRIMARY KEY,
    tbl       {text} NOT NULL,
    columns   {text} NOT NULL,
    is_unique {int} NOT NULL,
    is_live   {int} NOT NULL
);
CREATE INDEX physical_indexes_tbl ON physical_indexes (tbl);

-- The ledger of schema changes under way. A plan's rows go when the release that needs it has switched.
CREATE TABLE schema_steps (
    plan       {text} NOT NULL,
    step       {int} NOT NULL,
    app        {text} NOT NULL,
    state      {text} NOT NULL,
    position   {text} NOT NULL,
    done       {int} NOT NULL,
    failed     {int} NOT NULL,
    changed_at {int} NOT NULL,
    PRIMARY KEY (plan, step)
);
-- Rows written while a column is being filled: converted again when the release switches.
CREATE TABLE schema_dirty (
    step   {text} NOT NULL,
    record {text} NOT NULL,
    PRIMARY KEY (step, record)
);

CREATE TABLE sequences (
    name  {text} PRIMARY KEY,
    value {int} NOT NULL
);

-- Record history and audit. Append-only: nothing updates or deletes rows.
CREATE TABLE journal (
    seq        {serial},
    xid        {xid},
    at         {int} NOT NULL,
    actor      {text} NOT NULL,
    actor_kind {text} NOT NULL,
    action     {text} NOT NULL,
    app        {text} NOT NULL,
    entity     {text} NOT NULL,
    record     {text} NOT NULL,
    version    {int} NOT NULL,
    data       {text} NOT NULL,
    request    {text} NOT NULL,
    code       {text} NOT NULL
);
CREATE INDEX journal_record ON journal (entity, record, seq);
CREATE INDEX journal_actor ON journal (actor, seq);
CREATE INDEX journal_action ON journal (action, seq);
-- Each row seals a run of the journal: the sequence numbers and digests of its rows, chained to the row before.
CREATE TABLE seals (
    position {int} PRIMARY KEY,
    last_xid {int} NOT NULL,
    last_seq {int} NOT NULL,
    entries  {int} NOT NULL,
    total    {int} NOT NULL,
    digests  {blob} NOT NULL,
    hash     {blob} NOT NULL,
    at       {int} NOT NULL
);

CREATE TABLE outbox (
    seq     {serial},
    xid     {xid},
    id      {text} NOT NULL,
    type    {text} NOT NULL,
    source  {text} NOT NULL,
    subject {text} NOT NULL,
    at      {int} NOT NULL,
    app     {text} NOT NULL,
    entity  {text} NOT NULL,
    record  {text} NOT NULL,
    version {int} NOT NULL,
    data    {text} NOT NULL
);

CREATE TABLE idempotency (
    actor        {text} NOT NULL,
    name         {text} NOT NULL,
    request_hash {text} NOT NULL,
    status       {text} NOT NULL,
    record       {text} NOT NULL,
    version      {int} NOT NULL,
    body         {blob} NOT NULL,
    at           {int} NOT NULL,
    PRIMARY KEY (actor, name)
);
CREATE INDEX idempotency_at ON idempotency (at);

CREATE TABLE files (
    id         {text} PRIMARY KEY,
    hash       {text} NOT NULL,
    name       {text} NOT NULL,
    type       {text} NOT NULL,
    size       {int} NOT NULL,
    created_at {int} NOT NULL,
    created_by {text} NOT NULL
);
CREATE INDEX files_hash ON files (hash);

-- Long work in progress, such as an import: survives a restart.
CREATE TABLE jobs (
    id         {text} PRIMARY KEY,
    kind       {text} NOT NULL,
    app        {text} NOT NULL,
    entity     {text} NOT NULL,
    actor      {text} NOT NULL,
    state      {text} NOT NULL,
    progress   {text} NOT NULL,
    place      {text} NOT NULL,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL
);
CREATE INDEX jobs_state ON jobs (kind, state);
