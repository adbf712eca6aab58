package api_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"locum/handlers/api"
	"locum/handlers/web"
	"locum/handlers/webtest"
	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/feed"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/models/usage"
)

// areaOf is the API over a world.
func areaOf(f *feed.Feed, w *modelstest.World) *api.Pages {
	return api.New(f, w.Delegations, api.Domain{Sessions: w.Sessions, Members: w.Members, Links: delegation.NewRequestLinks(w.Store, w.Keys), Applications: tenancy.NewApplications(w.Store), Clients: w.Clients, Vault: w.Vault, Usage: usage.New(w.Store), Sender: func(_ context.Context, r *http.Request) (string, error) {
		id, secret, _ := r.BasicAuth()
		if secret != "right" {
			return "", models.Fail(models.Unauthenticated, "error.unauthenticated")
		}
		return id, nil
	}})
}

func TestMain(m *testing.M) { modelstest.Main(m) }

// desk is the API over a world.
type desk struct {
	*webtest.Hub
	t    *testing.T
	feed *feed.Feed
	doc  document
}

func each(t *testing.T, test func(t *testing.T, d desk)) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		f, err := feed.New(w.Store, w.Keys)
		if err != nil {
			t.Fatal(err)
		}
		test(t, desk{webtest.New(t, w, areaOf(f, w)), t, f, read(t)})
	})
}

// token makes a token of a person's company.
func (d desk) token(by string, scopes ...feed.Scope) string {
	d.t.Helper()
	_, text, err := d.feed.Make(d.Ctx, d.Actor(by), feed.Draft{Name: "Warehouse", Scopes: scopes, Days: 30})
	if err != nil {
		d.t.Fatal(err)
	}
	return text
}

// ask asks, and holds what came against the document.
func (d desk) ask(path, token string, want int, into any) webtest.Answer {
	d.t.Helper()
	answer := d.Ask(path, token)
	if answer.Code != want {
		d.t.Fatalf("%s answers %d, want %d:\n%s", path, answer.Code, want, answer.Body)
	}
	route, _, _ := strings.Cut(path, "?")
	d.held(idInPath.ReplaceAllString(route, "/{id}"), "get", answer, into)
	return answer
}

// body is what tests read of an event.
type body struct {
	ID, Type, CompanyID string
	Sequence            int64
}

type page struct {
	Data []body
	Next string
	More bool `json:"has_more"`
}

