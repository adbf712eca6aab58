package tenancy

import (
	"context"
	"slices"
	"strings"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
)

// People lists everyone who holds a role anywhere in the actor's company, by
// name, with every role that each holds there.
func (c *Companies) People(ctx context.Context, by models.Actor) (list []Membership, err error) {
	err = c.store.Read(ctx, by, models.ViewCompany, func(tx *store.Tx) error {
		if list, err = members(tx); err != nil {
			return err
		}
		return finish(tx, list)
	})
	return list, err
}

// Person gives one of the People; models.Unknown for an account that holds
// nothing in the actor's company, whether or not it exists.
func (c *Companies) Person(ctx context.Context, by models.Actor, id string) (one Membership, err error) {
	err = c.store.Read(ctx, by, models.ViewCompany, func(tx *store.Tx) error {
		if one, err = member(tx, id); err != nil {
			return err
		}
		one, err = finished(tx, one)
		return err
	})
	return one, err
}

// Census is an organization with how many people belong to it.
type Census struct {
	Organization
	Members    int
	Superusers int
}

// Census counts the members of each organization of the actor's company.
func (c *Companies) Census(ctx context.Context, by models.Actor) (list []Census, err error) {
	err = c.store.Read(ctx, by, models.ViewCompany, func(tx *store.Tx) error {
		list, err = census(tx)
		return err
	})
	return list, err
}

// Census counts the members of the actor's organization.
func (m *Members) Census(ctx context.Context, by models.Actor) (one Census, err error) {
	err = m.store.Read(ctx, by, models.ViewMembers, func(tx *store.Tx) error {
		list, err := census(tx)
		if err == nil && len(list) == 0 {
			return models.Unknown()
		}
		if err == nil {
			one = list[0]
		}
		return err
	})
	return one, err
}

// Held is a company as the operators of the platform see it: what it is called
// and how large it is, and nothing that is inside.
type Held struct {
	Company
	Organizations []Census
	Taken         int // of its seats; 0 where there is no limit
}

// All lists the companies of the installation by name.
func (c *Companies) All(ctx context.Context, by models.Actor) (list []Held, err error) {
	err = c.store.Read(ctx, by, models.OperatePlatform, func(tx *store.Tx) error {
		var companies []Company
		if err := tx.Order("lower(name), id").Find(&companies).Error; err != nil {
			return err
		}
		counted, err := census(tx)
		if err != nil {
			return err
		}
		taken, err := seatsTaken(tx)
		if err != nil {
			return err
		}
		for _, company := range companies {
			held := Held{Company: company, Taken: taken[company.ID]}
			for _, o := range counted {
				if o.CompanyID == company.ID {
					held.Organizations = append(held.Organizations, o)
				}
			}
			list = append(list, held)
		}
		return nil
	})
	return list, err
}

// census counts members by organization, as the transaction is confined: a
// member holds a role in the organization itself.
func census(tx *store.Tx) ([]Census, error) {
	var organizations []Organization
	if err := tx.Order("lower(name), id").Find(&organizations).Error; err != nil {
		return nil, err
	}
	var held []Grant
	err := tx.Scopes(Live(tx.Now())).Distinct("organization_id", "account_id", "role_id").
		Where("organization_id <> '' AND application_id = ''").Find(&held).Error
	if err != nil {
		return nil, err
	}
	people, superusers := map[string]map[string]bool{}, map[string]int{}
	for _, g := range held {
		if people[g.OrganizationID] == nil {
			people[g.OrganizationID] = map[string]bool{}
		}
		people[g.OrganizationID][g.AccountID] = true
		if g.RoleID == Superuser {
			superusers[g.OrganizationID]++
		}
	}
	list := make([]Census, len(organizations))
	for i, o := range organizations {
		list[i] = Census{o, len(people[o.ID]), superusers[o.ID]}
	}
	return list, nil
}

