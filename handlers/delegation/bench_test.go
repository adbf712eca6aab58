package delegation

import (
	"fmt"
	"testing"

	"locum/models"
	"locum/models/delegation"
	"locum/models/store"
)

// The page of delegations with a hundred rows, from the database to the last
// byte.
func BenchmarkPageOfDelegations(b *testing.B) {
	h := newHub(b)
	for i := range 100 {
		if _, err := h.Delegations.Grant(h.Ctx, h.Actor("karin"), delegation.Proposal{Email: fmt.Sprintf("person%d@kade.example", i), Period: delegation.Month, Language: "en"}); err != nil {
			b.Fatal(err)
		}
	}
	h.System(func(tx *store.Tx) error {
		now := models.At(h.Now())
		return tx.Model(&delegation.Delegation{}).Where("company_id = ?", h.Zonneveld.Company).Updates(map[string]any{"accepted_at": now, "account_id": h.ID("sanne"),
			"account_name": "Sanne Kuipers", "real_company_id": h.Kade.Company, "real_organization_id": h.Kade.Organization, "real_organization_name": h.Kade.Name}).Error
	})
	karin := h.as("karin")
	for b.Loop() {
		if got := karin.get("/delegations"); got.Code != 200 {
			b.Fatalf("answers %d", got.Code)
		}
	}
}
