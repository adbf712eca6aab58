package provisioning

import (
	"slices"

	"gorm.io/gorm/clause"

	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

// heads are those without whom a company would have no manager, or an
// organization no superuser, who can sign in: by role, the active people who
// hold it without an end. They are kept up to date in memory while an evaluation
// goes from one person to the next, so that two people cannot each count on the
// other.
type heads map[Change]map[string]bool

// readHeads reads the heads of a company as they are.
func readHeads(tx *store.Tx, company string) (heads, error) {
	var grants []tenancy.Grant
	err := tx.Where("company_id = ? AND role_id IN ? AND application_id = '' AND ends_at IS NULL", company, headRoles).Find(&grants).Error
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(grants))
	for _, g := range grants {
		ids = append(ids, g.AccountID)
	}
	people, err := account.LoadAll(tx, ids)
	if err != nil {
		return nil, err
	}
	waiting, err := tenancy.Waiting(tx, company)
	if err != nil {
		return nil, err
	}
	h := heads{}
	for id := range waiting {
		h.put(forASeat, id)
	}
	for _, g := range grants {
		if ableToSignIn(people[g.AccountID]) && !h[forASeat][g.AccountID] {
			h.put(changeOf(g), g.AccountID)
		}
	}
	return h, nil
}

// forASeat is under what the heads keep those who wait for a seat: no role of
// theirs counts.
var forASeat = Change{}

var headRoles = []string{tenancy.Manager, tenancy.Superuser}

func ableToSignIn(p account.Person) bool {
	return p.ID != "" && p.DeactivatedAt == nil && !p.Service
}

func (h heads) put(role Change, person string) {
	if h[role] == nil {
		h[role] = map[string]bool{}
	}
	h[role][person] = true
}

// last are those of the lost roles that nobody else holds.
func (h heads) last(person string, lost []Change) (last []Change) {
	for _, role := range lost {
		if !slices.Contains(headRoles, role.Role) {
			continue
		}
		others := len(h[role])
		if h[role][person] {
			others--
		}
		if others == 0 {
			last = append(last, role)
		}
	}
	return last
}

// follow takes up what a person holds from now on.
func (h heads) follow(person account.Person, before, after []tenancy.Grant) {
	for _, g := range before {
		delete(h[changeOf(g)], person.ID)
	}
	if !ableToSignIn(person) || h[forASeat][person.ID] {
		return
	}
	for _, g := range after {
		if slices.Contains(headRoles, g.RoleID) && g.ApplicationID == "" && g.EndsAt == nil {
			h.put(changeOf(g), person.ID)
		}
	}
}

// lockHeads reads the heads for what goes on to write. All organizations of the
// company are locked before, as changing a member locks one, always in one order
// and before any grant is changed: two sign-ins, which share the company's
// rules, would else wait for each other.
func lockHeads(tx *store.Tx, company string) (heads, error) {
	var locked []tenancy.Organization
	err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("company_id = ?", company).Order("id").Find(&locked).Error
	if err != nil {
		return nil, err
	}
	return readHeads(tx, company)
}
