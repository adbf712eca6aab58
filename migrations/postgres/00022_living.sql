-- What happens to a delegation while it lives: warnings before its end, the
-- questions that its host has to answer, and the time that its consultant asks for.

-- +goose Up
ALTER TABLE delegations ADD COLUMN end_set_at timestamptz;
ALTER TABLE delegations ADD COLUMN warned_end timestamptz;
ALTER TABLE delegations ADD COLUMN warned_hours bigint NOT NULL DEFAULT 0;
ALTER TABLE delegations ADD COLUMN reviewed_at timestamptz;
ALTER TABLE delegations ADD COLUMN question text NOT NULL DEFAULT '';
ALTER TABLE delegations ADD COLUMN answer_by timestamptz;
ALTER TABLE delegations ADD COLUMN asked_again_at timestamptz;
ALTER TABLE delegations ADD COLUMN more_asked_at timestamptz;
ALTER TABLE delegations ADD COLUMN more_period text NOT NULL DEFAULT '';
ALTER TABLE delegations ADD COLUMN more_date text NOT NULL DEFAULT '';
ALTER TABLE delegations ADD COLUMN more_reason text NOT NULL DEFAULT '';
CREATE INDEX delegations_questions ON delegations (answer_by) WHERE answer_by IS NOT NULL;
CREATE INDEX delegations_granted_by ON delegations (company_id, organization_id, granted_by);

-- +goose Down
DROP INDEX delegations_granted_by;
DROP INDEX delegations_questions;
ALTER TABLE delegations DROP COLUMN more_reason;
ALTER TABLE delegations DROP COLUMN more_date;
ALTER TABLE delegations DROP COLUMN more_period;
ALTER TABLE delegations DROP COLUMN more_asked_at;
ALTER TABLE delegations DROP COLUMN asked_again_at;
ALTER TABLE delegations DROP COLUMN answer_by;
ALTER TABLE delegations DROP COLUMN question;
ALTER TABLE delegations DROP COLUMN reviewed_at;
ALTER TABLE delegations DROP COLUMN warned_hours;
ALTER TABLE delegations DROP COLUMN warned_end;
ALTER TABLE delegations DROP COLUMN end_set_at;
