package tenancy

import (
	"maps"
	"slices"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
)

// atOnce is how many people or rows one statement names.
const atOnce = 500

// SetHome makes an organization the one where a person belongs, unless he has
// one already. It runs in a System transaction.
func SetHome(tx *store.Tx, person, company, organization string) error {
	return SetHomes(tx, company, organization, []string{person})
}

// SetHomes is SetHome for many people.
func SetHomes(tx *store.Tx, company, organization string, people []string) error {
	for part := range slices.Chunk(people, atOnce) {
		err := tx.Model(&account.Account{}).Where("id IN ? AND home_organization_id IS NULL", part).
			Updates(map[string]any{"home_company_id": company, "home_organization_id": organization}).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// Rehome chooses the home of somebody who has no role at it any more, in a
// System transaction: his oldest membership, or none.
func Rehome(tx *store.Tx, id, left string) error {
	return RehomeAll(tx, left, []string{id})
}

// RehomeAll is Rehome for many people who left the same organization. Those
// whose home is elsewhere are left alone.
func RehomeAll(tx *store.Tx, left string, people []string) error {
	for part := range slices.Chunk(people, atOnce) {
		if err := rehome(tx, left, part); err != nil {
			return err
		}
	}
	return nil
}

func rehome(tx *store.Tx, left string, people []string) error {
	var homeless []string
	if err := tx.Model(&account.Account{}).Where("id IN ? AND home_organization_id = ?", people, left).Pluck("id", &homeless).Error; err != nil {
		return err
	}
	if len(homeless) == 0 {
		return nil
	}
	var remaining []Grant
	err := tx.Scopes(Live(tx.Now())).Where("account_id IN ? AND organization_id <> '' AND application_id = ''", homeless).Order("created_at DESC, id DESC").Find(&remaining).Error
	if err != nil {
		return err
	}
	oldest := make(map[string]models.Party, len(remaining))
	for _, g := range remaining {
		oldest[g.AccountID] = models.Party{Company: g.CompanyID, Organization: g.OrganizationID}
	}
	homes := map[models.Party][]string{}
	for _, id := range homeless {
		homes[oldest[id]] = append(homes[oldest[id]], id)
	}
	for home := range maps.Keys(homes) {
		place := map[string]any{"home_company_id": nil, "home_organization_id": nil}
		if home.Organization != "" {
			place = map[string]any{"home_company_id": home.Company, "home_organization_id": home.Organization}
		}
		if err := tx.Model(&account.Account{}).Where("id IN ?", homes[home]).Updates(place).Error; err != nil {
			return err
		}
	}
	return nil
}
