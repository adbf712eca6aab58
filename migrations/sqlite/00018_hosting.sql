-- What an organization asks of its visitors, and of the delegations that it gives.

-- +goose Up
ALTER TABLE organizations ADD COLUMN host_approval boolean NOT NULL DEFAULT false;
ALTER TABLE organizations ADD COLUMN host_longest_days integer NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN host_ticket_required boolean NOT NULL DEFAULT false;
ALTER TABLE organizations ADD COLUMN host_second_factor boolean NOT NULL DEFAULT false;
ALTER TABLE organizations ADD COLUMN host_sign_in_minutes integer NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN host_own_sign_on boolean NOT NULL DEFAULT false;
ALTER TABLE organizations ADD COLUMN host_networks text NOT NULL DEFAULT '';
ALTER TABLE organizations ADD COLUMN host_mail_needed boolean NOT NULL DEFAULT false;
ALTER TABLE organizations ADD COLUMN host_notify text NOT NULL DEFAULT 'at_once';

-- +goose Down
ALTER TABLE organizations DROP COLUMN host_notify;
ALTER TABLE organizations DROP COLUMN host_mail_needed;
ALTER TABLE organizations DROP COLUMN host_networks;
ALTER TABLE organizations DROP COLUMN host_own_sign_on;
ALTER TABLE organizations DROP COLUMN host_sign_in_minutes;
ALTER TABLE organizations DROP COLUMN host_second_factor;
ALTER TABLE organizations DROP COLUMN host_ticket_required;
ALTER TABLE organizations DROP COLUMN host_longest_days;
ALTER TABLE organizations DROP COLUMN host_approval;
