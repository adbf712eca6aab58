-- Passkeys, the second factor of a session, and what a visitor was kept from.

-- +goose Up

-- A credential that a person registered (Web Authentication Level 3, section
-- 4, credential record). credential_id and public_key are in base64url.
CREATE TABLE passkeys (
    id              text PRIMARY KEY,
    account_id      text NOT NULL REFERENCES accounts (id),
    name            text NOT NULL,
    credential_id   text NOT NULL UNIQUE,
    public_key      text NOT NULL,
    transports      text NOT NULL DEFAULT '',
    sign_count      integer NOT NULL DEFAULT 0,
    backup_eligible boolean NOT NULL DEFAULT false,
    backed_up       boolean NOT NULL DEFAULT false,
    last_used_at    text,
    created_at      text NOT NULL
);
CREATE INDEX passkeys_account ON passkeys (account_id);

-- A registration or assertion under way, by the hash of what the browser holds
-- of it. It serves once.
CREATE TABLE passkey_ceremonies (
    id           text PRIMARY KEY,
    kind         text NOT NULL,
    browser_hash text NOT NULL,
    account_id   text NOT NULL DEFAULT '',
    session_id   text NOT NULL DEFAULT '',
    data         text NOT NULL,
    expires_at   text NOT NULL
);
CREATE INDEX passkey_ceremonies_expiry ON passkey_ceremonies (expires_at);

-- How a session showed its second factor, when, and by which passkey.
ALTER TABLE sessions ADD COLUMN second_factor text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN second_factor_at text;
ALTER TABLE sessions ADD COLUMN passkey_id text NOT NULL DEFAULT '';

-- The session whose sign-in is renewed by a code or by a provider; empty where
-- one is opened.
ALTER TABLE sign_in_codes ADD COLUMN renews_session_id text NOT NULL DEFAULT '';
ALTER TABLE sign_in_states ADD COLUMN renews_session_id text NOT NULL DEFAULT '';

-- What of the host's wishes kept a visit from going on so far, in words
-- separated by commas: each is recorded once.
ALTER TABLE visits ADD COLUMN held_by text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE visits DROP COLUMN held_by;
ALTER TABLE sign_in_states DROP COLUMN renews_session_id;
ALTER TABLE sign_in_codes DROP COLUMN renews_session_id;
ALTER TABLE sessions DROP COLUMN passkey_id;
ALTER TABLE sessions DROP COLUMN second_factor_at;
ALTER TABLE sessions DROP COLUMN second_factor;
DROP TABLE passkey_ceremonies;
DROP TABLE passkeys;
