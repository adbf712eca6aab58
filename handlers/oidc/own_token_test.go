package oidc_test

import (
	"net/url"
	"testing"
	"time"

	"locum/models/access"
	"locum/models/client"
	"locum/models/delegation"
	"locum/models/store"
	"locum/models/tenancy"
)

// own makes a token of a person's own for Bridge, where he works.
func (h *hub) own(person string) (access.AccountToken, string) {
	h.t.Helper()
	row, text, err := h.Sessions.MakeToken(h.Ctx, h.Actor(person), access.TokenDraft{Name: "script", Application: h.app.ID, Days: 1})
	h.must(err)
	return row, text
}

func TestATokenOfAPersonsOwnIsToldToItsApplicationAlone(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		row, text := h.own("ria")
		now := h.introspected(text)
		roles, _ := now["roles"].([]any)
		if now["active"] != true || now["sub"] != h.ID("ria") || now["org_id"] != h.Zonneveld.Organization || now["aud"] != h.app.ID || len(roles) != 1 || now["sid"] != nil ||
			now["exp"] != float64(row.ExpiresAt.Unix()) || now["act"] != nil {
			t.Errorf("told %v", now)
		}
		other := h.register("other", client.Draft{Kind: client.BySecret, RedirectURIs: callback})
		_, secret, err := h.Clients.AddSecret(h.Ctx, h.Actor("karin"), other.ID)
		h.must(err)
		if got := h.post("/oauth/introspect", url.Values{"token": {text}}, other.ID, secret); got.said["active"] != false || len(got.said) != 1 {
			t.Errorf("another application is told %v", got.said)
		}
		h.dead(text+"x", "a text that is none")
		if _, err := h.Sessions.RevokeOwnToken(h.Ctx, h.Actor("ria"), row.ID); err != nil {
			t.Fatal(err)
		}
		if got := h.post("/oauth/introspect", url.Values{"token": {text}}, h.app.ID, h.secret); got.said["active"] != false { // without a moment between
			t.Errorf("once it was revoked: %v", got.said)
		}
		row, text = h.own("ria")
		h.Advance(row.ExpiresAt.Sub(h.Now()))
		h.dead(text, "a token that ran out")
	})
}

func TestATokenThatWasMadeInAVisitIsDeadToItsApplicationOnceThatIsOver(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		d := h.Delegate("karin", "sanne", delegation.Week)
		h.Switch("sanne", h.Zonneveld)
		_, text := h.own("sanne")
		now := h.introspected(text)
		act, _ := now["act"].(map[string]any)
		given, _ := now["delegation"].(map[string]any)
		if now["active"] != true || act["org_id"] != h.Kade.Organization || given["visit_id"] != h.Actor("sanne").Visit {
			t.Fatalf("during the visit: %v", now)
		}
		h.must(h.Delegations.Revoke(h.Ctx, h.Actor("karin"), d.ID))
		if got := h.post("/oauth/introspect", url.Values{"token": {text}}, h.app.ID, h.secret); got.said["active"] != false {
			t.Errorf("after it: %v", got.said)
		}
	})
}

func TestAnOrganizationSeesThatAnApplicationIsInUse(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		seen := func() (used tenancy.Enabled) {
			h.System(func(tx *store.Tx) error {
				return tx.Where("company_id = ? AND organization_id = ? AND application_id = ?", h.Zonneveld.Company, h.Zonneveld.Organization, h.app.ID).Take(&used).Error
			})
			return used
		}
		token := h.library().signIn(h.browser(h.Token("ria")))
		first := seen()
		if first.LastSeenAt == nil || first.LastSeenBy != h.ID("ria") {
			t.Fatalf("once she signed in: %+v", first)
		}
		h.Advance(2 * time.Minute)
		h.introspected(token.AccessToken)
		if then := seen(); !then.LastSeenAt.After(first.LastSeenAt.Time) {
			t.Errorf("it was asked about her at %v, and she was seen at %v", h.Now(), then.LastSeenAt)
		}
		h.Advance(2 * time.Minute)
		h.dead("loa_unknown", "a text that is none")
		if then := seen(); h.Now().Sub(then.LastSeenAt.Time) < 2*time.Minute {
			t.Error("nobody was seen")
		}
	})
}
