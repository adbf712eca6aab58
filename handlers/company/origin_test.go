package company_test

import (
	"testing"

	"locum/models"
	"locum/models/provisioning"
	"locum/models/store"
)

// TestAPersonsPageSaysWhichSourceSaidWhat to whom writes rules, and in no other
// company.
func TestAPersonsPageSaysWhichSourceSaidWhat(t *testing.T) {
	h := newHub(t)
	daan := acquaint(h)
	connectors := provisioning.NewConnectors(h.Store)
	h.System(func(tx *store.Tx) error {
		for _, said := range [][]provisioning.Received{
			{{Name: "department", Values: []string{"Sales"}}, {Name: "title", Values: []string{"Planner"}}, {Name: "groups", Values: []string{"Planning"}}},
			{{Name: "department", Values: nil}, {Name: "groups", Values: []string{"Planning"}}},
		} {
			_, err := connectors.SignIn(tx, h.Production.Company, daan, "con_1", provisioning.Mapping{},
				provisioning.Reading{Source: provisioning.Source{Kind: provisioning.FromAssertion, Reference: models.NewID("ass"), At: models.At(tx.Now())}, Attributes: said})
			if err != nil {
				return err
			}
		}
		return nil
	})
	page := h.As("marieke").Get("/company/people/" + daan.ID)
	page.Says("What is known, and from whom", "department Said to be empty De Vries login", "title Planner Last known De Vries login", "Planning Member De Vries login")
	h.As("marieke").Get("/company/people/" + h.ID("anna")).Hides("What is known, and from whom")
}
