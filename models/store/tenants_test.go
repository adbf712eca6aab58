package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"locum/models"
	"locum/models/modelstest"
	"locum/models/store"
)

// tenant is one organization with a person in it, and a row in every table.
type tenant struct {
	company, organization, account, name string
}

// errDone rolls a test's transaction back.
var errDone = errors.New("done")

// rowOf is, for each table that belongs to a tenant, how a row of it is made,
// and a column in which a text can stand, or else a time. A table that is missing here fails
// every test of the walls: write its row down.
var rowOf = map[string]struct{ insert, column string }{
	"organizations":             {`(company_id, id, name, created_at) VALUES ({c}, {n}, {n}, {t})`, "name"},
	"organization_applications": {`(company_id, organization_id, application_id, enabled_at) VALUES ({c}, {o}, 'app_wall', {t})`, "application_id"},
	"domains":                   {`(company_id, id, name, token, created_at) VALUES ({c}, {n}, {n}, 'token', {t})`, "token"},
	"grants": {`(company_id, id, account_id, organization_id, role_id, source, source_id, created_at)
		VALUES ({c}, {n}, {a}, {o}, 'rol_member', 'rule', {n}, {t})`, "evidence"},
	"member_invitations": {`(company_id, organization_id, id, email, normal, invited_by, invited_by_name, account_id, expires_at, created_at)
		VALUES ({c}, {o}, {n}, 'x@x.example', {n}, 'a', 'A', {a}, {t}, {t})`, "invited_by_name"},
	"delegations": {`(company_id, organization_id, id, email, normal, account_id, period, starts_at, granted_by, granted_by_name, granted_at)
		VALUES ({c}, {o}, {n}, 'x@x.example', {n}, {a}, '1w', {t}, 'a', 'A', {t})`, "ticket"},
	"delegation_roles": {`(company_id, organization_id, delegation_id, role_id) VALUES ({c}, {o}, {n}, 'rol_member')`, "application_id"},
	"delegation_proposals": {`(company_id, organization_id, id, delegation_id, kind, proposed_by, proposed_by_name, proposed_at, due_at)
		VALUES ({c}, {o}, {n}, {n}, 'grant', 'a', 'A', {t}, {t})`, "note"},
	"visits": {`(company_id, organization_id, id, delegation_id, account_id, account_name, session_id, entered_at, last_seen_at)
		VALUES ({c}, {o}, {n}, {n}, {a}, 'A', {n}, {t}, {t})`, "account_name"},
	"watches": {`(company_id, organization_id, account_id, delegation_id, mode, changed_at) VALUES ({c}, {o}, {a}, {n}, 'at_once', {t})`, "changed_at"},
	"notices": {`(company_id, organization_id, id, account_id, key, kind, delivery, created_at)
		VALUES ({c}, {o}, {n}, {a}, {n}, 'x', 'mail', {t})`, "visit_id"},
	"request_links": {`(company_id, organization_id, id, token_hash, made_by, made_by_name, created_at) VALUES ({c}, {o}, {n}, {n}, 'a', 'A', {t})`, "made_by_name"},
	"delegation_requests": {`(company_id, organization_id, id, account_id, account_name, email, normal, period, reason, asked_at, lapses_at)
		VALUES ({c}, {o}, {n}, {a}, 'A', 'x@x.example', {n}, '1w', 'x', {t}, {t})`, "note"},
	"firm_delegations": {`(company_id, organization_id, id, firm_company_id, firm_name, firm_domain, people, period, starts_at, granted_by, granted_by_name, granted_at)
		VALUES ({c}, {o}, {n}, 'x', 'X', 'x.example', 3, '1w', {t}, 'a', 'A', {t})`, "ticket"},
	"firm_delegation_roles": {`(company_id, organization_id, firm_id, role_id) VALUES ({c}, {o}, {n}, 'rol_member')`, "application_id"},
	"firm_vetoes": {`(company_id, organization_id, firm_id, account_id, account_name, vetoed_by, vetoed_by_name, vetoed_at)
		VALUES ({c}, {o}, {n}, {a}, 'A', 'a', 'A', {t})`, "account_name"},
	"connections":     {`(company_id, id, name, entity_id, created_at, updated_at) VALUES ({c}, {n}, 'x', 'x', {t}, {t})`, "name"},
	"connection_keys": {`(company_id, connection_id, id, sealed, certificate, created_at) VALUES ({c}, {n}, 'x', 'x', 'x', {t})`, "certificate"},
	"identities": {`(company_id, connection_id, entity_id, name_id, account_id, created_at)
		VALUES ({c}, {n}, 'x', 'x', {a}, {t})`, "name_qualifier"},
	"profiles": {`(company_id, account_id, source_id, asserted_at) VALUES ({c}, {a}, {n}, {t})`, "assertion_id"},
	"connectors": {`(company_id, id, name, level, role_id, condition, created_by, created_by_name, created_at, updated_at)
		VALUES ({c}, {n}, 'x', 'company', 'rol_employee', '{}', 'a', 'A', {t}, {t})`, "note"},
	"connector_versions":   {`(company_id, connector_id, version, rule, made_by, made_by_name, made_at) VALUES ({c}, {n}, 1, '{}', 'a', 'A', {t})`, "reason"},
	"runs":                 {`(company_id, id, cause, state, created_at, updated_at) VALUES ({c}, {n}, 'saved', 'done', {t}, {t})`, "reason"},
	"run_failures":         {`(company_id, run_id, account_id, reference, failed_at) VALUES ({c}, {n}, {a}, 'x', {t})`, "account_name"},
	"taken_grants":         {`(company_id, run_id, id, account_id, taken) VALUES ({c}, {n}, {n}, {a}, '{}')`, "taken"},
	"mandates":             {`(company_id, id, kind, made_by, made_by_name, ends_at, created_at) VALUES ({c}, {n}, 'link', 'a', 'A', {t}, {t})`, "reason"},
	"mandate_sessions":     {`(company_id, id, mandate_id, token_hash, last_seen_at, created_at) VALUES ({c}, {n}, {n}, {n}, {t}, {t})`, "user_agent"},
	"blocked_people":       {`(company_id, account_id, blocked_by, blocked_by_name, created_at) VALUES ({c}, {a}, {n}, 'A', {t})`, "blocked_by_name"},
	"events":               {`(company_id, position, id, organization_id, type, occurred_at) VALUES ({c}, {p}, {n}, {o}, 'x', {t})`, "subject_name"},
	"mails":                {`(company_id, id, organization_id, key, kind, recipient, message_id, created_at) VALUES ({c}, {n}, {o}, {n}, 'x', 'x', 'x', {t})`, "failure"},
	"break_glass_managers": {`(company_id, account_id, named_by, named_by_name, named_at) VALUES ({c}, {a}, 'a', 'A', {t})`, "named_by_name"},
	"break_glass_sessions": {`(company_id, session_id, account_id, account_name, reason, entered_at, ends_at)
		VALUES ({c}, {n}, {a}, 'A', 'x', {t}, {t})`, "reason"},
	"seats":              {`(company_id, account_id, since) VALUES ({c}, {a}, {t})`, "taken_at"},
	"directories":        {`(company_id, id, name, created_by, created_by_name, created_at) VALUES ({c}, {n}, 'x', 'a', 'A', {t})`, "name"},
	"directory_tokens":   {`(company_id, id, directory_id, hash, suffix, created_by_name, created_at) VALUES ({c}, {n}, {n}, {n}, 'x', 'A', {t})`, "suffix"},
	"directory_users":    {`(company_id, id, directory_id, user_name, user_name_key, active, created_at, updated_at) VALUES ({c}, {n}, {n}, 'x', {n}, true, {t}, {t})`, "user_name"},
	"directory_groups":   {`(company_id, id, directory_id, display_name, display_name_key, created_at, updated_at) VALUES ({c}, {n}, {n}, 'x', 'x', {t}, {t})`, "display_name"},
	"directory_members":  {`(company_id, group_id, member_id, directory_id, kind, created_at) VALUES ({c}, {n}, {n}, {n}, 'user', {t})`, "member_id"},
	"directory_requests": {`(company_id, id, directory_id, at, method, target, status) VALUES ({c}, {n}, {n}, {t}, 'GET', 'x', 200)`, "detail"},
	"webhook_endpoints":  {`(company_id, organization_id, id, url, made_by, made_by_name, created_at) VALUES ({c}, {o}, {n}, 'https://x.example', 'a', 'A', {t})`, "description"},
	"webhook_secrets":    {`(company_id, organization_id, endpoint_id, id, sealed, created_at) VALUES ({c}, {o}, {n}, {n}, 'x', {t})`, "sealed"},
	"webhook_cursors":    {`(company_id, endpoint_id, stream, position) VALUES ({c}, {n}, 'x', 1)`, "stream"},
	"webhook_deliveries": {`(company_id, organization_id, id, endpoint_id, position, message_id, type, body, cause, state, created_at)
		VALUES ({c}, {o}, {n}, {n}, {p}, 'x', 'x', '{}', 'event', 'waiting', {t})`, "failure"},
	"webhook_attempts": {`(company_id, organization_id, delivery_id, number, started_at, took_ms) VALUES ({c}, {o}, {n}, 1, {t}, 1)`, "failure"},
	"api_tokens": {`(company_id, organization_id, id, name, token_hash, suffix, made_by, made_by_name, created_at, expires_at)
		VALUES ({c}, {o}, {n}, 'x', {n}, 'x', 'a', 'A', {t}, {t})`, "revoked_by_name"},
	"account_tokens": {`(company_id, organization_id, id, account_id, account_name, name, session_id, token_hash, suffix, created_at, expires_at)
		VALUES ({c}, {o}, {n}, {a}, 'A', 'x', 's', {n}, 'x', {t}, {t})`, "revoked_by_name"},
	"api_requests": {`(company_id, token_id, key, digest, subject_id, created_at) VALUES ({c}, {n}, {n}, 'x', 'x', {t})`, "digest"},
	"data_keys":    {`(company_id, organization_id, id, wrapped, master_key_id, retired_at, created_at) VALUES ({c}, {o}, {n}, 'x', 'mas_wall', {t}, {t})`, "wrapped"},
	"secrets": {`(company_id, organization_id, id, name, name_key, kind, version, made_by_name, created_at, changed_at)
		VALUES ({c}, {o}, {n}, 'x', {n}, 'text', 1, 'A', {t}, {t})`, "note"},
	"secret_versions": {`(company_id, organization_id, secret_id, number, sealed, made_by_name, made_at) VALUES ({c}, {o}, {n}, 1, 'x', 'A', {t})`, "sealed"},
	"usage_records": {`(company_id, application_id, source, event_id, id, organization_id, quantity, at, day, state, digest, received_at)
		VALUES ({c}, 'app_wall', '/x', {n}, {n}, {o}, 1, {t}, '2026-11-16', 'counted', 'x', {t})`, "note"},
	"usage_meters": {`(company_id, id, application_id, key, name, unit, made_by_name, created_at) VALUES ({c}, {n}, 'app_wall', {n}, 'X', 'x', 'A', {t})`, "name"},
	"usage_prices": {`(company_id, id, meter_id, amount, currency, from_day, made_by_name, created_at) VALUES ({c}, {n}, {n}, '1', 'EUR', '2026-11-16', 'A', {t})`, "amount"},
}

