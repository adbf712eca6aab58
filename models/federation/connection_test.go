package federation

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"testing"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

func TestConnectionIsKept(t *testing.T) {
	h := newHouse(t)
	c, keys, err := h.federation.Public(h.ctx, h.connection.ID)
	h.must(err)
	trusted, err := c.Trusted()
	h.must(err)
	if c.EntityID != provider().EntityID || c.SSORedirect != provider().SSORedirect || !c.Enabled || len(trusted) != 1 || !trusted[0].Equal(certificate()) {
		t.Errorf("kept %+v", c)
	}
	if len(keys) != 1 {
		t.Fatalf("%d keys", len(keys))
	}
	sealed, err := rsa.EncryptOAEP(crypto.SHA256.New(), rand.Reader, keys[0].Certificate.PublicKey.(*rsa.PublicKey), []byte("x"), nil)
	h.must(err)
	if plain, err := keys[0].Decrypter().Decrypt(nil, sealed, &rsa.OAEPOptions{Hash: crypto.SHA256}); err != nil || string(plain) != "x" {
		t.Errorf("the key does not fit its certificate: %v", err)
	}
	if _, _, err := h.federation.Public(h.ctx, "con_none"); models.KindOf(err) != models.NotFound {
		t.Errorf("unknown connection: %v", err)
	}
}

func TestConnectionNeedsMetadata(t *testing.T) {
	h := newHouse(t)
	_, err := h.federation.Connect(h.ctx, h.marieke, Draft{Name: " "})
	var wrong *models.Error
	if !errors.As(err, &wrong) || wrong.Fields["name"].Key == "" || wrong.Fields["metadata"].Key != "federation.error.metadata" {
		t.Errorf("%v", err)
	}
}

func TestAnotherCompanysConnectionIsUnknown(t *testing.T) {
	h := newHouse(t)
	karin := h.found("Zonneveld Bakkerijen", "Karin Schouten", "karin@zonneveld.example")
	if _, err := h.federation.Enable(h.ctx, karin, h.connection.ID, false); models.KindOf(err) != models.NotFound {
		t.Errorf("change: %v", err)
	}
	if err := h.federation.RotateKey(h.ctx, karin, h.connection.ID); models.KindOf(err) != models.NotFound {
		t.Errorf("key: %v", err)
	}
	list, err := h.federation.Connections(h.ctx, karin)
	h.must(err)
	if len(list) != 0 {
		t.Errorf("sees %d", len(list))
	}
}

// TestKeysRotateWithoutAGap: the old key stays beside the new one, and goes
// with the next rotation.
func TestKeysRotateWithoutAGap(t *testing.T) {
	h := newHouse(t)
	ids := func() (ids []string) {
		_, keys, err := h.federation.Public(h.ctx, h.connection.ID)
		h.must(err)
		for _, key := range keys {
			ids = append(ids, key.ID)
		}
		return ids
	}
	first := ids()
	h.must(h.federation.RotateKey(h.ctx, h.marieke, h.connection.ID))
	second := ids()
	if len(second) != 2 || second[0] != first[0] {
		t.Fatalf("%v after %v", second, first)
	}
	h.must(h.federation.RotateKey(h.ctx, h.marieke, h.connection.ID))
	if third := ids(); len(third) != 2 || third[0] != second[1] {
		t.Errorf("%v after %v", third, second)
	}
}

// TestSealedKeyOpensInItsRowOnly: moved to another connection it is useless.
func TestSealedKeyOpensInItsRowOnly(t *testing.T) {
	h := newHouse(t)
	var row sealedKey
	h.must(h.store.SystemRead(h.ctx, "test", func(tx *store.Tx) error { return tx.Where("connection_id = ?", h.connection.ID).Take(&row).Error }))
	if _, err := h.federation.open(row); err != nil {
		t.Fatal(err)
	}
	row.ConnectionID = "con_other"
	if _, err := h.federation.open(row); err == nil {
		t.Error("opened elsewhere")
	}
}

