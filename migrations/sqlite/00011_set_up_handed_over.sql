-- A company's set-up handed over for a while: by a link to somebody without an
-- account, and to an operator.

-- +goose Up

-- kind is 'link' or 'operator'. purposes is a JSON list. A link is bound to an
-- address (email as typed, normal as compared) and found by the hash of its
-- token; an operator's has his account and his reason.
CREATE TABLE mandates (
    company_id    text NOT NULL REFERENCES companies (id),
    id            text NOT NULL,
    kind          text NOT NULL,
    purposes      text NOT NULL DEFAULT '[]',
    name          text NOT NULL DEFAULT '',
    email         text NOT NULL DEFAULT '',
    normal        text NOT NULL DEFAULT '',
    language      text NOT NULL DEFAULT 'en',
    token_hash    text NOT NULL DEFAULT '',
    account_id    text NOT NULL DEFAULT '',
    reason        text NOT NULL DEFAULT '',
    made_by       text NOT NULL,
    made_by_name  text NOT NULL,
    ends_at       text NOT NULL,
    first_used_at text,
    last_used_at  text,
    ended_at      text,
    ended_why     text NOT NULL DEFAULT '',
    ended_by_name text NOT NULL DEFAULT '',
    created_at    text NOT NULL,
    PRIMARY KEY (company_id, id)
);
CREATE UNIQUE INDEX mandates_token ON mandates (token_hash) WHERE token_hash <> '';
CREATE INDEX mandates_open ON mandates (ends_at) WHERE ended_at IS NULL;

-- A browser that works by a set-up link. It has no account.
CREATE TABLE mandate_sessions (
    company_id   text NOT NULL,
    id           text NOT NULL,
    mandate_id   text NOT NULL,
    token_hash   text NOT NULL UNIQUE,
    user_agent   text NOT NULL DEFAULT '',
    address      text NOT NULL DEFAULT '',
    last_seen_at text NOT NULL,
    ended_at     text,
    created_at   text NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, mandate_id) REFERENCES mandates (company_id, id) ON DELETE CASCADE
);
CREATE INDEX mandate_sessions_mandate ON mandate_sessions (company_id, mandate_id);

-- By which an operator's session works in a company, as visit_id is for visits.
ALTER TABLE sessions ADD COLUMN mandate_id text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN mandate_company_id text NOT NULL DEFAULT '';

-- The set-up link that a code opens; such a code signs nobody in.
ALTER TABLE sign_in_codes ADD COLUMN mandate_id text NOT NULL DEFAULT '';

-- The operator who vouched for a domain, as he was called then.
ALTER TABLE domains ADD COLUMN vouched_by text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE domains DROP COLUMN vouched_by;
ALTER TABLE sign_in_codes DROP COLUMN mandate_id;
ALTER TABLE sessions DROP COLUMN mandate_company_id;
ALTER TABLE sessions DROP COLUMN mandate_id;
DROP TABLE mandate_sessions;
DROP TABLE mandates;
