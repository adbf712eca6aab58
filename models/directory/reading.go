package directory

import (
	"slices"

	"locum/models"
	"locum/models/provisioning"
	"locum/models/store"
)

// reading is what the directories of a company say of somebody, whole: what they
// said before and say no more comes as empty. Of an attribute that several have
// the directory of u counts; groups add up.
func reading(tx *store.Tx, c Client, u User) (m provisioning.Mapping, r provisioning.Reading, err error) {
	r.Source = provisioning.Source{Kind: provisioning.FromDirectory, Reference: c.Request, At: models.At(tx.Now())}
	others, err := elsewhere(tx, u)
	if err != nil {
		return m, r, err
	}
	var in []string
	for _, row := range append([]User{u}, others...) {
		whole, err := row.whole()
		if err != nil {
			return m, r, err
		}
		for _, a := range flatten(whole) {
			if !speaksOf(r, a.Name) {
				r.Attributes = append(r.Attributes, a)
			}
		}
		some, err := above(tx, row.CompanyID, row.ID)
		if err != nil {
			return m, r, err
		}
		in = append(in, some...)
	}
	last, err := provisioning.Known(tx, u.CompanyID, u.AccountID)
	if err != nil {
		return m, r, err
	}
	for _, a := range last.Attributes() {
		if a.Source.Kind == provisioning.FromDirectory && len(a.Values) > 0 && !speaksOf(r, a.Name) {
			r.Attributes = append(r.Attributes, provisioning.Received{Name: a.Name, FriendlyName: a.FriendlyName})
		}
	}
	r.Attributes = append(r.Attributes, provisioning.Received{Name: provisioning.GroupAttribute, Values: in})
	m.Known, err = knownAmong(tx, u.CompanyID, in)
	return m, r, err
}

func speaksOf(r provisioning.Reading, attribute string) bool {
	return slices.ContainsFunc(r.Attributes, func(a provisioning.Received) bool { return a.Name == attribute })
}

// knownAmong finds groups of a company: some by their ids, the others in the
// database.
func knownAmong(tx *store.Tx, company string, ids []string) (func(string) (provisioning.KnownGroup, bool), error) {
	known := map[string]Group{}
	for part := range slices.Chunk(ids, atOnce) {
		var list []Group
		if err := tx.Where("company_id = ? AND id IN ?", company, part).Find(&list).Error; err != nil {
			return nil, err
		}
		for _, g := range list {
			known[g.ID] = g
		}
	}
	return func(text string) (provisioning.KnownGroup, bool) {
		if g, ours := known[text]; ours {
			return g.known(false), true
		}
		k, found, err := knownGroup(tx, company, text)
		if err != nil { // the transaction is broken, and ends with the next statement
			tx.AddError(err)
		}
		return k, found && err == nil
	}, nil
}
