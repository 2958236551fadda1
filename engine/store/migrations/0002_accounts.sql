-- People, departments, what they are given, and how they come in. Secrets are kept as hashes only; flags are 0
-- or 1; an instant of 0 is none.

CREATE TABLE users (
    id            {text} PRIMARY KEY,
    email         {text} NOT NULL,
    email_key     {text} NOT NULL UNIQUE,
    name          {text} NOT NULL,
    password      {text} NOT NULL,
    locale        {text} NOT NULL,
    attributes    {text} NOT NULL,
    admin         {int} NOT NULL,
    builder       {int} NOT NULL,
    reviewer      {int} NOT NULL,
    disabled      {int} NOT NULL,
    must_change   {int} NOT NULL,
    created_at    {int} NOT NULL,
    updated_at    {int} NOT NULL,
    last_login_at {int} NOT NULL,
    deleted_at    {int} NOT NULL
);
CREATE INDEX users_name ON users (name, id);

CREATE TABLE departments (
    id         {text} PRIMARY KEY,
    name       {text} NOT NULL,
    parent     {text} NOT NULL,
    position   {int} NOT NULL,
    created_at {int} NOT NULL
);
CREATE INDEX departments_parent ON departments (parent, position);

CREATE TABLE user_departments (
    user_id       {text} NOT NULL,
    department_id {text} NOT NULL,
    PRIMARY KEY (user_id, department_id)
);
CREATE INDEX user_departments_department ON user_departments (department_id);

CREATE TABLE user_roles (
    user_id {text} NOT NULL,
    app     {text} NOT NULL,
    role_id {text} NOT NULL,
    PRIMARY KEY (user_id, app, role_id)
);
CREATE INDEX user_roles_role ON user_roles (app, role_id);

CREATE TABLE sessions (
    hash       {text} PRIMARY KEY,
    id         {text} NOT NULL UNIQUE,
    user_id    {text} NOT NULL,
    created_at {int} NOT NULL,
    seen_at    {int} NOT NULL,
    expires_at {int} NOT NULL,
    ip         {text} NOT NULL,
    agent      {text} NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id, created_at);
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE api_tokens (
    id         {text} PRIMARY KEY,
    hash       {text} NOT NULL UNIQUE,
    prefix     {text} NOT NULL,
    name       {text} NOT NULL,
    user_id    {text} NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    used_at    {int} NOT NULL
);
CREATE INDEX api_tokens_user ON api_tokens (user_id, created_at);

-- Failed attempts to come in, by a hash of what is counted.
CREATE TABLE login_attempts (
    key_hash      {text} PRIMARY KEY,
    failures      {int} NOT NULL,
    since         {int} NOT NULL,
    blocked_until {int} NOT NULL
);
CREATE INDEX login_attempts_since ON login_attempts (since);

CREATE TABLE password_resets (
    user_id    {text} PRIMARY KEY,
    hash       {text} NOT NULL,
    expires_at {int} NOT NULL
);

-- One row: the hash of the token that sets the workspace up, and when that was done.
CREATE TABLE setup (
    id         {int} PRIMARY KEY,
    token_hash {text} NOT NULL,
    used_at    {int} NOT NULL
);
