package tenancy

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/store"
)

// Membership is a member of an organization with everything he holds there.
type Membership struct {
	Person account.Person
	Grants []Grant

	// SeenAt is when he was last at work there; zero where that is not known.
	SeenAt time.Time
	// Waiting is since when he waits for a seat, and none of it counts; zero for
	// who has one.
	Waiting time.Time
	// Givers are the names of those who gave a grant by hand, by its id.
	Givers map[string]string
}

// Has says whether the member holds a role in the organization itself.
func (m Membership) Has(role string) bool {
	return slices.ContainsFunc(m.Grants, func(g Grant) bool { return g.RoleID == role })
}

// Members are the operations on the members of an organization.
type Members struct{ store *store.Store }

// NewMembers opens the members of a store.
func NewMembers(s *store.Store) *Members { return &Members{s} }

// List gives the members of the actor's organization by name.
func (m *Members) List(ctx context.Context, by models.Actor) (list []Membership, err error) {
	err = m.store.Read(ctx, by, models.ViewMembers, func(tx *store.Tx) error {
		if list, err = members(tx); err != nil {
			return err
		}
		return finish(tx, list)
	})
	return list, err
}

// Get gives one member of the actor's organization.
func (m *Members) Get(ctx context.Context, by models.Actor, id string) (one Membership, err error) {
	err = m.store.Read(ctx, by, models.ViewMembers, func(tx *store.Tx) error {
		if one, err = member(tx, id); err != nil {
			return err
		}
		one, err = finished(tx, one)
		return err
	})
	return one, err
}

// members reads everyone with a live grant, as the transaction is confined.
func members(tx *store.Tx) ([]Membership, error) {
	var grants []Grant
	if err := tx.Scopes(Live(tx.Now())).Order("created_at, id").Find(&grants).Error; err != nil {
		return nil, err
	}
	by := map[string][]Grant{}
	var ids []string
	for _, g := range grants {
		if by[g.AccountID] == nil {
			ids = append(ids, g.AccountID)
		}
		by[g.AccountID] = append(by[g.AccountID], g)
	}
	people, err := account.LoadAll(tx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]Membership, 0, len(ids))
	for _, id := range ids {
		list = append(list, Membership{Person: people[id], Grants: by[id]})
	}
	slices.SortFunc(list, func(a, b Membership) int {
		return strings.Compare(strings.ToLower(a.Person.Name), strings.ToLower(b.Person.Name))
	})
	return list, nil
}

func member(tx *store.Tx, id string) (Membership, error) {
	var grants []Grant
	if err := tx.Scopes(Live(tx.Now())).Where("account_id = ?", id).Find(&grants).Error; err != nil {
		return Membership{}, err
	}
	if len(grants) == 0 {
		return Membership{}, models.Unknown()
	}
	p, err := account.Load(tx, id)
	return Membership{Person: p, Grants: grants}, err
}

// Superusers lists the live superusers of an organization who can sign in, in
// a System transaction.
func Superusers(tx *store.Tx, company, organization string) ([]account.Person, error) {
	return holdersOf(tx, company, organization, Superuser)
}

// Managers lists the live managers of a company who can sign in, those of
// longest standing first, in a System transaction.
func Managers(tx *store.Tx, company string) ([]account.Person, error) {
	return holdersOf(tx, company, "", Manager)
}

func holdersOf(tx *store.Tx, company, organization, role string) ([]account.Person, error) {
	var grants []Grant
	err := tx.Scopes(Live(tx.Now())).Where("company_id = ? AND organization_id = ? AND role_id = ?", company, organization, role).
		Order("created_at, id").Find(&grants).Error
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, g := range grants {
		if !slices.Contains(ids, g.AccountID) {
			ids = append(ids, g.AccountID)
		}
	}
	people, err := account.LoadAll(tx, ids)
	if err != nil {
		return nil, err
	}
	waiting, err := Waiting(tx, company)
	var list []account.Person
	for _, id := range ids {
		if _, waits := waiting[id]; !waits && people[id].DeactivatedAt == nil && !people[id].Service {
			list = append(list, people[id])
		}
	}
	return list, err
}

