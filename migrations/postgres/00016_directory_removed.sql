-- A directory that a manager removed, and tokens that are used though they ended.

-- +goose Up

-- removed_at is set while the people of a directory that was removed are gone
-- through; then its rows go. leaves says that they keep their roles.
ALTER TABLE directories ADD COLUMN removed_at timestamptz;
ALTER TABLE directories ADD COLUMN leaves boolean NOT NULL DEFAULT false;

-- When a token that had ended was last used.
ALTER TABLE directory_tokens ADD COLUMN refused_at timestamptz;

-- +goose Down
ALTER TABLE directory_tokens DROP COLUMN refused_at;
ALTER TABLE directories DROP COLUMN leaves;
ALTER TABLE directories DROP COLUMN removed_at;
