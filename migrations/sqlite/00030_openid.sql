-- The OpenID provider: what connected applications were let know, and by which
-- tokens they ask.

-- +goose Up

-- A request of which the person has to sign in first (OpenID Connect Core 1.0,
-- section 3.1.2.1): its parameters, until he comes back in the same browser.
CREATE TABLE authorization_requests (
    id           text PRIMARY KEY,
    browser_hash text NOT NULL,
    query        text NOT NULL,
    created_at   text NOT NULL
);

-- What a person's session let an application know (RFC 6749, section 1.3.1): the
-- code for which it is exchanged, and everything that was issued by it. It is
-- bound to the session and, where it was made in a visit, to that visit.
CREATE TABLE authorizations (
    id               text PRIMARY KEY,
    application_id   text NOT NULL REFERENCES clients (application_id) ON DELETE CASCADE,
    account_id       text NOT NULL REFERENCES accounts (id),
    session_id       text NOT NULL,
    visit_id         text NOT NULL DEFAULT '',
    scopes           text NOT NULL,
    nonce            text NOT NULL DEFAULT '',
    redirect_uri     text NOT NULL,
    code_hash        text NOT NULL UNIQUE,
    code_challenge   text NOT NULL,
    code_expires_at  text NOT NULL,
    code_used_at     text,
    created_at       text NOT NULL,
    revoked_at       text
);
CREATE INDEX authorizations_session ON authorizations (session_id) WHERE revoked_at IS NULL;
CREATE INDEX authorizations_open ON authorizations (created_at) WHERE revoked_at IS NULL;

CREATE TABLE access_tokens (
    id               text PRIMARY KEY,
    token_hash       text NOT NULL UNIQUE,
    authorization_id text NOT NULL REFERENCES authorizations (id) ON DELETE CASCADE,
    scopes           text NOT NULL,
    created_at       text NOT NULL,
    expires_at       text NOT NULL,
    revoked_at       text
);
CREATE INDEX access_tokens_authorization ON access_tokens (authorization_id);

CREATE TABLE refresh_tokens (
    id               text PRIMARY KEY,
    token_hash       text NOT NULL UNIQUE,
    authorization_id text NOT NULL REFERENCES authorizations (id) ON DELETE CASCADE,
    created_at       text NOT NULL,
    used_at          text
);
CREATE INDEX refresh_tokens_authorization ON refresh_tokens (authorization_id);

-- Assertions by which clients showed that they are the ones (RFC 7523, section 3):
-- each is taken once.
CREATE TABLE client_assertions (
    application_id text NOT NULL REFERENCES clients (application_id) ON DELETE CASCADE,
    jti_hash       text NOT NULL,
    expires_at     text NOT NULL,
    PRIMARY KEY (application_id, jti_hash)
);

-- Telling an application that a session or a visit is over (OpenID Connect
-- Back-Channel Logout 1.0), and what became of it.
CREATE TABLE client_logouts (
    id             text PRIMARY KEY,
    application_id text NOT NULL REFERENCES clients (application_id) ON DELETE CASCADE,
    account_id     text NOT NULL,
    account_name   text NOT NULL DEFAULT '',
    session_id     text NOT NULL,
    visit_id       text NOT NULL DEFAULT '',
    state          text NOT NULL,
    attempts       integer NOT NULL DEFAULT 0,
    status         integer NOT NULL DEFAULT 0,
    failure        text NOT NULL DEFAULT '',
    created_at     text NOT NULL,
    tried_at       text,
    next_at        text,
    UNIQUE (application_id, session_id, visit_id)
);
CREATE INDEX client_logouts_application ON client_logouts (application_id, created_at);

-- +goose Down
DROP TABLE client_logouts;
DROP TABLE client_assertions;
DROP TABLE refresh_tokens;
DROP TABLE access_tokens;
DROP TABLE authorizations;
DROP TABLE authorization_requests;
