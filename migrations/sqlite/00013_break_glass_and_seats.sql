-- Break-glass sign-in, for when a company's identity provider is down, and the
-- number of people who may be active in a company.

-- +goose Up

-- Which managers may come in by a code although their company requires single
-- sign-on.
CREATE TABLE break_glass_managers (
    company_id    text NOT NULL REFERENCES companies (id),
    account_id    text NOT NULL REFERENCES accounts (id),
    named_by      text NOT NULL,
    named_by_name text NOT NULL,
    named_at      text NOT NULL,
    PRIMARY KEY (company_id, account_id)
);

-- The sessions that began so, with the reason that was typed. ended_at is
-- empty while one lasts, and where it ran out by itself at ends_at.
CREATE TABLE break_glass_sessions (
    company_id    text NOT NULL REFERENCES companies (id),
    session_id    text NOT NULL,
    account_id    text NOT NULL,
    account_name  text NOT NULL,
    reason        text NOT NULL,
    address       text NOT NULL DEFAULT '',
    entered_at    text NOT NULL,
    ends_at       text NOT NULL,
    ended_at      text,
    ended_by      text NOT NULL DEFAULT '',
    ended_by_name text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, session_id)
);
CREATE INDEX break_glass_sessions_session ON break_glass_sessions (session_id);

-- A code that was asked for as break-glass opens no other door, and is no right
-- one at all where no company is named: nothing was sent then.
ALTER TABLE sign_in_codes ADD COLUMN break_glass boolean NOT NULL DEFAULT false;
ALTER TABLE sign_in_codes ADD COLUMN company_id text NOT NULL DEFAULT '';

-- How many people may be active in a company; 0 is no limit. Where there is
-- one, everybody who belongs to the company stands in seats: with a seat, or
-- waiting for one since then.
ALTER TABLE companies ADD COLUMN seats integer NOT NULL DEFAULT 0;
CREATE TABLE seats (
    company_id text NOT NULL REFERENCES companies (id),
    account_id text NOT NULL REFERENCES accounts (id),
    since      text NOT NULL,
    taken_at   text,
    PRIMARY KEY (company_id, account_id)
);
CREATE INDEX seats_waiting ON seats (account_id) WHERE taken_at IS NULL;
CREATE INDEX seats_line ON seats (company_id, since) WHERE taken_at IS NULL;

-- +goose Down
DROP TABLE seats;
ALTER TABLE companies DROP COLUMN seats;
ALTER TABLE sign_in_codes DROP COLUMN company_id;
ALTER TABLE sign_in_codes DROP COLUMN break_glass;
DROP TABLE break_glass_sessions;
DROP TABLE break_glass_managers;
