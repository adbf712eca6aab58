-- What organizations keep secret: values under data keys of their own, and those
-- under the master key, which is in no database.

-- +goose Up

-- The master keys that wrap data keys, by their id in the keyset file, each with
-- a text that is sealed with it: by that a wrong file is known. One is current.
CREATE TABLE master_keys (
    id         text PRIMARY KEY,
    sealed     text NOT NULL,
    is_current boolean NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX master_keys_one_current ON master_keys (is_current) WHERE is_current;

-- A data key of an organization, wrapped by a master key. A retired one opens what
-- it sealed until that is sealed anew.
CREATE TABLE data_keys (
    company_id      text NOT NULL,
    id              text NOT NULL,
    organization_id text NOT NULL,
    wrapped         text NOT NULL,
    master_key_id   text NOT NULL REFERENCES master_keys (id),
    retired_at      timestamptz,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, organization_id) REFERENCES organizations (company_id, id)
);
CREATE UNIQUE INDEX data_keys_one_live ON data_keys (company_id, organization_id) WHERE retired_at IS NULL;
CREATE INDEX data_keys_master ON data_keys (master_key_id);

-- name_key is the name in lower case, by which two are the same. version is the
-- number of the current one, and expires_at its expiry.
CREATE TABLE secrets (
    company_id      text NOT NULL,
    id              text NOT NULL,
    organization_id text NOT NULL,
    name            text NOT NULL,
    name_key        text NOT NULL,
    note            text NOT NULL DEFAULT '',
    kind            text NOT NULL,
    version         bigint NOT NULL,
    expires_at      timestamptz,
    warned_expiry   timestamptz,
    warned_days     bigint NOT NULL DEFAULT 0,
    made_by_name    text NOT NULL,
    created_at      timestamptz NOT NULL,
    changed_at      timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, organization_id) REFERENCES organizations (company_id, id)
);
CREATE UNIQUE INDEX secrets_one_name ON secrets (company_id, organization_id, name_key);
CREATE INDEX secrets_expiry ON secrets (expires_at) WHERE expires_at IS NOT NULL;

-- sealed is empty, and data_key_id null, once a version was removed.
CREATE TABLE secret_versions (
    company_id      text NOT NULL,
    secret_id       text NOT NULL,
    number          bigint NOT NULL,
    organization_id text NOT NULL,
    data_key_id     text,
    sealed          text NOT NULL,
    algorithm       text NOT NULL DEFAULT '',
    public_key      text NOT NULL DEFAULT '',
    expires_at      timestamptz,
    restored_from   bigint NOT NULL DEFAULT 0,
    made_by_name    text NOT NULL,
    made_at         timestamptz NOT NULL,
    removed_at      timestamptz,
    removed_by_name text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, secret_id, number),
    FOREIGN KEY (company_id, secret_id) REFERENCES secrets (company_id, id) ON DELETE CASCADE,
    FOREIGN KEY (company_id, data_key_id) REFERENCES data_keys (company_id, id)
);
CREATE INDEX secret_versions_data_key ON secret_versions (company_id, data_key_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON master_keys TO locum_system;

ALTER TABLE data_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE data_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON data_keys TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON data_keys TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
GRANT SELECT, INSERT, UPDATE, DELETE ON data_keys TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON data_keys TO locum_tenant;

ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE secrets FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON secrets TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON secrets TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
GRANT SELECT, INSERT, UPDATE, DELETE ON secrets TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON secrets TO locum_tenant;

ALTER TABLE secret_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE secret_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON secret_versions TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON secret_versions TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
GRANT SELECT, INSERT, UPDATE, DELETE ON secret_versions TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON secret_versions TO locum_tenant;

-- +goose Down
DROP TABLE secret_versions;
DROP TABLE secrets;
DROP TABLE data_keys;
DROP TABLE master_keys;