// written is what tests try to write into a column of rowOf.
func written(column string) string {
	if strings.HasSuffix(column, "_at") {
		return "2026-11-16T11:00:00.000000Z"
	}
	return "app_wall"
}

// insertOrder is in which foreign keys want the rows.
var insertOrder = []string{"organization_applications", "domains", "grants", "member_invitations", "delegations", "delegation_roles", "delegation_proposals", "visits", "watches", "notices",
	"request_links", "delegation_requests", "firm_delegations", "firm_delegation_roles", "firm_vetoes",
	"connections", "connection_keys", "identities", "profiles", "connectors", "connector_versions", "runs", "run_failures", "taken_grants", "mandates", "mandate_sessions", "blocked_people", "events", "mails", "break_glass_managers", "break_glass_sessions", "seats",
	"directories", "directory_tokens", "directory_users", "directory_groups", "directory_members", "directory_requests",
	"webhook_endpoints", "webhook_secrets", "webhook_cursors", "webhook_deliveries", "webhook_attempts", "api_tokens", "api_requests", "account_tokens", "data_keys", "secrets", "secret_versions", "usage_records", "usage_meters", "usage_prices"}

// insert is the statement that makes a row of a table for a tenant; name tells
// it from other rows.
func insert(table string, t tenant, name string) string {
	position := 0
	for _, r := range name {
		position = position*31%1_000_000_007 + int(r)
	}
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	return "INSERT INTO " + table + " " + strings.NewReplacer("{c}", quote(t.company), "{o}", quote(t.organization), "{a}", quote(t.account),
		"{n}", quote(name), "{p}", fmt.Sprint(1_000_000+position), "{t}", quote("2026-11-16T10:00:00.000000Z")).Replace(rowOf[table].insert)
}

