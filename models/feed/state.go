package feed

import (
	"context"
	"slices"
	"strconv"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

// The most people that one page of a snapshot holds, and what it holds when
// nobody asks.
const (
	MostPeople  = 1000
	UsualPeople = 200
)

// State is everybody and everything that events tell of changes to, by page.
// Events behind AsOf of the first page bring what was read up to date: those
// that it holds already change nothing when they are applied again.
type State struct {
	AsOf          string   `json:"as_of"` // a cursor of Events
	Company       Place    `json:"company"`
	Organizations []Place  `json:"organizations"`
	Roles         []Role   `json:"roles"`
	People        []Person `json:"people"`
	Next          string   `json:"next,omitempty"` // of the next page; empty on the last
}

// Place is a company or an organization.
type Place struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Role is one that people of the company can hold.
type Role struct {
	ID            string       `json:"id"`
	Key           string       `json:"key"`
	Name          string       `json:"name"`
	Level         models.Level `json:"level"`
	ApplicationID string       `json:"application_id,omitempty"`
}

// Person is somebody who holds a role in the company.
type Person struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Email  string `json:"email"`
	Active bool   `json:"active"`
	Roles  []Held `json:"roles"`
}

// Held is a role that somebody holds, where, and by what.
type Held struct {
	RoleID         string         `json:"role_id"`
	RoleName       string         `json:"role_name"`
	OrganizationID string         `json:"organization_id,omitempty"`
	ApplicationID  string         `json:"application_id,omitempty"`
	Source         tenancy.Source `json:"source"`
	EndsAt         string         `json:"ends_at,omitempty"`
}

// Snapshot gives a page of the state of the company that a token belongs to:
// so many people behind an id (UsualPeople when 0).
func (f *Feed) Snapshot(ctx context.Context, token, after string, limit int) (s State, err error) {
	if limit == 0 {
		limit = UsualPeople
	}
	if limit < 1 || limit > MostPeople {
		wrong := models.FieldErrors{}
		wrong.Add("limit", "feed.error.limit", "Most", MostPeople)
		return s, wrong.Err()
	}
	err = f.read(ctx, token, ReadState, func(tx *store.Tx, by Token) error {
		head, err := Head(tx, by.CompanyID) // before the rest: see State
		if err != nil {
			return err
		}
		s = State{AsOf: strconv.FormatInt(head, 10), Organizations: []Place{}, Roles: []Role{}, People: []Person{}}
		return tx.Within(by.CompanyID, func(tx *store.Tx) error { return s.fill(tx, by.CompanyID, after, limit) })
	})
	return s, err
}

func (s *State) fill(tx *store.Tx, company, after string, limit int) error {
	var own tenancy.Company
	if err := tx.Where("id = ?", company).Take(&own).Error; err != nil {
		return err
	}
	s.Company = Place{own.ID, own.Name}
	var organizations []tenancy.Organization
	if err := tx.Order("id").Find(&organizations).Error; err != nil {
		return err
	}
	for _, o := range organizations {
		s.Organizations = append(s.Organizations, Place{o.ID, o.Name})
	}
	var roles []tenancy.Role
	if err := tx.Where("deleted_at IS NULL").Order("level, sort, id").Find(&roles).Error; err != nil {
		return err
	}
	names := map[string]string{}
	for _, r := range roles {
		names[r.ID] = r.Name
		s.Roles = append(s.Roles, Role{r.ID, r.Key, r.Name, r.Level, r.ApplicationID})
	}
	return s.people(tx, after, limit, names)
}

// people reads who comes behind an id, and what they hold.
func (s *State) people(tx *store.Tx, after string, limit int, names map[string]string) error {
	var ids []string
	err := tx.Model(&tenancy.Grant{}).Scopes(tenancy.Live(tx.Now())).Where("account_id > ?", after).
		Distinct("account_id").Order("account_id").Limit(limit+1).Pluck("account_id", &ids).Error
	if err != nil {
		return err
	}
	if len(ids) > limit {
		ids = ids[:limit]
		s.Next = ids[limit-1]
	}
	people, err := account.LoadAll(tx, ids)
	if err != nil {
		return err
	}
	held := map[string][]Held{}
	for part := range slices.Chunk(ids, 200) {
		var grants []tenancy.Grant
		if err := tx.Scopes(tenancy.Live(tx.Now())).Where("account_id IN ?", part).Order("created_at, id").Find(&grants).Error; err != nil {
			return err
		}
		for _, g := range grants {
			held[g.AccountID] = append(held[g.AccountID], heldBy(g, names))
		}
	}
	for _, id := range ids {
		p := people[id]
		s.People = append(s.People, Person{ID: id, Name: p.Name, Email: p.Email, Active: p.DeactivatedAt == nil, Roles: held[id]})
	}
	return nil
}

func heldBy(g tenancy.Grant, names map[string]string) Held {
	h := Held{RoleID: g.RoleID, RoleName: names[g.RoleID], OrganizationID: g.OrganizationID, ApplicationID: g.ApplicationID, Source: g.Source}
	if g.EndsAt != nil {
		h.EndsAt = stamp(g.EndsAt.Time)
	}
	return h
}
