package organization_test

import (
	"net/http"
	"strings"
	"testing"

	"locum/models/delegation"
	"locum/models/tenancy"
)

var asked = []string{"longest_days", "30", "sign_in_minutes", "15", "networks", "192.0.2.9\n2001:db8::1/32", "notify", "per_visit",
	"approval", "yes", "ticket", "yes", "mail_needed", "yes"}

func TestWhatIsAskedOfVisitors(t *testing.T) {
	h := newHub(t)
	b := h.As("jan")
	b.Get("/organization/visitors").Page(http.StatusOK).One("#inside")
	if got := b.Post("/organization/visitors", asked...); got.Code != http.StatusSeeOther {
		t.Fatalf("answered %d: %s", got.Code, got.Body)
	}
	o, err := h.Members.Organization(h.Ctx, h.Actor("jan"))
	if err != nil {
		t.Fatal(err)
	}
	want := tenancy.Hosting{Approval: true, LongestDays: 30, TicketRequired: true, SignInMinutes: 15, Networks: "192.0.2.9/32\n2001:db8::/32", MailNeeded: true, Notify: tenancy.PerVisit}
	if o.Hosting != want {
		t.Errorf("saved %+v", o.Hosting)
	}
	for field, bad := range map[string]string{"longest_days": "soon", "sign_in_minutes": "-1", "networks": "192.0.2.0/40", "notify": "muted"} {
		form := append(append([]string{}, field, bad), asked...) // the first of a name counts
		got := b.Post("/organization/visitors", form...)
		got.Page(http.StatusUnprocessableEntity).One("#errors")
		if !strings.Contains(got.Body, `<a href="#`+field+`">`) {
			t.Errorf("%s: no error leads to the field", field)
		}
	}
}

// What a change does to those inside is said before it is saved.
func TestWhoWouldHaveToWaitIsToldFirst(t *testing.T) {
	h := newHub(t)
	h.Delegate("marieke", "sanne", delegation.Week)
	h.Switch("sanne", h.Production)
	b := h.As("jan")
	form := []string{"longest_days", "0", "sign_in_minutes", "0", "networks", "", "notify", "at_once", "second_factor", "yes"}
	got := b.Post("/organization/visitors", form...)
	page := got.Page(http.StatusUnprocessableEntity)
	page.One("#waiting")
	got.Says("Sanne Kuipers lacks: a second factor.")
	if o, err := h.Members.Organization(h.Ctx, h.Actor("jan")); err != nil || o.Hosting.SecondFactor {
		t.Fatalf("saved before it was confirmed: %v", err)
	}
	if got := b.Post("/organization/visitors", append(form, "confirm", "yes")...); got.Code != http.StatusSeeOther {
		t.Fatalf("answered %d", got.Code)
	}
	if a := h.Actor("sanne"); !a.Visiting() || len(a.Needs) != 1 {
		t.Errorf("she needs %v", a.Needs)
	}
	// Who waits already is no reason to ask again.
	if got := b.Post("/organization/visitors", form...); got.Code != http.StatusSeeOther {
		t.Errorf("asked again: %d", got.Code)
	}
}
