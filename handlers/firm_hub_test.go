package handlers_test

import (
	"locum/models"
	"locum/models/delegation"
	"locum/models/store"
	"locum/models/tenancy"
)

// furnishFirms gives Zonneveld a firm that works for it, a delegation to itself
// as a firm, and requests in both directions.
func (h *hub) furnishFirms(o *tenant) {
	h.T.Helper()
	h.System(func(tx *store.Tx) error {
		now := models.At(tx.Now())
		for name, at := range map[string]models.Party{"kade.example": h.Kade, "devries.example": h.Production} {
			if err := tx.Create(&tenancy.Domain{CompanyID: at.Company, ID: models.NewID("dom"), Name: name, Token: "t", VerifiedAt: &now, CreatedAt: now}).Error; err != nil {
				return err
			}
		}
		return nil
	})
	given, err := h.Delegations.GrantFirm(h.Ctx, h.Actor("karin"), delegation.FirmProposal{Firm: "kade.example", People: 3, Period: delegation.Week})
	h.must(err)
	h.Join("mila", "Mila Jonker", "mila@kade.example", h.Kade, tenancy.Member)
	h.Join("rob", "Rob Jonker", "rob@kade.example", h.Kade, tenancy.Member)
	_, err = h.Delegations.NamePerson(h.Ctx, h.Actor("sanne"), given.ID, h.ID("mila"))
	h.must(err)
	got, err := h.Delegations.GrantFirm(h.Ctx, h.Actor("sanne"), delegation.FirmProposal{Firm: "zonneveld.example", People: 3, Period: delegation.Week})
	h.must(err)
	o.firm, o.named, o.firmGrant = given.ID, h.ID("mila"), got.ID
	o.request, o.wish = h.asks("rob", "karin"), h.asks("karin", "sanne")
}

// asks asks for a delegation by the request link of a superuser's organization.
func (h *hub) asks(who, superuser string) string {
	h.T.Helper()
	h.must(h.domain.RequestLinks.Renew(h.Ctx, h.Actor(superuser)))
	link, err := h.domain.RequestLinks.Current(h.Ctx, h.Actor(superuser))
	h.must(err)
	r, err := h.Delegations.RequestAccess(h.Ctx, h.Actor(who), link.Token, delegation.Wish{Period: delegation.Week, Reason: "Stock count"})
	h.must(err)
	return r.ID
}
