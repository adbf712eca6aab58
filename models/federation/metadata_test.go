package federation

import (
	"context"
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"locum/models"
	"locum/models/store"
)

const metadataAddress = "https://login.devries.example/metadata"

// published is the provider's metadata at its address; wrong is why it cannot
// be read.
type published struct {
	provider Provider
	wrong    error
	read     int
}

func (p *published) fetch(_ context.Context, address string) (Provider, error) {
	p.read++
	if p.wrong != nil {
		return Provider{}, p.wrong
	}
	p.provider.MetadataURL = address
	return p.provider, nil
}

func unreadable(key string) error {
	wrong := models.FieldErrors{}
	wrong.Add("address", key)
	return wrong.Err()
}

// byAddress gives the house's connection a metadata address.
func (h *house) byAddress() *published {
	h.t.Helper()
	p := provider()
	p.MetadataURL = metadataAddress
	var err error
	h.connection, err = h.federation.TakeUp(h.ctx, h.marieke, h.connection.ID, p)
	h.must(err)
	return &published{provider: provider()}
}

func (h *house) reload() Connection {
	h.t.Helper()
	c, err := h.federation.Get(h.ctx, h.marieke, h.connection.ID)
	h.must(err)
	return c
}

func (h *house) changes() (n int64) {
	h.t.Helper()
	return h.count(&store.Event{}, "type = ?", "connection.changed")
}

func TestMetadataIsReadEachDayAndTheNextCertificateTakenUp(t *testing.T) {
	everywhere(t, func(t *testing.T, h *house) {
		at := h.byAddress()
		h.must(h.federation.RereadDue(h.ctx, at.fetch))
		if at.read != 0 {
			t.Fatal("read again within the day")
		}
		before := h.changes()
		h.now = h.now.Add(24 * time.Hour)
		h.must(h.federation.RereadDue(h.ctx, at.fetch))
		if got := h.reload(); at.read != 1 || !got.MetadataReadAt.Equal(h.now) || h.changes() != before {
			t.Fatalf("read %d times, at %v, %d changes for %d", at.read, got.MetadataReadAt, h.changes(), before)
		}
		at.provider.Certificates = []*x509.Certificate{certificate(), nextCertificate()}
		h.now = h.now.Add(24 * time.Hour)
		h.must(h.federation.RereadDue(h.ctx, at.fetch))
		trusted, err := h.reload().Trusted()
		h.must(err)
		if len(trusted) != 2 || !trusted[1].Equal(nextCertificate()) || h.changes() != before+1 {
			t.Errorf("trusts %d certificates after %d changes", len(trusted), h.changes()-before)
		}
	})
}

// TestMetadataThatCannotBeReadKeepsNobodyOut: what was read before stands, the
// page says why, and the next try comes within the hour.
func TestMetadataThatCannotBeReadKeepsNobodyOut(t *testing.T) {
	everywhere(t, func(t *testing.T, h *house) {
		at := h.byAddress()
		before := h.changes()
		at.wrong = unreadable("sso.fetch.unreachable")
		for range 3 {
			h.now = h.now.Add(24 * time.Hour)
			h.must(h.federation.RereadDue(h.ctx, at.fetch))
		}
		got := h.reload()
		if got.MetadataFailure != "sso.fetch.unreachable" || got.MetadataReadAt.Equal(h.now) || len(got.Certificates) != 1 || got.SSORedirect == "" {
			t.Fatalf("now %+v", got)
		}
		if h.changes() != before+1 {
			t.Errorf("%d events for one failure", h.changes()-before)
		}
		_, err := h.signIn(anna())
		h.must(err)
		h.now, at.wrong = h.now.Add(time.Hour), nil
		h.must(h.federation.RereadDue(h.ctx, at.fetch))
		if got := h.reload(); got.MetadataFailure != "" || !got.MetadataReadAt.Equal(h.now) {
			t.Errorf("an hour later %+v", got)
		}
	})
}

// TestAnAddressThatTellsOfAnotherProviderIsNotFollowed: whoever got hold of the
// address would get hold of everybody's sign-in.
func TestAnAddressThatTellsOfAnotherProviderIsNotFollowed(t *testing.T) {
	h := newHouse(t)
	at := h.byAddress()
	at.provider.EntityID, at.provider.SSORedirect = "https://other.example", "https://other.example/sso"
	h.now = h.now.Add(24 * time.Hour)
	h.must(h.federation.RereadDue(h.ctx, at.fetch))
	if got := h.reload(); got.MetadataFailure != "sso.fetch.other_provider" || got.SSORedirect != provider().SSORedirect {
		t.Errorf("now %+v", got)
	}
}

// TestAFaultOfOursIsNotTheProviders: it is reported, and nothing is noted.
func TestAFaultOfOursIsNotTheProviders(t *testing.T) {
	h := newHouse(t)
	at := h.byAddress()
	at.wrong = errors.New("out of memory")
	h.now = h.now.Add(24 * time.Hour)
	if err := h.federation.RereadDue(h.ctx, at.fetch); err == nil || h.reload().MetadataFailure != "" {
		t.Errorf("error %v, noted %q", err, h.reload().MetadataFailure)
	}
}

func TestAManagerHasMetadataReadNow(t *testing.T) {
	h := newHouse(t)
	_, err := h.federation.Reread(h.ctx, h.marieke, h.connection.ID, (&published{provider: provider()}).fetch)
	h.failed(err, "sso.error.no_address")
	at := h.byAddress()
	h.now = h.now.Add(time.Minute)
	c, err := h.federation.Reread(h.ctx, h.marieke, h.connection.ID, at.fetch)
	h.must(err)
	if !c.MetadataReadAt.Equal(h.now) {
		t.Errorf("read at %v", c.MetadataReadAt)
	}
	at.wrong = unreadable("sso.fetch.status")
	_, err = h.federation.Reread(h.ctx, h.marieke, h.connection.ID, at.fetch)
	h.failed(err, "error.invalid")
	if h.reload().MetadataFailure != "sso.fetch.status" {
		t.Error("the failure is not noted")
	}
	stranger := h.found("Zonneveld Bakkerijen", "Karin Schouten", "karin@zonneveld.example")
	if _, err := h.federation.Reread(h.ctx, stranger, h.connection.ID, at.fetch); models.KindOf(err) != models.NotFound {
		t.Errorf("a stranger: %v", err)
	}
}
