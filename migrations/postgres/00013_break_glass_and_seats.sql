-- Break-glass sign-in, for when a company's identity provider is down, and the
-- number of people who may be active in a company.

-- +goose Up

-- Which managers may come in by a code although their company requires single
-- sign-on.
CREATE TABLE break_glass_managers (
    company_id    text NOT NULL REFERENCES companies (id),
    account_id    text NOT NULL REFERENCES accounts (id),
    named_by      text NOT NULL,
    named_by_name text NOT NULL,
    named_at      timestamptz NOT NULL,
    PRIMARY KEY (company_id, account_id)
);

-- The sessions that began so, with the reason that was typed. ended_at is
-- empty while one lasts, and where it ran out by itself at ends_at.
CREATE TABLE break_glass_sessions (
    company_id    text NOT NULL REFERENCES companies (id),
    session_id    text NOT NULL,
    account_id    text NOT NULL,
    account_name  text NOT NULL,
    reason        text NOT NULL,
    address       text NOT NULL DEFAULT '',
    entered_at    timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    ended_at      timestamptz,
    ended_by      text NOT NULL DEFAULT '',
    ended_by_name text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, session_id)
);
CREATE INDEX break_glass_sessions_session ON break_glass_sessions (session_id);

-- A code that was asked for as break-glass opens no other door, and is no right
-- one at all where no company is named: nothing was sent then.
ALTER TABLE sign_in_codes ADD COLUMN break_glass boolean NOT NULL DEFAULT false;
ALTER TABLE sign_in_codes ADD COLUMN company_id text NOT NULL DEFAULT '';

-- How many people may be active in a company; 0 is no limit. Where there is
-- one, everybody who belongs to the company stands in seats: with a seat, or
-- waiting for one since then.
ALTER TABLE companies ADD COLUMN seats integer NOT NULL DEFAULT 0;
CREATE TABLE seats (
    company_id text NOT NULL REFERENCES companies (id),
    account_id text NOT NULL REFERENCES accounts (id),
    since      timestamptz NOT NULL,
    taken_at   timestamptz,
    PRIMARY KEY (company_id, account_id)
);
CREATE INDEX seats_waiting ON seats (account_id) WHERE taken_at IS NULL;
CREATE INDEX seats_line ON seats (company_id, since) WHERE taken_at IS NULL;

ALTER TABLE break_glass_managers ENABLE ROW LEVEL SECURITY;
ALTER TABLE break_glass_managers FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON break_glass_managers TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON break_glass_managers TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND NULLIF(current_setting('locum.organization', true), '') IS NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON break_glass_managers TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON break_glass_managers TO locum_tenant;

ALTER TABLE break_glass_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE break_glass_sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON break_glass_sessions TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON break_glass_sessions TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND NULLIF(current_setting('locum.organization', true), '') IS NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON break_glass_sessions TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON break_glass_sessions TO locum_tenant;

ALTER TABLE seats ENABLE ROW LEVEL SECURITY;
ALTER TABLE seats FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON seats TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON seats TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND NULLIF(current_setting('locum.organization', true), '') IS NULL);
CREATE POLICY own ON seats FOR SELECT TO locum_tenant USING (account_id = NULLIF(current_setting('locum.account', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON seats TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON seats TO locum_tenant;

-- +goose Down
DROP TABLE seats;
ALTER TABLE companies DROP COLUMN seats;
ALTER TABLE sign_in_codes DROP COLUMN company_id;
ALTER TABLE sign_in_codes DROP COLUMN break_glass;
DROP TABLE break_glass_sessions;
DROP TABLE break_glass_managers;
