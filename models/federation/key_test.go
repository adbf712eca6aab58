package federation

import (
	"testing"
	"time"

	"locum/models"
)

func TestAKeyIsRetiredOnceAnotherIsThere(t *testing.T) {
	everywhere(t, func(t *testing.T, h *house) {
		keys := func() []PublicKey {
			list, err := h.federation.OurKeys(h.ctx, h.marieke, h.connection.ID)
			h.must(err)
			return list
		}
		old := keys()[0]
		h.failed(h.federation.RetireKey(h.ctx, h.marieke, h.connection.ID, old.ID), "sso.error.last_key")
		h.now = h.now.Add(time.Hour)
		h.must(h.federation.RotateKey(h.ctx, h.marieke, h.connection.ID))
		both := keys()
		if len(both) != 2 || both[0].ID != old.ID || !both[0].Signs || both[1].Signs || Fingerprint(both[0].Certificate) == Fingerprint(both[1].Certificate) {
			t.Fatalf("keys %+v", both)
		}
		h.failed(h.federation.RetireKey(h.ctx, h.marieke, h.connection.ID, both[1].ID), "sso.error.last_key")
		stranger := h.found("Zonneveld Bakkerijen", "Karin Schouten", "karin@zonneveld.example")
		if err := h.federation.RetireKey(h.ctx, stranger, h.connection.ID, old.ID); models.KindOf(err) != models.NotFound {
			t.Errorf("a stranger: %v", err)
		}
		h.must(h.federation.RetireKey(h.ctx, h.marieke, h.connection.ID, old.ID))
		if left := keys(); len(left) != 1 || left[0].ID != both[1].ID || !left[0].Signs {
			t.Errorf("left %+v", left)
		}
		if err := h.federation.RetireKey(h.ctx, h.marieke, h.connection.ID, old.ID); models.KindOf(err) != models.NotFound {
			t.Errorf("a second time: %v", err)
		}
	})
}
