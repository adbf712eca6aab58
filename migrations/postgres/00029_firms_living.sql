-- What happens to a delegation to a firm while it lives, and indexes for what is
-- looked for again and again.

-- +goose Up
ALTER TABLE firm_delegations ADD COLUMN end_set_at timestamptz;
ALTER TABLE firm_delegations ADD COLUMN warned_end timestamptz;
ALTER TABLE firm_delegations ADD COLUMN warned_hours bigint NOT NULL DEFAULT 0;
ALTER TABLE firm_delegations ADD COLUMN over_recorded_at timestamptz;
ALTER TABLE firm_delegations ADD COLUMN reviewed_at timestamptz;
ALTER TABLE firm_delegations ADD COLUMN question text NOT NULL DEFAULT '';
ALTER TABLE firm_delegations ADD COLUMN answer_by timestamptz;
ALTER TABLE firm_delegations ADD COLUMN asked_again_at timestamptz;
ALTER TABLE firm_delegations ADD COLUMN suspended_at timestamptz;
ALTER TABLE firm_delegations ADD COLUMN suspend_reason text NOT NULL DEFAULT '';
-- A later end that one superuser proposes and another has to agree to.
ALTER TABLE firm_delegations ADD COLUMN wanted_period text NOT NULL DEFAULT '';
ALTER TABLE firm_delegations ADD COLUMN wanted_ends_at timestamptz;
ALTER TABLE firm_delegations ADD COLUMN wanted_by text NOT NULL DEFAULT '';
ALTER TABLE firm_delegations ADD COLUMN wanted_by_name text NOT NULL DEFAULT '';
ALTER TABLE firm_delegations ADD COLUMN wanted_due timestamptz;
-- What was over before is history: nobody is told of it now.
UPDATE firm_delegations SET over_recorded_at = ended_at WHERE ended_at IS NOT NULL;
CREATE INDEX firm_delegations_open ON firm_delegations (ends_at) WHERE ended_at IS NULL AND over_recorded_at IS NULL;
CREATE INDEX firm_delegations_granted_by ON firm_delegations (granted_by);
CREATE INDEX watches_mode ON watches (mode, organization_id, company_id);
CREATE INDEX mails_unsent ON mails (created_at) WHERE sent_at IS NULL AND given_up_at IS NULL;
CREATE INDEX mails_sent ON mails (sent_at) WHERE sent_at IS NOT NULL;

-- +goose Down
DROP INDEX mails_sent;
DROP INDEX mails_unsent;
DROP INDEX watches_mode;
DROP INDEX firm_delegations_granted_by;
DROP INDEX firm_delegations_open;
ALTER TABLE firm_delegations DROP COLUMN wanted_due;
ALTER TABLE firm_delegations DROP COLUMN wanted_by_name;
ALTER TABLE firm_delegations DROP COLUMN wanted_by;
ALTER TABLE firm_delegations DROP COLUMN wanted_ends_at;
ALTER TABLE firm_delegations DROP COLUMN wanted_period;
ALTER TABLE firm_delegations DROP COLUMN suspend_reason;
ALTER TABLE firm_delegations DROP COLUMN suspended_at;
ALTER TABLE firm_delegations DROP COLUMN asked_again_at;
ALTER TABLE firm_delegations DROP COLUMN answer_by;
ALTER TABLE firm_delegations DROP COLUMN question;
ALTER TABLE firm_delegations DROP COLUMN reviewed_at;
ALTER TABLE firm_delegations DROP COLUMN over_recorded_at;
ALTER TABLE firm_delegations DROP COLUMN warned_hours;
ALTER TABLE firm_delegations DROP COLUMN warned_end;
ALTER TABLE firm_delegations DROP COLUMN end_set_at;
