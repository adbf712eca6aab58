package provisioning

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/federation"
	"locum/models/store"
)

const signOn = "/company/single-sign-on"

func TestAProviderIsConnectedByPastedMetadata(t *testing.T) {
	h := newHub(t)
	b := h.As("marieke")
	b.Get(signOn).Says("No identity provider is connected")
	bad := b.Post(signOn+"/new", "name", "De Vries login", "metadata", "<html>")
	bad.Wants(http.StatusUnprocessableEntity)
	if !strings.Contains(bad.Body, "&lt;html&gt;</textarea>") || !strings.Contains(bad.Body, `id="metadata-error"`) || !strings.Contains(bad.Body, `value="De Vries login"`) {
		t.Errorf("the form did not come back with its error:\n%s", bad.Body)
	}
	b.Post(signOn+"/new", "name", "", "metadata", " ").Says("Fill this in.", "Enter the metadata address, choose the file, or paste its content.")
	if list, err := h.federation.Connections(h.Ctx, h.Actor("marieke")); err != nil || len(list) != 0 {
		t.Fatalf("something half was saved: %+v (%v)", list, err)
	}
	b.Post(signOn+"/new", "name", "De Vries login", "metadata", "idp login.devries.example").GoesTo(signOn)
	list, err := h.federation.Connections(h.Ctx, h.Actor("marieke"))
	if err != nil || len(list) != 1 {
		t.Fatalf("connected %+v (%v)", list, err)
	}
	page := b.Get(signOn)
	page.Says("De Vries login is connected", "https://login.devries.example/sso", "http://localhost:8080/saml/"+list[0].ID+"/acs",
		"http://localhost:8080/saml/"+list[0].ID+"/metadata", "nobody came in yet", "The last certificate ends on")
}

func TestMetadataIsReplacedByAFile(t *testing.T) {
	h := newHub(t)
	b := h.As("marieke")
	b.Upload(signOn+"/new", "file", []byte("idp login.devries.example"), "name", "De Vries login", "metadata", "what is pasted counts less").GoesTo(signOn)
	c := h.connection()
	b.Upload(signOn+"/"+c.ID+"/metadata", "file", []byte("no metadata")).Wants(http.StatusUnprocessableEntity)
	b.Upload(signOn+"/"+c.ID+"/metadata", "file", bytes.Repeat([]byte("x"), maxUpload+1)).Wants(http.StatusRequestEntityTooLarge)
	if now := h.connection(); now.Certificates[0] != c.Certificates[0] {
		t.Fatal("what was refused was saved")
	}
	// An empty file field comes along with what is pasted.
	b.Upload(signOn+"/"+c.ID+"/metadata", "file", nil, "metadata", "idp login.devries.example").GoesTo(signOn)
	if now := h.connection(); now.Certificates[0] == c.Certificates[0] || now.Name != c.Name {
		t.Errorf("replaced by %+v", now)
	}
}

func (h *hub) connection() federation.Connection {
	h.t.Helper()
	list, err := h.federation.Connections(h.Ctx, h.Actor("marieke"))
	if err != nil || len(list) != 1 {
		h.t.Fatalf("connections %+v (%v)", list, err)
	}
	return list[0]
}

func TestAConnectionIsRenamedAndTurnedOff(t *testing.T) {
	h := newHub(t)
	b := h.As("marieke")
	b.Post(signOn+"/new", "name", "De Vries login", "metadata", "idp login.devries.example").GoesTo(signOn)
	at := signOn + "/" + h.connection().ID
	b.Post(at+"/name", "name", " ").Wants(http.StatusUnprocessableEntity)
	b.Post(at+"/name", "name", "Entra ID").GoesTo(signOn)
	renamed := b.Get(signOn)
	renamed.Says("Renamed to Entra ID")
	renamed.Links(at + "/disable")
	b.Get(at+"/disable").Says("Turn off Entra ID?", "Nobody signs in through it any more. Who is signed in stays. Others get a code by e-mail.")
	b.Post(at+"/enabled", "enabled", "no").GoesTo(signOn)
	b.Get(at + "/disable").GoesTo(signOn)
	if c := h.connection(); c.Name != "Entra ID" || c.Enabled {
		t.Errorf("now %+v", c)
	}
	b.Get(signOn).Says("Off", "Turn on")
	karin := h.As("karin")
	for _, path := range []string{at, signOn + "/con_none"} {
		karin.Get(path).Wants(http.StatusNotFound)
		karin.Post(path+"/name", "name", "x").Wants(http.StatusNotFound)
		karin.Get(path + "/disable").Wants(http.StatusNotFound)
		karin.Post(path+"/enabled", "enabled", "yes").Wants(http.StatusNotFound)
		karin.Post(path+"/metadata", "metadata", "idp x").Wants(http.StatusNotFound)
	}
	karin.Get(signOn).Hides("Entra ID")
}

