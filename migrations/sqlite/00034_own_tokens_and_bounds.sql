-- The tokens that applications have for themselves, and what keeps questions of
-- applications and the attribution of their use from growing without end.

-- +goose Up

-- A token by which an application acts for itself, and for no person (RFC 6749,
-- section 4.4). shown_by is what it was given for: the id of the application's
-- secret, or the thumbprint of its key (RFC 7638); it ends with that.
CREATE TABLE client_tokens (
    id             text PRIMARY KEY,
    token_hash     text NOT NULL UNIQUE,
    application_id text NOT NULL REFERENCES clients (application_id) ON DELETE CASCADE,
    shown_by       text NOT NULL,
    scopes         text NOT NULL,
    created_at     text NOT NULL,
    expires_at     text NOT NULL,
    revoked_at     text
);
CREATE INDEX client_tokens_expiry ON client_tokens (expires_at);
CREATE INDEX client_tokens_application ON client_tokens (application_id);

-- A browser has some requests waiting at most, and so has the hub.
CREATE INDEX authorization_requests_browser ON authorization_requests (browser_hash, created_at);
CREATE INDEX authorization_requests_age ON authorization_requests (created_at);

-- Use is attributed by the visit that covers its time: those that were over before
-- it are not read.
CREATE INDEX visits_stay ON visits (account_id, organization_id, left_at);
DROP INDEX visits_account;

-- Whether records of an application wait under another scope is asked of each
-- message: there are few, and all that is counted must not be read for them.
CREATE INDEX usage_records_strays ON usage_records (company_id, application_id) WHERE scope <> '' AND state <> 'counted';

-- +goose Down
DROP INDEX usage_records_strays;
CREATE INDEX visits_account ON visits (account_id);
DROP INDEX visits_stay;
DROP INDEX authorization_requests_age;
DROP INDEX authorization_requests_browser;
DROP TABLE client_tokens;
