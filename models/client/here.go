package client

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/store"
	"locum/models/tenancy"
)

// Here is what an organization sees of an application's connection.
type Here struct {
	Connected  bool            // it asks who works where, and is told
	HomeURI    string          // where people open it; empty for nowhere
	LastSeenAt *models.Instant // when somebody was in it here last; nil: never
	LastSeenBy string          // his name
}

// Here tells of every application of the registry how it stands in the actor's
// organization, by id. Who came last is told to those alone who may see members.
func (c *Clients) Here(ctx context.Context, by models.Actor) (found map[string]Here, err error) {
	err = c.store.Read(ctx, by, models.ViewApplications, func(tx *store.Tx) error {
		found = map[string]Here{}
		var used []tenancy.Enabled
		if err := tx.Find(&used).Error; err != nil {
			return err
		}
		who := tx.Actor.May(models.ViewMembers) && !tx.Actor.Visiting()
		for _, u := range used {
			one := Here{LastSeenAt: u.LastSeenAt}
			if who && u.LastSeenBy != "" {
				if one.LastSeenBy, err = nameOf(tx, u.LastSeenBy); err != nil {
					return err
				}
			}
			found[u.ApplicationID] = one
		}
		return tx.Across("which applications are connected", func(tx *store.Tx) error {
			var rows []Client
			if err := tx.Where("disabled_at IS NULL").Find(&rows).Error; err != nil {
				return err
			}
			for _, row := range rows {
				one := found[row.ApplicationID]
				one.Connected, one.HomeURI = true, row.HomeURI
				found[row.ApplicationID] = one
			}
			return nil
		})
	})
	return found, err
}

func nameOf(tx *store.Tx, id string) (string, error) {
	var p account.Account
	err := tx.Where("id = ?", id).Take(&p).Error
	if store.Missing(err) {
		return "", nil
	}
	return p.Name, err
}

// User is a member who may use an application.
type User struct {
	Account, Name string
	Roles         []tenancy.Role // in it; none: he is in by being a member
	ByDefault     bool           // the role is the one that everybody has
}

// Visitor is somebody whom a delegation lets into an application.
type Visitor struct {
	Delegation delegation.Delegation
	Roles      []tenancy.Role
}

// Users are those who may use an application in an organization.
type Users struct {
	Members  []User
	Visitors []Visitor
}

// Users tells who may use an application in the actor's organization: members to
// those who may see members, visitors to those who manage delegations, and
// nobody to a visitor.
func (c *Clients) Users(ctx context.Context, by models.Actor, application string) (found Users, err error) {
	err = c.store.Read(ctx, by, models.ViewApplications, func(tx *store.Tx) error {
		found = Users{}
		if tx.Actor.Visiting() {
			return nil
		}
		reg, err := tenancy.LoadRegistry(tx)
		if err != nil {
			return err
		}
		if tx.Actor.May(models.ViewMembers) {
			if found.Members, err = members(tx, reg, application); err != nil {
				return err
			}
		}
		if tx.Actor.May(models.ManageDelegations) {
			found.Visitors, err = visitors(tx, reg, application)
		}
		return err
	})
	return found, err
}

// members are those with a role in the application, or else those whom its
// default role, or the lack of any role in it, lets in.
func members(tx *store.Tx, reg tenancy.Registry, application string) (list []User, err error) {
	var grants []tenancy.Grant
	if err := tx.Scopes(tenancy.Live(tx.Now())).Order("created_at, id").Find(&grants).Error; err != nil {
		return nil, err
	}
	all := reg.At(models.ApplicationLevel, application)
	var usual []tenancy.Role
	for _, r := range all {
		if r.IsDefault {
			usual = append(usual, r)
		}
	}
	inside, here := map[string][]tenancy.Role{}, []string{}
	for _, g := range grants {
		switch role := reg.Roles[g.RoleID]; g.ApplicationID {
		case "":
			if !slices.Contains(here, g.AccountID) {
				here = append(here, g.AccountID)
			}
		case application:
			if !slices.ContainsFunc(inside[g.AccountID], func(r tenancy.Role) bool { return r.ID == role.ID }) {
				inside[g.AccountID] = append(inside[g.AccountID], role)
			}
		}
	}
	dormant, err := tenancy.Dormant(tx, tx.Actor.Effective.Company, here)
	if err != nil {
		return nil, err
	}
	for _, id := range here {
		if dormant[id] {
			continue
		}
		u := User{Account: id, Roles: inside[id]}
		if len(u.Roles) == 0 {
			if len(all) > 0 && len(usual) == 0 {
				continue
			}
			u.Roles, u.ByDefault = usual, true
		}
		var p account.Account
		if err := tx.Where("id = ?", id).Take(&p).Error; err != nil {
			return nil, err
		}
		u.Name = p.Name
		list = append(list, u)
	}
	slices.SortFunc(list, func(a, b User) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.Account, b.Account))
	})
	return list, nil
}

// visitors are those whose delegation is active and opens the application.
func visitors(tx *store.Tx, reg tenancy.Registry, application string) (list []Visitor, err error) {
	var rows []delegation.Delegation
	err = tx.Where("revoked_at IS NULL AND declined_at IS NULL AND account_id <> '' AND (ends_at IS NULL OR ends_at > ?)", models.At(tx.Now())).
		Order("ends_at, id").Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var ids []string
	for _, d := range rows {
		ids = append(ids, d.ID)
	}
	given, err := delegation.RolesOf(tx, reg, ids...)
	if err != nil {
		return nil, err
	}
	all := reg.At(models.ApplicationLevel, application)
	for _, d := range rows {
		if d.Active(tx.Now()) && d.Opens(application, given[d.ID]) {
			list = append(list, Visitor{d, delegation.Within(d, given[d.ID], all)})
		}
	}
	return list, nil
}