func TestDomainIsVerifiedByItsRecord(t *testing.T) {
	h := newHouse(t)
	d, err := h.federation.AddDomain(h.ctx, h.marieke, " @DeVries-Logistiek.example ")
	h.must(err)
	if d.Name != "devries-logistiek.example" {
		t.Errorf("name %q", d.Name)
	}
	asked := ""
	lookup := func(texts []string, fault error) LookupTXT {
		return func(_ context.Context, name string) ([]string, error) { asked = name; return texts, fault }
	}
	for _, c := range []struct {
		texts []string
		fault error
	}{{nil, errors.New("no such host")}, {[]string{"locum-verification=other"}, nil}, {nil, nil}} {
		_, err = h.federation.VerifyDomain(h.ctx, h.marieke, d.ID, lookup(c.texts, c.fault))
		h.failed(err, "federation.error.domain_record")
	}
	d, err = h.federation.VerifyDomain(h.ctx, h.marieke, d.ID, lookup([]string{"v=spf1 -all", ChallengeOf(d).Value}, nil))
	h.must(err)
	if asked != "_locum.devries-logistiek.example" || d.VerifiedAt == nil || d.VerifiedBy != ByDNS {
		t.Errorf("asked %q, verified %+v", asked, d)
	}
}

func TestDomainsThatCannotBe(t *testing.T) {
	h := newHouse(t)
	for name, key := range map[string]string{"": "federation.error.domain", "localhost": "federation.error.domain", "a b.example": "federation.error.domain",
		"x@y@devries.example": "federation.error.domain", "DEVRIES.example": "federation.error.domain_known"} {
		_, err := h.federation.AddDomain(h.ctx, h.marieke, name)
		var wrong *models.Error
		if !errors.As(err, &wrong) || wrong.Fields["name"].Key != key {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestDomainBelongsToOneCompany: another may ask for it, but not get it.
func TestDomainBelongsToOneCompany(t *testing.T) {
	h := newHouse(t)
	karin := h.found("Zonneveld Bakkerijen", "Karin Schouten", "karin@zonneveld.example")
	_, err := h.federation.AddDomain(h.ctx, karin, "devries.example")
	h.must(err)
	_, err = h.federation.VouchDomain(h.ctx, h.operator, karin.Effective.Company, "devries.example")
	h.failed(err, "federation.error.domain_taken")
}

func TestDiscover(t *testing.T) {
	h := newHouse(t)
	found := func(address string) (Realm, bool) {
		t.Helper()
		email, ok := account.ParseEmail(address)
		if !ok {
			t.Fatal(address)
		}
		realm, found, err := h.federation.Discover(h.ctx, email)
		h.must(err)
		return realm, found
	}
	if realm, ok := found("anyone@DeVries.example"); !ok || realm.Connection != h.connection.ID || realm.Company != h.connection.CompanyID || realm.Required {
		t.Errorf("realm %+v, %v", realm, ok)
	}
	for _, address := range []string{"noor@noorhendriks.example", "anna@sub.devries.example"} {
		if realm, ok := found(address); ok {
			t.Errorf("%s leads to %+v", address, realm)
		}
	}
	_, err := h.federation.AddDomain(h.ctx, h.marieke, "pending.example")
	h.must(err)
	if _, ok := found("a@pending.example"); ok {
		t.Error("an unverified domain leads somewhere")
	}
	list, err := h.federation.Domains(h.ctx, h.marieke)
	h.must(err)
	h.alter(&tenancy.Domain{}, list[0].ID, "sso_required", true)
	if realm, ok := found("anna@devries.example"); !ok || !realm.Required {
		t.Errorf("required: %+v, %v", realm, ok)
	}
	h.alter(&tenancy.Domain{}, list[0].ID, "sso_required", false)
	h.enable(false)
	if _, ok := found("anna@devries.example"); ok {
		t.Error("a connection that is switched off is used")
	}
	h.enable(true)
	h.alter(&tenancy.Company{}, h.connection.CompanyID, "suspended_at", models.At(h.now))
	if _, ok := found("anna@devries.example"); ok {
		t.Error("a suspended company's connection is used")
	}
}

func TestRemovedDomainIsSpokenForNoLonger(t *testing.T) {
	h := newHouse(t)
	_, err := h.signIn(anna())
	h.must(err)
	list, err := h.federation.Domains(h.ctx, h.marieke)
	h.must(err)
	h.must(h.federation.RemoveDomain(h.ctx, h.marieke, list[0].ID))
	_, err = h.signIn(anna())
	h.failed(err, "federation.error.foreign_domain")
}
