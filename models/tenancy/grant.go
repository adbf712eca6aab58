package tenancy

import (
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// Source is where a grant comes from.
type Source string

// The sources of grants.
const (
	Rule          Source = "rule"
	FromDirectory Source = "directory"
	Manual        Source = "manual"
	FromDefault   Source = "default"
	// ByDelegation marks roles that screens show beside grants; such a role
	// stands with its delegation, and is never a row of grants.
	ByDelegation Source = "delegation"
)

// Grant is a role that an account holds at a target, with its source. Holding
// one in an organization is what makes a member.
type Grant struct {
	CompanyID      string `gorm:"primaryKey"`
	ID             string `gorm:"primaryKey"`
	AccountID      string
	OrganizationID string // empty: in the company
	ApplicationID  string // empty: in the organization itself
	RoleID         string
	Source         Source
	SourceID       string // of the connector
	SourceVersion  int64
	Evidence       string // JSON: which value, from which assertion, when
	GrantedBy      string // account
	EndsAt         *models.Instant
	CreatedAt      models.Instant
}

// GrantColumns is how many columns a grant has: see store.Tx.RowsAtOnce.
const GrantColumns = 13

// TableName is the table of grants.
func (Grant) TableName() string { return "grants" }

// Live keeps the grants that hold at a moment: a scope for gorm.
func Live(now time.Time) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB { return db.Where("ends_at IS NULL OR ends_at > ?", models.At(now)) }
}

// Give writes a grant, unless the same stands already; name is the person's,
// for the event.
func Give(tx *store.Tx, g Grant, name string) error { return give(tx, &g, name) }

// Take removes a grant; name is the person's, for the event.
func Take(tx *store.Tx, g Grant, name string) error {
	if err := RemoveGrants(tx, g.CompanyID, []Grant{g}); err != nil {
		return err
	}
	RecordTaken(tx, g, name)
	return nil
}

func give(tx *store.Tx, g *Grant, name string) error {
	g.ID, g.CreatedAt = models.NewID("grt"), models.At(tx.Now())
	made := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(g)
	if made.Error == nil && made.RowsAffected == 0 {
		made = again(tx, g)
	}
	if made.Error != nil || made.RowsAffected == 0 {
		return made.Error
	}
	RecordGiven(tx, *g, name)
	return nil
}

// InsertGrants writes new rows of a company in as few statements as can be, and
// gives them their ids. It records nothing: see RecordGiven. A row that stands
// already is left as it is.
func InsertGrants(tx *store.Tx, company string, rows []Grant) error {
	if len(rows) == 0 {
		return nil
	}
	for i := range rows {
		rows[i].CompanyID, rows[i].ID, rows[i].CreatedAt = company, models.NewID("grt"), models.At(tx.Now())
	}
	return tx.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&rows, tx.RowsAtOnce(GrantColumns)).Error
}

// RemoveGrants deletes rows of a company in as few statements as can be. It
// records nothing: see RecordTaken.
func RemoveGrants(tx *store.Tx, company string, rows []Grant) error {
	for part := range slices.Chunk(rows, atOnce) {
		ids := make([]string, len(part))
		for i, g := range part {
			ids[i] = g.ID
		}
		if err := tx.Where("company_id = ? AND id IN ?", company, ids).Delete(&Grant{}).Error; err != nil {
			return err
		}
	}
	return nil
}

// RecordGiven leaves the event of a role that a person gained, by name, and
// tells him.
func RecordGiven(tx *store.Tx, g Grant, name string) {
	data := map[string]any{"role": g.RoleID, "application": g.ApplicationID, "source": g.Source, "source_id": g.SourceID}
	if g.EndsAt != nil {
		data["ends_at"] = g.EndsAt.Time
	}
	tx.Record(event.RoleGranted, store.About{ID: g.AccountID, Name: name, Company: g.CompanyID, Organization: g.OrganizationID, Data: data})
	tx.Notify("account:" + g.AccountID)
}

// RecordTaken is RecordGiven for a role that a person lost.
func RecordTaken(tx *store.Tx, g Grant, name string) { recordTaken(tx, g, name, map[string]any{}) }

// recordTaken is RecordTaken with what there is to say besides.
func recordTaken(tx *store.Tx, g Grant, name string, data map[string]any) {
	data["role"], data["application"], data["source"], data["source_id"] = g.RoleID, g.ApplicationID, g.Source, g.SourceID
	tx.Record(event.RoleRemoved, store.About{ID: g.AccountID, Name: name, Company: g.CompanyID, Organization: g.OrganizationID, Data: data})
	tx.Notify("account:" + g.AccountID)
}

// again writes a grant in place of the same one that ran out, and that no sweep
// has come by for yet.
func again(tx *store.Tx, g *Grant) *gorm.DB {
	gone := tx.Where("company_id = ? AND account_id = ? AND organization_id = ? AND application_id = ? AND role_id = ? AND source = ? AND source_id = ? AND ends_at <= ?",
		g.CompanyID, g.AccountID, g.OrganizationID, g.ApplicationID, g.RoleID, g.Source, g.SourceID, models.At(tx.Now())).Delete(&Grant{})
	if gone.Error != nil || gone.RowsAffected == 0 {
		return gone
	}
	return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(g)
}
