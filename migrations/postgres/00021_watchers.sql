-- How each superuser hears of each delegation, what he is told in the
-- application, and which addresses no mail reaches.

-- +goose Up

-- delegation_id is empty in a person's own default for the organization.
CREATE TABLE watches (
    company_id      text NOT NULL,
    organization_id text NOT NULL,
    account_id      text NOT NULL,
    delegation_id   text NOT NULL DEFAULT '',
    mode            text NOT NULL CHECK (mode IN ('at_once', 'per_visit', 'digest', 'muted')),
    muted_until     timestamptz,
    changed_at      timestamptz NOT NULL,
    PRIMARY KEY (company_id, organization_id, account_id, delegation_id)
);
CREATE INDEX watches_muted ON watches (muted_until) WHERE mode = 'muted';

-- The inbox: one row for each person and thing told. data holds the facts as they
-- were; those of delivery 'digest' wait for one until digested_at.
CREATE TABLE notices (
    company_id      text NOT NULL,
    organization_id text NOT NULL,
    id              text NOT NULL,
    account_id      text NOT NULL,
    key             text NOT NULL,
    kind            text NOT NULL,
    delegation_id   text NOT NULL DEFAULT '',
    visit_id        text NOT NULL DEFAULT '',
    data            text NOT NULL DEFAULT '{}',
    delivery        text NOT NULL CHECK (delivery IN ('mail', 'visit', 'digest', 'inbox')),
    created_at      timestamptz NOT NULL,
    read_at         timestamptz,
    digested_at     timestamptz,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, key)
);
CREATE INDEX notices_inbox ON notices (account_id, created_at);
CREATE INDEX notices_unread ON notices (account_id) WHERE read_at IS NULL;
CREATE INDEX notices_digest ON notices (account_id) WHERE delivery = 'digest' AND digested_at IS NULL;

-- By what and from where a visit was entered: browser, system and network.
ALTER TABLE visits ADD COLUMN origin text NOT NULL DEFAULT '';

-- Since when mail servers refuse the address, and with which code.
ALTER TABLE addresses ADD COLUMN bounced_at timestamptz;
ALTER TABLE addresses ADD COLUMN bounce_code text NOT NULL DEFAULT '';

ALTER TABLE watches ENABLE ROW LEVEL SECURITY;
ALTER TABLE watches FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON watches TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON watches TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
CREATE POLICY own ON watches FOR SELECT TO locum_tenant USING (account_id = NULLIF(current_setting('locum.account', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON watches TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON watches TO locum_tenant;

ALTER TABLE notices ENABLE ROW LEVEL SECURITY;
ALTER TABLE notices FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON notices TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON notices TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
CREATE POLICY own ON notices FOR SELECT TO locum_tenant USING (account_id = NULLIF(current_setting('locum.account', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON notices TO locum_system;
GRANT SELECT ON notices TO locum_tenant;

-- +goose Down
ALTER TABLE addresses DROP COLUMN bounce_code;
ALTER TABLE addresses DROP COLUMN bounced_at;
ALTER TABLE visits DROP COLUMN origin;
DROP TABLE notices;
DROP TABLE watches;
