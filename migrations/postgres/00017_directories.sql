-- A directory that a manager removed, tokens that are used though they ended, and
-- indexes by which every request costs the same in a directory of any size.

-- +goose Up

-- removed_at is set while the people of a directory that was removed are gone
-- through; then its rows go. leaves says that they keep their roles.
ALTER TABLE directories ADD COLUMN removed_at timestamptz;
ALTER TABLE directories ADD COLUMN leaves boolean NOT NULL DEFAULT false;

-- When a token that had ended was last used.
ALTER TABLE directory_tokens ADD COLUMN refused_at timestamptz;

-- By the provider's id, and all of them, in the order of pages.
DROP INDEX directory_users_external;
CREATE INDEX directory_users_external ON directory_users (company_id, directory_id, external_id, id);
DROP INDEX directory_users_list;
CREATE INDEX directory_users_list ON directory_users (company_id, directory_id, deleted_at, id);

-- Groups as assertions and rules name them: in the whole company.
CREATE INDEX directory_groups_named ON directory_groups (company_id, display_name_key);
CREATE INDEX directory_groups_provided ON directory_groups (company_id, external_id);
CREATE INDEX directory_groups_aliases ON directory_groups (company_id, id) WHERE aliases <> '[]';

-- Who is suspended while a manager decides: asked in every request.
CREATE INDEX directory_users_staged ON directory_users (account_id) WHERE removal = 'staged';

-- +goose Down
DROP INDEX directory_users_staged;
DROP INDEX directory_groups_aliases;
DROP INDEX directory_groups_provided;
DROP INDEX directory_groups_named;
DROP INDEX directory_users_list;
CREATE INDEX directory_users_list ON directory_users (company_id, directory_id, id) WHERE deleted_at IS NULL;
DROP INDEX directory_users_external;
CREATE INDEX directory_users_external ON directory_users (company_id, directory_id, external_id);
ALTER TABLE directory_tokens DROP COLUMN refused_at;
ALTER TABLE directories DROP COLUMN leaves;
ALTER TABLE directories DROP COLUMN removed_at;
