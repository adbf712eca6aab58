package delegation

import (
	"fmt"
	"net/http"
	"testing"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// uses puts applications into use at Zonneveld, each with a default role and
// another.
func (h *hub) uses(names ...string) {
	h.t.Helper()
	h.System(func(tx *store.Tx) error {
		now := models.At(h.Now())
		for _, name := range names {
			if err := tx.Create(&tenancy.Application{ID: "app_" + name, Key: name, Name: name, CreatedAt: now}).Error; err != nil {
				return err
			}
			for _, role := range []string{"Reader", "Writer"} {
				r := tenancy.Role{ID: "rol_" + name + role, Level: models.ApplicationLevel, ApplicationID: "app_" + name, Key: role, Name: role,
					IsDefault: role == "Reader", Permissions: "[]", CreatedAt: now}
				if err := tx.Create(&r).Error; err != nil {
					return err
				}
			}
			e := tenancy.Enabled{CompanyID: h.Zonneveld.Company, OrganizationID: h.Zonneveld.Organization, ApplicationID: "app_" + name, EnabledAt: now}
			if err := tx.Create(&e).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

func TestSeveralAreNarrowedOnceEachIsShown(t *testing.T) {
	h := newHub(t)
	h.uses("Planning", "Stock")
	sanne := h.Delegate("karin", "sanne", delegation.Week)
	writer, err := h.Delegations.Grant(h.Ctx, h.Actor("karin"), delegation.Proposal{Email: "thomas@kade.example", Period: delegation.Week, Chosen: true, Roles: []string{"rol_StockWriter"}})
	if err != nil {
		t.Fatal(err)
	}
	gone := h.Delegate("karin", "anna", delegation.Week)
	if err := h.Delegations.Revoke(h.Ctx, h.Actor("karin"), gone.ID); err != nil {
		t.Fatal(err)
	}
	karin := h.as("karin")
	asked := karin.get("/delegations/bulk?do=narrow&id=" + sanne.ID + "&id=" + writer.ID + "&id=" + gone.ID)
	karin.says(asked, http.StatusOK, "Narrow 2 delegations", "Planning One of them gives this", "Stock 2 of them give this", "Stock: Writer", "Applications that come into use later", "One cannot be changed")
	karin.silent(asked, "Planning: Reader") // it is the only role there, and goes with the application
	chosen := []string{"do", "narrow", "chosen", sanne.ID + " " + fmt.Sprint(sanne.Version), "chosen", writer.ID + " " + fmt.Sprint(writer.Version)}
	karin.says(karin.post("/delegations/bulk", chosen...), http.StatusUnprocessableEntity, "Narrow 2 delegations", "Choose at least one thing to take away")
	karin.says(karin.post("/delegations/bulk", append(chosen, "role", "rol_member")...), http.StatusUnprocessableEntity, "Choose roles and applications that there are")
	away := append(chosen, "application", "app_Stock")
	review := karin.post("/delegations/bulk", away...)
	karin.says(review, http.StatusOK, "Loses Stock.", "Keeps Member, Planning and applications that come into use later.", "It would give nothing any more. Revoke it instead.",
		"Stays as it is", "Take it away from one")
	if h.Count(h.Zonneveld, event.DelegationAmended) != 0 {
		t.Fatal("looking narrowed")
	}
	page := karin.page(review, http.StatusOK)
	if len(page.All("input[type=hidden][name=application][value=app_Stock]")) != 1 || len(page.All("input[type=hidden][name=chosen]")) != 2 {
		t.Error("the form that asks once more does not carry what was chosen")
	}
	back := karin.page(karin.post("/delegations/bulk", append(away, "edit", "true")...), http.StatusOK)
	if len(back.All("input[name=application][value=app_Stock][checked]")) != 1 {
		t.Error("what was chosen is lost on the way back")
	}
	karin.says(karin.post("/delegations/bulk", append(away, "confirm", "true")...), http.StatusOK,
		"One delegation gives less now. One was not changed", "Sanne Kuipers Narrowed", "Revoke it instead")
	if h.Count(h.Zonneveld, event.DelegationAmended) != 1 {
		t.Errorf("events: %v", h.Events(h.Zonneveld))
	}
	member := h.as("ria")
	member.says(member.post("/delegations/bulk", append(away, "confirm", "true")...), http.StatusForbidden)
}

func TestWhereThereIsNothingToTakeAwayThePageSaysSo(t *testing.T) {
	h := newHub(t)
	h.uses("Planning")
	d, err := h.Delegations.Grant(h.Ctx, h.Actor("karin"), delegation.Proposal{Email: "thomas@kade.example", Period: delegation.Week, Chosen: true, Applications: []string{"app_Planning"}})
	if err != nil {
		t.Fatal(err)
	}
	h.System(func(tx *store.Tx) error {
		return tx.Where("application_id = ?", "app_Planning").Delete(&tenancy.Enabled{}).Error
	})
	karin := h.as("karin")
	asked := karin.get("/delegations/bulk?do=narrow&id=" + d.ID)
	karin.says(asked, http.StatusOK, "There is nothing to take away", "Revoke them instead", "Change nothing")
	karin.silent(asked, "See what changes")
}
