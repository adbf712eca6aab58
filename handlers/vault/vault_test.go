package vault_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"locum/handlers/vault"
	"locum/handlers/webtest"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
	vaults "locum/models/vault"
	"locum/views/ui/uitest"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

func newHub(t *testing.T) *webtest.Hub {
	t.Helper()
	w := modelstest.New(t, "sqlite")
	return webtest.New(t, w, vault.New(w.Vault))
}

const value = "crr-0123456789-canary"

// made has Karin keep a token, and gives its page's address.
func made(t *testing.T, h *webtest.Hub) string {
	t.Helper()
	answer := h.As("karin").Post("/secrets/new", "kind", "token", "name", "Carrier token", "note", "Portal, Integrations", "value", value,
		"date", h.Now().AddDate(0, 0, 10).Format(time.DateOnly))
	answer.Wants(http.StatusSeeOther)
	return answer.Location
}

func TestASecretFromItsMakingToItsRemoval(t *testing.T) {
	h := newHub(t)
	b := h.As("karin")
	b.Get("/secrets").Says("No secrets yet")
	b.Get("/secrets/new?kind=key_pair").Says("Make an Ed25519 key here", "Paste a key")
	page := made(t, h)
	for _, path := range []string{"/secrets", page, page + "/edit", page + "/replace", page + "/reveal", page + "/remove"} {
		b.Get(path).Says("Carrier token")
		b.Get(path).Hides(value)
	}
	b.Get("/secrets").Says("Expires soon")
	b.Post(page+"/replace", "version", "1", "value", "second", "date", "2027-01-31").GoesTo(page)
	b.Post(page+"/replace", "version", "1", "value", "third", "date", "2027-01-31").GoesTo(page)
	b.Get(page).Says("Somebody replaced it meanwhile.", "Version 2")
	b.Post(page+"/edit", "name", "Carrier", "date", "2027-02-28").GoesTo(page)
	b.Get(page).Says("Carrier", "28 Feb 2027", "Version 1")
	b.Get(page + "/versions/1/restore").Says("Restore version 1")
	b.Post(page + "/versions/1/restore").GoesTo(page)
	b.Get(page).Says("Value of version 1", "Version 3")
	b.Get(page + "/versions/2/remove").Says("Remove version 2")
	b.Post(page + "/versions/2/remove").GoesTo(page)
	b.Get(page).Says("Removed by Karin Schouten")
	b.Get(page + "/versions/9/remove").Wants(http.StatusNotFound)
	b.Get(page + "/remove").Says("Every version is gone for good")
	b.Post(page + "/remove").GoesTo("/secrets")
	b.Get(page).Wants(http.StatusNotFound)
}

func TestAValueIsShownOnceInAnAnswerThatNoCacheKeeps(t *testing.T) {
	h := newHub(t)
	b := h.As("karin")
	page := made(t, h)
	ask := b.Get(page + "/reveal").Page(http.StatusOK)
	key := uitest.Attr(ask.One("input[name=form_key]"), "value")
	shown := b.Post(page+"/reveal", "version", "1", "form_key", key)
	if shown.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control: %q", shown.Header.Get("Cache-Control"))
	}
	if got := uitest.Attr(shown.Page(http.StatusOK).One("button[data-copy]"), "data-copy"); got != value {
		t.Errorf("shown is %q", got)
	}
	again := b.Post(page+"/reveal", "version", "1", "form_key", key) // the answer is reloaded
	again.Wants(http.StatusConflict)
	again.Hides(value)
	b.Get(page).Says("revealed version 1")
	b.Get(page).Hides(value)
	b.Get(page + "/reveal?version=1").Hides(value)
	if n := len(h.Mails(mail.SecretGivenKind)); n != 2 {
		t.Errorf("%d mails to two superusers", n)
	}
}