// tenants fills every table for two organizations of one company, and for one
// of another.
func tenants(t *testing.T, w *modelstest.World) (ours, sibling, foreign tenant) {
	t.Helper()
	made := func(p models.Party, person, name string) tenant {
		return tenant{company: p.Company, organization: p.Organization, account: w.ID(person), name: name}
	}
	ours, sibling = made(w.Production, "anna", "ours"), made(w.Acceptance, "jan", "sibling")
	foreign = made(w.Zonneveld, "karin", "foreign")
	w.System(func(tx *store.Tx) error {
		run := func(statement string) error {
			if _, err := tx.SQL().Exec(statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
			return nil
		}
		if err := run(`INSERT INTO applications (id, key, name, created_at) VALUES ('app_wall', 'wall', 'Wall', '2026-11-16T10:00:00.000000Z')`); err != nil {
			return err
		}
		if err := run(`INSERT INTO role_families (id, level, name, created_at) VALUES ('fam_wall', 'organization', 'Wall', '2026-11-16T10:00:00.000000Z')`); err != nil {
			return err
		}
		if err := run(`INSERT INTO master_keys (id, sealed, is_current, created_at) VALUES ('mas_wall', 'x', false, '2026-11-16T10:00:00.000000Z')`); err != nil {
			return err
		}
		for _, of := range []tenant{ours, sibling, foreign} {
			for _, table := range insertOrder {
				if err := run(insert(table, of, of.name)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return ours, sibling, foreign
}

func TestEveryTenantTableHasARowInTheTestsOfTheWalls(t *testing.T) {
	for _, table := range store.TenantTables() {
		if rowOf[table].insert == "" {
			t.Errorf("no row for %s: the walls around it are not tested", table)
		}
	}
	if len(rowOf) != len(store.TenantTables()) || len(insertOrder) != len(rowOf)-1 {
		t.Errorf("%d rows, %d in order, %d tables", len(rowOf), len(insertOrder), len(store.TenantTables()))
	}
}

// confinement is one way in which a transaction can be confined.
type confinement struct {
	name                           string
	company, organization, account string
}

func confinements(of tenant) []confinement {
	return []confinement{
		{"organization", of.company, of.organization, ""},
		{"company", of.company, "", ""},
		{"account", "", "", of.account},
	}
}

// within says whether rows of a table can be reached at all when confined so.
func (c confinement) within(table string) bool {
	switch {
	case c.account != "":
		return store.AccountColumn(table) != ""
	case c.organization != "":
		return store.OrganizationColumn(table) != ""
	}
	return true
}

// holds is the condition on the rows that may be seen when confined so.
func (c confinement) holds(table string) string {
	switch {
	case c.account != "":
		return fmt.Sprintf("%s = '%s'", store.AccountColumn(table), c.account)
	case c.organization != "":
		return fmt.Sprintf("company_id = '%s' AND %s = '%s'", c.company, store.OrganizationColumn(table), c.organization)
	}
	return fmt.Sprintf("company_id = '%s'", c.company)
}

// writes says whether rows of a table may be changed when confined so.
func (c confinement) writes(table string) bool {
	return c.account == "" && c.within(table) && !store.Outgoing(table)
}
