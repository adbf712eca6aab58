package mandate

import (
	"context"
	"encoding/base64"
	"errors"
	"maps"
	"slices"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/event"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

// Mandates are the operations of a company on those who set it up.
type Mandates struct {
	store *store.Store
	keys  *secret.Keys
}

// NewMandates opens the mandates of a store. The links that somebody made end
// when he is removed from the company, or loses there what he handed over.
func NewMandates(s *store.Store, keys *secret.Keys) *Mandates {
	s.React(event.Offboarded, revokeMade)
	s.ReactAll(event.RoleRemoved, revokeUnfounded)
	return &Mandates{s, keys}
}

// Token is the secret part of a link's address. It is derived from the link's
// id, so that a mail that is sent twice has the same, and stands nowhere.
func Token(keys *secret.Keys, id string) (string, error) {
	raw, err := keys.Derive("set-up link "+id, 32)
	return base64.RawURLEncoding.EncodeToString(raw), err
}

// Listed is a mandate with the browsers that were used by it.
type Listed struct {
	Mandate
	Sessions []Session // the newest use first
}

// List gives the mandates of the actor's company, the newest first.
func (m *Mandates) List(ctx context.Context, by models.Actor) (list []Listed, err error) {
	err = m.store.Read(ctx, by, models.HandOverSetUp, func(tx *store.Tx) error {
		var rows []Mandate
		if err := tx.Order("created_at DESC, id DESC").Limit(listed).Find(&rows).Error; err != nil {
			return err
		}
		var ids []string
		for _, row := range rows {
			ids = append(ids, row.ID)
		}
		var sessions []Session
		if err := tx.Where("mandate_id IN ?", ids).Order("last_seen_at DESC").Find(&sessions).Error; err != nil {
			return err
		}
		for _, row := range rows {
			one := Listed{Mandate: row}
			for _, s := range sessions {
				if s.MandateID == row.ID {
					one.Sessions = append(one.Sessions, s)
				}
			}
			list = append(list, one)
		}
		return nil
	})
	return list, err
}

// listed is how many mandates a list shows; the trail has them all.
const listed = 100

// Get reads one mandate of the actor's company.
func (m *Mandates) Get(ctx context.Context, by models.Actor, id string) (row Mandate, err error) {
	err = m.store.Read(ctx, by, models.HandOverSetUp, func(tx *store.Tx) error {
		return unknown(tx.Where("id = ?", id).Take(&row).Error)
	})
	return row, err
}

// Revoke ends a mandate of the actor's company before its time, a link's or an
// operator's. Who works by it is out at once.
func (m *Mandates) Revoke(ctx context.Context, by models.Actor, id string) (row Mandate, err error) {
	err = m.store.Write(ctx, by, models.HandOverSetUp, func(tx *store.Tx) error {
		if err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("id = ?", id).Take(&row).Error; err != nil {
			return unknown(err)
		}
		if !row.Active(tx.Now()) {
			return models.Fail(models.Conflict, "setup.error.over")
		}
		if err := withdraw(tx, row); err != nil {
			return err
		}
		return End(tx, row, Revoked, tx.Now())
	})
	return row, err
}

// Underway lists the operators who set the actor's company up now. Everyone who
// sees the company's pages is told.
func (m *Mandates) Underway(ctx context.Context, by models.Actor) (list []Mandate, err error) {
	err = m.store.Read(ctx, by, models.ViewCompany, func(tx *store.Tx) error {
		return tx.Where("kind = ? AND ended_at IS NULL AND ends_at > ?", models.OperatorMandate, models.At(tx.Now())).Order("created_at").Find(&list).Error
	})
	return list, err
}

// Expire writes down the mandates whose time is over. Nobody was let in
// meanwhile: that is asked of the row and the clock.
func (m *Mandates) Expire(ctx context.Context) error {
	var due []Mandate
	err := m.store.SystemRead(ctx, "mandates that ran out", func(tx *store.Tx) error {
		return tx.Where("ended_at IS NULL AND ends_at <= ?", models.At(tx.Now())).Order("ends_at").Limit(listed).Find(&due).Error
	})
	for _, row := range due {
		err = errors.Join(err, m.store.System(ctx, "write down that a mandate ran out", func(tx *store.Tx) error {
			tx.NothingToRecord() // when somebody was here first
			return End(tx, row, Expired, row.EndsAt.Time)
		}))
	}
	return err
}

// revokeMade ends the links of somebody who was removed from their company. It
// runs in a System transaction.
func revokeMade(tx *store.Tx, about store.About) error {
	var rows []Mandate
	err := tx.Where("company_id = ? AND made_by = ? AND kind = ? AND ended_at IS NULL AND ends_at > ?", about.Company, about.ID,
		models.LinkMandate, models.At(tx.Now())).Order("id").Find(&rows).Error
	for _, row := range rows {
		err = errors.Join(err, withdraw(tx, row), End(tx, row, Revoked, tx.Now()))
	}
	return err
}

// revokeUnfounded ends the links whose makers may no longer do themselves what
// they handed over. It runs in a System transaction.
func revokeUnfounded(tx *store.Tx, removed []store.About) error {
	makers := map[string][]string{} // by company
	for _, about := range removed {
		if about.Organization == "" {
			makers[about.Company] = append(makers[about.Company], about.ID)
		}
	}
	for _, company := range slices.Sorted(maps.Keys(makers)) {
		for some := range slices.Chunk(makers[company], 500) {
			var rows []Mandate
			err := tx.Where("company_id = ? AND made_by IN ? AND kind = ? AND ended_at IS NULL AND ends_at > ?", company, some,
				models.LinkMandate, models.At(tx.Now())).Order("id").Find(&rows).Error
			if err != nil {
				return err
			}
			for _, row := range rows {
				if err := revokeIfUnfounded(tx, row); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func revokeIfUnfounded(tx *store.Tx, row Mandate) error {
	var held []tenancy.Grant
	err := tx.Scopes(tenancy.Live(tx.Now())).Where("company_id = ? AND account_id = ? AND organization_id = ''", row.CompanyID, row.MadeBy).Find(&held).Error
	if err != nil {
		return err
	}
	reg, err := tenancy.LoadRoles(tx)
	if err != nil {
		return err
	}
	maker := models.Actor{Account: row.MadeBy}
	for _, g := range held {
		maker.Permissions = maker.Permissions.With(reg.Roles[g.RoleID].Allows()...)
	}
	if maker.May(models.ManageConnections) {
		maker.Permissions = maker.Permissions.With(models.ManageCertificates, models.ManageDirectory)
	}
	if mayAll(maker, row.For()) {
		return nil
	}
	return errors.Join(withdraw(tx, row), End(tx, row, Revoked, tx.Now()))
}

// unknown answers a missing row like one of another company.
func unknown(err error) error {
	if store.Missing(err) {
		return models.Unknown()
	}
	return err
}

// mayAll says whether an actor holds everything that the purposes need.
func mayAll(by models.Actor, chosen []models.Purpose) bool {
	return !slices.ContainsFunc(chosen, func(p models.Purpose) bool {
		return slices.ContainsFunc(p.Permissions(), func(need models.Permission) bool { return !by.May(need) })
	})
}