func TestAnOldSignInIsSentToShowWhoItIsAndComesBack(t *testing.T) {
	h := newHub(t)
	page := made(t, h)
	b := h.As("karin")
	h.Advance(vaults.ProofLife)
	asked := b.Get(page + "/reveal?version=1").Page(http.StatusOK)
	way := uitest.Attr(asked.One("a.btn-primary"), "href")
	if !strings.Contains(way, "next=%2Fsecrets%2F") || !strings.Contains(way, "reveal%3Fversion%3D1") {
		t.Errorf("the way is %q", way)
	}
	answer := b.Post(page+"/reveal", "version", "1")
	answer.GoesTo(page + "/reveal?version=1")
	answer.Hides(value)
}

func TestWhatIsWrongInTheFormIsSaidAtItsField(t *testing.T) {
	h := newHub(t)
	b := h.As("karin")
	made(t, h)
	for what, c := range map[string]struct {
		sent []string
		says string
	}{
		"no name":        {[]string{"kind", "text", "value", "x"}, "Fill this in."},
		"a taken name":   {[]string{"kind", "text", "name", "CARRIER token", "value", "x"}, "Another secret has this name."},
		"no date":        {[]string{"kind", "token", "name", "x", "value", "x"}, "A token has a last day."},
		"a past date":    {[]string{"kind", "token", "name", "x", "value", "x", "date", "2020-01-01"}, "Choose today or a later day."},
		"two lines":      {[]string{"kind", "token", "name", "x", "value", "x\ny", "date", "2027-01-31"}, "A token is on one line."},
		"no key":         {[]string{"kind", "key_pair", "name", "x", "algorithm", "paste", "value", "nonsense"}, "This is no private key in PEM."},
		"pasted nothing": {[]string{"kind", "key_pair", "name", "x", "algorithm", "paste"}, "Fill this in."},
		"both":           {[]string{"kind", "key_pair", "name", "x", "algorithm", "ed25519", "value", "nonsense"}, "This is no private key in PEM."},
		"no kind":        {[]string{"kind", "x", "name", "x", "value", "x"}, "Choose one of the list."},
	} {
		answer := b.Post("/secrets/new", c.sent...)
		if answer.Code != http.StatusUnprocessableEntity || !strings.Contains(answer.Body, c.says) {
			t.Errorf("%s: %d, without %q", what, answer.Code, c.says)
		}
	}
	if list, err := h.Vault.List(h.Ctx, h.Actor("karin")); err != nil || len(list) != 1 {
		t.Errorf("%d secrets are kept: %v", len(list), err)
	}
}

func TestAMemberFindsNoSecrets(t *testing.T) {
	h := newHub(t)
	page := made(t, h)
	for _, path := range []string{"/secrets", page, page + "/reveal", "/secrets/new"} {
		h.As("ria").Get(path).Wants(http.StatusForbidden)
	}
	h.As("marieke").Get(page).Wants(http.StatusNotFound)
}

func TestAKeyPairShowsItsPublicHalf(t *testing.T) {
	h := newHub(t)
	b := h.As("karin")
	answer := b.Post("/secrets/new", "kind", "key_pair", "name", "Signing", "algorithm", "ed25519")
	answer.Wants(http.StatusSeeOther)
	b.Get(answer.Location).Says("Ed25519", "SHA256:", "BEGIN PUBLIC KEY")
	b.Get(answer.Location).Hides("PRIVATE")
	b.Post(answer.Location+"/reveal", "version", "1").Says("BEGIN PRIVATE KEY")
}

// A sealed value that does not open is a fault of ours, which says nothing of it.
func TestAValueThatDoesNotOpenIsAFaultWithoutDetail(t *testing.T) {
	h := newHub(t)
	page := made(t, h)
	h.System(func(tx *store.Tx) error {
		return tx.Model(&vaults.Version{}).Where("number = 1").Update("sealed", "AAAA").Error
	})
	answer := h.As("karin").Post(page+"/reveal", "version", "1")
	answer.Wants(http.StatusInternalServerError)
	answer.Hides("cipher")
}
