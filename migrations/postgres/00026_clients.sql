-- Connected applications: what an application of the registry needs to ask who
-- works where.

-- +goose Up

-- An application's registration as an OAuth client (RFC 6749, section 2); its
-- client_id is the application's id. Addresses and hosts are separated by a space.
CREATE TABLE clients (
    application_id   text PRIMARY KEY REFERENCES applications (id),
    kind             text NOT NULL,
    redirect_uris    text NOT NULL DEFAULT '',
    post_logout_uris text NOT NULL DEFAULT '',
    logout_uri       text NOT NULL DEFAULT '',
    jwks             text NOT NULL DEFAULT '',
    follows_switch   boolean NOT NULL DEFAULT false,
    disabled_at      timestamptz,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL
);

-- A host name for which a proxy asks (forward authentication), with its port
-- where it has one.
CREATE TABLE client_hosts (
    host           text PRIMARY KEY,
    application_id text NOT NULL REFERENCES clients (application_id) ON DELETE CASCADE
);
CREATE INDEX client_hosts_application ON client_hosts (application_id);

-- Two can be live at once, so that an application changes to a new one without a
-- moment in which it has none.
CREATE TABLE client_secrets (
    id              text PRIMARY KEY,
    application_id  text NOT NULL REFERENCES clients (application_id) ON DELETE CASCADE,
    secret_hash     text NOT NULL UNIQUE,
    suffix          text NOT NULL,
    created_by_name text NOT NULL DEFAULT '',
    created_at      timestamptz NOT NULL,
    last_used_at    timestamptz,
    revoked_at      timestamptz
);
CREATE INDEX client_secrets_application ON client_secrets (application_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON clients, client_hosts, client_secrets TO locum_system;

-- When somebody of the organization used the application last.
ALTER TABLE organization_applications ADD COLUMN last_seen_at timestamptz;

-- +goose Down
ALTER TABLE organization_applications DROP COLUMN last_seen_at;
DROP TABLE client_secrets;
DROP TABLE client_hosts;
DROP TABLE clients;
