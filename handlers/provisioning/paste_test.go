package provisioning

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/federation"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/views/ui/uitest"
)

// connected is a connection of De Vries for its own domain, and the path on
// which responses are explained.
func (h *hub) connected() (c federation.Connection, path string) {
	h.t.Helper()
	provider, err := describe([]byte("idp login.example"), h.Store.Now())
	if err != nil {
		h.t.Fatal(err)
	}
	if c, err = h.federation.Connect(h.Ctx, h.Actor("marieke"), federation.Draft{Name: "De Vries login", Provider: provider}); err != nil {
		h.t.Fatal(err)
	}
	h.System(func(tx *store.Tx) error {
		now := models.At(tx.Now())
		return tx.Create(&tenancy.Domain{CompanyID: c.CompanyID, ID: models.NewID("dom"), Name: "devries.example", Token: "t", VerifiedAt: &now, CreatedAt: now}).Error
	})
	return c, "/company/single-sign-on/" + c.ID + "/explain"
}

// says has every response speak of Anna.
func (h *hub) says(name string, values ...string) {
	h.pasted.Told = federation.Told{Assertion: "a", EntityID: "https://login.example", Name: "anna-7", Attributes: []federation.Attribute{
		{Name: "email", Values: []string{"anna@devries.example"}}, {Name: name, Values: values}}}
}

func many(n int) (values []string) {
	for i := range n {
		values = append(values, fmt.Sprintf("group-%d", i))
	}
	return values
}

// TestAPastedResponseIsExplained: who would come in, what would change, which
// connectors match, and the tree of a chosen role.
func TestAPastedResponseIsExplained(t *testing.T) {
	h := newHub(t)
	saved := h.saved("Planning-Editors")
	_, path := h.connected()
	marieke := h.As("marieke")
	h.As("jan").Get(path).Wants(http.StatusForbidden)
	h.As("jan").Post(path, "response", "x").Wants(http.StatusForbidden)
	h.As("karin").Get(path).Wants(http.StatusNotFound)
	h.As("karin").Post(path, "response", "x").Wants(http.StatusNotFound)
	marieke.Get(path).Says("Explain a response", "nothing of it is kept")

	h.says("groups", "Planning-Editors", "Everyone")
	role := saved.Target.Organization + "||" + saved.Role
	before := h.rows()
	answer := marieke.Post(path, "response", "<it/>", "role", role)
	answer.Wants(http.StatusOK)
	answer.Says("Signed with this connection’s certificate", "Anna Visser would come in with the account of anna@devries.example", "It would give the role Member",
		saved.Name, "Planning-Editors", "anna-7", "Everyone")
	if !strings.Contains(answer.Body, "&lt;it/&gt;") {
		t.Error("what was pasted is gone")
	}
	h.says("groups", "Others")
	marieke.Post(path, "response", "x", "role", role).Says("It would not give the role Member", "No connector that is on matches.")
	if after := h.rows(); after != before {
		t.Errorf("%d rows became %d", before, after)
	}
}

// rows counts what a sign-in would leave behind.
func (h *hub) rows() (n int64) {
	h.t.Helper()
	h.System(func(tx *store.Tx) error {
		for _, table := range []string{"events", "identities", "profiles", "grants", "sessions", "assertions", "accounts", "sign_in_states"} {
			var some int64
			if err := tx.Table(table).Count(&some).Error; err != nil {
				return err
			}
			n += some
		}
		return nil
	})
	return n
}

// TestAPastedResponseThatIsNotVouchedFor, or that a sign-in would refuse, says so
// and is explained all the same.
func TestAPastedResponseThatIsNotVouchedFor(t *testing.T) {
	h := newHub(t)
	_, path := h.connected()
	h.says("groups", "Others")
	h.pasted.Signature, h.pasted.Refused = models.Text("saml.error.bad_signature.title"), models.Text("saml.error.expired.title")
	answer := h.As("marieke").Post(path, "response", "x")
	answer.Says("Not vouched for. The signature of the answer is not right", "A sign-in with it would be refused now. The answer of your identity provider came too late", "anna@devries.example")
	answer.Hides("Signed with this connection")
	h.says("email", "anna@zonneveld.example")
	h.pasted.Told.Attributes = h.pasted.Told.Attributes[1:]
	h.As("marieke").Post(path, "response", "x").Says("This person would not come in", "zonneveld.example")
}

