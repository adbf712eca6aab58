package access

import (
	"locum/models/delegation"
	"locum/models/mail"
	"locum/models/notice"
	"locum/models/store"
	"locum/models/tenancy"
)

// tellOfToken tells the superusers of a host that a visitor made a token there, as
// each of them chose to hear of his visits. It runs in a System transaction.
func tellOfToken(tx *store.Tx, t AccountToken) error {
	of, err := delegation.Facts(tx, t.CompanyID, t.DelegationID)
	if err != nil {
		return err
	}
	content := mail.TokenMade{Delegated: of, Visit: t.VisitID, At: t.CreatedAt, Address: tx.Actor.Address, Name: t.Name, Suffix: t.Suffix, Expires: t.ExpiresAt}
	if t.ApplicationID != "" {
		var app tenancy.Application
		if err := tx.Where("id = ?", t.ApplicationID).Take(&app).Error; err != nil {
			return err
		}
		content.Application = app.Name
	}
	_, err = notice.Tell(tx, notice.News{Company: t.CompanyID, Organization: t.OrganizationID, Delegation: t.DelegationID, Visit: t.VisitID,
		Key: "token.made." + t.ID, Content: content})
	return err
}
