-- What single sign-on needs beside the sign-in itself: metadata that is read
-- again, test sign-ins, and single logout.

-- +goose Up

-- kind is which instructions the set-up shows. metadata_failure is the key of
-- the text that says why the last reading failed, empty when it did not.
ALTER TABLE connections ADD COLUMN kind text NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN metadata_tried_at text;
ALTER TABLE connections ADD COLUMN metadata_read_at text;
ALTER TABLE connections ADD COLUMN metadata_failure text NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN tested_at text;

-- A test sign-in gives nothing: it belongs to the session of the manager who
-- began it, and its outcome is what he is shown.
ALTER TABLE sign_in_states ADD COLUMN test_session_id text NOT NULL DEFAULT '';

-- Under which name and session a provider knows one of our sessions: what
-- single logout speaks of.
CREATE TABLE provider_sessions (
    session_id        text PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    company_id        text NOT NULL,
    connection_id     text NOT NULL,
    entity_id         text NOT NULL,
    name_id           text NOT NULL,
    name_format       text NOT NULL DEFAULT '',
    name_qualifier    text NOT NULL DEFAULT '',
    sp_name_qualifier text NOT NULL DEFAULT '',
    session_index     text NOT NULL DEFAULT '',
    created_at        text NOT NULL
);
CREATE INDEX provider_sessions_name ON provider_sessions (connection_id, name_id);

-- A sign-out that was sent to the provider and not answered yet.
CREATE TABLE sign_out_states (
    id            text PRIMARY KEY,
    connection_id text NOT NULL,
    session_id    text NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    request_id    text NOT NULL DEFAULT '',
    expires_at    text NOT NULL,
    created_at    text NOT NULL
);
CREATE INDEX sign_out_states_expiry ON sign_out_states (expires_at);

-- +goose Down
DROP TABLE sign_out_states;
DROP TABLE provider_sessions;
ALTER TABLE sign_in_states DROP COLUMN test_session_id;
ALTER TABLE connections DROP COLUMN tested_at;
ALTER TABLE connections DROP COLUMN metadata_failure;
ALTER TABLE connections DROP COLUMN metadata_read_at;
ALTER TABLE connections DROP COLUMN metadata_tried_at;
ALTER TABLE connections DROP COLUMN kind;
