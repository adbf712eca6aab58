package directory

import (
	"maps"
	"slices"
	"strings"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// published are the types of event after which a user is published. The
// published object is written at the end of the transaction, so that it says
// what came of the change.
var published = []string{event.DirectoryUserCreated, event.DirectoryUserUpdated, event.DirectoryUserDeleted, event.RoleGranted, event.RoleRemoved}

// turned is a role that somebody gained or lost in a transaction.
type turned struct{ role, organization, application string }

// publish completes the events of users with the published object, and leaves
// one user_updated for each user who was not spoken of and whose roles changed,
// by whatever it was.
func publish(tx *store.Tx, about []store.About) error {
	companies := map[string]*publication{}
	for _, a := range about {
		p := companies[a.Company]
		if p == nil {
			p = &publication{told: map[string]map[string]any{}, changed: map[string][]turned{}}
			companies[a.Company] = p
		}
		if _, user := a.Data[event.Object].(event.DirectoryUser); user {
			p.told[a.ID] = a.Data
			continue
		}
		role, _ := a.Data["role"].(string)
		application, _ := a.Data["application"].(string)
		p.changed[a.ID] = append(p.changed[a.ID], turned{role, a.Organization, application})
	}
	for _, company := range slices.Sorted(maps.Keys(companies)) {
		err := tx.Within(company, func(tx *store.Tx) error { return companies[company].write(tx, company) })
		if err != nil {
			return err
		}
	}
	return nil
}

// publication is what one transaction has to say of the users of a company.
type publication struct {
	told    map[string]map[string]any // by user, the data of his event
	changed map[string][]turned       // by account
}

func (p *publication) write(tx *store.Tx, company string) error {
	users, err := p.users(tx)
	if err != nil || len(users) == 0 {
		return err
	}
	reg, err := tenancy.LoadRoles(tx)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(users, atOnce) {
		held, err := grantsOf(tx, part)
		if err != nil {
			return err
		}
		in, err := (&work{tx: tx}).groupsOf(userIDs(part))
		if err != nil {
			return err
		}
		for _, u := range part {
			if err := p.writeUser(tx, u, in[u.ID], rolesOf(held[u.AccountID], reg)); err != nil {
				return err
			}
		}
	}
	return nil
}

// users are those who were spoken of, and those whose roles changed.
func (p *publication) users(tx *store.Tx) (list []User, err error) {
	for part := range slices.Chunk(slices.Sorted(maps.Keys(p.told)), atOnce) {
		var some []User
		if err := tx.Where("id IN ?", part).Order("id").Find(&some).Error; err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(p.changed)), atOnce) {
		var some []User
		if err := tx.Where("account_id IN ? AND deleted_at IS NULL", part).Order("id").Find(&some).Error; err != nil {
			return nil, err
		}
		for _, u := range some {
			if p.told[u.ID] == nil {
				list = append(list, u)
			}
		}
	}
	return list, nil
}

func userIDs(list []User) []string {
	ids := make([]string, len(list))
	for i, u := range list {
		ids[i] = u.ID
	}
	return ids
}

// grantsOf are the grants of some users, by account.
func grantsOf(tx *store.Tx, users []User) (map[string][]tenancy.Grant, error) {
	accounts := make([]string, 0, len(users))
	for _, u := range users {
		if u.AccountID != "" {
			accounts = append(accounts, u.AccountID)
		}
	}
	held := map[string][]tenancy.Grant{}
	if len(accounts) == 0 {
		return held, nil
	}
	var rows []tenancy.Grant
	err := tx.Scopes(tenancy.Live(tx.Now())).Where("account_id IN ?", accounts).Order("created_at, id").Find(&rows).Error
	for _, g := range rows {
		held[g.AccountID] = append(held[g.AccountID], g)
	}
	return held, err
}

// roles are what somebody holds in a company, as it is published.
type roles struct {
	grants       []tenancy.Grant
	reg          tenancy.Registry
	company      []event.DirectoryRole
	applications event.ApplicationRoles
}