func TestADomainIsVerifiedByItsRecord(t *testing.T) {
	h := newHub(t)
	b := h.As("marieke")
	b.Get("/company/domains").Says("No domains yet")
	wrong := b.Post("/company/domains", "name", "no domain")
	wrong.Wants(http.StatusUnprocessableEntity)
	if !strings.Contains(wrong.Body, `value="no domain"`) || !strings.Contains(wrong.Body, `id="name-error"`) {
		t.Error("the form did not come back with its error")
	}
	b.Post("/company/domains", "name", "DeVries.example").GoesTo("/company/domains")
	list, err := h.federation.Domains(h.Ctx, h.Actor("marieke"))
	if err != nil || len(list) != 1 {
		t.Fatalf("domains %+v (%v)", list, err)
	}
	record, at := federation.ChallengeOf(list[0]), "/company/domains/"+list[0].ID
	b.Get("/company/domains").Says("Not verified", record.Name, record.Value)
	missing := b.Post(at + "/verify")
	missing.Wants(http.StatusUnprocessableEntity)
	missing.Says("Not done", "_locum.devries.example")
	h.records[record.Name] = []string{"v=spf1 -all", record.Value}
	b.Post(at + "/verify").GoesTo("/company/domains")
	b.Get("/company/domains").Says("Verified by its DNS record")

	karin := h.As("karin")
	for _, path := range []string{at, "/company/domains/dom_none"} {
		karin.Post(path + "/verify").Wants(http.StatusNotFound)
		karin.Get(path + "/require").Wants(http.StatusNotFound)
		karin.Post(path+"/require", "required", "yes").Wants(http.StatusNotFound)
		karin.Get(path + "/remove").Wants(http.StatusNotFound)
		karin.Post(path + "/remove").Wants(http.StatusNotFound)
	}
	b.Get(at + "/remove").Says("Remove devries.example?")
	b.Post(at + "/remove").GoesTo("/company/domains")
	b.Get("/company/domains").Says("The domain is removed", "No domains yet")
}

func TestSSOIsRequiredOnlyAfterAManagerCameInByIt(t *testing.T) {
	h := newHub(t)
	b := h.As("marieke")
	b.Post(signOn+"/new", "name", "De Vries login", "metadata", "idp login.devries.example").GoesTo(signOn)
	b.Post("/company/domains", "name", "devries.example").GoesTo("/company/domains")
	list, err := h.federation.Domains(h.Ctx, h.Actor("marieke"))
	if err != nil {
		t.Fatal(err)
	}
	record, at := federation.ChallengeOf(list[0]), "/company/domains/"+list[0].ID
	h.records[record.Name] = []string{record.Value}
	b.Post(at + "/verify").GoesTo("/company/domains")
	early := b.Post(at+"/require", "required", "yes")
	early.Wants(http.StatusUnprocessableEntity)
	early.Says("Let a company manager sign in through your identity provider first.")
	h.System(func(tx *store.Tx) error {
		now := models.At(tx.Now())
		return tx.Create(&federation.Identity{CompanyID: h.Production.Company, ConnectionID: h.connection().ID, EntityID: "https://login.devries.example",
			NameID: "marieke", AccountID: h.ID("marieke"), LastSignInAt: &now, CreatedAt: now}).Error
	})
	b.Get("/company/domains").Links(at + "/require")
	ask := b.Get(at + "/require")
	ask.Says("Require single sign-on for devries.example?", "From now on people with an address at devries.example sign in only through De Vries login.", "No break-glass manager is named")
	b.Post("/company/break-glass/" + h.ID("marieke") + "/name").GoesTo(signOn)
	b.Get(at + "/require").Hides("No break-glass manager is named")
	b.Post(at+"/require", "required", "yes").GoesTo("/company/domains")
	b.Get(at + "/require").GoesTo("/company/domains")
	b.Get("/company/domains").Says("Single sign-on only", "No longer require")
	refused := b.Post("/company/single-sign-on/"+h.connection().ID+"/enabled", "enabled", "no")
	refused.Wants(http.StatusConflict)
	refused.Says("Single sign-on is required for devries.example")
	b.Post(at+"/require", "required", "no").GoesTo("/company/domains")
	b.Get("/company/domains").Hides("No longer require")
}

