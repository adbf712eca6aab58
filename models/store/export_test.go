package store

import (
	"database/sql"
	"maps"
	"slices"
)

// Confine puts up both walls, as Write and Read do.
func (tx *Tx) Confine(company, organization, account string) error {
	return tx.confine(wall{company: company, organization: organization, account: account})
}

// ConfineHere puts up the program's wall alone: the database goes on in the
// role that sees everything.
func (tx *Tx) ConfineHere(company, organization, account string) {
	tx.wall = wall{company: company, organization: organization, account: account}
}

// SQL is the transaction past gorm, and so past the program's wall.
func (tx *Tx) SQL() *sql.Tx { return tx.sql }

// SQL is the database past every wall.
func (s *Store) SQL() *sql.DB { return s.write }

// TenantTables lists the tables that carry company_id.
func TenantTables() []string { return slices.Sorted(maps.Keys(tenantTables)) }

// OwnTables lists the tables that belong to people.
func OwnTables() []string { return slices.Sorted(maps.Keys(ownTables)) }

// RegistryTables lists the tables that everyone reads.
func RegistryTables() []string { return slices.Sorted(maps.Keys(registryTables)) }

// Outgoing says whether a tenant's table is read by it alone.
func Outgoing(table string) bool { return outgoingTables[table] }

// OrganizationColumn is by what a tenant's table is confined to an
// organization; empty when it cannot be reached from inside one.
func OrganizationColumn(table string) string { return tenantTables[table].organization }

// AccountColumn is by what a table is confined to a person; empty when it
// cannot be reached by one.
func AccountColumn(table string) string {
	return tenantTables[table].account + ownTables[table].account
}

// Gap is what follows when the database's notifications broke off.
func (s *Store) Gap() { s.topics.tell(Everything) }
