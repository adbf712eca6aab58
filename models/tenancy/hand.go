package tenancy

import (
	"context"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/store"
)

// ByHand is a role that a manager gives somebody himself.
type ByHand struct {
	Organization string // empty: in the company
	Application  string // empty: in the organization itself
	Role         string
	EndsAt       *models.Instant // nil: without an end
}

// GiveByHand gives a person of the actor's company a role. Where he holds it by
// hand already, it has the new end.
func (c *Companies) GiveByHand(ctx context.Context, by models.Actor, person string, in ByHand) error {
	return c.store.Write(ctx, by, models.ManagePeople, func(tx *store.Tx) error {
		if err := lockPlace(tx, in.Organization); err != nil {
			return err
		}
		one, err := member(tx, person)
		if err != nil {
			return err
		}
		role, err := in.check(tx, one)
		if err != nil {
			return err
		}
		if err := endHeld(tx, one, in); err != nil {
			return err
		}
		g := Grant{OrganizationID: in.Organization, AccountID: person, ApplicationID: in.Application, RoleID: role.ID, Source: Manual,
			CompanyID: tx.Actor.Effective.Company, GrantedBy: tx.Actor.Account, EndsAt: in.EndsAt}
		if err := Give(tx, g, one.Person.Name); err != nil {
			return err
		}
		if err := keepLasting(tx, g); err != nil {
			return err
		}
		if role.Level != models.OrganizationLevel {
			return nil
		}
		return tx.Across("a first organization is a person's home", func(tx *store.Tx) error {
			return SetHome(tx, person, g.CompanyID, g.OrganizationID)
		})
	})
}

// check says what is wrong with it, by field. What belongs to another company
// is answered like what does not exist.
func (in ByHand) check(tx *store.Tx, one Membership) (Role, error) {
	wrong := models.FieldErrors{}
	reg, err := LoadRegistry(tx)
	if err != nil {
		return Role{}, err
	}
	role, there := reg.Roles[in.Role]
	level := models.CompanyLevel
	switch {
	case in.Application != "":
		level = models.ApplicationLevel
	case in.Organization != "":
		level = models.OrganizationLevel
	}
	if !there || role.Level != level || role.ApplicationID != in.Application {
		wrong.Add("role", "error.choice")
	} else if level == models.ApplicationLevel {
		var uses int64
		err := tx.Model(&Enabled{}).Where("organization_id = ? AND application_id = ?", in.Organization, in.Application).Count(&uses).Error
		if err != nil {
			return role, err
		}
		if uses == 0 {
			wrong.Add("role", "error.choice")
		} else if !one.inside(in.Organization) {
			wrong.Add("role", "company.error.outside")
		}
	}
	if in.EndsAt != nil && !in.EndsAt.After(tx.Now()) {
		wrong.Add("date", "company.error.date_past")
	}
	if err := wrong.Err(); err != nil {
		return role, err
	}
	return role, MayGive(tx.Actor, role)
}

// MayGive refuses who may not give a role, by hand or by a rule: nobody gives more
// in the company than he holds there, and who makes superusers is who makes
// organizations.
func MayGive(by models.Actor, role Role) error {
	need := models.Permissions{}
	switch {
	case role.Level == models.CompanyLevel:
		need = role.Allows()
	case role.Allows().Has(models.ManageSuperusers):
		need = need.With(models.ManageOrganizations)
	}
	for _, p := range need {
		if !by.May(p) {
			return models.Fail(models.Forbidden, "error.forbidden", "Permission", string(p))
		}
	}
	return nil
}

// inside says whether a person holds a role in an organization itself.
func (m Membership) inside(organization string) bool {
	for _, g := range m.Grants {
		if g.OrganizationID == organization && g.ApplicationID == "" {
			return true
		}
	}
	return false
}

// endHeld makes room for a role that a person holds by hand already.
func endHeld(tx *store.Tx, one Membership, in ByHand) error {
	for _, g := range one.Grants {
		if g.Source != Manual || g.OrganizationID != in.Organization || g.ApplicationID != in.Application || g.RoleID != in.Role {
			continue
		}
		if same(g.EndsAt, in.EndsAt) {
			wrong := models.FieldErrors{}
			wrong.Add("role", "company.error.held")
			return wrong.Err()
		}
		return tx.Where("id = ?", g.ID).Delete(&Grant{}).Error
	}
	return nil
}

func same(a, b *models.Instant) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(b.Time)
}

// TakeByHand takes a role from a person that was given by hand. With his last
// role in an organization go those in its applications.
func (c *Companies) TakeByHand(ctx context.Context, by models.Actor, person, id string) error {
	return c.store.Write(ctx, by, models.ManagePeople, func(tx *store.Tx) error {
		var g Grant
		err := tx.Scopes(Live(tx.Now())).Where("id = ? AND account_id = ? AND source = ?", id, person, Manual).Take(&g).Error
		if err != nil {
			return missing(err)
		}
		if err := lockPlace(tx, g.OrganizationID); err != nil {
			return err
		}
		p, err := account.Load(tx, person)
		if err != nil {
			return err
		}
		reg, err := LoadRegistry(tx)
		if err != nil {
			return err
		}
		if err := MayGive(tx.Actor, reg.Roles[g.RoleID]); err != nil {
			return err
		}
		if err := Take(tx, g, p.Name); err != nil {
			return err
		}
		if err := keepLasting(tx, g); err != nil {
			return err
		}
		return follow(tx, g, p.Name)
	})
}

