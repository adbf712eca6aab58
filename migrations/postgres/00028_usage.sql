-- What was used, by whom and for whom, as applications tell it; the meters it is
-- counted by, and their prices.

-- +goose Up

-- A record is unique by company, application, source and event id, for ever. scope
-- is empty but for what was sent for an organization that does not use the
-- application or is not there: then it is the subject, so that the sender learns
-- nothing of it. state is 'counted', 'quarantined' or 'dismissed'. quantity is in
-- millionths of the unit. day is the day of the use in the organization's zone.
-- corrected_by is the event id of the record that counts instead. company_id is
-- 'platform' where there is no such organization.
CREATE TABLE usage_records (
    company_id             text NOT NULL,
    application_id         text NOT NULL,
    source                 text NOT NULL,
    event_id               text NOT NULL,
    scope                  text NOT NULL DEFAULT '',
    id                     text NOT NULL,
    organization_id        text NOT NULL DEFAULT '',
    subject                text NOT NULL DEFAULT '',
    meter_id               text NOT NULL DEFAULT '',
    meter_key              text NOT NULL DEFAULT '',
    unit                   text NOT NULL DEFAULT '',
    quantity               bigint NOT NULL,
    at                     timestamptz NOT NULL,
    day                    text NOT NULL,
    account_id             text NOT NULL DEFAULT '',
    account_name           text NOT NULL DEFAULT '',
    real_organization_id   text NOT NULL DEFAULT '',
    real_organization_name text NOT NULL DEFAULT '',
    delegation_id          text NOT NULL DEFAULT '',
    visit_id               text NOT NULL DEFAULT '',
    ticket                 text NOT NULL DEFAULT '',
    state                  text NOT NULL,
    reason                 text NOT NULL DEFAULT '',
    late                   text NOT NULL DEFAULT '',
    corrects               text NOT NULL DEFAULT '',
    corrected_by           text NOT NULL DEFAULT '',
    digest                 text NOT NULL,
    body                   text NOT NULL DEFAULT '',
    received_at            timestamptz NOT NULL,
    settled_at             timestamptz,
    settled_by_name        text NOT NULL DEFAULT '',
    note                   text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, application_id, source, event_id, scope)
);
CREATE INDEX usage_records_day ON usage_records (company_id, organization_id, day);
CREATE INDEX usage_records_aside ON usage_records (company_id, organization_id, id) WHERE state <> 'counted';
CREATE INDEX usage_records_marked ON usage_records (company_id, organization_id, day) WHERE late <> '' OR corrects <> '' OR corrected_by <> '';

-- What is counted: by the platform for every company, or by a company for itself.
CREATE TABLE usage_meters (
    company_id     text NOT NULL,
    id             text NOT NULL,
    application_id text NOT NULL,
    key            text NOT NULL,
    name           text NOT NULL,
    unit           text NOT NULL,
    made_by_name   text NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, application_id, key)
);

-- What a unit costs from a day on. A company's own price for a meter goes before
-- the platform's.
CREATE TABLE usage_prices (
    company_id   text NOT NULL,
    id           text NOT NULL,
    meter_id     text NOT NULL,
    amount       text NOT NULL,
    currency     text NOT NULL,
    from_day     text NOT NULL,
    made_by_name text NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, meter_id, from_day)
);

-- Locum's own use is counted too.
INSERT INTO usage_meters (company_id, id, application_id, key, name, unit, made_by_name, created_at) VALUES
    ('platform', 'mtr_api_calls', 'locum', 'api_calls', 'API calls', 'call', 'Locum', now()),
    ('platform', 'mtr_sign_ins', 'locum', 'sign_ins', 'Sign-ins', 'sign-in', 'Locum', now());

ALTER TABLE usage_records ENABLE ROW LEVEL SECURITY;
ALTER TABLE usage_records FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON usage_records TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON usage_records TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
GRANT SELECT, INSERT, UPDATE, DELETE ON usage_records TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON usage_records TO locum_tenant;

ALTER TABLE usage_meters ENABLE ROW LEVEL SECURITY;
ALTER TABLE usage_meters FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON usage_meters TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON usage_meters TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND NULLIF(current_setting('locum.organization', true), '') IS NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON usage_meters TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON usage_meters TO locum_tenant;

ALTER TABLE usage_prices ENABLE ROW LEVEL SECURITY;
ALTER TABLE usage_prices FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON usage_prices TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON usage_prices TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND NULLIF(current_setting('locum.organization', true), '') IS NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON usage_prices TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON usage_prices TO locum_tenant;

-- +goose Down
DROP TABLE usage_prices;
DROP TABLE usage_meters;
DROP TABLE usage_records;
