-- +goose Up
-- Delegations and visits belong to the host. The account, its session and its
-- own organization (with the name it had then) are plain columns.
CREATE TABLE delegations (
    company_id             text NOT NULL,
    organization_id        text NOT NULL,
    id                     text NOT NULL,
    email                  text NOT NULL,
    normal                 text NOT NULL,
    language               text NOT NULL DEFAULT 'en',
    account_id             text NOT NULL DEFAULT '',
    account_name           text NOT NULL DEFAULT '',
    real_company_id        text NOT NULL DEFAULT '',
    real_organization_id   text NOT NULL DEFAULT '',
    real_organization_name text NOT NULL DEFAULT '',
    period                 text NOT NULL,
    starts_at              timestamptz NOT NULL,
    ends_at                timestamptz,
    all_applications       boolean NOT NULL DEFAULT true,
    reason                 text NOT NULL DEFAULT '',
    ticket                 text NOT NULL DEFAULT '',
    granted_by             text NOT NULL,
    granted_by_name        text NOT NULL,
    granted_at             timestamptz NOT NULL,
    accepted_at            timestamptz,
    declined_at            timestamptz,
    revoked_at             timestamptz,
    revoked_by             text NOT NULL DEFAULT '',
    revoked_by_name        text NOT NULL DEFAULT '',
    suspended_at           timestamptz,
    suspend_reason         text NOT NULL DEFAULT '',
    expiry_recorded_at     timestamptz,
    version                bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, organization_id, id),
    CHECK (ends_at IS NULL OR ends_at > starts_at),
    FOREIGN KEY (company_id, organization_id) REFERENCES organizations (company_id, id)
);
CREATE INDEX delegations_organization ON delegations (company_id, organization_id, granted_at);
CREATE INDEX delegations_account ON delegations (account_id) WHERE account_id <> '';
CREATE INDEX delegations_normal ON delegations (normal);
CREATE INDEX delegations_due ON delegations (ends_at) WHERE expiry_recorded_at IS NULL AND revoked_at IS NULL;
CREATE UNIQUE INDEX delegations_one_open ON delegations (company_id, organization_id, normal)
    WHERE revoked_at IS NULL AND declined_at IS NULL AND expiry_recorded_at IS NULL;

-- The roles of a delegation; application_id is empty for a role in the
-- organization itself.
CREATE TABLE delegation_roles (
    company_id      text NOT NULL,
    organization_id text NOT NULL,
    delegation_id   text NOT NULL,
    role_id         text NOT NULL REFERENCES roles (id),
    application_id  text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, delegation_id, role_id),
    FOREIGN KEY (company_id, organization_id, delegation_id) REFERENCES delegations (company_id, organization_id, id)
);

CREATE TABLE visits (
    company_id             text NOT NULL,
    organization_id        text NOT NULL,
    id                     text NOT NULL,
    delegation_id          text NOT NULL,
    account_id             text NOT NULL,
    account_name           text NOT NULL,
    session_id             text NOT NULL,
    real_company_id        text NOT NULL DEFAULT '',
    real_organization_id   text NOT NULL DEFAULT '',
    real_organization_name text NOT NULL DEFAULT '',
    entered_at             timestamptz NOT NULL,
    last_seen_at           timestamptz NOT NULL,
    left_at                timestamptz,
    leave_reason           text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, id),
    CHECK (left_at IS NULL OR left_at >= entered_at),
    FOREIGN KEY (company_id, organization_id, delegation_id) REFERENCES delegations (company_id, organization_id, id)
);
CREATE UNIQUE INDEX visits_one_open ON visits (session_id) WHERE left_at IS NULL;
CREATE INDEX visits_delegation ON visits (company_id, delegation_id, entered_at);
CREATE INDEX visits_account ON visits (account_id);
CREATE INDEX visits_open ON visits (last_seen_at) WHERE left_at IS NULL;

-- +goose Down
DROP TABLE visits;
DROP TABLE delegation_roles;
DROP TABLE delegations;
