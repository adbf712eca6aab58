-- Forward authentication: how a browser shows to a proxy whose session it has,
-- and what visitors may never do in applications.

-- +goose Up

-- What a browser holds on a host other than the hub's: opaque, of one session,
-- and worth nothing once that is over. The host is empty for the cookie of a
-- whole parent domain.
CREATE TABLE forward_passes (
    token_hash text PRIMARY KEY,
    session_id text NOT NULL,
    host       text NOT NULL,
    code_hash  text NOT NULL DEFAULT '',
    created_at text NOT NULL,
    expires_at text NOT NULL
);
CREATE INDEX forward_passes_session ON forward_passes (session_id, host);
CREATE INDEX forward_passes_code ON forward_passes (code_hash);

-- A pass on its way from the hub to the host, for half a minute and for one use.
CREATE TABLE forward_codes (
    code_hash  text PRIMARY KEY,
    session_id text NOT NULL,
    host       text NOT NULL,
    path       text NOT NULL,
    state_hash text NOT NULL,
    created_at text NOT NULL,
    expires_at text NOT NULL,
    used_at    text
);

-- Roles and applications that nobody gets through a delegation, and what of a
-- guarded application is denied to visitors: one rule on a line.
ALTER TABLE roles ADD COLUMN not_for_visitors boolean NOT NULL DEFAULT false;
ALTER TABLE applications ADD COLUMN not_for_visitors boolean NOT NULL DEFAULT false;
ALTER TABLE clients ADD COLUMN denied_paths text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE clients DROP COLUMN denied_paths;
ALTER TABLE applications DROP COLUMN not_for_visitors;
ALTER TABLE roles DROP COLUMN not_for_visitors;
DROP TABLE forward_codes;
DROP TABLE forward_passes;
