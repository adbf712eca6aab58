-- The directories of companies: the people and groups that a client of SCIM 2.0
-- keeps up to date.

-- +goose Up

-- held_at says since when removals wait for a manager, because there were too
-- many within an hour. allow_wipe lets a client remove all members of a group
-- without naming them.
CREATE TABLE directories (
    company_id      text NOT NULL REFERENCES companies (id),
    id              text NOT NULL,
    name            text NOT NULL,
    kind            text NOT NULL DEFAULT 'other',
    allow_wipe      boolean NOT NULL DEFAULT false,
    paused_at       text,
    paused_by_name  text NOT NULL DEFAULT '',
    held_at         text,
    last_request_at text,
    last_failure_at text,
    created_by      text NOT NULL,
    created_by_name text NOT NULL,
    created_at      text NOT NULL,
    PRIMARY KEY (company_id, id)
);

CREATE TABLE directory_tokens (
    company_id      text NOT NULL,
    id              text NOT NULL,
    directory_id    text NOT NULL,
    hash            text NOT NULL,
    suffix          text NOT NULL,
    created_by_name text NOT NULL,
    created_at      text NOT NULL,
    expires_at      text,
    last_used_at    text,
    revoked_at      text,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, directory_id) REFERENCES directories (company_id, id)
);
CREATE UNIQUE INDEX directory_tokens_hash ON directory_tokens (hash);

-- resource is what the client said, without what has a column and without a
-- password. removal says what became of a removal that takes roles: see
-- directory.Removal. due waits for an evaluation. A deleted one stays for as
-- long as its removal waits or is counted.
CREATE TABLE directory_users (
    company_id    text NOT NULL,
    id            text NOT NULL,
    directory_id  text NOT NULL,
    user_name     text NOT NULL,
    user_name_key text NOT NULL,
    external_id   text NOT NULL DEFAULT '',
    active        boolean NOT NULL,
    resource      text NOT NULL DEFAULT '{}',
    account_id    text NOT NULL DEFAULT '',
    version       integer NOT NULL DEFAULT 1,
    removal       text NOT NULL DEFAULT '',
    lost_at       text,
    due           boolean NOT NULL DEFAULT false,
    created_at    text NOT NULL,
    updated_at    text NOT NULL,
    deleted_at    text,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, directory_id) REFERENCES directories (company_id, id)
);
CREATE UNIQUE INDEX directory_users_name ON directory_users (company_id, directory_id, user_name_key) WHERE deleted_at IS NULL;
CREATE INDEX directory_users_list ON directory_users (company_id, directory_id, id) WHERE deleted_at IS NULL;
CREATE INDEX directory_users_external ON directory_users (company_id, directory_id, external_id);
CREATE INDEX directory_users_account ON directory_users (company_id, account_id);
CREATE INDEX directory_users_due ON directory_users (company_id, directory_id, id) WHERE due;
CREATE INDEX directory_users_lost ON directory_users (company_id, directory_id, lost_at) WHERE lost_at IS NOT NULL;

-- aliases are the names that a group had before, as JSON: rules that name it go
-- on to mean it until another group takes the name.
CREATE TABLE directory_groups (
    company_id       text NOT NULL,
    id               text NOT NULL,
    directory_id     text NOT NULL,
    display_name     text NOT NULL,
    display_name_key text NOT NULL,
    external_id      text NOT NULL DEFAULT '',
    resource         text NOT NULL DEFAULT '{}',
    aliases          text NOT NULL DEFAULT '[]',
    version          integer NOT NULL DEFAULT 1,
    created_at       text NOT NULL,
    updated_at       text NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, directory_id) REFERENCES directories (company_id, id)
);
CREATE INDEX directory_groups_list ON directory_groups (company_id, directory_id, id);
CREATE INDEX directory_groups_name ON directory_groups (company_id, directory_id, display_name_key);
CREATE INDEX directory_groups_external ON directory_groups (company_id, directory_id, external_id);

-- member_id is a user's or a group's id, or, of a parked one, what the client
-- said of somebody who has not arrived.
CREATE TABLE directory_members (
    company_id   text NOT NULL,
    group_id     text NOT NULL,
    member_id    text NOT NULL,
    directory_id text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('user', 'group', 'parked')),
    created_at   text NOT NULL,
    PRIMARY KEY (company_id, group_id, member_id),
    FOREIGN KEY (company_id, group_id) REFERENCES directory_groups (company_id, id)
);
CREATE INDEX directory_members_member ON directory_members (company_id, member_id, group_id);
CREATE INDEX directory_members_parked ON directory_members (company_id, directory_id, member_id) WHERE kind = 'parked';

CREATE TABLE directory_requests (
    company_id   text NOT NULL,
    id           text NOT NULL,
    directory_id text NOT NULL,
    at           text NOT NULL,
    method       text NOT NULL,
    target       text NOT NULL,
    status       integer NOT NULL,
    detail       text NOT NULL DEFAULT '',
    request      text NOT NULL DEFAULT '',
    response     text NOT NULL DEFAULT '',
    user_agent   text NOT NULL DEFAULT '',
    token_suffix text NOT NULL DEFAULT '',
    took_ms      integer NOT NULL DEFAULT 0,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, directory_id) REFERENCES directories (company_id, id)
);
CREATE INDEX directory_requests_list ON directory_requests (company_id, directory_id, at);

-- +goose Down
DROP TABLE directory_requests;
DROP TABLE directory_members;
DROP TABLE directory_groups;
DROP TABLE directory_users;
DROP TABLE directory_tokens;
DROP TABLE directories;
