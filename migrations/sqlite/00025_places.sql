-- Where people work: what they keep at hand, the sign of an organization, and
-- tokens that act in one.

-- +goose Up
ALTER TABLE organizations ADD COLUMN icon text NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN resumes boolean NOT NULL DEFAULT false;

-- A place is an organization or a company alone, by its id.
CREATE TABLE places (
    account_id text NOT NULL REFERENCES accounts (id),
    place_id   text NOT NULL,
    used_at    text,
    pinned_at  text,
    PRIMARY KEY (account_id, place_id)
);

ALTER TABLE api_tokens ADD COLUMN organization_id text NOT NULL DEFAULT '';

-- What a token asked for under a key of its own, so that asking again does
-- nothing twice.
CREATE TABLE api_requests (
    company_id text NOT NULL,
    token_id   text NOT NULL,
    key        text NOT NULL,
    digest     text NOT NULL,
    subject_id text NOT NULL,
    created_at text NOT NULL,
    PRIMARY KEY (company_id, token_id, key),
    FOREIGN KEY (company_id, token_id) REFERENCES api_tokens (company_id, id)
);
CREATE INDEX api_requests_age ON api_requests (created_at);

-- +goose Down
DROP TABLE api_requests;
ALTER TABLE api_tokens DROP COLUMN organization_id;
DROP TABLE places;
ALTER TABLE accounts DROP COLUMN resumes;
ALTER TABLE organizations DROP COLUMN icon;
