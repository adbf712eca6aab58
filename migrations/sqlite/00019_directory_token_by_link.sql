-- Who made a token of a directory without an account: it goes on when the link
-- ends, and managers must see that.

-- +goose Up
ALTER TABLE directory_tokens ADD COLUMN by_link boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE directory_tokens DROP COLUMN by_link;
