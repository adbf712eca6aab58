package tenancy

import (
	"slices"

	"locum/models"
	"locum/models/store"
)

// PartyID names an organization or, with an empty Organization, a company.
type PartyID struct{ Company, Organization string }

// Standing is a party as it is now.
type Standing struct {
	models.Party
	Open    bool    // neither it nor its company is suspended: people may work there
	Hosting Hosting // what an organization asks of its visitors
}

// Standings reads parties, each with the oldest verified domain that tells it
// from others of the same name. It takes three statements for one as for five
// hundred. What does not exist is left out. It runs in a System transaction.
func Standings(tx *store.Tx, ids ...PartyID) (map[PartyID]Standing, error) {
	found := make(map[PartyID]Standing, len(ids))
	for part := range slices.Chunk(ids, 500) {
		if err := standings(tx, part, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func standings(tx *store.Tx, ids []PartyID, found map[PartyID]Standing) error {
	var inCompanies, inOrganizations []string
	for _, id := range ids {
		inCompanies = append(inCompanies, id.Company)
		if id.Organization != "" {
			inOrganizations = append(inOrganizations, id.Organization)
		}
	}
	companies := map[string]Standing{}
	var rows []Company
	if err := tx.Where("id IN ?", inCompanies).Find(&rows).Error; err != nil {
		return err
	}
	for _, c := range rows {
		companies[c.ID] = Standing{Party: models.Party{Company: c.ID, CompanyName: c.Name}, Open: c.SuspendedAt == nil}
	}
	var domains []Domain
	if err := tx.Where("company_id IN ? AND verified_at IS NOT NULL", inCompanies).Order("created_at DESC").Find(&domains).Error; err != nil {
		return err
	}
	for _, d := range domains { // the oldest comes last
		c := companies[d.CompanyID]
		c.Domain = d.Name
		companies[d.CompanyID] = c
	}
	organizations := map[PartyID]Organization{}
	if len(inOrganizations) > 0 {
		var some []Organization
		if err := tx.Where("company_id IN ? AND id IN ?", inCompanies, inOrganizations).Find(&some).Error; err != nil {
			return err
		}
		for _, o := range some {
			organizations[PartyID{o.CompanyID, o.ID}] = o
		}
	}
	for _, id := range ids {
		s, there := companies[id.Company]
		if !there {
			continue
		}
		if id.Organization != "" {
			o, there := organizations[id]
			if !there {
				continue
			}
			s.Organization, s.Name, s.Hue, s.Icon, s.TimeZone = o.ID, o.Name, o.Hue, o.Icon, o.TimeZone
			s.Open, s.Hosting = s.Open && o.SuspendedAt == nil, o.Hosting
		}
		found[id] = s
	}
	return nil
}

// StandingOf is Standings of one party; models.Unknown when there is none.
func StandingOf(tx *store.Tx, company, organization string) (Standing, error) {
	id := PartyID{company, organization}
	found, err := Standings(tx, id)
	if err != nil {
		return Standing{}, err
	}
	s, there := found[id]
	if !there {
		return Standing{}, models.Unknown()
	}
	return s, nil
}

// PartyOf reads an organization (or, with an empty id, a company) as a party.
// It runs in a System transaction.
func PartyOf(tx *store.Tx, company, organization string) (models.Party, error) {
	s, err := StandingOf(tx, company, organization)
	return s.Party, err
}

// Open says whether people may work in an organization (or, with an empty id,
// in a company). It runs in a System transaction.
func Open(tx *store.Tx, company, organization string) (bool, error) {
	s, err := StandingOf(tx, company, organization)
	return s.Open, err
}
