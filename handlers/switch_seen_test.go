package handlers_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"locum/handlers"
	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/client"
	"locum/models/delegation"
	"locum/models/modelstest"
	"locum/models/openid"
	"locum/models/store"
	"locum/models/tenancy"
)

// within is how soon each connected application must hear of a switch.
const within = time.Second

// TestASwitchIsSeenWithinASecond switches a hundred times and measures, from the click
// on, until introspection, forward authentication and the event stream of an open page
// tell of it over HTTP: at the replica that switched, and at another one, which learns
// of it from the database. The world's clock stands still meanwhile: what was
// remembered does not grow old, and only being told of the switch helps.
func TestASwitchIsSeenWithinASecond(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w)
		d := h.desk()
		measure := func(name string, domain handlers.Domain) {
			t.Run(name, func(t *testing.T) { d.measure(t, d.serve(t, domain)) })
		}
		measure("the same replica", h.domain)
		if w.Database == "sqlite" { // it has one process
			return
		}
		other, err := store.Open(w.Ctx, store.Config{URL: w.Address, Derive: access.Derive, Now: w.Now})
		h.must(err)
		t.Cleanup(other.Close)
		domain := h.domain
		domain.Sessions, domain.Clients, domain.Passes = access.NewSessions(other, w.Keys), client.NewClients(other), client.NewPasses(other)
		domain.Signing = client.NewKeys(other, w.Keys)
		domain.OpenID = openid.New(other, domain.Sessions, domain.Clients)
		measure("another replica", domain)
	})
}

// guardedHost is where an application stands behind a proxy.
const guardedHost = "localhost:3000"

// desk is the application Board, which Zonneveld and Kade use, by sign-in and behind a
// proxy, and sanne, who works in both.
type desk struct {
	*hub
	app, secret string
}

func (h *hub) desk() desk {
	h.T.Helper()
	h.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", h.ID("karin")).Update("operator", true).Error
	})
	by := h.Actor("karin")
	app, err := h.Companies.RegisterApplication(h.Ctx, by, tenancy.Application{Key: "board", Name: "Board"})
	h.must(err)
	_, err = h.Companies.RegisterRole(h.Ctx, by, tenancy.Role{Level: models.ApplicationLevel, ApplicationID: app.ID, Key: "planner", Name: "Planner"})
	h.must(err)
	for _, at := range []models.Party{h.Zonneveld, h.Kade} {
		h.System(func(tx *store.Tx) error {
			return tx.Create(&tenancy.Enabled{CompanyID: at.Company, OrganizationID: at.Organization, ApplicationID: app.ID, EnabledAt: models.At(h.Now())}).Error
		})
	}
	h.must(h.Clients.Connect(h.Ctx, by, app.ID, client.Draft{Kind: client.BySecret, RedirectURIs: "https://board.example/callback", Hosts: guardedHost}))
	_, secret, err := h.Clients.AddSecret(h.Ctx, by, app.ID)
	h.must(err)
	h.Delegate("karin", "sanne", delegation.Week)
	return desk{h, app.ID, secret}
}

// serve opens a replica to machines and browsers.
func (d desk) serve(t *testing.T, domain handlers.Domain) string {
	t.Helper()
	public, err := url.Parse(address)
	d.must(err)
	app, err := handlers.New(domain, handlers.Config{PublicURL: public, CookieKeys: [][]byte{[]byte("0123456789abcdef0123456789abcdef")}, Log: slog.New(slog.DiscardHandler), Now: d.Now,
		Limits: handlers.Limits{Requests: -1, Anonymous: -1}, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	d.must(err)
	app.Open("GET "+tokenRoute, func(r *web.Request) (web.Response, error) {
		return web.Redirect("/", "").SignedIn(r.URL.Query().Get("as")), nil
	})
	server := httptest.NewServer(app.Handler())
	t.Cleanup(server.Close)
	return server.URL
}

// ask sends a request to a replica, as if it had come to the hub's address.
func (d desk) ask(t *testing.T, ctx context.Context, method, to string, form url.Values, head http.Header) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, to, strings.NewReader(form.Encode()))
	d.must(err)
	r.Host = strings.TrimPrefix(address, "http://")
	r.Header = head
	answer, err := http.DefaultTransport.RoundTrip(r)
	d.must(err)
	return answer
}

// introspection is where a replica says that the person behind a token works.
func (d desk) introspection(t *testing.T, at, token string) string {
	t.Helper()
	basic := base64.StdEncoding.EncodeToString([]byte(d.app + ":" + d.secret))
	answer := d.ask(t, d.Ctx, http.MethodPost, at+"/oauth/introspect", url.Values{"token": {token}}, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {"Basic " + basic}})
	defer answer.Body.Close()
	var said struct {
		Organization string `json:"org_id"`
	}
	d.must(json.NewDecoder(answer.Body).Decode(&said))
	return said.Organization
}