// SetRoles makes the given roles the ones that a member holds by hand. Roles
// that connectors gave stay as they are. A member keeps at least one role in
// the organization itself, and the organization keeps a superuser.
func (m *Members) SetRoles(ctx context.Context, by models.Actor, id string, roles []string) error {
	return m.store.Write(ctx, by, models.ManageMembers, func(tx *store.Tx) error {
		one, reg, err := m.change(tx, id)
		if err != nil {
			return err
		}
		wanted, err := checkRoles(tx, reg, roles)
		if err != nil {
			return err
		}
		inOrganization := false
		changed := false
		for _, g := range one.Grants {
			switch {
			case g.Source != Manual && g.Source != FromDefault:
				inOrganization = inOrganization || g.ApplicationID == ""
			case !slices.ContainsFunc(wanted, func(r Role) bool { return r.ID == g.RoleID }):
				if err := mayHandle(tx.Actor, reg.Roles[g.RoleID]); err != nil {
					return err
				}
				changed = true
				if err := Take(tx, g, one.Person.Name); err != nil {
					return err
				}
			}
		}
		for _, r := range wanted {
			inOrganization = inOrganization || r.Level == models.OrganizationLevel
			held := slices.ContainsFunc(one.Grants, func(g Grant) bool {
				return g.RoleID == r.ID && (g.Source == Manual || g.Source == FromDefault)
			})
			if held {
				continue
			}
			changed = true
			if err := Give(tx, Grant{CompanyID: tx.Actor.Effective.Company, OrganizationID: tx.Actor.Effective.Organization, AccountID: id,
				ApplicationID: r.ApplicationID, RoleID: r.ID, Source: Manual, GrantedBy: tx.Actor.Account}, one.Person.Name); err != nil {
				return err
			}
		}
		if !inOrganization {
			wrong := models.FieldErrors{}
			wrong.Add("role", "organization.error.role_needed")
			return wrong.Err()
		}
		if !changed {
			tx.NothingToRecord()
			return nil
		}
		return keepSuperuser(tx)
	})
}

// Remove takes every role by hand from a member. Somebody whose roles come
// from a connector cannot be removed by hand: he would be back at his next
// sign-in.
func (m *Members) Remove(ctx context.Context, by models.Actor, id string) error {
	return m.store.Write(ctx, by, models.ManageMembers, func(tx *store.Tx) error {
		one, reg, err := m.change(tx, id)
		if err != nil {
			return err
		}
		for _, g := range one.Grants {
			if g.Source == Rule || g.Source == FromDirectory {
				return models.Fail(models.Conflict, "organization.error.by_connector", "Name", one.Person.Name)
			}
			if err := mayHandle(tx.Actor, reg.Roles[g.RoleID]); err != nil {
				return err
			}
			if err := Take(tx, g, one.Person.Name); err != nil {
				return err
			}
		}
		tx.Record(event.MemberRemoved, store.About{ID: id, Name: one.Person.Name})
		if err := keepSuperuser(tx); err != nil {
			return err
		}
		return leaveHome(tx, id)
	})
}

// change locks the organization, so that two changes of members cannot pass
// each other, and reads the member and the registry.
func (m *Members) change(tx *store.Tx, id string) (Membership, Registry, error) {
	if err := Lock(tx, tx.Actor.Effective.Organization); err != nil {
		return Membership{}, Registry{}, err
	}
	one, err := member(tx, id)
	if err != nil {
		return one, Registry{}, err
	}
	reg, err := LoadRegistry(tx)
	return one, reg, err
}

// Lock holds an organization's row until the end of the transaction: changes
// that must see each other wait here.
func Lock(tx *store.Tx, organization string) error {
	var o Organization
	err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("id = ?", organization).Take(&o).Error
	if store.Missing(err) {
		return models.Unknown()
	}
	return err
}

// checkRoles reads ids of roles that the organization can give.
func checkRoles(tx *store.Tx, reg Registry, ids []string) ([]Role, error) {
	wrong := models.FieldErrors{}
	var enabled []Enabled
	if err := tx.Find(&enabled).Error; err != nil {
		return nil, err
	}
	var roles []Role
	for _, id := range ids {
		r, there := reg.Roles[id]
		inUse := r.Level == models.OrganizationLevel || r.Level == models.ApplicationLevel &&
			slices.ContainsFunc(enabled, func(e Enabled) bool { return e.ApplicationID == r.ApplicationID })
		switch {
		case !there || !inUse:
			wrong.Add("role", "error.choice")
		default:
			if err := mayHandle(tx.Actor, r); err != nil {
				return nil, err
			}
			roles = append(roles, r)
		}
	}
	return roles, wrong.Err()
}

// mayHandle refuses to give or take a role that allows more than the actor may
// do himself: otherwise whoever manages members could make himself superuser.
func mayHandle(by models.Actor, r Role) error {
	for _, p := range r.Allows() {
		if !by.May(p) {
			return models.Fail(models.Forbidden, "error.forbidden", "Permission", string(p))
		}
	}
	if r.ID == Superuser && !by.May(models.ManageSuperusers) {
		return models.Fail(models.Forbidden, "error.forbidden", "Permission", string(models.ManageSuperusers))
	}
	return nil
}

// keepSuperuser refuses a change that leaves the organization without anyone
// who can manage it, now or once what he holds has ended.
func keepSuperuser(tx *store.Tx) error {
	here := tx.Actor.Effective
	return keepLasting(tx, Grant{CompanyID: here.Company, OrganizationID: here.Organization, RoleID: Superuser})
}

// leaveHome chooses another home for somebody who lost his: his next oldest
// membership, or none.
func leaveHome(tx *store.Tx, id string) error {
	left := tx.Actor.Effective.Organization
	return tx.Across("a person's home after he lost it", func(tx *store.Tx) error { return Rehome(tx, id, left) })
}
