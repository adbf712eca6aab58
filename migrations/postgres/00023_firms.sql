-- Organizations are asked for delegations, and give them to whole firms.

-- +goose Up

-- By which address an organization can be asked; a renewed link is another row.
-- Only the hash of its token is kept, which is derived from the id.
CREATE TABLE request_links (
    company_id      text NOT NULL,
    organization_id text NOT NULL,
    id              text NOT NULL,
    token_hash      text NOT NULL,
    made_by         text NOT NULL,
    made_by_name    text NOT NULL,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (company_id, organization_id, id),
    FOREIGN KEY (company_id, organization_id) REFERENCES organizations (company_id, id)
);
CREATE UNIQUE INDEX request_links_one ON request_links (company_id, organization_id);
CREATE UNIQUE INDEX request_links_token ON request_links (token_hash);

-- What somebody from outside asks for. It is open until ended_at, or until it
-- lapses; how is 'granted', 'refused', 'withdrawn' or 'lapsed'.
CREATE TABLE delegation_requests (
    company_id             text NOT NULL,
    organization_id        text NOT NULL,
    id                     text NOT NULL,
    account_id             text NOT NULL,
    account_name           text NOT NULL,
    email                  text NOT NULL,
    normal                 text NOT NULL,
    language               text NOT NULL DEFAULT 'en',
    real_company_id        text NOT NULL DEFAULT '',
    real_organization_id   text NOT NULL DEFAULT '',
    real_organization_name text NOT NULL DEFAULT '',
    period                 text NOT NULL,
    date                   text NOT NULL DEFAULT '',
    reason                 text NOT NULL,
    ticket                 text NOT NULL DEFAULT '',
    asked_at               timestamptz NOT NULL,
    lapses_at              timestamptz NOT NULL,
    ended_at               timestamptz,
    how                    text NOT NULL DEFAULT '',
    ended_by               text NOT NULL DEFAULT '',
    ended_by_name          text NOT NULL DEFAULT '',
    note                   text NOT NULL DEFAULT '',
    delegation_id          text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, organization_id) REFERENCES organizations (company_id, id)
);
CREATE UNIQUE INDEX delegation_requests_one_open ON delegation_requests (company_id, organization_id, account_id) WHERE ended_at IS NULL;
CREATE INDEX delegation_requests_list ON delegation_requests (company_id, organization_id, asked_at);
CREATE INDEX delegation_requests_account ON delegation_requests (account_id);

-- What an organization gives to a firm, whose managers name the people. Each of
-- them has a delegation of his own that points here.
CREATE TABLE firm_delegations (
    company_id       text NOT NULL,
    organization_id  text NOT NULL,
    id               text NOT NULL,
    firm_company_id  text NOT NULL,
    firm_name        text NOT NULL,
    firm_domain      text NOT NULL,
    people           bigint NOT NULL,
    period           text NOT NULL,
    starts_at        timestamptz NOT NULL,
    ends_at          timestamptz,
    all_applications boolean NOT NULL DEFAULT true,
    reason           text NOT NULL DEFAULT '',
    ticket           text NOT NULL DEFAULT '',
    granted_by       text NOT NULL,
    granted_by_name  text NOT NULL,
    granted_at       timestamptz NOT NULL,
    approved_at      timestamptz,
    approved_by      text NOT NULL DEFAULT '',
    approved_by_name text NOT NULL DEFAULT '',
    ended_at         timestamptz,
    ended_by         text NOT NULL DEFAULT '',
    ended_by_name    text NOT NULL DEFAULT '',
    version          bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, organization_id, id),
    CHECK (ends_at IS NULL OR ends_at > starts_at),
    CHECK (people > 0),
    FOREIGN KEY (company_id, organization_id) REFERENCES organizations (company_id, id)
);
CREATE INDEX firm_delegations_organization ON firm_delegations (company_id, organization_id, granted_at);
CREATE INDEX firm_delegations_firm ON firm_delegations (firm_company_id);

CREATE TABLE firm_delegation_roles (
    company_id      text NOT NULL,
    organization_id text NOT NULL,
    firm_id         text NOT NULL,
    role_id         text NOT NULL REFERENCES roles (id),
    application_id  text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, firm_id, role_id),
    FOREIGN KEY (company_id, organization_id, firm_id) REFERENCES firm_delegations (company_id, organization_id, id)
);

-- Whom an organization does not want of a firm.
CREATE TABLE firm_vetoes (
    company_id      text NOT NULL,
    organization_id text NOT NULL,
    firm_id         text NOT NULL,
    account_id      text NOT NULL,
    account_name    text NOT NULL,
    vetoed_by       text NOT NULL,
    vetoed_by_name  text NOT NULL,
    vetoed_at       timestamptz NOT NULL,
    PRIMARY KEY (company_id, firm_id, account_id),
    FOREIGN KEY (company_id, organization_id, firm_id) REFERENCES firm_delegations (company_id, organization_id, id)
);

-- For which firm somebody was named, and which account: it alone can accept.
ALTER TABLE delegations ADD COLUMN firm_id text NOT NULL DEFAULT '';
ALTER TABLE delegations ADD COLUMN named_id text NOT NULL DEFAULT '';
CREATE INDEX delegations_firm ON delegations (company_id, firm_id) WHERE firm_id <> '';
CREATE INDEX delegations_named ON delegations (named_id) WHERE named_id <> '';
CREATE INDEX delegations_real ON delegations (real_company_id) WHERE real_company_id <> '';

ALTER TABLE request_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE request_links FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON request_links TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON request_links TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
GRANT SELECT, INSERT, UPDATE, DELETE ON request_links TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON request_links TO locum_tenant;

ALTER TABLE delegation_requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE delegation_requests FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON delegation_requests TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON delegation_requests TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
CREATE POLICY own ON delegation_requests FOR SELECT TO locum_tenant USING (account_id = NULLIF(current_setting('locum.account', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON delegation_requests TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON delegation_requests TO locum_tenant;

ALTER TABLE firm_delegations ENABLE ROW LEVEL SECURITY;
ALTER TABLE firm_delegations FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON firm_delegations TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON firm_delegations TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
GRANT SELECT, INSERT, UPDATE, DELETE ON firm_delegations TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON firm_delegations TO locum_tenant;

ALTER TABLE firm_delegation_roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE firm_delegation_roles FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON firm_delegation_roles TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON firm_delegation_roles TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
GRANT SELECT, INSERT, UPDATE, DELETE ON firm_delegation_roles TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON firm_delegation_roles TO locum_tenant;

ALTER TABLE firm_vetoes ENABLE ROW LEVEL SECURITY;
ALTER TABLE firm_vetoes FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON firm_vetoes TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON firm_vetoes TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
GRANT SELECT, INSERT, UPDATE, DELETE ON firm_vetoes TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON firm_vetoes TO locum_tenant;

-- +goose Down
DROP INDEX delegations_real;
DROP INDEX delegations_named;
DROP INDEX delegations_firm;
ALTER TABLE delegations DROP COLUMN named_id;
ALTER TABLE delegations DROP COLUMN firm_id;
DROP TABLE firm_vetoes;
DROP TABLE firm_delegation_roles;
DROP TABLE firm_delegations;
DROP TABLE delegation_requests;
DROP TABLE request_links;
