-- Where people work: what they keep at hand, the sign of an organization, and
-- tokens that act in one.

-- +goose Up
ALTER TABLE organizations ADD COLUMN icon text NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN resumes boolean NOT NULL DEFAULT false;

-- A place is an organization or a company alone, by its id.
CREATE TABLE places (
    account_id text NOT NULL REFERENCES accounts (id),
    place_id   text NOT NULL,
    used_at    timestamptz,
    pinned_at  timestamptz,
    PRIMARY KEY (account_id, place_id)
);

ALTER TABLE api_tokens ADD COLUMN organization_id text NOT NULL DEFAULT '';

-- What a token asked for under a key of its own, so that asking again does
-- nothing twice.
CREATE TABLE api_requests (
    company_id text NOT NULL,
    token_id   text NOT NULL,
    key        text NOT NULL,
    digest     text NOT NULL,
    subject_id text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, token_id, key),
    FOREIGN KEY (company_id, token_id) REFERENCES api_tokens (company_id, id)
);
CREATE INDEX api_requests_age ON api_requests (created_at);

GRANT UPDATE (resumes) ON accounts TO locum_tenant;

ALTER TABLE places ENABLE ROW LEVEL SECURITY;
ALTER TABLE places FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON places TO locum_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON places TO locum_system;

DROP POLICY tenant ON api_tokens;
CREATE POLICY tenant ON api_tokens TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));

ALTER TABLE api_requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_requests FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON api_requests TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON api_requests TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND NULLIF(current_setting('locum.organization', true), '') IS NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON api_requests TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON api_requests TO locum_tenant;

-- +goose Down
DROP TABLE api_requests;
DROP POLICY tenant ON api_tokens;
CREATE POLICY tenant ON api_tokens TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND NULLIF(current_setting('locum.organization', true), '') IS NULL);
ALTER TABLE api_tokens DROP COLUMN organization_id;
DROP TABLE places;
REVOKE UPDATE (resumes) ON accounts FROM locum_tenant;
ALTER TABLE accounts DROP COLUMN resumes;
ALTER TABLE organizations DROP COLUMN icon;
