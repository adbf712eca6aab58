package handlers_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"
	"gorm.io/gorm"

	"locum/models"
	"locum/models/delegation"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/views/ui/uitest"
)

// BenchmarkReferenceRSAVerify is what the others are measured by: one
// verification of an RSA-2048 signature, by Go itself.
func BenchmarkReferenceRSAVerify(b *testing.B) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte("signed"))
	signature, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature); err != nil {
			b.Fatal(err)
		}
	}
}

// measured runs a benchmark on every database, over a hub of its own.
func measured(b *testing.B, run func(*testing.B, *hub)) {
	for _, name := range modelstest.Databases {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			run(b, newHub(b, modelstest.New(b, name)))
		})
	}
}

// statements counts those that gorm sends, so that a benchmark can tell how
// many one operation needs.
func (h *hub) statements(b *testing.B) (report func()) {
	var sent atomic.Int64
	h.System(func(tx *store.Tx) error {
		count := func(*gorm.DB) { sent.Add(1) }
		on := tx.DB.Callback()
		for _, err := range []error{
			on.Query().Before("gorm:query").Register("count", count), on.Row().Before("gorm:row").Register("count", count),
			on.Create().Before("gorm:create").Register("count", count), on.Update().Before("gorm:update").Register("count", count),
			on.Delete().Before("gorm:delete").Register("count", count),
		} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	sent.Store(0)
	return func() { b.ReportMetric(float64(sent.Load())/float64(b.N), "statements/op") }
}

// BenchmarkDelegationsPage is the list of a hundred delegations, from the
// request to the last byte: authority, rows, roles, visits, firms, the switcher
// and the markup. "reading" does not trust an authority of a moment ago.
func BenchmarkDelegationsPage(b *testing.B) {
	measured(b, func(b *testing.B, h *hub) {
		h.hundred()
		karin := h.with(h.Token("karin"))
		report := h.statements(b)
		for b.Loop() {
			h.Advance(time.Second) // past the cache
			got := karin.send(http.MethodGet, "/delegations", nil, nil)
			if rows := strings.Count(got.Body.String(), `<a href="/delegations/dlg_`); got.Code != http.StatusOK || rows < 100 {
				b.Fatalf("answered %d with %d rows", got.Code, rows)
			}
		}
		report()
	})
}

// hundred gives Zonneveld a hundred delegations as a year leaves them: offered,
// running, with visits, revoked.
func (h *hub) hundred() {
	for i := range 100 {
		key := fmt.Sprintf("consultant%d", i)
		email := key + "@firm.example"
		if i%5 == 0 { // offered, and not known so far
			_, err := h.Delegations.Grant(h.Ctx, h.Actor("karin"), delegation.Proposal{Email: email, Period: delegation.Month, Language: "en"})
			h.must(err)
			continue
		}
		h.Join(key, fmt.Sprintf("Consultant %d", i), email, h.Kade, tenancy.Member)
		d := h.Delegate("karin", key, []delegation.Period{delegation.Week, delegation.Month, delegation.NoEnd}[i%3])
		for range i % 3 {
			h.Switch(key, h.Zonneveld)
			_, err := h.Sessions.Leave(h.Ctx, h.Actor(key))
			h.must(err)
		}
		if i%7 == 0 {
			h.must(h.Delegations.Revoke(h.Ctx, h.Actor("karin"), d.ID))
		}
	}
}

// BenchmarkAuthority is the one decision that every request begins with: at
// home and on a visit, from the cache, from the database, and with the locks
// of a write.
func BenchmarkAuthority(b *testing.B) {
	measured(b, func(b *testing.B, h *hub) {
		h.Delegate("karin", "sanne", delegation.Week)
		h.Switch("sanne", h.Zonneveld)
		for _, who := range []struct{ name, key string }{{"member", "karin"}, {"visitor", "sanne"}} {
			token, actor := h.Token(who.key), h.Actor(who.key)
			for _, c := range []struct {
				name   string
				decide func() error
			}{
				{"cached", func() error { _, err := h.Sessions.Actor(h.Ctx, token); return err }},
				{"uncached", func() error { _, err := h.Sessions.Fresh(h.Ctx, token); return err }},
				{"in a write", func() error { return h.Sessions.Check(h.Ctx, actor, models.ViewMembers) }},
			} {
				b.Run(who.name+"/"+c.name, func(b *testing.B) {
					report := h.statements(b)
					for b.Loop() {
						if err := c.decide(); err != nil {
							b.Fatal(err)
						}
					}
					report()
				})
			}
		}
	})
}

// BenchmarkSignIn is a whole sign-in through SAML, as three requests: leaving
// for the identity provider, its response at the ACS with connectors and all,
// and the session in the browser. What the provider does is not counted. The
// second figure is the ACS alone.
func BenchmarkSignIn(b *testing.B) {
	measured(b, func(b *testing.B, h *hub) {
		o := h.furnish()
		report := h.statements(b)
		var acs time.Duration
		for b.Loop() {
			begun := browser{hub: h}.send(http.MethodGet, "/saml/"+o.connection+"/start", nil, nil)
			b.StopTimer()
			answer := h.provide(begun)
			back := browser{hub: h, cookie: begun.Result().Cookies()[0]}
			b.StartTimer()
			from := time.Now()
			accepted := browser{hub: h}.send(http.MethodPost, "/saml/"+o.connection+"/acs", answer,
				http.Header{"Origin": {strangers}, "Sec-Fetch-Site": {"cross-site"}})
			acs += time.Since(from)
			if done := back.send(http.MethodGet, accepted.Header().Get("Location"), nil, nil); done.Header().Get("Location") != "/home" {
				b.Fatalf("%d %s, then %d %s", accepted.Code, uitest.Words(parsed(h, accepted)), done.Code, uitest.Words(parsed(h, done)))
			}
		}
		report()
		b.ReportMetric(float64(acs.Nanoseconds())/float64(b.N), "acs-ns/op")
	})
}

// provide has the identity provider answer the request of a page, and gives
// the form that it has the browser post.
func (h *hub) provide(page *httptest.ResponseRecorder) url.Values {
	h.T.Helper()
	_, to, found := strings.Cut(uitest.Attr(uitest.Inside(parsed(h, page), "meta[http-equiv=refresh]")[0], "content"), "url=")
	if !found {
		h.T.Fatalf("no way to the provider: %s", page.Body)
	}
	choice := httptest.NewRecorder()
	h.idp.ServeHTTP(choice, httptest.NewRequest(http.MethodGet, to, nil))
	form := hidden(h, choice)
	form.Set("persona", "bram@zonneveld.example")
	r := httptest.NewRequest(http.MethodPost, strangers+"/idp/zonneveld/sign-in", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	h.idp.ServeHTTP(answer, r)
	return hidden(h, answer)
}

func parsed(h *hub, page *httptest.ResponseRecorder) *html.Node {
	root, err := html.Parse(page.Body)
	h.must(err)
	return root
}

// hidden are the hidden fields of a page.
func hidden(h *hub, page *httptest.ResponseRecorder) url.Values {
	fields := url.Values{}
	for _, field := range uitest.Inside(parsed(h, page), "input[type=hidden]") {
		fields.Add(uitest.Attr(field, "name"), uitest.Attr(field, "value"))
	}
	return fields
}
