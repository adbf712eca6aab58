package federation

import (
	"testing"

	"locum/models"
)

func TestAConnectionIsPreparedBeforeItsProviderIsKnown(t *testing.T) {
	everywhere(t, func(t *testing.T, h *house) {
		_, err := h.federation.Prepare(h.ctx, h.marieke, " ", "novell")
		e, _ := refused(err)
		if e == nil || e.Fields["name"].Key == "" || e.Fields["kind"].Key == "" {
			t.Fatalf("prepared out of nothing: %v", err)
		}
		c, err := h.federation.Prepare(h.ctx, h.marieke, "Entra", Entra)
		h.must(err)
		c, err = h.federation.Get(h.ctx, h.marieke, c.ID)
		h.must(err)
		if _, keys, err := h.federation.Public(h.ctx, c.ID); err != nil || len(keys) != 1 || c.Enabled || !c.Unfinished() || c.Kind != Entra {
			t.Fatalf("prepared %+v with %d keys (%v)", c, len(keys), err)
		}
		_, err = h.federation.Enable(h.ctx, h.marieke, c.ID, true)
		h.failed(err, "sso.error.unfinished")
		_, err = h.federation.BeginTest(h.ctx, h.marieke, Start{Connection: c.ID})
		h.failed(err, "sso.error.unfinished")
		p := provider()
		_, err = h.federation.TakeUp(h.ctx, h.marieke, c.ID, p)
		h.must(err)
		c, err = h.federation.Enable(h.ctx, h.marieke, c.ID, true)
		h.must(err)
		if !c.Enabled || c.Unfinished() {
			t.Errorf("now %+v", c)
		}
		_, err = h.federation.Abandon(h.ctx, h.marieke, c.ID)
		h.failed(err, "sso.error.finished")
	})
}

func TestAnUnfinishedConnectionIsAbandoned(t *testing.T) {
	everywhere(t, func(t *testing.T, h *house) {
		c, err := h.federation.Prepare(h.ctx, h.marieke, "Okta", Okta)
		h.must(err)
		stranger := h.found("Zonneveld Bakkerijen", "Karin Schouten", "karin@zonneveld.example")
		if _, err := h.federation.Abandon(h.ctx, stranger, c.ID); models.KindOf(err) != models.NotFound {
			t.Fatalf("a stranger: %v", err)
		}
		_, err = h.federation.Abandon(h.ctx, h.marieke, c.ID)
		h.must(err)
		if _, err := h.federation.Get(h.ctx, h.marieke, c.ID); models.KindOf(err) != models.NotFound || h.count(&sealedKey{}, "connection_id = ?", c.ID) != 0 {
			t.Errorf("still there: %v", err)
		}
	})
}