// lastUse is when sessions of an account were last used at a place.
type lastUse struct {
	AccountID      string
	CompanyID      string
	OrganizationID string
	SeenAt         models.Instant
}

// at says whether the place is the party: a session that chose none is at the
// person's home.
func (u lastUse) at(party models.Party, home account.Account) bool {
	if u.CompanyID == "" && home.HomeCompanyID != nil && home.HomeOrganizationID != nil {
		u.CompanyID, u.OrganizationID = *home.HomeCompanyID, *home.HomeOrganizationID
	}
	return u.CompanyID == party.Company && (party.Organization == "" || u.OrganizationID == party.Organization)
}

// seen fills in when each was last seen where the transaction is confined.
// What somebody does elsewhere is not told: sessions in other places and in
// visits do not count.
func seen(tx *store.Tx, list []Membership) error {
	here := tx.Actor.Effective
	ids := make([]string, len(list))
	for i, m := range list {
		ids[i] = m.Person.ID
	}
	latest := map[string]time.Time{}
	homes := map[string]account.Account{}
	for _, m := range list {
		homes[m.Person.ID] = m.Person.Account
	}
	err := tx.Across("when the people of a place were last seen there", func(tx *store.Tx) error {
		for part := range slices.Chunk(ids, 500) {
			var uses []lastUse
			err := tx.Model(&account.Session{}).Select("account_id, company_id, organization_id, MAX(last_seen_at) AS seen_at").
				Where("account_id IN ? AND visit_id = ''", part).Group("account_id, company_id, organization_id").Find(&uses).Error
			if err != nil {
				return err
			}
			for _, u := range uses {
				if u.at(here, homes[u.AccountID]) && u.SeenAt.After(latest[u.AccountID]) {
					latest[u.AccountID] = u.SeenAt.Time
				}
			}
		}
		return nil
	})
	for i, m := range list {
		list[i].SeenAt = latest[m.Person.ID]
	}
	return err
}

// spare takes out what a visitor is not told: which connector gave a role, and
// for which value. That a connector did stays.
func spare(by models.Actor, list []Membership) {
	if !by.Visiting() {
		return
	}
	for _, m := range list {
		for i := range m.Grants {
			m.Grants[i].SourceID, m.Grants[i].SourceVersion, m.Grants[i].Evidence, m.Grants[i].GrantedBy = "", 0, "", ""
		}
	}
}

// Matches says whether a person's name or address holds a text, whatever its
// capitals.
func (m Membership) Matches(text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	return strings.Contains(strings.ToLower(m.Person.Name), text) || strings.Contains(strings.ToLower(m.Person.Email), text)
}

// finish fills in what screens show beside roles: when a person was last seen,
// whether he waits for a seat, and who gave what he holds by hand.
func finish(tx *store.Tx, list []Membership) error {
	spare(tx.Actor, list)
	if err := nameGivers(tx, list); err != nil {
		return err
	}
	waiting, err := Waiting(tx, tx.Actor.Effective.Company)
	if err != nil {
		return err
	}
	for i, m := range list {
		list[i].Waiting = waiting[m.Person.ID]
	}
	return seen(tx, list)
}

func finished(tx *store.Tx, one Membership) (Membership, error) {
	list := []Membership{one}
	err := finish(tx, list)
	return list[0], err
}

func nameGivers(tx *store.Tx, list []Membership) error {
	var ids []string
	for _, m := range list {
		for _, g := range m.Grants {
			if g.GrantedBy != "" && !slices.Contains(ids, g.GrantedBy) {
				ids = append(ids, g.GrantedBy)
			}
		}
	}
	people, err := account.LoadAll(tx, ids)
	if err != nil {
		return err
	}
	for i, m := range list {
		list[i].Givers = map[string]string{}
		for _, g := range m.Grants {
			if p, there := people[g.GrantedBy]; there {
				list[i].Givers[g.ID] = p.Name
			}
		}
	}
	return nil
}
