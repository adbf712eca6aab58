-- +goose Up
-- A role that was deleted is no longer given, and keeps its name for what was
-- written down about it: events, ended delegations, versions of connectors.
ALTER TABLE roles ADD COLUMN deleted_at timestamptz;
-- The sweep asks for grants that ran out.
CREATE INDEX grants_due ON grants (ends_at) WHERE ends_at IS NOT NULL;

-- +goose Down
DROP INDEX grants_due;
ALTER TABLE roles DROP COLUMN deleted_at;
