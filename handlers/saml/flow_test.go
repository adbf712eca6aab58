package saml

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/federation"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

// hub is Locum with one connection, on a port of its own, and a browser.
type hub struct {
	t          testing.TB
	now        time.Time
	store      *store.Store
	federation *federation.Federation
	manager    models.Actor
	connection federation.Connection
	address    string
	browser    *http.Client
	app        *web.App
}

func newHub(t testing.TB) *hub {
	h := &hub{t: t, now: now}
	keys, err := secret.Ephemeral()
	h.must(err)
	clock := func() time.Time { return h.now }
	h.store, err = store.Open(t.Context(), store.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "locum.db"), Derive: access.Derive, Now: clock})
	h.must(err)
	t.Cleanup(h.store.Close)
	h.federation = federation.New(h.store, keys, func(*store.Tx, federation.Said) (*models.Error, error) { return nil, nil })
	h.open(keys)
	h.browser = newBrowser(t)

	server := httptest.NewUnstartedServer(nil)
	h.address = "http://" + server.Listener.Addr().String()
	public, err := url.Parse(h.address)
	h.must(err)
	app, err := web.New(web.Config{PublicURL: public, CookieKeys: [][]byte{bytes.Repeat([]byte("k"), 32)}, Sessions: access.NewSessions(h.store, keys), Now: clock, Log: slog.New(slog.DiscardHandler)})
	h.must(err)
	h.app = app
	Mount(app, Config{Federation: h.federation, Log: slog.New(slog.DiscardHandler)})
	app.Signed("GET /members", func(r *web.Request) (web.Response, error) {
		return web.Bytes("text/plain", []byte(r.Actor.Name)), nil
	})
	server.Config.Handler = app.Handler()
	server.Start()
	t.Cleanup(server.Close)
	return h
}

// open makes De Vries with its verified domain and connection.
func (h *hub) open(keys *secret.Keys) {
	email, _ := account.ParseEmail("marieke@devries.example")
	h.must(h.store.System(h.t.Context(), "test company", func(tx *store.Tx) error {
		p, err := account.Create(tx, account.New{Name: "Marieke de Vries", Email: email, Proven: true})
		if err != nil {
			return err
		}
		if _, err = tenancy.Found(tx, "De Vries Logistiek", "De Vries Production", p); err != nil {
			return err
		}
		return tx.Model(&account.Account{}).Where("id = ?", p.ID).Update("operator", true).Error
	}))
	sessions := access.NewSessions(h.store, keys)
	var id string
	h.must(h.store.SystemRead(h.t.Context(), "test", func(tx *store.Tx) error {
		p, err := account.ByEmail(tx, email.Normal)
		id = p.ID
		return err
	}))
	token, err := sessions.Open(h.t.Context(), access.Opening{Account: id, Method: "code"})
	h.must(err)
	h.manager, err = sessions.Actor(h.t.Context(), token)
	h.must(err)
	_, err = h.federation.AddDomain(h.t.Context(), h.manager, "devries.example")
	h.must(err)
	_, err = h.federation.VouchDomain(h.t.Context(), h.manager, h.manager.Effective.Company, "devries.example")
	h.must(err)
	described, err := ReadProvider(metadata(nil), h.now)
	h.must(err)
	described.Certificates = described.Certificates[:1]
	h.connection, err = h.federation.Connect(h.t.Context(), h.manager, federation.Draft{Name: "De Vries login", Provider: described})
	h.must(err)
}

func newBrowser(t testing.TB) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (h *hub) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

type answer struct {
	status   int
	location string
	body     string
}

