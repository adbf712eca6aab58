package tenancy

import (
	"locum/models"
	"locum/models/store"
)

// PartyOf reads an organization (or, with an empty id, a company) as a party,
// with a verified domain that tells it from others of the same name. It runs
// in a System transaction.
func PartyOf(tx *store.Tx, company, organization string) (models.Party, error) {
	var c Company
	if err := tx.Where("id = ?", company).Take(&c).Error; err != nil {
		return models.Party{}, missing(err)
	}
	p := models.Party{Company: c.ID, CompanyName: c.Name}
	var domains []Domain
	if err := tx.Where("company_id = ? AND verified_at IS NOT NULL", company).Order("created_at").Limit(1).Find(&domains).Error; err != nil {
		return p, err
	}
	if len(domains) > 0 {
		p.Domain = domains[0].Name
	}
	if organization == "" {
		return p, nil
	}
	var o Organization
	if err := tx.Where("company_id = ? AND id = ?", company, organization).Take(&o).Error; err != nil {
		return p, missing(err)
	}
	p.Organization, p.Name, p.Hue, p.TimeZone = o.ID, o.Name, o.Hue, o.TimeZone
	return p, nil
}

// Open says whether people may work in an organization (or, with an empty id,
// in a company): neither it nor its company is suspended. It runs in a System
// transaction.
func Open(tx *store.Tx, company, organization string) (bool, error) {
	var c Company
	if err := tx.Where("id = ?", company).Take(&c).Error; err != nil {
		return false, missing(err)
	}
	if c.SuspendedAt != nil || organization == "" {
		return c.SuspendedAt == nil, nil
	}
	var o Organization
	if err := tx.Where("company_id = ? AND id = ?", company, organization).Take(&o).Error; err != nil {
		return false, missing(err)
	}
	return o.SuspendedAt == nil, nil
}
