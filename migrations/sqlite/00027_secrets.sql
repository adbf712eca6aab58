-- What organizations keep secret: values under data keys of their own, and those
-- under the master key, which is in no database.

-- +goose Up

-- The master keys that wrap data keys, by their id in the keyset file, each with
-- a text that is sealed with it: by that a wrong file is known. One is current.
CREATE TABLE master_keys (
    id         text PRIMARY KEY,
    sealed     text NOT NULL,
    is_current boolean NOT NULL,
    created_at text NOT NULL
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
    retired_at      text,
    created_at      text NOT NULL,
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
    version         integer NOT NULL,
    expires_at      text,
    warned_expiry   text,
    warned_days     integer NOT NULL DEFAULT 0,
    made_by_name    text NOT NULL,
    created_at      text NOT NULL,
    changed_at      text NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, organization_id) REFERENCES organizations (company_id, id)
);
CREATE UNIQUE INDEX secrets_one_name ON secrets (company_id, organization_id, name_key);
CREATE INDEX secrets_expiry ON secrets (expires_at) WHERE expires_at IS NOT NULL;

-- sealed is empty, and data_key_id null, once a version was removed.
CREATE TABLE secret_versions (
    company_id      text NOT NULL,
    secret_id       text NOT NULL,
    number          integer NOT NULL,
    organization_id text NOT NULL,
    data_key_id     text,
    sealed          text NOT NULL,
    algorithm       text NOT NULL DEFAULT '',
    public_key      text NOT NULL DEFAULT '',
    expires_at      text,
    restored_from   integer NOT NULL DEFAULT 0,
    made_by_name    text NOT NULL,
    made_at         text NOT NULL,
    removed_at      text,
    removed_by_name text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, secret_id, number),
    FOREIGN KEY (company_id, secret_id) REFERENCES secrets (company_id, id) ON DELETE CASCADE,
    FOREIGN KEY (company_id, data_key_id) REFERENCES data_keys (company_id, id)
);
CREATE INDEX secret_versions_data_key ON secret_versions (company_id, data_key_id);

-- +goose Down
DROP TABLE secret_versions;
DROP TABLE secrets;
DROP TABLE data_keys;
DROP TABLE master_keys;