func rolesOf(grants []tenancy.Grant, reg tenancy.Registry) roles {
	r := roles{grants: grants, reg: reg, company: []event.DirectoryRole{}, applications: event.ApplicationRoles{}}
	for _, id := range reg.RoleOrder {
		role := reg.Roles[id]
		if !slices.ContainsFunc(grants, func(g tenancy.Grant) bool { return g.RoleID == id }) {
			continue
		}
		switch role.Level {
		case models.CompanyLevel:
			r.company = append(r.company, event.DirectoryRole{Name: role.Key})
		case models.ApplicationLevel:
			r.applications[role.ApplicationID] = append(r.applications[role.ApplicationID], event.DirectoryRole{Name: role.Key})
		}
	}
	return r
}

// before are the company's roles that somebody held before some were gained or
// lost.
func (r roles) before(changed []turned, now models.Instant) []event.DirectoryRole {
	list := []event.DirectoryRole{}
	for _, id := range r.reg.RoleOrder {
		role := r.reg.Roles[id]
		held, older := false, false
		for _, g := range r.grants {
			if g.RoleID == id {
				held, older = true, older || g.CreatedAt.Before(now.Time)
			}
		}
		moved := slices.ContainsFunc(changed, func(t turned) bool { return t.role == id })
		if role.Level == models.CompanyLevel && (held && (older || !moved) || !held && moved) {
			list = append(list, event.DirectoryRole{Name: role.Key})
		}
	}
	return list
}

// writeUser completes the event of a user, or leaves one.
func (p *publication) writeUser(tx *store.Tx, u User, in []event.DirectoryGroup, held roles) error {
	object, err := u.publishedAs(in, held.company)
	if err != nil {
		return err
	}
	data, told := p.told[u.ID]
	if !told {
		data = u.facts()
	}
	data[event.Object], data[event.RolesByApplication] = object, held.applications
	if changed := p.changed[u.AccountID]; len(changed) > 0 {
		if was := held.before(changed, models.At(tx.Now())); !slices.Equal(was, held.company) {
			previous, _ := data[store.Previous].(map[string]any)
			previous = maps.Clone(previous)
			if previous == nil {
				previous = map[string]any{}
			}
			previous["roles"] = was
			data[store.Previous] = previous
		}
	}
	if !told {
		tx.Record(event.DirectoryUserUpdated, store.About{ID: u.ID, Name: u.Shown(), Company: u.CompanyID, Data: data})
	}
	return nil
}

// facts are what the trail says of a user in each of his events.
func (u User) facts() map[string]any {
	return map[string]any{"directory": u.DirectoryID, "user_name": u.UserName, "external_id": u.ExternalID, "active": u.Active}
}

// publishedAs is a user in the published shape.
func (u User) publishedAs(in []event.DirectoryGroup, held []event.DirectoryRole) (event.DirectoryUser, error) {
	r, err := u.whole()
	if err != nil {
		return event.DirectoryUser{}, err
	}
	name, _ := r["name"].(map[string]any)
	given, _ := name["givenName"].(string)
	family, _ := name["familyName"].(string)
	out := event.DirectoryUser{ID: u.ID, OrganizationID: u.CompanyID, ProviderID: u.ExternalID, PreferredUsername: u.UserName, Active: u.Active,
		Name: r.shown(u.UserName), GivenName: given, FamilyName: family, Groups: in, Roles: held, CustomAttributes: r.custom(), RawAttributes: r}
	if in == nil {
		out.Groups = []event.DirectoryGroup{}
	}
	if list := u.emails(r); len(list) > 0 {
		out.Email = list[0].Typed
	}
	return out, nil
}

// custom are the attributes of extensions, and those that no schema of ours
// knows, under their own names.
func (r Resource) custom() map[string]any {
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(r)) {
		object, complex := r[name].(map[string]any)
		switch {
		case complex && strings.HasPrefix(strings.ToLower(name), "urn:"):
			maps.Copy(out, object)
		case UserType.attribute(name) == nil:
			out[name] = r[name]
		}
	}
	return out
}
