package federation

import (
	"slices"
	"testing"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

func TestRenamingLeavesTheRest(t *testing.T) {
	h := newHouse(t)
	c, err := h.federation.Rename(h.ctx, h.marieke, h.connection.ID, "  Entra ID ")
	h.must(err)
	if c.Name != "Entra ID" || c.EntityID != h.connection.EntityID || !slices.Equal(c.Certificates, h.connection.Certificates) || !c.Enabled {
		t.Errorf("renamed %+v", c)
	}
	if _, err := h.federation.Rename(h.ctx, h.marieke, h.connection.ID, " "); models.KindOf(err) != models.Invalid {
		t.Errorf("without a name: %v", err)
	}
}

func TestNewMetadataOfTheSameProviderIsTakenUp(t *testing.T) {
	h := newHouse(t)
	h.must2(h.federation.Update(h.ctx, h.marieke, h.connection.ID, Draft{Name: "De Vries login", Provider: provider(), IdentityAttribute: "employeeNumber", Delimiters: map[string]string{"groups": ";"}}))
	moved := provider()
	moved.SSORedirect = "https://login.devries.example/new"
	c, err := h.federation.TakeUp(h.ctx, h.marieke, h.connection.ID, moved)
	h.must(err)
	if c.SSORedirect != moved.SSORedirect || c.IdentityAttribute != "employeeNumber" || c.Delimiters["groups"] != ";" || c.Name != "De Vries login" {
		t.Errorf("taken up %+v", c)
	}
	if _, err := h.federation.TakeUp(h.ctx, h.marieke, h.connection.ID, Provider{}); models.KindOf(err) != models.Invalid {
		t.Errorf("without anything in it: %v", err)
	}
}

func TestMetadataOfAnotherProviderIsTakenUpOnlyWhileNobodyCameIn(t *testing.T) {
	h := newHouse(t)
	other := provider()
	other.EntityID = "https://other.devries.example/saml"
	h.must2(h.federation.TakeUp(h.ctx, h.marieke, h.connection.ID, other))
	h.must2(h.federation.TakeUp(h.ctx, h.marieke, h.connection.ID, provider()))
	if _, err := h.signIn(anna()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.federation.TakeUp(h.ctx, h.marieke, h.connection.ID, other); models.KindOf(err) != models.Invalid {
		t.Errorf("after the first sign-in: %v", err)
	}
	if c, err := h.federation.Get(h.ctx, h.marieke, h.connection.ID); err != nil || c.EntityID != provider().EntityID {
		t.Errorf("what was refused was saved: %s (%v)", c.EntityID, err)
	}
}

func TestSSOIsRequiredOnlyOnceAManagerCameInByIt(t *testing.T) {
	h := newHouse(t)
	domains, err := h.federation.Domains(h.ctx, h.marieke)
	h.must(err)
	id := domains[0].ID
	_, err = h.federation.RequireSSO(h.ctx, h.marieke, id, true)
	h.failed(err, "domain.error.sso_untested")
	if _, err := h.signIn(anna()); err != nil { // a member is not enough
		t.Fatal(err)
	}
	_, err = h.federation.RequireSSO(h.ctx, h.marieke, id, true)
	h.failed(err, "domain.error.sso_untested")
	if proven, err := h.federation.Proven(h.ctx, h.marieke); err != nil || proven {
		t.Errorf("proven by a member (%v)", err)
	}
	marieke := anna().with("email", "marieke@devries.example")
	marieke.Name = "marieke-1"
	if _, err := h.signIn(marieke); err != nil {
		t.Fatal(err)
	}
	d, err := h.federation.RequireSSO(h.ctx, h.marieke, id, true)
	h.must(err)
	if !d.SSORequired || h.count(&tenancy.Domain{}, "sso_required = ?", true) != 1 {
		t.Errorf("required %+v", d)
	}
	h.must2(h.federation.RequireSSO(h.ctx, h.marieke, id, false))
	h.must2(h.federation.Enable(h.ctx, h.marieke, h.connection.ID, false))
	_, err = h.federation.RequireSSO(h.ctx, h.marieke, id, true)
	h.failed(err, "domain.error.sso_untested")

	open, err := h.federation.AddDomain(h.ctx, h.marieke, "devries-be.example")
	h.must(err)
	_, err = h.federation.RequireSSO(h.ctx, h.marieke, open.ID, true)
	h.failed(err, "domain.error.not_verified")
	karin := h.found("Zonneveld Bakkerijen", "Karin Schouten", "karin@zonneveld.example")
	if _, err := h.federation.RequireSSO(h.ctx, karin, id, false); models.KindOf(err) != models.NotFound {
		t.Errorf("from another company: %v", err)
	}
	if h.count(&store.Event{}, "type = ? AND subject_id = ?", "company.changed", id) != 2 {
		t.Error("not each change left its event")
	}
}

// must2 is must for what also gives a value.
func (h *house) must2(_ any, err error) {
	h.t.Helper()
	h.must(err)
}