// TestATestSignInIsShownOnce with what came, what matches and what would be
// given.
func TestATestSignInIsShownOnce(t *testing.T) {
	h := newHub(t)
	b := h.As("marieke")
	b.Post(signOn+"/new", "name", "De Vries login", "metadata", "idp login.devries.example").GoesTo(signOn)
	b.Post("/company/domains", "name", "devries.example").GoesTo("/company/domains")
	list, err := h.federation.Domains(h.Ctx, h.Actor("marieke"))
	if err != nil {
		t.Fatal(err)
	}
	record := federation.ChallengeOf(list[0])
	h.records[record.Name] = []string{record.Value}
	b.Post("/company/domains/" + list[0].ID + "/verify").GoesTo("/company/domains")
	h.saved("Planning-Editors")
	h.saved("Testers")
	c := h.connection()
	test := func(email string) string {
		begun, err := h.federation.BeginTest(h.Ctx, h.Actor("marieke"), federation.Start{Connection: c.ID, RequestID: "_r"})
		if err != nil {
			t.Fatal(err)
		}
		claimed, err := h.federation.Claim(h.Ctx, c.ID, begun.RelayState)
		if err != nil {
			t.Fatal(err)
		}
		ticket, err := h.federation.Finish(h.Ctx, claimed, federation.Told{Assertion: models.NewID("ass"), Expires: h.Store.Now().Add(time.Minute), EntityID: c.EntityID,
			Name: "anna-7", Attributes: []federation.Attribute{{Name: "urn:oid:0.9.2342.19200300.100.1.3", FriendlyName: "mail", Values: []string{email}},
				{Name: "groups", Values: []string{"Planning-Editors"}}, {Name: "country", Values: nil}}})
		if err != nil {
			t.Fatal(err)
		}
		return signOn + "/" + c.ID + "/test/" + ticket
	}
	at := test("rik@devries.example")
	h.As("karin").Get(at).Wants(http.StatusNotFound)
	page := b.Get(at)
	page.Says("rik would come in with a new account for rik@devries.example", "urn:oid:0.9.2342.19200300.100.1.3", "Planning-Editors",
		"Members of Planning-Editors", "One connector gives nothing", "Members of Testers")
	b.Get(at).GoesTo(signOn + "/" + c.ID)
	b.Get(test("rik@zonneveld.example")).Says("This person would not come in", "has not verified that domain", "rik@zonneveld.example")
	b.Get(signOn+"/"+c.ID).Says("The last test that worked was on", "Start a test sign-in")
}