func (d desk) record(company string, kinds ...string) {
	d.t.Helper()
	err := d.Store.System(d.Ctx, "a test", func(tx *store.Tx) error {
		for _, kind := range kinds {
			tx.Record(kind, store.About{ID: "x", Name: "X", Company: company, Data: map[string]any{"role": "rol_member", "source": "rule", "source_id": "cnr_1"}})
		}
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

func TestEventsAreReadInOrderWithoutGaps(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		token := d.token("karin", feed.ReadEvents)
		d.Delegate("karin", "sanne", delegation.Week)
		d.Switch("sanne", d.Zonneveld)
		var all []body
		after := ""
		for {
			var p page
			d.ask("/v1/events?limit=3&after="+after, token, http.StatusOK, &p)
			all = append(all, p.Data...)
			if after = p.Next; !p.More {
				break
			}
		}
		if len(all) < 8 {
			t.Fatalf("only %d events", len(all))
		}
		for i, one := range all {
			if one.Sequence != int64(i+1) {
				t.Fatalf("event %d has sequence %d", i, one.Sequence)
			}
		}
		var p page
		d.ask("/v1/events?after="+after, token, http.StatusOK, &p)
		if len(p.Data) != 0 || p.Next != after {
			t.Errorf("at the end there are %d more", len(p.Data))
		}
		d.record(d.Zonneveld.Company, event.ConnectorCreated, event.RoleGranted)
		d.record(d.Production.Company, event.ConnectorCreated) // of another company
		d.ask("/v1/events?after="+after, token, http.StatusOK, &p)
		if len(p.Data) != 2 || p.Data[0].Type != event.ConnectorCreated {
			t.Errorf("new are %+v", p.Data)
		}
		d.ask("/v1/events?type=role&type=visit.entered&after="+after, token, http.StatusOK, &p)
		if len(p.Data) != 1 || p.Data[0].Type != event.RoleGranted || p.More {
			t.Errorf("of two types are %+v", p.Data)
		}
		d.ask("/v1/events?type=rol.*&type=visit.*&after="+after, token, http.StatusUnprocessableEntity, nil)
		d.ask("/v1/events?type=role.*&type=visit.*&after="+after, token, http.StatusOK, &p)
		if len(p.Data) != 1 || p.Data[0].Type != event.RoleGranted {
			t.Errorf("of two families are %+v", p.Data)
		}
		d.ask("/v1/events?type=seat", token, http.StatusOK, &p)
		if head := p.Next; len(p.Data) != 0 || head == "0" || head == "" {
			t.Errorf("where nothing fits the cursor goes on to %q", head)
		}
	})
}

func TestATokenIsTheOnlyWayIn(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		one, text, err := d.feed.Make(d.Ctx, d.Actor("marieke"), feed.Draft{Name: "Warehouse", Scopes: []feed.Scope{feed.ReadEvents}, Days: 30})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(one.TokenHash, text) || one.Suffix != text[len(text)-4:] {
			t.Errorf("kept as %+v", one)
		}
		d.ask("/v1/events", text, http.StatusOK, nil)
		if row, err := d.feed.Token(d.Ctx, d.Actor("marieke"), false, one.ID); err != nil || row.LastUsedAt == nil {
			t.Errorf("its use is not noted: %+v %v", row, err)
		}
		d.ask("/v1/state", text, http.StatusForbidden, nil)
		refused := d.ask("/v1/events", "", http.StatusUnauthorized, nil)
		if !strings.HasPrefix(refused.Header.Get("WWW-Authenticate"), "Bearer") {
			t.Error("it does not say how to come in")
		}
		for _, wrong := range []string{"locum_guess", "guess", text + "x", strings.ToLower(text)} {
			if got := d.Ask("/v1/events", wrong); got.Code != http.StatusUnauthorized {
				t.Errorf("%s is let in: %d", wrong, got.Code)
			}
		}
		if got := d.As("marieke").Get("/v1/events"); got.Code != http.StatusUnauthorized { // a cookie
			t.Errorf("a session is let in: %d", got.Code)
		}
		_, err = d.feed.Revoke(d.Ctx, d.Actor("karin"), false, one.ID)
		d.Wants(err, models.NotFound, "error.not_found")
		if _, err := d.feed.Revoke(d.Ctx, d.Actor("marieke"), false, one.ID); err != nil {
			t.Fatal(err)
		}
		d.ask("/v1/events", text, http.StatusUnauthorized, nil)
		other := d.token("karin", feed.ReadEvents)
		d.suspend(d.Zonneveld.Company)
		d.ask("/v1/events", other, http.StatusUnauthorized, nil)
		short := d.token("marieke", feed.ReadEvents)
		d.Advance(30 * 24 * time.Hour)
		d.ask("/v1/events", short, http.StatusUnauthorized, nil)
	})
}

func TestWrongParametersAreExplained(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		token := d.token("marieke", feed.ReadEvents, feed.ReadState)
		for _, path := range []string{"/v1/events?after=x", "/v1/events?after=-1", "/v1/events?limit=0", "/v1/events?limit=501", "/v1/events?limit=many",
			"/v1/events?type=nothing", "/v1/events?type=nothing.*", "/v1/events?type=*", "/v1/state?after=acc_1", "/v1/state?after=others:acc_1", "/v1/events?typ=role", "/v1/events?a=%zz", "/v1/state?limit=1001", "/v1/state?type=role", "/v1/events?after=99999999999999999999"} {
			d.ask(path, token, http.StatusUnprocessableEntity, nil)
		}
		d.ask("/v1/events?after=9999999", token, http.StatusOK, nil) // of a time to come
		if got := d.Ask("/v1/nothing", token); got.Code != http.StatusNotFound || !strings.HasPrefix(got.Header.Get("Content-Type"), "application/problem+json") {
			t.Errorf("%d %s", got.Code, got.Header.Get("Content-Type"))
		}
	})
}

