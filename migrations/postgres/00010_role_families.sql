-- Families of roles of which a person has one at a place: the first of those
-- that connectors give him, in the order of the family. Like the roles they are
-- the platform's. version rises with each change of who is in it, in which order.

-- +goose Up
CREATE TABLE role_families (
    id             text PRIMARY KEY,
    level          text NOT NULL CHECK (level IN ('company', 'organization', 'application')),
    application_id text NOT NULL DEFAULT '',
    name           text NOT NULL,
    version        bigint NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL,
    UNIQUE (level, application_id, name)
);

-- family_id is empty, never null, for a role in no family, as application_id
-- is. rank counts from 1 within a family, the first to decide.
ALTER TABLE roles ADD COLUMN family_id text NOT NULL DEFAULT '';
ALTER TABLE roles ADD COLUMN rank bigint NOT NULL DEFAULT 0;

GRANT SELECT, INSERT, UPDATE, DELETE ON role_families TO locum_system;
GRANT SELECT ON role_families TO locum_tenant;

-- +goose Down
ALTER TABLE roles DROP COLUMN rank;
ALTER TABLE roles DROP COLUMN family_id;
DROP TABLE role_families;