// TestAConnectionIsSetUpStepByStep: from the kind of provider to switching on.
func TestAConnectionIsSetUpStepByStep(t *testing.T) {
	h := newHub(t)
	b := h.As("marieke")
	b.Get(signOn+"/set-up").Says("Which identity provider does your company use?", "Microsoft Entra ID", "Keycloak")
	b.Post(signOn+"/set-up", "name", " ", "kind", "novell").Wants(http.StatusUnprocessableEntity)
	for _, kind := range federation.Kinds {
		b.Post(signOn+"/set-up", "name", "De Vries login", "kind", kind).GoesTo(signOn + "/" + h.connection().ID + "/set-up")
		at := signOn + "/" + h.connection().ID + "/set-up"
		b.Get(signOn + "/" + h.connection().ID).GoesTo(at)
		page := b.Get(at)
		page.Says("Add Locum there", "http://localhost:8080/saml/"+h.connection().ID+"/acs", "http://localhost:8080/saml/"+h.connection().ID+"/metadata", "Drop this set-up")
		page.Hides("sso.guide", "Start a test sign-in", "Switch on ")
		if kind != federation.Other {
			b.Post(at + "/abandon").GoesTo(signOn)
		}
	}
	at := signOn + "/" + h.connection().ID + "/set-up"
	b.Get(signOn).Says("Being set up", "Continue the set-up")
	wrong := b.Post(at+"/metadata", "metadata", "no metadata")
	wrong.Wants(http.StatusUnprocessableEntity)
	if !strings.Contains(wrong.Body, "no metadata</textarea>") {
		t.Error("what was typed is gone")
	}
	b.Post(at+"/metadata", "address", "https://private.example").Wants(http.StatusUnprocessableEntity)
	b.Post(at+"/metadata", "address", "https://login.devries.example/metadata").GoesTo(at)
	if c := h.connection(); c.Enabled || c.MetadataURL != "https://login.devries.example/metadata" {
		t.Fatalf("now %+v", c)
	}
	tested := b.Get(at)
	tested.Says("Start a test sign-in")
	if strings.Contains(tested.Body, `name="enabled"`) {
		t.Error("it can be switched on without a test")
	}
	h.System(func(tx *store.Tx) error {
		return tx.Model(&federation.Connection{}).Where("id = ?", h.connection().ID).UpdateColumn("tested_at", models.At(tx.Now())).Error
	})
	if ready := b.Get(at); !strings.Contains(ready.Body, `name="enabled"`) {
		t.Error("it cannot be switched on after a test")
	}
	b.Post(signOn+"/"+h.connection().ID+"/enabled", "enabled", "yes").GoesTo(signOn)
	karin := h.As("karin")
	karin.Get(at).Wants(http.StatusNotFound)
	karin.Post(at + "/abandon").Wants(http.StatusNotFound)
}

// TestMetadataIsReadAgainOnRequest, and the page says why it cannot be.
func TestMetadataIsReadAgainOnRequest(t *testing.T) {
	h := newHub(t)
	b := h.As("marieke")
	b.Post(signOn+"/new", "name", "De Vries login", "address", "https://login.devries.example/metadata").GoesTo(signOn)
	at := signOn + "/" + h.connection().ID
	b.Get(at).Says("Read each day at its address.")
	b.Post(at + "/read").GoesTo(at)
	b.Get(at).Says("is read again")
	h.unreadable = "sso.fetch.redirect"
	b.Post(at + "/read").GoesTo(at)
	b.Get(at).Says("could not be read", "The address leads on to another one.", "People still sign in with what was read before.")
	h.As("karin").Post(at + "/read").Wants(http.StatusNotFound)
}

func TestKeysAreRotatedAndRetired(t *testing.T) {
	h := newHub(t)
	b := h.As("marieke")
	b.Post(signOn+"/new", "name", "De Vries login", "metadata", "idp login.devries.example").GoesTo(signOn)
	at := signOn + "/" + h.connection().ID
	keys := func() []federation.PublicKey {
		list, err := h.federation.OurKeys(h.Ctx, h.Actor("marieke"), h.connection().ID)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	b.Get(at).Says("Add a new key", "Signs")
	h.As("karin").Post(at + "/keys").Wants(http.StatusNotFound)
	b.Get(at + "/keys/" + keys()[0].ID + "/retire").Wants(http.StatusNotFound)
	b.Post(at + "/keys").GoesTo(at)
	old := keys()[0].ID
	b.Get(at).Says("Both keys work.", "Retire")
	b.Get(at + "/keys/" + old + "/retire").Says("Retire the key made on")
	b.Post(at + "/keys/" + old + "/retire").GoesTo(at)
	if left := keys(); len(left) != 1 || left[0].ID == old {
		t.Errorf("left %+v", left)
	}
}
