-- Tokens of people: one acts in the name of who made it, pinned to where he worked
-- then or following his last switch. And where an application is opened, and by
-- whom it was used last.

-- +goose Up
ALTER TABLE clients ADD COLUMN home_uri text NOT NULL DEFAULT '';
ALTER TABLE organization_applications ADD COLUMN last_seen_by text NOT NULL DEFAULT '';

-- When somebody switched in a session last, of his own will.
ALTER TABLE sessions ADD COLUMN switched_at timestamptz;

-- One that follows has no organization, and the company of who made it. One made
-- during a visit is worth nothing once that is over. application_id is empty for
-- our own API, to which alone scopes belong.
CREATE TABLE account_tokens (
    company_id      text NOT NULL REFERENCES companies (id),
    organization_id text NOT NULL DEFAULT '',
    id              text NOT NULL,
    account_id      text NOT NULL REFERENCES accounts (id),
    account_name    text NOT NULL,
    name            text NOT NULL,
    application_id  text NOT NULL DEFAULT '',
    scopes          text NOT NULL DEFAULT '[]',
    follows         boolean NOT NULL DEFAULT false,
    delegation_id   text NOT NULL DEFAULT '',
    visit_id        text NOT NULL DEFAULT '',
    session_id      text NOT NULL,
    token_hash      text NOT NULL,
    suffix          text NOT NULL,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    last_used_at    timestamptz,
    revoked_at      timestamptz,
    revoked_by_name text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, id)
);
CREATE UNIQUE INDEX account_tokens_id ON account_tokens (id);
CREATE UNIQUE INDEX account_tokens_hash ON account_tokens (token_hash);
CREATE INDEX account_tokens_account ON account_tokens (account_id);
CREATE INDEX account_tokens_delegation ON account_tokens (company_id, delegation_id) WHERE delegation_id <> '';

ALTER TABLE account_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE account_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON account_tokens TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON account_tokens TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
CREATE POLICY own ON account_tokens FOR SELECT TO locum_tenant USING (account_id = NULLIF(current_setting('locum.account', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON account_tokens TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON account_tokens TO locum_tenant;

-- A request is known by its key whichever kind of token asked.
ALTER TABLE api_requests DROP CONSTRAINT api_requests_company_id_token_id_fkey;

-- +goose Down
DELETE FROM api_requests;
ALTER TABLE api_requests ADD FOREIGN KEY (company_id, token_id) REFERENCES api_tokens (company_id, id);
DROP TABLE account_tokens;
ALTER TABLE sessions DROP COLUMN switched_at;
ALTER TABLE organization_applications DROP COLUMN last_seen_by;
ALTER TABLE clients DROP COLUMN home_uri;
