-- Events reach machines: webhooks that are posted to them, and tokens with which
-- they read.

-- +goose Up

-- Where a company's events are posted to: all of them, or those of one of its
-- organizations. company_id is 'platform' for an endpoint of the operators, which
-- gets the events of every company. types is a JSON list, empty for every type.
CREATE TABLE webhook_endpoints (
    company_id      text NOT NULL,
    id              text NOT NULL,
    organization_id text NOT NULL DEFAULT '',
    url             text NOT NULL,
    description     text NOT NULL DEFAULT '',
    types           text NOT NULL DEFAULT '[]',
    enabled         boolean NOT NULL DEFAULT true,
    off_why         text NOT NULL DEFAULT '',
    off_at          text,
    failing_since   text,
    paused_until    text,
    last_success_at text,
    last_failure_at text,
    made_by         text NOT NULL,
    made_by_name    text NOT NULL,
    created_at      text NOT NULL,
    PRIMARY KEY (company_id, id)
);

-- The secrets that a delivery is signed with: the newest, and until expires_at
-- the one before it.
CREATE TABLE webhook_secrets (
    company_id  text NOT NULL,
    endpoint_id text NOT NULL,
    id          text NOT NULL,
    sealed      text NOT NULL,
    created_at  text NOT NULL,
    expires_at  text,
    PRIMARY KEY (company_id, endpoint_id, id),
    FOREIGN KEY (company_id, endpoint_id) REFERENCES webhook_endpoints (company_id, id) ON DELETE CASCADE
);

-- Up to which position of a stream (a company's events, or the platform's) an
-- endpoint has its deliveries.
CREATE TABLE webhook_cursors (
    company_id  text NOT NULL,
    endpoint_id text NOT NULL,
    stream      text NOT NULL,
    position    integer NOT NULL,
    PRIMARY KEY (company_id, endpoint_id, stream),
    FOREIGN KEY (company_id, endpoint_id) REFERENCES webhook_endpoints (company_id, id) ON DELETE CASCADE
);

-- What has to be posted, or was. message_id is the webhook-id, the same at each
-- attempt. cause is 'event', 'replay' or 'test'; state is 'waiting', 'delivered',
-- 'failed' or 'dropped'. next_at also holds a delivery back while it is under way.
CREATE TABLE webhook_deliveries (
    company_id  text NOT NULL,
    id          text NOT NULL,
    endpoint_id text NOT NULL,
    stream      text NOT NULL DEFAULT '',
    position    integer NOT NULL DEFAULT 0,
    message_id  text NOT NULL,
    type        text NOT NULL,
    body        text NOT NULL,
    cause       text NOT NULL,
    state       text NOT NULL,
    attempts    integer NOT NULL DEFAULT 0,
    failure     text NOT NULL DEFAULT '',
    next_at     text,
    created_at  text NOT NULL,
    ended_at    text,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, endpoint_id) REFERENCES webhook_endpoints (company_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX webhook_deliveries_once ON webhook_deliveries (company_id, endpoint_id, stream, position) WHERE cause = 'event';
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_at) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_list ON webhook_deliveries (company_id, endpoint_id, id);
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (ended_at) WHERE ended_at IS NOT NULL;

-- Each time that a delivery was posted, and what came back.
CREATE TABLE webhook_attempts (
    company_id       text NOT NULL,
    delivery_id      text NOT NULL,
    number           integer NOT NULL,
    started_at       text NOT NULL,
    took_ms          integer NOT NULL,
    status           integer NOT NULL DEFAULT 0,
    failure          text NOT NULL DEFAULT '',
    request_headers  text NOT NULL DEFAULT '{}',
    response_headers text NOT NULL DEFAULT '{}',
    response_body    text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, delivery_id, number),
    FOREIGN KEY (company_id, delivery_id) REFERENCES webhook_deliveries (company_id, id) ON DELETE CASCADE
);

-- How a company's machines read its events. Only the hash of a token is kept.
CREATE TABLE api_tokens (
    company_id      text NOT NULL REFERENCES companies (id),
    id              text NOT NULL,
    name            text NOT NULL,
    scopes          text NOT NULL DEFAULT '[]',
    token_hash      text NOT NULL,
    suffix          text NOT NULL,
    made_by         text NOT NULL,
    made_by_name    text NOT NULL,
    created_at      text NOT NULL,
    expires_at      text NOT NULL,
    last_used_at    text,
    revoked_at      text,
    revoked_by_name text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, id)
);
CREATE UNIQUE INDEX api_tokens_hash ON api_tokens (token_hash);

-- +goose Down
DROP TABLE api_tokens;
DROP TABLE webhook_attempts;
DROP TABLE webhook_deliveries;
DROP TABLE webhook_cursors;
DROP TABLE webhook_secrets;
DROP TABLE webhook_endpoints;
