-- +goose Up
-- Companies, the registry of applications and roles (platform), and what hangs
-- under a company: organizations, their applications and members.
CREATE TABLE companies (
    id              text PRIMARY KEY,
    name            text NOT NULL,
    ownership       text NOT NULL DEFAULT 'authoritative' CHECK (ownership IN ('authoritative', 'additive')),
    no_match        text NOT NULL DEFAULT 'default' CHECK (no_match IN ('none', 'default', 'keep', 'refuse')),
    suspended_at    timestamptz,
    created_at      timestamptz NOT NULL
);

CREATE TABLE applications (
    id          text PRIMARY KEY,
    key         text NOT NULL UNIQUE,
    name        text NOT NULL,
    description text NOT NULL DEFAULT '',
    icon        text NOT NULL DEFAULT 'blocks',
    created_at  timestamptz NOT NULL
);

-- application_id is empty, never null, where it does not apply, so that keys
-- can be unique over it in both databases.
CREATE TABLE roles (
    id             text PRIMARY KEY,
    level          text NOT NULL CHECK (level IN ('company', 'organization', 'application')),
    application_id text NOT NULL DEFAULT '',
    key            text NOT NULL,
    name           text NOT NULL,
    description    text NOT NULL DEFAULT '',
    permissions    text NOT NULL DEFAULT '[]',
    built_in       boolean NOT NULL DEFAULT false,
    is_default     boolean NOT NULL DEFAULT false,
    sort           bigint NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL,
    UNIQUE (level, application_id, key)
);
CREATE UNIQUE INDEX roles_one_default ON roles (level, application_id) WHERE is_default;

-- The built-in roles. What they may do is said in models/tenancy, so that a
-- new permission reaches them without a migration.
INSERT INTO roles (id, level, key, name, built_in, is_default, sort, created_at) VALUES
    ('rol_manager', 'company', 'manager', 'Manager', true, false, 1, now()),
    ('rol_employee', 'company', 'employee', 'Employee', true, true, 2, now()),
    ('rol_superuser', 'organization', 'superuser', 'Superuser', true, false, 1, now()),
    ('rol_member', 'organization', 'member', 'Member', true, true, 2, now());

CREATE TABLE organizations (
    company_id text NOT NULL REFERENCES companies (id),
    id         text NOT NULL UNIQUE,
    name       text NOT NULL,
    hue        bigint NOT NULL DEFAULT 1 CHECK (hue BETWEEN 1 AND 8),
    time_zone  text NOT NULL DEFAULT 'Europe/Amsterdam',
    idle_hours bigint NOT NULL DEFAULT 12 CHECK (idle_hours >= 0),
    reason_required boolean NOT NULL DEFAULT false,
    suspended_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id)
);

CREATE TABLE organization_applications (
    company_id      text NOT NULL,
    organization_id text NOT NULL,
    application_id  text NOT NULL REFERENCES applications (id),
    enabled_at      timestamptz NOT NULL,
    PRIMARY KEY (company_id, organization_id, application_id),
    FOREIGN KEY (company_id, organization_id) REFERENCES organizations (company_id, id)
);

-- A domain is verified by one company at most.
CREATE TABLE domains (
    company_id  text NOT NULL REFERENCES companies (id),
    id          text NOT NULL,
    name        text NOT NULL,
    token       text NOT NULL,
    sso_required boolean NOT NULL DEFAULT false,
    verified_at timestamptz,
    verified_by text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, name)
);
CREATE UNIQUE INDEX domains_verified ON domains (name) WHERE verified_at IS NOT NULL;

-- A grant is an account's role at a target, with its source. organization_id
-- and application_id are empty where the target is wider.
CREATE TABLE grants (
    company_id      text NOT NULL REFERENCES companies (id),
    id              text NOT NULL,
    account_id      text NOT NULL REFERENCES accounts (id),
    organization_id text NOT NULL DEFAULT '',
    application_id  text NOT NULL DEFAULT '',
    role_id         text NOT NULL REFERENCES roles (id),
    source          text NOT NULL CHECK (source IN ('rule', 'directory', 'manual', 'default')),
    source_id       text NOT NULL DEFAULT '',
    source_version  bigint NOT NULL DEFAULT 0,
    evidence        text NOT NULL DEFAULT '',
    granted_by      text NOT NULL DEFAULT '',
    ends_at         timestamptz,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, account_id, organization_id, application_id, role_id, source, source_id)
);
CREATE INDEX grants_account ON grants (account_id);
CREATE INDEX grants_organization ON grants (company_id, organization_id);

CREATE TABLE member_invitations (
    company_id      text NOT NULL,
    organization_id text NOT NULL,
    id              text NOT NULL,
    email           text NOT NULL,
    normal          text NOT NULL,
    role_ids        text NOT NULL DEFAULT '[]',
    language        text NOT NULL DEFAULT 'en',
    invited_by      text NOT NULL,
    invited_by_name text NOT NULL,
    account_id      text NOT NULL DEFAULT '',
    expires_at      timestamptz NOT NULL,
    accepted_at     timestamptz,
    withdrawn_at    timestamptz,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, organization_id) REFERENCES organizations (company_id, id)
);
CREATE UNIQUE INDEX member_invitations_open ON member_invitations (company_id, organization_id, normal)
    WHERE accepted_at IS NULL AND withdrawn_at IS NULL;
CREATE INDEX member_invitations_normal ON member_invitations (normal);

-- +goose Down
DROP TABLE member_invitations;
DROP TABLE grants;
DROP TABLE domains;
DROP TABLE organization_applications;
DROP TABLE organizations;
DROP TABLE roles;
DROP TABLE applications;
DROP TABLE companies;
