package webhook

import (
	"context"
	"slices"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// Scope is whose endpoints an operation is about: those of the actor's company,
// its organizations' included; those of the organization in which he works; or for
// an operator those of the platform.
type Scope string

// The scopes.
const (
	OfCompany      Scope = "company"
	OfOrganization Scope = "organization"
	OfPlatform     Scope = "platform"
)

// Scopes lists every scope.
var Scopes = []Scope{OfOrganization, OfCompany, OfPlatform}

// Need is the permission that a scope asks for.
func (s Scope) Need() models.Permission {
	switch s {
	case OfPlatform:
		return models.OperatePlatform
	case OfOrganization:
		return models.ManageOwnWebhooks
	}
	return models.ManageWebhooks
}

// owner is whose the rows are. Of an organization's, the wall shows no others.
func (s Scope) owner(tx *store.Tx) string {
	if s == OfPlatform {
		return store.Platform
	}
	return tx.Actor.Effective.Company
}

// find reads an endpoint of a scope, and locks it where the transaction writes.
func (s Scope) find(tx *store.Tx, id string) (e Endpoint, err error) {
	q := tx.Where("company_id = ? AND id = ?", s.owner(tx), id)
	if tx.Lock != "" {
		q = q.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	return e, unknown(q.Take(&e).Error)
}

// unknown answers a missing row like one of another company.
func unknown(err error) error {
	if store.Missing(err) {
		return models.Unknown()
	}
	return err
}

// Choices are what an endpoint of a scope can be made for, by name. An
// organization's own are about that one, and get no events of a directory, whose
// roles would be an application's.
type Choices struct {
	Organizations []tenancy.Organization
	Applications  []tenancy.Application
}

// Choices gives what a new endpoint can be made for.
func (w *Webhooks) Choices(ctx context.Context, by models.Actor, s Scope) (c Choices, err error) {
	err = w.store.Read(ctx, by, s.Need(), func(tx *store.Tx) error {
		c, err = s.choices(tx)
		return err
	})
	return c, err
}

func (s Scope) choices(tx *store.Tx) (c Choices, err error) {
	if s == OfOrganization {
		return c, nil
	}
	if s == OfCompany {
		if err := tx.Order("name, id").Find(&c.Organizations).Error; err != nil {
			return c, err
		}
	}
	return c, tx.Order("name, id").Find(&c.Applications).Error
}

// owns refuses an organization or an application that is not the scope's.
func (s Scope) owns(tx *store.Tx, in Draft) error {
	c, err := s.choices(tx)
	if err != nil {
		return err
	}
	wrong := models.FieldErrors{}
	if s != OfOrganization && in.OrganizationID != "" &&
		!slices.ContainsFunc(c.Organizations, func(o tenancy.Organization) bool { return o.ID == in.OrganizationID }) {
		wrong.Add("organization", "error.choice")
	}
	if in.ApplicationID != "" && !slices.ContainsFunc(c.Applications, func(a tenancy.Application) bool { return a.ID == in.ApplicationID }) {
		wrong.Add("application", "error.choice")
	}
	return wrong.Err()
}

// named reads what the organization and the application of an endpoint are called;
// empty for none.
func named(tx *store.Tx, e Endpoint) (organization, application string, err error) {
	if e.OrganizationID != "" {
		var o tenancy.Organization
		if err := tx.Where("company_id = ? AND id = ?", e.CompanyID, e.OrganizationID).Take(&o).Error; err != nil && !store.Missing(err) {
			return "", "", err
		}
		organization = o.Name
	}
	if e.ApplicationID != "" {
		var a tenancy.Application
		if err := tx.Where("id = ?", e.ApplicationID).Take(&a).Error; err != nil && !store.Missing(err) {
			return "", "", err
		}
		application = a.Name
	}
	return organization, application, nil
}
