-- +goose Up
-- People, their addresses, sessions and ways in: the platform's tables, which
-- tenants refer to by plain id.
CREATE TABLE accounts (
    id                   text PRIMARY KEY,
    name                 text NOT NULL,
    language             text NOT NULL DEFAULT 'en',
    time_zone            text NOT NULL DEFAULT 'Europe/Amsterdam',
    operator             boolean NOT NULL DEFAULT false,
    service              boolean NOT NULL DEFAULT false,
    home_company_id      text,
    home_organization_id text,
    deactivated_at       timestamptz,
    created_at           timestamptz NOT NULL
);

-- An address belongs to one account at most. normal is the form that is
-- compared (NFC, IDNA domain, case folded); email is as it was typed.
CREATE TABLE addresses (
    id         text PRIMARY KEY,
    account_id text NOT NULL REFERENCES accounts (id),
    email      text NOT NULL,
    normal     text NOT NULL UNIQUE,
    is_primary boolean NOT NULL DEFAULT true,
    proven_at  timestamptz,
    created_at timestamptz NOT NULL
);
CREATE INDEX addresses_account ON addresses (account_id);

CREATE TABLE sessions (
    id              text PRIMARY KEY,
    token_hash      text NOT NULL UNIQUE,
    account_id      text NOT NULL REFERENCES accounts (id),
    method          text NOT NULL,
    connection_id   text NOT NULL DEFAULT '',
    user_agent      text NOT NULL DEFAULT '',
    address         text NOT NULL DEFAULT '',
    auth_time       timestamptz NOT NULL,
    last_seen_at    timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    revoked_at      timestamptz,
    company_id      text NOT NULL DEFAULT '',
    organization_id text NOT NULL DEFAULT '',
    visit_id        text NOT NULL DEFAULT '',
    visit_company_id text NOT NULL DEFAULT '',
    epoch           bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_open ON sessions (expires_at) WHERE revoked_at IS NULL;

-- A request to sign in or up by code. The code itself is not stored: it is
-- derived from the id with the installation's key.
CREATE TABLE sign_in_codes (
    id           text PRIMARY KEY,
    browser_hash text NOT NULL,
    email        text NOT NULL,
    normal       text NOT NULL,
    account_id   text NOT NULL DEFAULT '',
    name         text NOT NULL DEFAULT '',
    organization text NOT NULL DEFAULT '',
    language     text NOT NULL DEFAULT 'en',
    time_zone    text NOT NULL DEFAULT '',
    return_to    text NOT NULL DEFAULT '',
    tries        bigint NOT NULL DEFAULT 0,
    expires_at   timestamptz NOT NULL,
    proven_at    timestamptz,
    used_at      timestamptz,
    created_at   timestamptz NOT NULL
);
CREATE INDEX sign_in_codes_browser ON sign_in_codes (browser_hash);
CREATE INDEX sign_in_codes_expiry ON sign_in_codes (expires_at);

-- Counters that protect sign-in; a row is one window of one key.
CREATE TABLE rate_counters (
    key        text NOT NULL,
    window_at  timestamptz NOT NULL,
    hits       bigint NOT NULL,
    PRIMARY KEY (key, window_at)
);

-- The one-use address with which the first operator opens an empty installation.
CREATE TABLE setup_tokens (
    token_hash text PRIMARY KEY,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    created_at timestamptz NOT NULL
);

-- +goose Down
DROP TABLE setup_tokens;
DROP TABLE rate_counters;
DROP TABLE sign_in_codes;
DROP TABLE sessions;
DROP TABLE addresses;
DROP TABLE accounts;
