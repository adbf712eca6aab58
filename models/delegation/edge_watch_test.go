package delegation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"locum/models/delegation"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/tenancy"
)

// TestEdge07FromHostToHostInEveryMode: whatever is chosen at either, neither
// host's mails or inboxes name the other.
func TestEdge07FromHostToHostInEveryMode(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		zonneveld := settled(w)
		production := w.Delegate("marieke", "sanne", delegation.Month)
		stay(w, "sanne", w.Production)
		no(t, watch(w, "pim", zonneveld, mode(tenancy.PerVisit)))
		no(t, watch(w, "karin", zonneveld, mode(tenancy.Digest)))
		no(t, watch(w, "jan", production, muted))
		w.Advance(time.Minute)
		w.Switch("sanne", w.Zonneveld)
		w.Advance(time.Minute)
		w.Switch("sanne", w.Production)
		w.Advance(9 * time.Hour)
		no(t, w.Digests.Send(w.Ctx))
		if len(w.Mails(mail.DigestKind)) != 1 {
			t.Fatalf("%d digests", len(w.Mails(mail.DigestKind)))
		}
		for _, m := range w.Mails(mail.DigestKind, mail.EnteredKind, mail.LeftKind) {
			other := "De Vries"
			if m.OrganizationID == w.Production.Organization {
				other = "Zonneveld"
			}
			if strings.Contains(m.Data, other) {
				t.Errorf("the %s mail to %s names %s", m.Kind, m.Recipient, other)
			}
		}
	})
}

// TestEdge08ToAndFroInEveryMode: of each stay there is one mail by visit, and
// one line of the digest; and everything is in each inbox.
func TestEdge08ToAndFroInEveryMode(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		d := settled(w)
		no(t, watch(w, "pim", d, mode(tenancy.PerVisit)))
		no(t, watch(w, "karin", d, mode(tenancy.Digest)))
		before := map[string]int{"pim": len(inbox(w, "pim")), "karin": len(inbox(w, "karin"))}
		mails := len(gone(w, "pim", mail.LeftKind))
		const stays = 8
		for range stays {
			w.Advance(time.Minute)
			w.Switch("sanne", w.Zonneveld)
			_, err := w.Sessions.Leave(w.Ctx, w.Actor("sanne"))
			no(t, err)
		}
		if n := len(gone(w, "pim", mail.LeftKind)) - mails; n != stays || len(gone(w, "pim", mail.EnteredKind)) != 1 {
			t.Errorf("%d mails by visit", n)
		}
		for who, was := range before {
			if n := len(inbox(w, who)) - was; n != 2*stays {
				t.Errorf("%d things in the inbox of %s", n, who)
			}
		}
		w.Advance(8 * time.Hour)
		no(t, w.Digests.Send(w.Ctx))
		content, err := w.Mails(mail.DigestKind)[0].Content()
		no(t, err)
		if lines := content.(mail.Digest).Of[0].Lines; len(lines) != stays || slices.ContainsFunc(lines, func(l mail.DigestLine) bool { return l.Entered == nil }) {
			t.Errorf("%d lines of the digest", len(lines))
		}
	})
}