func (h *hub) read(response *http.Response, err error) answer {
	h.t.Helper()
	h.must(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	h.must(err)
	return answer{response.StatusCode, response.Header.Get("Location"), html.UnescapeString(string(body))}
}

func (h *hub) get(path string) answer {
	h.t.Helper()
	return h.read(h.browser.Get(h.address + path))
}

func (h *hub) path(rest string) string { return "/saml/" + h.connection.ID + "/" + rest }

var refreshed = regexp.MustCompile(`http-equiv="refresh" content="0; url=([^"]+)"`)

// begin leaves for the identity provider, and reads what it is asked.
func (h *hub) begin() (request, relay string) {
	h.t.Helper()
	page := h.get(h.path("start?next=/members"))
	found := refreshed.FindStringSubmatch(page.body)
	if page.status != http.StatusOK || found == nil || !strings.Contains(page.body, `href="`+found[1]+`"`) {
		h.t.Fatalf("start answers %d without a refresh and a link:\n%s", page.status, page.body)
	}
	return h.asked(found[1])
}

// asked is what an address at the provider asks.
func (h *hub) asked(address string) (request, relay string) {
	h.t.Helper()
	to, err := url.Parse(address)
	h.must(err)
	packed, err := base64.StdEncoding.DecodeString(to.Query().Get("SAMLRequest"))
	h.must(err)
	document, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	h.must(err)
	asked, err := parse(document, Limits{}.orDefault())
	h.must(err)
	return attr(asked, "ID"), to.Query().Get("RelayState")
}

// response answers a request as the provider would; change replaces pieces.
func (h *hub) response(request string, change map[string]string) []byte {
	pieces := h.pieces(request)
	for name, piece := range change {
		pieces[name] = piece
	}
	return post(signedResponse(pieces))
}

// pieces are those of a response that name this hub.
func (h *hub) pieces(request string) map[string]string {
	pieces := parts()
	pieces["id"] = NewID() // each answer is one of its own
	pieces["request"], pieces["us"] = request, h.address+h.path("metadata")
	pieces["destination"], pieces["recipient"] = h.address+h.path("acs"), h.address+h.path("acs")
	return pieces
}

// send posts to the ACS as a browser does from another site: without cookies.
func (h *hub) send(fields url.Values) answer {
	h.t.Helper()
	request, err := http.NewRequest(http.MethodPost, h.address+h.path("acs"), strings.NewReader(fields.Encode()))
	h.must(err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", "https://login.devries.example")
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	stranger := newBrowser(h.t)
	response, err := stranger.Do(request)
	got := h.read(response, err)
	if target, err := url.Parse(h.address); err == nil {
		for _, cookie := range stranger.Jar.Cookies(target) {
			if strings.Contains(cookie.Name, "session") {
				h.t.Errorf("the ACS itself opens a session: %s", cookie.Name)
			}
		}
	}
	return got
}

func (h *hub) answerWith(response []byte, relay string) answer {
	h.t.Helper()
	return h.send(url.Values{"SAMLResponse": {string(response)}, "RelayState": {relay}})
}

func (h *hub) wantRefusal(got answer, says string) {
	h.t.Helper()
	if got.status != http.StatusForbidden || !strings.Contains(got.body, says) || !strings.Contains(got.body, `class="reference"`) {
		h.t.Fatalf("answers %d to %q, not %q:\n%s", got.status, got.location, says, got.body)
	}
}

func TestSignInThroughTheProvider(t *testing.T) {
	h := newHub(t)
	request, relay := h.begin()
	arrived := h.answerWith(h.response(request, nil), relay)
	if arrived.status != http.StatusSeeOther || !strings.HasPrefix(arrived.location, h.path("finish/")) {
		t.Fatalf("ACS answers %d to %q:\n%s", arrived.status, arrived.location, arrived.body)
	}
	if finished := h.get(arrived.location); finished.status != http.StatusSeeOther || finished.location != "/members" {
		t.Fatalf("finish answers %d to %q:\n%s", finished.status, finished.location, finished.body)
	}
	if page := h.get("/members"); page.status != http.StatusOK || page.body != "anna" {
		t.Errorf("signed in as %q (%d)", page.body, page.status)
	}
	h.wantRefusal(h.get(arrived.location), "was used already")
	h.wantRefusal(h.answerWith(h.response(request, nil), relay), "was used already")
}

// TestSigningInAgainEndsTheSessionBefore, which no cookie leads to any more.
func TestSigningInAgainEndsTheSessionBefore(t *testing.T) {
	h := newHub(t)
	live := func() (n int64) {
		h.must(h.store.SystemRead(t.Context(), "test", func(tx *store.Tx) error {
			return tx.Model(&account.Session{}).Where("method = ? AND revoked_at IS NULL", "saml").Count(&n).Error
		}))
		return n
	}
	for range 2 {
		request, relay := h.begin()
		arrived := h.answerWith(h.response(request, nil), relay)
		if finished := h.get(arrived.location); finished.location != "/members" {
			t.Fatalf("finish answers %d to %q:\n%s", finished.status, finished.location, finished.body)
		}
		if n := live(); n != 1 {
			t.Errorf("%d sessions", n)
		}
	}
}

func TestSignInsThatEndOnAPage(t *testing.T) {
	h := newHub(t)
	for name, c := range map[string]struct {
		does func() answer
		says string
	}{
		"another browser finishes": {func() answer {
			request, relay := h.begin()
			arrived := h.answerWith(h.response(request, nil), relay)
			h.browser = newBrowser(t)
			return h.get(arrived.location)
		}, "began in another browser"},
		"nobody asked":                   {func() answer { return h.send(url.Values{"SAMLResponse": {string(h.response("_x", nil))}}) }, "Start signing in here"},
		"a RelayState of somebody's own": {func() answer { return h.answerWith(h.response("_x", nil), "https://attacker.example/") }, "did not begin here"},
		"an answer to another request": {func() answer {
			_, relay := h.begin()
			return h.answerWith(h.response("_x", nil), relay)
		}, "belongs to another sign-in"},
		"a field twice": {func() answer {
			request, relay := h.begin()
			response := string(h.response(request, nil))
			return h.send(url.Values{"SAMLResponse": {response, response}, "RelayState": {relay}})
		}, "could not be read"},
		"no field at all": {func() answer { return h.send(url.Values{}) }, "could not be read"},
		"a clock that is ahead": {func() answer {
			request, relay := h.begin()
			return h.answerWith(h.response(request, map[string]string{"issued": "2026-11-21T09:09:30Z", "until": "2026-11-21T09:15:00Z"}), relay)
		}, "only in 570 seconds"},
		"an address of another domain": {func() answer {
			request, relay := h.begin()
			return h.answerWith(h.response(request, map[string]string{"attributes": `<saml:AttributeStatement><saml:Attribute Name="email"><saml:AttributeValue>karin@zonneveld.example</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`}), relay)
		}, "has not verified that domain"},
		"a key nobody knows": {func() answer {
			request, relay := h.begin()
			doc := compose(h.pieces(request))
			sign(doc.FindElement("//Assertion"), signing{by: keys().stranger})
			return h.answerWith(post(doc), relay)
		}, "key that is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			h.t = t
			h.wantRefusal(c.does(), c.says)
		})
		h.t = t
	}
	t.Run("switched off", func(t *testing.T) {
		_, err := h.federation.Enable(t.Context(), h.manager, h.connection.ID, false)
		h.must(err)
		h.wantRefusal(h.get(h.path("start")), "switched off")
	})
	t.Run("unknown connection", func(t *testing.T) {
		for _, rest := range []string{"start", "metadata"} {
			if got := h.get("/saml/con_none/" + rest); got.status != http.StatusNotFound {
				t.Errorf("%s answers %d", rest, got.status)
			}
		}
	})
}

// TestRefusedResponseIsRecorded: the reference on the page is that of an event
// of the company.
func TestRefusedResponseIsRecorded(t *testing.T) {
	h := newHub(t)
	_, relay := h.begin()
	page := h.answerWith(h.response("_x", nil), relay)
	found := regexp.MustCompile(`class="reference">([^<]+)<`).FindStringSubmatch(page.body)
	if found == nil {
		t.Fatal(page.body)
	}
	h.must(h.store.SystemRead(t.Context(), "test", func(tx *store.Tx) error {
		var e store.Event
		err := tx.Where("subject_id = ? AND company_id = ?", found[1], h.connection.CompanyID).Take(&e).Error
		if !strings.Contains(e.Data, "unknown_request") {
			t.Errorf("recorded %+v", e)
		}
		return err
	}))
}

// TestProvidersThatTakePostsAlone get a form with a button, and the page lets
// forms go there and nowhere else.
func TestProvidersThatTakePostsAlone(t *testing.T) {
	h := newHub(t)
	described, err := ReadProvider(metadata(map[string]string{"redirectBinding": "urn:other"}), h.now)
	h.must(err)
	_, err = h.federation.Update(t.Context(), h.manager, h.connection.ID, federation.Draft{Name: "De Vries login", Provider: described})
	h.must(err)
	response, err := h.browser.Get(h.address + h.path("start"))
	policy := ""
	if err == nil {
		policy = response.Header.Get("Content-Security-Policy")
	}
	page := h.read(response, err)
	if !strings.Contains(page.body, `action="https://login.devries.example/post"`) || !strings.Contains(page.body, `name="SAMLRequest"`) || strings.Contains(page.body, "refresh") {
		t.Errorf("page:\n%s", page.body)
	}
	if !strings.Contains(policy, "form-action 'self' https://login.devries.example") {
		t.Errorf("policy %q", policy)
	}
}

func TestMetadataAddressDescribesTheConnection(t *testing.T) {
	h := newHub(t)
	document := h.get(h.path("metadata")).body
	root, err := parse([]byte(document), Limits{}.orDefault())
	h.must(err)
	acs := root.FindElement("//AssertionConsumerService")
	if attr(root, "entityID") != h.address+h.path("metadata") || acs == nil || attr(acs, "Location") != h.address+h.path("acs") {
		t.Errorf("metadata:\n%s", document)
	}
}

func TestReadProviderTellsWhatIsWrongAtTheField(t *testing.T) {
	_, err := ReadProvider([]byte("<x/>"), now)
	fields, ok := web.Wrong(err)
	if !ok || fields["metadata"].Key != "saml.error.metadata_malformed.body" || ReasonOf(err) != MetadataMalformed {
		t.Errorf("%v", err)
	}
}

// TestATestSignInLeadsToItsPageAndSignsNobodyIn.
func TestATestSignInLeadsToItsPageAndSignsNobodyIn(t *testing.T) {
	h := newHub(t)
	request, relay := h.begin()
	marieke := map[string]string{"attributes": `<saml:AttributeStatement><saml:Attribute Name="email"><saml:AttributeValue>marieke@devries.example</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`}
	h.get(h.answerWith(h.response(request, marieke), relay).location)
	asked := func(fields url.Values) answer {
		request, err := http.NewRequest(http.MethodPost, h.address+h.path("test"), strings.NewReader(fields.Encode()))
		h.must(err)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Sec-Fetch-Site", "same-origin")
		return h.read(h.browser.Do(request))
	}
	page := asked(url.Values{"epoch": {"1"}})
	found := refreshed.FindStringSubmatch(page.body)
	if page.status != http.StatusOK || found == nil {
		t.Fatalf("the test answers %d:\n%s", page.status, page.body)
	}
	id, relay := h.asked(found[1])
	arrived := h.answerWith(h.response(id, nil), relay)
	if arrived.status != http.StatusSeeOther || !strings.HasPrefix(arrived.location, "/company/single-sign-on/"+h.connection.ID+"/test/") {
		t.Fatalf("the ACS answers %d to %q:\n%s", arrived.status, arrived.location, arrived.body)
	}
	ticket := arrived.location[strings.LastIndex(arrived.location, "/")+1:]
	h.wantRefusal(h.get(h.path("finish/"+ticket)), "was used already")
	h.browser = newBrowser(t)
	if got := asked(nil); got.status == http.StatusOK {
		t.Error("somebody without a session began a test")
	}
}
