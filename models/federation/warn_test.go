package federation

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"locum/models/mail"
	"locum/models/store"
)

// warnings are the mails about certificates so far.
func (h *house) warnings() (list []mail.Mail) {
	h.t.Helper()
	h.must(h.store.SystemRead(h.ctx, "test mails", func(tx *store.Tx) error {
		return tx.Where("kind = ?", mail.CertificateKind).Order("created_at, id").Find(&list).Error
	}))
	return list
}

func TestManagersAreToldOfACertificateThatEnds(t *testing.T) {
	everywhere(t, func(t *testing.T, h *house) {
		end := certificate().NotAfter
		told := 0
		for _, moment := range []struct {
			left time.Duration
			new  int
		}{
			{91 * 24 * time.Hour, 0},
			{90 * 24 * time.Hour, 1}, {89 * 24 * time.Hour, 0},
			{59 * 24 * time.Hour, 1},
			{13 * 24 * time.Hour, 1}, // the hub was off at 30 days: the latest step alone
			{7 * 24 * time.Hour, 1}, {6 * 24 * time.Hour, 0},
			{time.Hour, 1}, {time.Second, 0}, {0, 0}, {-24 * time.Hour, 0},
		} {
			h.now = end.Add(-moment.left)
			for range 2 {
				h.must(h.federation.WarnOfCertificates(h.ctx))
			}
			told += moment.new
			if got := len(h.warnings()); got != told {
				t.Fatalf("%v before the end there are %d mails, want %d", moment.left, got, told)
			}
		}
		first := h.warnings()[0]
		var content mail.Certificate
		h.must(json.Unmarshal([]byte(first.Data), &content))
		if first.Recipient != "marieke@devries.example" || content.Connection != h.connection.ID || !content.Ends.Equal(end) || content.Company.Name != "De Vries Logistiek" ||
			content.Fingerprint != Fingerprint(certificate()) || !strings.HasSuffix(first.Key, fmt.Sprintf(":90:%s", h.marieke.Account)) {
			t.Errorf("%s got %+v by key %s", first.Recipient, content, first.Key)
		}
	})
}

// TestNobodyIsToldOfACertificateThatHasItsSuccessor, nor of a connection that
// is off; the successor's own end is another matter.
func TestNobodyIsToldOfACertificateThatHasItsSuccessor(t *testing.T) {
	h := newHouse(t)
	p := provider()
	p.Certificates = []*x509.Certificate{certificate(), nextCertificate()}
	_, err := h.federation.TakeUp(h.ctx, h.marieke, h.connection.ID, p)
	h.must(err)
	h.now = certificate().NotAfter.Add(-24 * time.Hour)
	h.must(h.federation.WarnOfCertificates(h.ctx))
	if got := h.warnings(); len(got) != 0 {
		t.Fatalf("told of %s", got[0].Data)
	}
	h.now = nextCertificate().NotAfter.Add(-24 * time.Hour)
	_, err = h.federation.Enable(h.ctx, h.marieke, h.connection.ID, false)
	h.must(err)
	h.must(h.federation.WarnOfCertificates(h.ctx))
	if got := h.warnings(); len(got) != 0 {
		t.Fatal("told of a connection that is off")
	}
	_, err = h.federation.Enable(h.ctx, h.marieke, h.connection.ID, true)
	h.must(err)
	h.must(h.federation.WarnOfCertificates(h.ctx))
	if got := h.warnings(); len(got) != 1 {
		t.Errorf("%d mails about the successor", len(got))
	}
}
