-- How single sign-on fares, and who is kept out of a company.

-- +goose Up

-- After how many hours without a sign-in a connection that is used regularly
-- counts as silent; 0 means never.
ALTER TABLE companies ADD COLUMN silent_hours integer NOT NULL DEFAULT 72;

-- When the first sign-in through a connection was, and how many there were: how
-- regularly it is used. clock_ahead is by how many seconds the provider's clock
-- was ahead of ours at the last one, below zero for behind.
ALTER TABLE connections ADD COLUMN first_success_at text;
ALTER TABLE connections ADD COLUMN success_count integer NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN clock_ahead integer NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN clock_read_at text;
UPDATE connections SET first_success_at = last_success_at, success_count = 1 WHERE last_success_at IS NOT NULL;

-- Who was removed from a company and may not come back until somebody says so.
CREATE TABLE blocked_people (
    company_id      text NOT NULL REFERENCES companies (id),
    account_id      text NOT NULL REFERENCES accounts (id),
    blocked_by      text NOT NULL,
    blocked_by_name text NOT NULL,
    created_at      text NOT NULL,
    PRIMARY KEY (company_id, account_id)
);

-- +goose Down
DROP TABLE blocked_people;
ALTER TABLE connections DROP COLUMN clock_read_at;
ALTER TABLE connections DROP COLUMN clock_ahead;
ALTER TABLE connections DROP COLUMN success_count;
ALTER TABLE connections DROP COLUMN first_success_at;
ALTER TABLE companies DROP COLUMN silent_hours;
