-- +goose Up
-- A run applies a company's rules to everyone known in it, some hundred people
-- at a time. Each publication of a rule has one, and can be undone by it.
ALTER TABLE companies ADD COLUMN brake_percent bigint NOT NULL DEFAULT 10;
ALTER TABLE companies ADD COLUMN brake_people bigint NOT NULL DEFAULT 25;
ALTER TABLE companies ADD COLUMN brake_raised bigint NOT NULL DEFAULT 5;

CREATE TABLE runs (
    company_id   text NOT NULL REFERENCES companies (id),
    id           text NOT NULL UNIQUE,
    cause        text NOT NULL,
    subject_id   text NOT NULL DEFAULT '',
    subject_name text NOT NULL DEFAULT '',
    reason       text NOT NULL DEFAULT '',
    state        text NOT NULL CHECK (state IN ('running', 'held', 'canceled', 'superseded', 'done')),
    known        bigint NOT NULL DEFAULT 0,
    done         bigint NOT NULL DEFAULT 0,
    gained       bigint NOT NULL DEFAULT 0,
    lost         bigint NOT NULL DEFAULT 0,
    raised       bigint NOT NULL DEFAULT 0,
    kept         bigint NOT NULL DEFAULT 0,
    failed       bigint NOT NULL DEFAULT 0,
    may_lose     bigint NOT NULL DEFAULT 0,
    may_raise    bigint NOT NULL DEFAULT 0,
    upto         text NOT NULL DEFAULT '',
    left_by_hand bigint NOT NULL DEFAULT 0,
    leave        text NOT NULL DEFAULT '',
    undoes       text NOT NULL DEFAULT '',
    redoes       boolean NOT NULL DEFAULT false,
    undone_by    text NOT NULL DEFAULT '',
    made_by      text NOT NULL DEFAULT '',
    made_by_name text NOT NULL DEFAULT '',
    acting       text NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    PRIMARY KEY (company_id, id)
);
CREATE INDEX runs_open ON runs (created_at) WHERE state = 'running';
CREATE INDEX runs_latest ON runs (company_id, created_at);

-- People whom a run could not evaluate, with the id under which the log says why.
CREATE TABLE run_failures (
    company_id   text NOT NULL,
    run_id       text NOT NULL,
    account_id   text NOT NULL,
    account_name text NOT NULL DEFAULT '',
    reference    text NOT NULL,
    failed_at    timestamptz NOT NULL,
    PRIMARY KEY (company_id, run_id, account_id),
    FOREIGN KEY (company_id, run_id) REFERENCES runs (company_id, id)
);

-- Roles that no rule gave and that a run took, for undoing it.
CREATE TABLE taken_grants (
    company_id text NOT NULL,
    run_id     text NOT NULL,
    id         text NOT NULL,
    account_id text NOT NULL,
    taken      text NOT NULL,
    PRIMARY KEY (company_id, run_id, id),
    FOREIGN KEY (company_id, run_id) REFERENCES runs (company_id, id)
);

-- Who is manager or superuser is asked at each part of a run.
CREATE INDEX grants_role ON grants (company_id, role_id);

ALTER TABLE connector_versions ADD COLUMN run_id text NOT NULL DEFAULT '';

ALTER TABLE runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE runs FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON runs TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON runs TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND NULLIF(current_setting('locum.organization', true), '') IS NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON runs TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON runs TO locum_tenant;

ALTER TABLE run_failures ENABLE ROW LEVEL SECURITY;
ALTER TABLE run_failures FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON run_failures TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON run_failures TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND NULLIF(current_setting('locum.organization', true), '') IS NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON run_failures TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON run_failures TO locum_tenant;

ALTER TABLE taken_grants ENABLE ROW LEVEL SECURITY;
ALTER TABLE taken_grants FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON taken_grants TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON taken_grants TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND NULLIF(current_setting('locum.organization', true), '') IS NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON taken_grants TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON taken_grants TO locum_tenant;

-- +goose Down
DROP INDEX grants_role;
ALTER TABLE connector_versions DROP COLUMN run_id;
DROP TABLE taken_grants;
DROP TABLE run_failures;
DROP TABLE runs;
ALTER TABLE companies DROP COLUMN brake_raised;
ALTER TABLE companies DROP COLUMN brake_people;
ALTER TABLE companies DROP COLUMN brake_percent;
