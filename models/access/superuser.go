package access

import (
	"cmp"
	"slices"

	"locum/models/store"
	"locum/models/tenancy"
)

// SuperuserOf finds the open organizations of which a person is a superuser
// now, by a grant of his own that counts. It runs in a System transaction.
func SuperuserOf(tx *store.Tx, person string) (list []tenancy.PartyID, err error) {
	grants, err := grantsOf(tx, person)
	if err != nil {
		return nil, err
	}
	for _, g := range grants {
		if g.RoleID == tenancy.Superuser && g.OrganizationID != "" {
			list = append(list, tenancy.PartyID{Company: g.CompanyID, Organization: g.OrganizationID})
		}
	}
	standings, err := tenancy.Standings(tx, list...)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(at tenancy.PartyID) bool { return !standings[at].Open })
	slices.SortFunc(list, func(a, b tenancy.PartyID) int { return cmp.Compare(a.Organization, b.Organization) })
	return slices.Compact(list), nil
}