// verification is where a replica tells a proxy that the person of a pass works.
func (d desk) verification(t *testing.T, at, pass string) string {
	t.Helper()
	answer := d.ask(t, d.Ctx, http.MethodGet, at+"/auth/verify", nil, http.Header{"X-Forwarded-Method": {"GET"}, "X-Forwarded-Proto": {"http"}, "X-Forwarded-Host": {guardedHost},
		"X-Forwarded-Uri": {"/board"}, "X-Forwarded-For": {"192.0.2.7"}, "Cookie": {"locum-forward-3000=" + pass}})
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.Header.Get("X-Locum-Org-Id")
}

// heard is what an open page was told, and when.
type heard struct {
	epoch int64
	at    time.Time
}

// listen opens the event stream of a page of sanne's at a replica.
func (d desk) listen(t *testing.T, at string) <-chan heard {
	t.Helper()
	ctx, stop := context.WithCancel(d.Ctx)
	entered := d.ask(t, ctx, http.MethodGet, at+tokenRoute+"?as="+url.QueryEscape(d.Token("sanne")), nil, http.Header{})
	entered.Body.Close()
	cookie := http.Header{}
	for _, c := range entered.Cookies() {
		cookie.Add("Cookie", c.Name+"="+c.Value)
	}
	answer := d.ask(t, ctx, http.MethodGet, at+"/live", nil, cookie)
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("the stream is answered %s", answer.Status)
	}
	told := make(chan heard, 1000)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for lines, context := bufio.NewScanner(answer.Body), false; lines.Scan(); {
			line := lines.Text()
			if data, is := strings.CutPrefix(line, "data: "); is && context {
				var now struct{ Epoch int64 }
				if json.Unmarshal([]byte(data), &now) == nil {
					told <- heard{now.Epoch, time.Now()}
				}
			}
			context = line == "event: context"
		}
	}()
	t.Cleanup(func() { stop(); answer.Body.Close(); <-ended })
	return told
}

// grants makes a token of sanne's for the application, and a pass on its host.
func (d desk) grants(t *testing.T) (token, pass string) {
	t.Helper()
	const verifier = "a-verifier-that-is-long-enough-for-the-specification"
	sum := sha256.Sum256([]byte(verifier))
	to, err := d.Clients.ByID(d.Ctx, d.app)
	d.must(err)
	code, told, err := d.OpenID.Authorize(d.Ctx, d.Actor("sanne"), openid.Request{Client: to, RedirectURI: to.RedirectURIs, Scopes: []string{"openid"}, Challenge: base64.RawURLEncoding.EncodeToString(sum[:])})
	d.must(err)
	if told.Denied != "" {
		t.Fatalf("sanne may not: %s", told.Denied)
	}
	given, err := d.OpenID.Exchange(d.Ctx, d.app, code, to.RedirectURIs, verifier)
	d.must(err)
	code, err = d.Passes.Begin(d.Ctx, d.Actor("sanne"), guardedHost, "/", "state")
	d.must(err)
	pass, _, err = d.Passes.Redeem(d.Ctx, code, guardedHost, "state")
	d.must(err)
	return given.Access, pass
}

// measure switches a hundred times and asks a replica.
func (d desk) measure(t *testing.T, at string) {
	const times = 100
	d.Switch("sanne", d.Kade) // what is made at home follows the session
	token, pass := d.grants(t)
	stream := d.listen(t, at)
	took := map[string][]time.Duration{}
	for i := range times {
		d.Advance(30 * time.Second) // nobody may switch without end
		to := []models.Party{d.Zonneveld, d.Kade}[i%2]
		if got := d.introspection(t, at, token); got == to.Organization || got != d.verification(t, at, pass) { // so that it remembers the former answer
			t.Fatalf("before the switch it says %s", got)
		}
		clicked := time.Now()
		d.Switch("sanne", to)
		asked := map[string]func() bool{
			"introspection":          func() bool { return d.introspection(t, at, token) == to.Organization },
			"forward authentication": func() bool { return d.verification(t, at, pass) == to.Organization },
		}
		for tries := 0; len(asked) > 0; tries++ {
			if time.Since(clicked) > within {
				t.Fatalf("switch %d is not seen within %v by %d of two", i, within, len(asked))
			}
			for who, sees := range asked {
				if sees() {
					took[who] = append(took[who], time.Since(clicked))
					delete(asked, who)
				}
			}
			if len(asked) > 0 {
				<-time.After(time.Millisecond) // asks again politely
			}
		}
		epoch, late := d.Actor("sanne").Epoch, time.After(within-time.Since(clicked))
		for found := false; !found; {
			select {
			case now := <-stream:
				if found = now.epoch == epoch; found {
					took["the event stream"] = append(took["the event stream"], now.at.Sub(clicked))
				}
			case <-late:
				t.Fatalf("switch %d is not seen within %v by an open page", i, within)
			}
		}
	}
	for who, list := range took {
		slices.Sort(list)
		t.Logf("%s: median %v, worst %v of %d", who, list[len(list)/2].Round(time.Microsecond), list[len(list)-1].Round(time.Microsecond), len(list))
	}
}