// suspend has a company be closed.
func (d desk) suspend(company string) {
	d.System(func(tx *store.Tx) error {
		return tx.Model(&tenancy.Company{}).Where("id = ?", company).Update("suspended_at", models.At(d.Now())).Error
	})
}

// Who asks too much is told so in the shape of the document.
func TestTooManyQuestionsAreRefusedInTheDocumentsShape(t *testing.T) {
	w := modelstest.New(t, "sqlite")
	f, err := feed.New(w.Store, w.Keys)
	if err != nil {
		t.Fatal(err)
	}
	app, err := web.New(web.Config{PublicURL: &url.URL{Scheme: "http", Host: "localhost:8080"}, CookieKeys: [][]byte{[]byte("0123456789abcdef0123456789abcdef")},
		Sessions: w.Sessions, Refuse: w.Sessions.Check, Log: slog.New(slog.DiscardHandler), Now: w.Now, Limits: web.Limits{Requests: 3, Anonymous: -1}})
	if err != nil {
		t.Fatal(err)
	}
	areaOf(f, w).Mount(app)
	d := desk{t: t, doc: read(t)}
	handler := app.Handler()
	var got *httptest.ResponseRecorder
	for i := range 4 {
		r := httptest.NewRequest(http.MethodGet, "http://localhost:8080/v1/events", nil)
		got = httptest.NewRecorder()
		handler.ServeHTTP(got, r)
		if early := got.Code == http.StatusTooManyRequests; early != (i == 3) {
			t.Fatalf("question %d is answered by %d", i+1, got.Code)
		}
	}
	var value any
	if err := json.Unmarshal(got.Body.Bytes(), &value); err != nil || got.Header().Get("Retry-After") == "" {
		t.Fatalf("%v %s %v", got.Header(), got.Body, err)
	}
	said := d.doc.Paths["/v1/events"]["get"].Responses["429"].Content["application/problem+json"]
	for _, wrong := range d.doc.fits(value, said.Schema, "answer") {
		t.Error(wrong)
	}
}

// The document names each route and each parameter, and no other.
func TestTheDocumentIsThatOfTheHandlers(t *testing.T) {
	w := modelstest.New(t, "sqlite")
	f, err := feed.New(w.Store, w.Keys)
	if err != nil {
		t.Fatal(err)
	}
	h := webtest.New(t, w, areaOf(f, w))
	doc := read(t)
	if !strings.HasPrefix(doc.OpenAPI, "3.1.") {
		t.Error(doc.OpenAPI)
	}
	var routes, said []string
	for _, route := range h.Routes() {
		if strings.HasPrefix(route.Pattern, "/v1/") {
			routes = append(routes, route.Method+" "+route.Pattern)
		}
	}
	for path, operations := range doc.Paths {
		for method := range operations {
			said = append(said, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(routes)
	slices.Sort(said)
	if !slices.Equal(routes, said) {
		t.Errorf("the routes are %v, and in the document %v", routes, said)
	}
	if got := h.Ask("/v1/openapi.json", ""); got.Code != http.StatusOK || got.Body != string(api.Document) {
		t.Errorf("it is served as %d", got.Code)
	}
}

// Every type of event fits the document, own and directory alike.
func TestEveryBodyFitsTheDocument(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		token := d.token("marieke", feed.ReadEvents)
		d.record(d.Production.Company, feed.Types...)
		var p page
		d.ask("/v1/events?limit=500", token, http.StatusOK, &p)
		if len(p.Data) < len(feed.Types) {
			t.Errorf("%d of %d types", len(p.Data), len(feed.Types))
		}
	})
}
