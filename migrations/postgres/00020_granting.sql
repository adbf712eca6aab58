-- What a delegation opens, and the agreement of another superuser.

-- +goose Up
-- named_applications are ids, separated by a space: with all_applications the
-- ones that stay closed, without it the ones that open with their default role.
-- A delegation with an approval_due waits for another superuser until then;
-- unapproved says why one was never given.
ALTER TABLE delegations ADD COLUMN named_applications text NOT NULL DEFAULT '';
ALTER TABLE delegations ADD COLUMN approval_due timestamptz;
ALTER TABLE delegations ADD COLUMN approved_at timestamptz;
ALTER TABLE delegations ADD COLUMN approved_by text NOT NULL DEFAULT '';
ALTER TABLE delegations ADD COLUMN approved_by_name text NOT NULL DEFAULT '';
ALTER TABLE delegations ADD COLUMN unapproved text NOT NULL DEFAULT '';

-- What one superuser proposes and another has to agree to: a delegation, or a
-- change that widens one. The terms are JSON.
CREATE TABLE delegation_proposals (
    company_id       text NOT NULL,
    organization_id  text NOT NULL,
    id               text NOT NULL,
    delegation_id    text NOT NULL,
    kind             text NOT NULL,
    before_terms     text NOT NULL DEFAULT '{}',
    after_terms      text NOT NULL DEFAULT '{}',
    proposed_by      text NOT NULL,
    proposed_by_name text NOT NULL,
    proposed_at      timestamptz NOT NULL,
    due_at           timestamptz NOT NULL,
    decided_at       timestamptz,
    decided_by       text NOT NULL DEFAULT '',
    decided_by_name  text NOT NULL DEFAULT '',
    outcome          text NOT NULL DEFAULT '',
    note             text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, organization_id, delegation_id) REFERENCES delegations (company_id, organization_id, id)
);
CREATE UNIQUE INDEX delegation_proposals_one_open ON delegation_proposals (company_id, delegation_id) WHERE decided_at IS NULL;
CREATE INDEX delegation_proposals_due ON delegation_proposals (due_at) WHERE decided_at IS NULL;

ALTER TABLE delegation_proposals ENABLE ROW LEVEL SECURITY;
ALTER TABLE delegation_proposals FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON delegation_proposals TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON delegation_proposals TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
GRANT SELECT, INSERT, UPDATE, DELETE ON delegation_proposals TO locum_system;
GRANT SELECT, INSERT, UPDATE ON delegation_proposals TO locum_tenant;

-- The roles of a delegation change with it.
GRANT DELETE ON delegation_roles TO locum_tenant;

-- +goose Down
DROP TABLE delegation_proposals;
REVOKE DELETE ON delegation_roles FROM locum_tenant;
ALTER TABLE delegations DROP COLUMN unapproved;
ALTER TABLE delegations DROP COLUMN approved_by_name;
ALTER TABLE delegations DROP COLUMN approved_by;
ALTER TABLE delegations DROP COLUMN approved_at;
ALTER TABLE delegations DROP COLUMN approval_due;
ALTER TABLE delegations DROP COLUMN named_applications;
