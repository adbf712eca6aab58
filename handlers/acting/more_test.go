package acting

import (
	"net/http"
	"testing"

	"locum/models/delegation"
	"locum/models/mail"
)

func TestAConsultantAsksForMoreTimeOnce(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("karin", "sanne", delegation.Week)
	sanne, thomas := h.as("sanne"), h.as("thomas")
	sanne.says(sanne.get("/offers/"+d.ID), http.StatusOK, "Ask for more time")
	form := sanne.get("/offers/" + d.ID + "/more")
	sanne.says(form, http.StatusOK, "Ask Zonneveld Bakkerijen for more time", "your delegation ends Mon 23 Nov 2026, 11:00", "3 months")
	sanne.silent(form, `value="4h"`) // it has more already
	thomas.says(thomas.get("/offers/"+d.ID+"/more"), http.StatusNotFound)
	thomas.says(thomas.post("/offers/"+d.ID+"/more", "period", "1m", "reason", "x"), http.StatusNotFound)
	kept := sanne.post("/offers/"+d.ID+"/more", "period", "date", "date", "20-11-2026", "reason", "The count takes longer")
	sanne.says(kept, http.StatusUnprocessableEntity, "That is earlier than the end it has now", "The count takes longer")
	sanne.says(sanne.post("/offers/"+d.ID+"/more", "period", "1m"), http.StatusUnprocessableEntity, "Fill this in")
	asked := sanne.leadsTo(sanne.post("/offers/"+d.ID+"/more", "period", "1m", "reason", "The count takes longer"), "/offers/"+d.ID)
	sanne.says(asked, http.StatusOK, "You asked Zonneveld Bakkerijen for more time", "You asked for more time on Mon 16 Nov 2026, 11:00")
	sanne.leadsTo(sanne.post("/offers/"+d.ID+"/more", "period", "1m", "reason", "Again"), "/offers/"+d.ID)
	sanne.leadsTo(sanne.get("/offers/"+d.ID+"/more"), "/offers/"+d.ID)
	if n := len(h.Mails(mail.MoreAskedKind)); n != 2 {
		t.Errorf("%d superusers got mail", n)
	}
}

// Whose visit a superuser ends is told why, and can enter again.
func TestWhoseVisitIsEndedIsToldWhy(t *testing.T) {
	h := newHub(t)
	h.Delegate("karin", "sanne", delegation.Week)
	sanne := h.as("sanne")
	sanne.leadsTo(sanne.post("/switch", "organization", h.Zonneveld.Organization), "/")
	if _, err := h.Delegations.EndVisit(h.Ctx, h.Actor("karin"), h.Actor("sanne").Visit); err != nil {
		t.Fatal(err)
	}
	sanne.says(sanne.leadsTo(sanne.get("/"), "/home"), http.StatusOK, "A superuser of Zonneveld Bakkerijen ended your visit", "you can enter again")
	sanne.leadsTo(sanne.post("/switch", "organization", h.Zonneveld.Organization), "/")
}
