-- The keys with which the installation signs what applications are told.

-- +goose Up

-- The private half is sealed with the installation's keys. A key is published
-- (RFC 7517) before it signs, and until what it signed last has run out.
CREATE TABLE signing_keys (
    id           text PRIMARY KEY,
    algorithm    text NOT NULL,
    sealed       text NOT NULL,
    public       text NOT NULL,
    published_at text NOT NULL,
    active_at    text NOT NULL,
    retired_at   text
);

-- +goose Down
DROP TABLE signing_keys;
