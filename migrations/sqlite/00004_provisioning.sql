-- +goose Up
-- A company's connections to its identity provider, who people are there, what
-- it says of them, and the connectors that turn that into roles.
CREATE TABLE connections (
    company_id          text NOT NULL REFERENCES companies (id),
    id                  text NOT NULL UNIQUE,
    name                text NOT NULL,
    entity_id           text NOT NULL,
    sso_redirect        text NOT NULL DEFAULT '',
    sso_post            text NOT NULL DEFAULT '',
    slo_redirect        text NOT NULL DEFAULT '',
    slo_post            text NOT NULL DEFAULT '',
    certificates        text NOT NULL DEFAULT '[]',
    metadata_url        text NOT NULL DEFAULT '',
    metadata_expires_at text,
    enabled             boolean NOT NULL DEFAULT true,
    allow_unsolicited   boolean NOT NULL DEFAULT false,
    identity_attribute  text NOT NULL DEFAULT '',
    delimiters          text NOT NULL DEFAULT '{}',
    last_success_at     text,
    created_at          text NOT NULL,
    updated_at          text NOT NULL,
    PRIMARY KEY (company_id, id)
);

-- The service provider's own keys of a connection, sealed; two may be live
-- while one replaces the other.
CREATE TABLE connection_keys (
    company_id    text NOT NULL,
    connection_id text NOT NULL,
    id            text NOT NULL,
    sealed        text NOT NULL,
    certificate   text NOT NULL,
    created_at    text NOT NULL,
    PRIMARY KEY (company_id, connection_id, id),
    FOREIGN KEY (company_id, connection_id) REFERENCES connections (company_id, id)
);

CREATE TABLE identities (
    company_id        text NOT NULL,
    connection_id     text NOT NULL,
    entity_id         text NOT NULL,
    name_id           text NOT NULL,
    name_qualifier    text NOT NULL DEFAULT '',
    sp_name_qualifier text NOT NULL DEFAULT '',
    account_id        text NOT NULL REFERENCES accounts (id),
    last_sign_in_at   text,
    created_at        text NOT NULL,
    PRIMARY KEY (company_id, connection_id, entity_id, name_id, name_qualifier, sp_name_qualifier),
    FOREIGN KEY (company_id, connection_id) REFERENCES connections (company_id, id)
);
CREATE INDEX identities_account ON identities (account_id);

-- One sign-in through an identity provider under way. The ACS post carries no
-- cookie of ours, so the browser is tied by a follow-up redirect with ticket.
CREATE TABLE sign_in_states (
    id            text PRIMARY KEY,
    company_id    text NOT NULL,
    connection_id text NOT NULL,
    request_id    text NOT NULL,
    browser_hash  text NOT NULL,
    return_to     text NOT NULL DEFAULT '',
    ticket_hash   text NOT NULL DEFAULT '',
    outcome       text NOT NULL DEFAULT '',
    expires_at    text NOT NULL,
    claimed_at    text,
    finished_at   text,
    created_at    text NOT NULL
);
CREATE INDEX sign_in_states_expiry ON sign_in_states (expires_at);

-- Each assertion is accepted once, on whichever replica.
CREATE TABLE assertions (
    connection_id text NOT NULL,
    assertion_id  text NOT NULL,
    expires_at    text NOT NULL,
    PRIMARY KEY (connection_id, assertion_id)
);
CREATE INDEX assertions_expiry ON assertions (expires_at);

-- What a source (a connection, later a directory) last said of a person.
CREATE TABLE profiles (
    company_id   text NOT NULL REFERENCES companies (id),
    account_id   text NOT NULL REFERENCES accounts (id),
    source_id    text NOT NULL,
    attributes   text NOT NULL DEFAULT '{}',
    assertion_id text NOT NULL DEFAULT '',
    asserted_at  text NOT NULL,
    PRIMARY KEY (company_id, account_id, source_id)
);

CREATE TABLE connectors (
    company_id      text NOT NULL REFERENCES companies (id),
    id              text NOT NULL,
    name            text NOT NULL,
    state           text NOT NULL DEFAULT 'on' CHECK (state IN ('on', 'off', 'draft')),
    level           text NOT NULL CHECK (level IN ('company', 'organization', 'application')),
    organization_id text NOT NULL DEFAULT '',
    application_id  text NOT NULL DEFAULT '',
    role_id         text NOT NULL REFERENCES roles (id),
    condition       text NOT NULL,
    note            text NOT NULL DEFAULT '',
    sort            integer NOT NULL DEFAULT 0,
    version         integer NOT NULL DEFAULT 1,
    created_by      text NOT NULL,
    created_by_name text NOT NULL,
    created_at      text NOT NULL,
    updated_at      text NOT NULL,
    deleted_at      text,
    PRIMARY KEY (company_id, id)
);

CREATE TABLE connector_versions (
    company_id   text NOT NULL,
    connector_id text NOT NULL,
    version      integer NOT NULL,
    rule         text NOT NULL,
    reason       text NOT NULL DEFAULT '',
    made_by      text NOT NULL,
    made_by_name text NOT NULL,
    made_at      text NOT NULL,
    PRIMARY KEY (company_id, connector_id, version),
    FOREIGN KEY (company_id, connector_id) REFERENCES connectors (company_id, id)
);

-- +goose Down
DROP TABLE connector_versions;
DROP TABLE connectors;
DROP TABLE profiles;
DROP TABLE assertions;
DROP TABLE sign_in_states;
DROP TABLE identities;
DROP TABLE connection_keys;
DROP TABLE connections;
