-- +goose Up
-- The second wall between tenants. Every transaction takes one of two roles:
-- locum_tenant sees what the settings of the transaction name, locum_system
-- sees all. A setting that was never made, or was made in an earlier
-- transaction, reads as '' or NULL, and then no row is visible.

ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE organizations FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON organizations TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON organizations TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR id = current_setting('locum.organization', true)));
GRANT SELECT, INSERT, UPDATE, DELETE ON organizations TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON organizations TO locum_tenant;

ALTER TABLE organization_applications ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization_applications FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON organization_applications TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON organization_applications TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
GRANT SELECT, INSERT, UPDATE, DELETE ON organization_applications TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON organization_applications TO locum_tenant;

ALTER TABLE domains ENABLE ROW LEVEL SECURITY;
ALTER TABLE domains FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON domains TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON domains TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND NULLIF(current_setting('locum.organization', true), '') IS NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON domains TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON domains TO locum_tenant;

ALTER TABLE grants ENABLE ROW LEVEL SECURITY;
ALTER TABLE grants FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON grants TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON grants TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
CREATE POLICY own ON grants FOR SELECT TO locum_tenant USING (account_id = NULLIF(current_setting('locum.account', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON grants TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON grants TO locum_tenant;

ALTER TABLE member_invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE member_invitations FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON member_invitations TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON member_invitations TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
CREATE POLICY own ON member_invitations FOR SELECT TO locum_tenant USING (account_id = NULLIF(current_setting('locum.account', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON member_invitations TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON member_invitations TO locum_tenant;

ALTER TABLE delegations ENABLE ROW LEVEL SECURITY;
ALTER TABLE delegations FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON delegations TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON delegations TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
CREATE POLICY own ON delegations FOR SELECT TO locum_tenant USING (account_id = NULLIF(current_setting('locum.account', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON delegations TO locum_system;
GRANT SELECT, INSERT, UPDATE ON delegations TO locum_tenant;

ALTER TABLE delegation_roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE delegation_roles FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON delegation_roles TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON delegation_roles TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
GRANT SELECT, INSERT, UPDATE, DELETE ON delegation_roles TO locum_system;
GRANT SELECT, INSERT ON delegation_roles TO locum_tenant;

ALTER TABLE visits ENABLE ROW LEVEL SECURITY;
ALTER TABLE visits FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON visits TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON visits TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
CREATE POLICY own ON visits FOR SELECT TO locum_tenant USING (account_id = NULLIF(current_setting('locum.account', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON visits TO locum_system;
GRANT SELECT ON visits TO locum_tenant;

ALTER TABLE connections ENABLE ROW LEVEL SECURITY;
ALTER TABLE connections FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON connections TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON connections TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND NULLIF(current_setting('locum.organization', true), '') IS NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON connections TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON connections TO locum_tenant;

ALTER TABLE connection_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE connection_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON connection_keys TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON connection_keys TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND NULLIF(current_setting('locum.organization', true), '') IS NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON connection_keys TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON connection_keys TO locum_tenant;

ALTER TABLE identities ENABLE ROW LEVEL SECURITY;
ALTER TABLE identities FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON identities TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON identities TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND NULLIF(current_setting('locum.organization', true), '') IS NULL);
CREATE POLICY own ON identities FOR SELECT TO locum_tenant USING (account_id = NULLIF(current_setting('locum.account', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON identities TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON identities TO locum_tenant;

ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE profiles FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON profiles TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON profiles TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND NULLIF(current_setting('locum.organization', true), '') IS NULL);
CREATE POLICY own ON profiles FOR SELECT TO locum_tenant USING (account_id = NULLIF(current_setting('locum.account', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON profiles TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON profiles TO locum_tenant;

ALTER TABLE connectors ENABLE ROW LEVEL SECURITY;
ALTER TABLE connectors FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON connectors TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON connectors TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND NULLIF(current_setting('locum.organization', true), '') IS NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON connectors TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON connectors TO locum_tenant;

ALTER TABLE connector_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE connector_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON connector_versions TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON connector_versions TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND NULLIF(current_setting('locum.organization', true), '') IS NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON connector_versions TO locum_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON connector_versions TO locum_tenant;

ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON events TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON events TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
GRANT SELECT, INSERT ON events TO locum_system;
GRANT SELECT ON events TO locum_tenant;

ALTER TABLE mails ENABLE ROW LEVEL SECURITY;
ALTER TABLE mails FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON mails TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY tenant ON mails TO locum_tenant
    USING (company_id = NULLIF(current_setting('locum.company', true), '')
        AND (NULLIF(current_setting('locum.organization', true), '') IS NULL OR organization_id = current_setting('locum.organization', true)));
GRANT SELECT, INSERT, UPDATE, DELETE ON mails TO locum_system;
GRANT SELECT ON mails TO locum_tenant;

ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE accounts FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON accounts TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY own ON accounts TO locum_tenant
    USING (id = NULLIF(current_setting('locum.account', true), ''));
CREATE POLICY names ON accounts FOR SELECT TO locum_tenant USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON accounts TO locum_system;
GRANT SELECT, UPDATE (name, language, time_zone) ON accounts TO locum_tenant;

ALTER TABLE addresses ENABLE ROW LEVEL SECURITY;
ALTER TABLE addresses FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON addresses TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY own ON addresses TO locum_tenant
    USING (account_id = NULLIF(current_setting('locum.account', true), ''));
CREATE POLICY names ON addresses FOR SELECT TO locum_tenant USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON addresses TO locum_system;
GRANT SELECT ON addresses TO locum_tenant;

ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON sessions TO locum_system USING (true) WITH CHECK (true);
CREATE POLICY own ON sessions TO locum_tenant
    USING (account_id = NULLIF(current_setting('locum.account', true), ''));
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO locum_system;
GRANT SELECT ON sessions TO locum_tenant;

GRANT SELECT, INSERT, UPDATE, DELETE ON companies, applications, roles, sign_in_codes, sign_in_states, assertions,
    rate_counters, setup_tokens, event_positions TO locum_system;
GRANT SELECT ON companies, applications, roles TO locum_tenant;

-- +goose Down

DROP POLICY system ON organizations;
DROP POLICY tenant ON organizations;
ALTER TABLE organizations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE organizations DISABLE ROW LEVEL SECURITY;

DROP POLICY system ON organization_applications;
DROP POLICY tenant ON organization_applications;
ALTER TABLE organization_applications NO FORCE ROW LEVEL SECURITY;
ALTER TABLE organization_applications DISABLE ROW LEVEL SECURITY;

DROP POLICY system ON domains;
DROP POLICY tenant ON domains;
ALTER TABLE domains NO FORCE ROW LEVEL SECURITY;
ALTER TABLE domains DISABLE ROW LEVEL SECURITY;

DROP POLICY system ON grants;
DROP POLICY tenant ON grants;
DROP POLICY own ON grants;
ALTER TABLE grants NO FORCE ROW LEVEL SECURITY;
ALTER TABLE grants DISABLE ROW LEVEL SECURITY;

DROP POLICY system ON member_invitations;
DROP POLICY tenant ON member_invitations;
DROP POLICY own ON member_invitations;
ALTER TABLE member_invitations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE member_invitations DISABLE ROW LEVEL SECURITY;

DROP POLICY system ON delegations;
DROP POLICY tenant ON delegations;
DROP POLICY own ON delegations;
ALTER TABLE delegations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE delegations DISABLE ROW LEVEL SECURITY;

DROP POLICY system ON delegation_roles;
DROP POLICY tenant ON delegation_roles;
ALTER TABLE delegation_roles NO FORCE ROW LEVEL SECURITY;
ALTER TABLE delegation_roles DISABLE ROW LEVEL SECURITY;

DROP POLICY system ON visits;
DROP POLICY tenant ON visits;
DROP POLICY own ON visits;
ALTER TABLE visits NO FORCE ROW LEVEL SECURITY;
ALTER TABLE visits DISABLE ROW LEVEL SECURITY;

DROP POLICY system ON connections;
DROP POLICY tenant ON connections;
ALTER TABLE connections NO FORCE ROW LEVEL SECURITY;
ALTER TABLE connections DISABLE ROW LEVEL SECURITY;

DROP POLICY system ON connection_keys;
DROP POLICY tenant ON connection_keys;
ALTER TABLE connection_keys NO FORCE ROW LEVEL SECURITY;
ALTER TABLE connection_keys DISABLE ROW LEVEL SECURITY;

DROP POLICY system ON identities;
DROP POLICY tenant ON identities;
DROP POLICY own ON identities;
ALTER TABLE identities NO FORCE ROW LEVEL SECURITY;
ALTER TABLE identities DISABLE ROW LEVEL SECURITY;

DROP POLICY system ON profiles;
DROP POLICY tenant ON profiles;
DROP POLICY own ON profiles;
ALTER TABLE profiles NO FORCE ROW LEVEL SECURITY;
ALTER TABLE profiles DISABLE ROW LEVEL SECURITY;

DROP POLICY system ON connectors;
DROP POLICY tenant ON connectors;
ALTER TABLE connectors NO FORCE ROW LEVEL SECURITY;
ALTER TABLE connectors DISABLE ROW LEVEL SECURITY;

DROP POLICY system ON connector_versions;
DROP POLICY tenant ON connector_versions;
ALTER TABLE connector_versions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE connector_versions DISABLE ROW LEVEL SECURITY;

DROP POLICY system ON events;
DROP POLICY tenant ON events;
ALTER TABLE events NO FORCE ROW LEVEL SECURITY;
ALTER TABLE events DISABLE ROW LEVEL SECURITY;

DROP POLICY system ON mails;
DROP POLICY tenant ON mails;
ALTER TABLE mails NO FORCE ROW LEVEL SECURITY;
ALTER TABLE mails DISABLE ROW LEVEL SECURITY;

DROP POLICY system ON accounts;
DROP POLICY own ON accounts;
DROP POLICY names ON accounts;
ALTER TABLE accounts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE accounts DISABLE ROW LEVEL SECURITY;

DROP POLICY system ON addresses;
DROP POLICY own ON addresses;
DROP POLICY names ON addresses;
ALTER TABLE addresses NO FORCE ROW LEVEL SECURITY;
ALTER TABLE addresses DISABLE ROW LEVEL SECURITY;

DROP POLICY system ON sessions;
DROP POLICY own ON sessions;
ALTER TABLE sessions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE sessions DISABLE ROW LEVEL SECURITY;
