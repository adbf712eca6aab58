-- +goose Up
-- The audit trail: append-only, with positions that follow the order of commit
-- in each company. company_id is 'platform' for what belongs to no company.
CREATE TABLE events (
    company_id                  text NOT NULL,
    position                    integer NOT NULL,
    id                          text NOT NULL UNIQUE,
    organization_id             text NOT NULL DEFAULT '',
    type                        text NOT NULL,
    occurred_at                 text NOT NULL,
    account_id                  text NOT NULL DEFAULT '',
    account_name                text NOT NULL DEFAULT '',
    real_company_id             text NOT NULL DEFAULT '',
    real_organization_id        text NOT NULL DEFAULT '',
    real_organization_name      text NOT NULL DEFAULT '',
    real_hue                    integer NOT NULL DEFAULT 0,
    effective_organization_id   text NOT NULL DEFAULT '',
    effective_organization_name text NOT NULL DEFAULT '',
    effective_hue               integer NOT NULL DEFAULT 0,
    delegation_id               text NOT NULL DEFAULT '',
    visit_id                    text NOT NULL DEFAULT '',
    session_id                  text NOT NULL DEFAULT '',
    application_id              text NOT NULL DEFAULT '',
    channel                     text NOT NULL DEFAULT '',
    address                     text NOT NULL DEFAULT '',
    subject_id                  text NOT NULL DEFAULT '',
    subject_name                text NOT NULL DEFAULT '',
    data                        text NOT NULL DEFAULT '{}',
    PRIMARY KEY (company_id, position)
);
CREATE INDEX events_organization ON events (company_id, organization_id, position);
CREATE INDEX events_visit ON events (company_id, visit_id) WHERE visit_id <> '';

CREATE TABLE event_positions (
    company_id text PRIMARY KEY,
    last       integer NOT NULL
);

-- Every mail that has to go out, and what became of it. key makes it unique:
-- the same mail is never queued twice. data holds the facts as they were.
CREATE TABLE mails (
    company_id      text NOT NULL,
    id              text NOT NULL,
    organization_id text NOT NULL DEFAULT '',
    key             text NOT NULL,
    kind            text NOT NULL,
    account_id      text NOT NULL DEFAULT '',
    recipient       text NOT NULL,
    language        text NOT NULL DEFAULT 'en',
    time_zone       text NOT NULL DEFAULT '',
    data            text NOT NULL DEFAULT '{}',
    message_id      text NOT NULL,
    in_reply_to     text NOT NULL DEFAULT '',
    attempts        integer NOT NULL DEFAULT 0,
    failure         text NOT NULL DEFAULT '',
    created_at      text NOT NULL,
    sent_at         text,
    given_up_at     text,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, key)
);
CREATE INDEX mails_waiting ON mails (company_id, organization_id) WHERE sent_at IS NULL;

-- +goose Down
DROP TABLE mails;
DROP TABLE event_positions;
DROP TABLE events;