// follow takes what goes with a role that is gone: with the last one in an
// organization those in its applications, and the home there.
func follow(tx *store.Tx, gone Grant, name string) error {
	if gone.OrganizationID == "" || gone.ApplicationID != "" {
		return nil
	}
	var left []Grant
	err := tx.Scopes(Live(tx.Now())).Where("company_id = ? AND organization_id = ? AND account_id = ?", gone.CompanyID, gone.OrganizationID, gone.AccountID).
		Order("id").Find(&left).Error
	if err != nil || (Membership{Grants: left}).inside(gone.OrganizationID) {
		return err
	}
	for _, g := range left {
		if err := Take(tx, g, name); err != nil {
			return err
		}
	}
	return tx.Across("a person's home after he lost it", func(tx *store.Tx) error { return Rehome(tx, gone.AccountID, gone.OrganizationID) })
}

// lockPlace holds an organization, or for "" every organization of the company,
// until the end of the transaction.
func lockPlace(tx *store.Tx, organization string) error {
	if organization != "" {
		return Lock(tx, organization)
	}
	var all []Organization
	return tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("company_id = ?", tx.Actor.Effective.Company).Order("id").Find(&all).Error
}

// keepLasting refuses a change of a highest role after which nobody holds it
// without an end: a company keeps a manager, an organization a superuser.
func keepLasting(tx *store.Tx, g Grant) error {
	key := map[string]string{Manager: "company.error.last_manager", Superuser: "organization.error.last_superuser"}[g.RoleID]
	if key == "" {
		return nil
	}
	lasting, err := lasting(tx, g.CompanyID, g.OrganizationID, g.RoleID)
	if err == nil && !lasting {
		err = models.Fail(models.Conflict, key)
	}
	return err
}

// lasting says whether anybody who can sign in holds a role without an end.
func lasting(tx *store.Tx, company, organization, role string) (bool, error) {
	var grants []Grant
	err := tx.Where("company_id = ? AND organization_id = ? AND role_id = ? AND ends_at IS NULL", company, organization, role).Find(&grants).Error
	if err != nil {
		return false, err
	}
	ids := make([]string, len(grants))
	for i, g := range grants {
		ids[i] = g.AccountID
	}
	people, err := account.LoadAll(tx, ids)
	if err != nil {
		return false, err
	}
	waiting, err := Waiting(tx, company)
	for _, p := range people {
		if _, waits := waiting[p.ID]; p.DeactivatedAt == nil && !p.Service && !waits {
			return true, err
		}
	}
	return false, err
}

// sweepSize is how many grants one pass of EndGrants takes.
const sweepSize = 100

// EndGrants writes down the grants that ran out. Nobody held them meanwhile:
// that is asked of the row and the clock. Each is a transaction of its own.
func (c *Companies) EndGrants(ctx context.Context) error {
	var due []Grant
	err := c.store.SystemRead(ctx, "grants that ran out", func(tx *store.Tx) error {
		return tx.Where("ends_at <= ?", models.At(tx.Now())).Order("ends_at, id").Limit(sweepSize).Find(&due).Error
	})
	for _, g := range due {
		if err != nil {
			return err
		}
		err = c.store.System(ctx, "write down the end of a grant", func(tx *store.Tx) error {
			gone := tx.Where("company_id = ? AND id = ? AND ends_at <= ?", g.CompanyID, g.ID, models.At(tx.Now())).Delete(&Grant{})
			if gone.Error != nil || gone.RowsAffected == 0 {
				tx.NothingToRecord() // somebody was here first
				return gone.Error
			}
			p, err := account.Load(tx, g.AccountID)
			if err != nil {
				return err
			}
			tx.Record(event.RoleRemoved, store.About{ID: g.AccountID, Name: p.Name, Company: g.CompanyID, Organization: g.OrganizationID, At: g.EndsAt,
				Data: map[string]any{"role": g.RoleID, "application": g.ApplicationID, "source": g.Source, "ended": true}})
			tx.Notify("account:" + g.AccountID)
			return follow(tx, g, p.Name)
		})
	}
	return err
}

// Place is an organization with the ids of the applications that it uses.
type Place struct {
	Organization
	Uses []string
}

// Places lists where in the actor's company a role can be given.
func (c *Companies) Places(ctx context.Context, by models.Actor) (list []Place, err error) {
	err = c.store.Read(ctx, by, models.ManagePeople, func(tx *store.Tx) error {
		var organizations []Organization
		if err := tx.Order("lower(name), id").Find(&organizations).Error; err != nil {
			return err
		}
		var enabled []Enabled
		if err := tx.Order("application_id").Find(&enabled).Error; err != nil {
			return err
		}
		uses := map[string][]string{}
		for _, e := range enabled {
			uses[e.OrganizationID] = append(uses[e.OrganizationID], e.ApplicationID)
		}
		for _, o := range organizations {
			list = append(list, Place{o, uses[o.ID]})
		}
		return nil
	})
	return list, err
}
