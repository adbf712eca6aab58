package delegation

import (
	"net/http"
	"testing"

	"locum/models/delegation"
	"locum/models/tenancy"
)

func TestASuperuserMutesOnTheDelegationsPageAndTheListSaysSo(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("karin", "sanne", delegation.Month)
	karin, pim := h.as("karin"), h.as("pim")
	karin.says(karin.get("/delegations/"+d.ID), http.StatusOK, "E-mail to superusers", "As your default: At once")
	to := "/delegations/" + d.ID
	page := karin.leadsTo(karin.post(to+"/mails", "mode", "muted", "days", "7"), to)
	karin.says(page, http.StatusOK, "Your choice of mails is saved.", "Muted by 1 of 2", "Muted until Mon 23 Nov")
	karin.says(karin.get("/delegations"), http.StatusOK, "Muted by 1 of 2")
	refused := pim.post(to+"/mails", "mode", "muted", "days", "14")
	pim.says(refused, http.StatusConflict, "Nobody else hears of the delegation of Sanne Kuipers")
	if checked := pim.page(refused, http.StatusConflict).All(`[value=muted][checked]`); len(checked) != 1 {
		t.Error("what was chosen is not kept")
	}
	pim.says(pim.post(to+"/mails", "mode", "muted", "days", "31"), http.StatusUnprocessableEntity, "Choose 1 to 30 days")
	pim.says(pim.post(to+"/mails", "mode", "loudly"), http.StatusUnprocessableEntity)
	pim.leadsTo(pim.post(to+"/mails", "mode", "digest"), to)
	heard, err := h.Delegations.Hearing(h.Ctx, h.Actor("pim"), d.ID)
	if err != nil || heard.Mine.Mode != tenancy.Digest {
		t.Errorf("%v %+v", err, heard.Mine)
	}
	if got := h.as("marieke").post(to+"/mails", "mode", "digest"); got.Code != http.StatusNotFound {
		t.Errorf("a stranger gets %d", got.Code)
	}
}

func TestADelegationWithoutEndOffersNoMute(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("karin", "sanne", delegation.NoEnd)
	karin := h.as("karin")
	got := karin.get("/delegations/" + d.ID)
	karin.says(got, http.StatusOK, "A delegation without an end date cannot be muted.")
	if offered := karin.page(got, http.StatusOK).All(`[value=muted]`); len(offered) != 0 {
		t.Error("a mute is offered")
	}
	karin.says(karin.post("/delegations/"+d.ID+"/mails", "mode", "muted", "days", "7"), http.StatusUnprocessableEntity, "cannot be muted")
}
