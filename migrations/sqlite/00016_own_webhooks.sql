-- Webhooks of an organization's own, and those that receive for an application.

-- +goose Up

-- Whose roles directory events carry: those of an application, or the company's
-- when empty.
ALTER TABLE webhook_endpoints ADD COLUMN application_id text NOT NULL DEFAULT '';

-- The organization of the endpoint, so that its own people reach what is its own.
ALTER TABLE webhook_secrets ADD COLUMN organization_id text NOT NULL DEFAULT '';
ALTER TABLE webhook_deliveries ADD COLUMN organization_id text NOT NULL DEFAULT '';
ALTER TABLE webhook_attempts ADD COLUMN organization_id text NOT NULL DEFAULT '';
UPDATE webhook_secrets SET organization_id = (SELECT e.organization_id FROM webhook_endpoints e
    WHERE e.company_id = webhook_secrets.company_id AND e.id = webhook_secrets.endpoint_id);
UPDATE webhook_deliveries SET organization_id = (SELECT e.organization_id FROM webhook_endpoints e
    WHERE e.company_id = webhook_deliveries.company_id AND e.id = webhook_deliveries.endpoint_id);
UPDATE webhook_attempts SET organization_id = (SELECT d.organization_id FROM webhook_deliveries d
    WHERE d.company_id = webhook_attempts.company_id AND d.id = webhook_attempts.delivery_id);

-- +goose Down
ALTER TABLE webhook_attempts DROP COLUMN organization_id;
ALTER TABLE webhook_deliveries DROP COLUMN organization_id;
ALTER TABLE webhook_secrets DROP COLUMN organization_id;
ALTER TABLE webhook_endpoints DROP COLUMN application_id;
