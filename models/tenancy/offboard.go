package tenancy

import (
	"context"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/store"
)

// Offboard takes everything from a person that he holds in the actor's company:
// roles from every source, in the company, its organizations and their
// applications, and open invitations. Delegations and sessions follow the
// event. His account stays: he may belong elsewhere. What a connector gave
// comes back if he signs in and still matches.
func (c *Companies) Offboard(ctx context.Context, by models.Actor, person string) error {
	return c.store.Write(ctx, by, models.ManagePeople, func(tx *store.Tx) error {
		_, err := offboard(tx, person)
		return err
	})
}

// offboard is Offboard within a transaction confined to the company; it gives
// the person's name.
func offboard(tx *store.Tx, person string) (name string, err error) {
	if person == tx.Actor.Account {
		return "", models.Fail(models.Conflict, "company.error.self")
	}
	if err := tx.LockCompany(tx.Actor.Effective.Company, false); err != nil { // no run reads him as he was
		return "", err
	}
	if err := lockPlace(tx, ""); err != nil {
		return "", err
	}
	one, err := member(tx, person)
	if err != nil {
		return "", err
	}
	name = one.Person.Name
	reg, err := LoadRegistry(tx)
	if err != nil {
		return name, err
	}
	for _, g := range one.Grants {
		if err := MayGive(tx.Actor, reg.Roles[g.RoleID]); err != nil {
			return name, err
		}
		if err := RemoveGrants(tx, g.CompanyID, []Grant{g}); err != nil {
			return name, err
		}
		recordTaken(tx, g, name, map[string]any{"offboarded": true})
		if err := keepLasting(tx, g); err != nil {
			return name, err
		}
	}
	if err := withdrawAll(tx, person); err != nil {
		return name, err
	}
	company := tx.Actor.Effective.Company
	home := one.Person.HomeCompanyID != nil && *one.Person.HomeCompanyID == company
	tx.Record(event.Offboarded, store.About{ID: person, Name: name, Company: company, Data: map[string]any{"home": home}})
	tx.Notify("account:" + person)
	if !home {
		return name, nil
	}
	return name, tx.Across("a person's home after he lost it", func(tx *store.Tx) error {
		return Rehome(tx, person, *one.Person.HomeOrganizationID)
	})
}

// withdrawAll takes back the company's open invitations to a person.
func withdrawAll(tx *store.Tx, person string) error {
	normals, err := account.ProvenAddresses(tx, person)
	if err != nil || len(normals) == 0 {
		return err
	}
	var open []Invitation
	if err := tx.Where("normal IN ? AND accepted_at IS NULL AND withdrawn_at IS NULL", normals).Order("id").Find(&open).Error; err != nil {
		return err
	}
	for _, i := range open {
		if err := tx.Model(&Invitation{}).Where("id = ?", i.ID).Update("withdrawn_at", models.At(tx.Now())).Error; err != nil {
			return err
		}
		tx.Record(event.InvitationWithdrawn, store.About{ID: i.ID, Name: i.Email, Company: i.CompanyID, Organization: i.OrganizationID})
	}
	return nil
}
