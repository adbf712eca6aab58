package feed

import (
	"context"
	"slices"
	"strconv"
	"strings"

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
	// What the company's directories hold, as their clients said.
	DirectoryUsers  []DirectoryUser  `json:"directory_users"`
	DirectoryGroups []DirectoryGroup `json:"directory_groups"`

	Next string `json:"next,omitempty"` // of the next page; empty on the last
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
// so many people, users and groups behind a cursor, the Next of the page before
// (UsualPeople when 0).
func (f *Feed) Snapshot(ctx context.Context, token, after string, limit int) (s State, err error) {
	if limit == 0 {
		limit = UsualPeople
	}
	wrong := models.FieldErrors{}
	if limit < 1 || limit > MostPeople {
		wrong.Add("limit", "feed.error.limit", "Most", MostPeople)
	}
	begin, ok := partOf(after)
	if !ok {
		wrong.Add("after", "feed.error.cursor")
	}
	if err := wrong.Err(); err != nil {
		return s, err
	}
	err = f.read(ctx, token, ReadState, func(tx *store.Tx, by Token) error {
		head, err := Head(tx, by.CompanyID) // before the rest: see State
		if err != nil {
			return err
		}
		s = State{AsOf: strconv.FormatInt(head, 10), Organizations: []Place{}, Roles: []Role{}, People: []Person{},
			DirectoryUsers: []DirectoryUser{}, DirectoryGroups: []DirectoryGroup{}}
		return tx.Within(by.CompanyID, func(tx *store.Tx) error { return s.fill(tx, by.CompanyID, begin, limit) })
	})
	return s, err
}

func (s *State) fill(tx *store.Tx, company string, begin part, limit int) error {
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
	return s.parts(tx, begin, limit, names)
}

// part is a place in a snapshot: in one of its lists, behind an id.
type part struct{ list, after string }

// lists are the lists that pages cut, in their order.
var lists = []string{"people", "users", "groups"}

// partOf reads a cursor. An empty one is the beginning.
func partOf(cursor string) (part, bool) {
	if cursor == "" {
		return part{list: lists[0]}, true
	}
	list, after, ok := strings.Cut(cursor, ":")
	return part{list, after}, ok && slices.Contains(lists, list)
}

// parts reads one list after another until the page is full.
func (s *State) parts(tx *store.Tx, at part, limit int, names map[string]string) error {
	for _, list := range lists[slices.Index(lists, at.list):] {
		if limit == 0 {
			s.Next = list + ":"
			return nil
		}
		if list != at.list {
			at = part{list: list}
		}
		before := len(s.People) + len(s.DirectoryUsers) + len(s.DirectoryGroups)
		var last string
		var err error
		switch list {
		case "people":
			last, err = s.people(tx, at.after, limit, names)
		case "users":
			last, err = s.users(tx, at.after, limit)
		case "groups":
			last, err = s.groups(tx, at.after, limit)
		}
		if err != nil {
			return err
		}
		if last != "" {
			s.Next = list + ":" + last
			return nil
		}
		limit -= len(s.People) + len(s.DirectoryUsers) + len(s.DirectoryGroups) - before
	}
	return nil
}

// people reads who comes behind an id, and what they hold. last is the id to go on
// from, empty when there is nobody further.
func (s *State) people(tx *store.Tx, after string, limit int, names map[string]string) (last string, err error) {
	var ids []string
	err = tx.Model(&tenancy.Grant{}).Scopes(tenancy.Live(tx.Now())).Where("account_id > ?", after).
		Distinct("account_id").Order("account_id").Limit(limit+1).Pluck("account_id", &ids).Error
	if err != nil {
		return "", err
	}
	if len(ids) > limit {
		ids = ids[:limit]
		last = ids[limit-1]
	}
	people, err := account.LoadAll(tx, ids)
	if err != nil {
		return "", err
	}
	held := map[string][]Held{}
	for part := range slices.Chunk(ids, 200) {
		var grants []tenancy.Grant
		if err := tx.Scopes(tenancy.Live(tx.Now())).Where("account_id IN ?", part).Order("created_at, id").Find(&grants).Error; err != nil {
			return "", err
		}
		for _, g := range grants {
			held[g.AccountID] = append(held[g.AccountID], heldBy(g, names))
		}
	}
	for _, id := range ids {
		p := people[id]
		s.People = append(s.People, Person{ID: id, Name: p.Name, Email: p.Email, Active: p.DeactivatedAt == nil, Roles: held[id]})
	}
	return last, nil
}

func heldBy(g tenancy.Grant, names map[string]string) Held {
	h := Held{RoleID: g.RoleID, RoleName: names[g.RoleID], OrganizationID: g.OrganizationID, ApplicationID: g.ApplicationID, Source: g.Source}
	if g.EndsAt != nil {
		h.EndsAt = stamp(g.EndsAt.Time)
	}
	return h
}