// TestPastedTextsThatAreRefused stand at the field, with what was typed.
func TestPastedTextsThatAreRefused(t *testing.T) {
	h := newHub(t)
	_, path := h.connected()
	for text, says := range map[string]string{"": "Fill this in", "garbage": "could not be read"} {
		page := h.As("marieke").Post(path, "response", text).Page(http.StatusUnprocessableEntity)
		if words := strings.ToLower(uitest.Words(page.One("#response-error"))); words == "" || text != "" && !strings.Contains(words, says) {
			t.Errorf("%q is answered with %q", text, words)
		}
	}
}

// TestAResponseWith150Groups says that it is at the limit, and one with the
// overage link that the groups are left out.
func TestAResponseWith150GroupsAndWithTheOverageLink(t *testing.T) {
	h := newHub(t)
	_, path := h.connected()
	h.says("groups", many(149)...)
	h.As("marieke").Post(path, "response", "x").Hides("Entra ID sends")
	h.says("groups", many(150)...)
	h.As("marieke").Post(path, "response", "x").Says("It carries 150 groups", "150 is the most that Entra ID sends", "and 100 more")
	h.says("http://schemas.microsoft.com/claims/groups.link", "https://graph.windows.net/x")
	h.As("marieke").Post(path, "response", "x").Says("The provider left the groups out", "groups.link")
}

// TestAttributesWith10000Values are too many, and said to be.
func TestAttributesWith10000Values(t *testing.T) {
	h := newHub(t)
	_, path := h.connected()
	h.says("department", many(10_000)...)
	h.As("marieke").Post(path, "response", "x").Says("This person would not come in", "more than 5000 values; the limit was reached at department", "9,950 more")
}

// TestThePageOfSingleSignOnWarns of what is the matter, and lets the hours of
// silence be chosen.
func TestThePageOfSingleSignOnWarns(t *testing.T) {
	h := newHub(t)
	c, _ := h.connected()
	h.saved("Planning-Editors")
	page := "/company/single-sign-on"
	marieke := h.As("marieke")
	marieke.Get(page).Hides("id=\"warnings\"", "id=\"overage\"")
	h.comesIn("Anna Visser", "Planning-Editors")
	h.System(func(tx *store.Tx) error {
		past := func(d time.Duration) models.Instant { return models.At(tx.Now().Add(-d)) }
		if err := tx.Table("profiles").Where("company_id = ?", c.CompanyID).Updates(map[string]any{"source_id": c.ID,
			"attributes": `{"attributes":[],"groups":[{"id":"Planning-Editors","kept":true,"source":{"kind":"assertion","at":"2026-11-10T10:00:00Z"}}],"group_state":"absent","overage":true}`}).Error; err != nil {
			return err
		}
		return tx.Model(&federation.Connection{}).Where("id = ?", c.ID).Updates(map[string]any{"first_success_at": past(900 * time.Hour), "last_success_at": past(80 * time.Hour),
			"success_count": 100, "clock_ahead": -75, "clock_read_at": past(80 * time.Hour)}).Error
	})
	marieke.Get(page).Says("Nobody has signed in through De Vries login since", "The clock of De Vries login is 75 seconds behind", "75 seconds behind too far off",
		"The groups of 1 person do not come any more", "Groups that are left out", "Anna Visser", "Groups assigned to the application")
	marieke.Get(page + "/" + c.ID).Says("75 seconds behind")

	for _, typed := range []string{"-1", "721", "often", ""} {
		answer := marieke.Post(page+"/silence", "silent_hours", typed)
		answer.Wants(http.StatusUnprocessableEntity)
		answer.Says("Choose a number of hours from 0 to 720.")
	}
	h.As("jan").Post(page+"/silence", "silent_hours", "100").Wants(http.StatusForbidden)
	marieke.Post(page+"/silence", "silent_hours", "100").GoesTo(page)
	marieke.Get(page).Hides("Nobody has signed in through")
}
