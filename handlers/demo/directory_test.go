package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// scimHub is a hub that answers as one does, and notes what it was asked.
type scimHub struct {
	*httptest.Server
	mu     sync.Mutex
	users  []object
	groups []object
	asked  []string // "METHOD path body", with ids as they are
	closed string   // Retry-After, while it is to be left alone
}

func newSCIMHub(t *testing.T) *scimHub {
	h := &scimHub{}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

var comparison = regexp.MustCompile(`^(\w+) eq "([^"]*)"(?: and members\[value eq "([^"]*)"\])?$`)

// ServeHTTP answers look-ups from what was made, and takes all else.
func (h *scimHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed != "" {
		w.Header().Set("Retry-After", h.closed)
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	path, _ := url.QueryUnescape(r.URL.RequestURI())
	h.asked = append(h.asked, strings.TrimSpace(r.Method+" "+path+" "+string(body)))
	list, id, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	kept := &h.users
	if list == "Groups" {
		kept = &h.groups
	}
	answer := func(status int, value any) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(value)
	}
	at := slices.IndexFunc(*kept, func(o object) bool { return o["id"] == id })
	switch {
	case r.Method == "POST":
		var made object
		if json.Unmarshal(body, &made) != nil {
			answer(415, object{"detail": "That is no JSON."})
			return
		}
		made["id"] = fmt.Sprintf("%s%d", strings.ToLower(list[:1]), len(*kept)+1)
		*kept = append(*kept, made)
		answer(201, made)
	case r.Method == "GET" && id == "":
		found := []object{}
		parts := comparison.FindStringSubmatch(r.URL.Query().Get("filter"))
		for _, one := range *kept {
			if parts != nil && one[parts[1]] == parts[2] && (parts[3] == "" || strings.Contains(fmt.Sprint(one["members"]), parts[3])) {
				found = append(found, one)
			}
		}
		answer(200, object{"totalResults": len(found), "Resources": found})
	case at < 0:
		answer(404, object{"detail": "Nothing here."})
	case r.Method == "DELETE":
		*kept = slices.Delete(*kept, at, at+1)
		w.WriteHeader(204)
	case r.Method == "PUT":
		var next object
		_ = json.Unmarshal(body, &next)
		next["id"] = id
		(*kept)[at] = next
		answer(200, next)
	case r.Method == "PATCH" && strings.Contains(string(body), `"refuse-me"`):
		answer(400, object{"detail": "No."})
	default:
		answer(200, (*kept)[at])
	}
}

// told are the requests since the last time, but for ids of the provider.
func (h *scimHub) told() (list []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	list, h.asked = h.asked, nil
	return list
}

// openDirectory makes one with two people and two groups, connected to a hub.
func openDirectory(t *testing.T, h *scimHub, client Client) *Directory {
	t.Helper()
	d, err := NewDirectory(Config{Now: func() time.Time { return noon },
		People: []Profile{
			{UserName: "ann@x.example", Email: "ann@x.example", GivenName: "Ann", FamilyName: "Ash", Department: "Depot", Title: "Lead", Country: "NL", Active: true},
			{UserName: "bo@x.example", Email: "bo@x.example", GivenName: "Bo", FamilyName: "Beck", Active: true}},
		Teams: []Team{{Name: "Inner", People: []string{"ann@x.example"}}, {Name: "Outer", People: []string{"bo@x.example"}, Groups: []string{"Inner"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Connect(h.URL, "scim_token"); err != nil {
		t.Fatal(err)
	}
	d.play(client)
	if err := d.Cycle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := d.waiting(); n != 0 {
		t.Fatalf("%d wait after a cycle", n)
	}
	return d
}

// submit sends a form of the directory's pages.
func submit(t *testing.T, d *Directory, path string, fields ...string) {
	t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	r := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%s answers %d", path, w.Code)
	}
}

// TestEachClientSpeaksItsOwnWay compares the requests of each deed with what
// that client is known to send.
func TestEachClientSpeaksItsOwnWay(t *testing.T) {
	ann, inner, outer := "/directory/people/"+objectID("person ann@x.example"), objectID("group Inner"), objectID("group Outer")
	byID := `GET /Users?filter=externalId eq "` + objectID("person ann@x.example") + `"`
	operations := func(text string) string {
		return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + text + `]}`
	}
	type deeds []struct {
		what   string
		path   string
		fields []string
		want   []string // beginnings of the requests
	}
	for client, list := range map[Client]deeds{
		ClientEntra: {
			{"a change", ann, []string{"do", "save", "title", "Chief", "department", "", "email", "a@x.example"}, []string{byID, "PATCH /Users/u1 " + operations(
				`{"op":"Replace","path":"emails[type eq \"work\"].value","value":"a@x.example"},{"op":"Remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"},{"op":"Replace","path":"title","value":"Chief"}`)}},
			{"out of a group", ann, []string{"do", "leave", "group", inner}, []string{"GET /Groups/g1?excludedAttributes=members", `GET /Groups?filter=id eq "g1" and members[value eq "u1"]&attributes=id`}},
			{"a rename", "/directory/groups/" + inner, []string{"do", "rename", "name", "Core"}, []string{"GET /Groups/g1?excludedAttributes=members", "PATCH /Groups/g1 " + operations(`{"op":"Replace","path":"displayName","value":"Core"}`)}},
			{"a removal", ann, []string{"do", "remove"}, []string{byID, "PATCH /Users/u1 "}},
		},
		ClientEntraRFC: {
			{"a change", ann, []string{"do", "save", "title", "Chief", "given", "Anna"}, []string{byID, "PATCH /Users/u1 " + operations(
				`{"op":"replace","value":{"displayName":"Anna Ash","name.givenName":"Anna","title":"Chief"}}`)}},
			{"a rename", "/directory/groups/" + inner, []string{"do", "rename", "name", "Core"}, []string{"GET /Groups/g1?excludedAttributes=members", "PATCH /Groups/g1 " + operations(`{"op":"replace","value":{"displayName":"Core"}}`)}},
		},
		ClientOkta: {
			{"a change", ann, []string{"do", "save", "title", "Chief"}, []string{"GET /Users/u1", "PUT /Users/u1 "}},
			{"into a group", "/directory/groups/" + inner, []string{"do", "add", "member", objectID("person bo@x.example")}, []string{"GET /Groups/g1", "PATCH /Groups/g1 " + operations(
				`{"op":"add","path":"members","value":[{"display":"bo@x.example","value":"u2"}]}`)}},
			{"out of a group", ann, []string{"do", "leave", "group", inner}, []string{"GET /Groups/g1", "PATCH /Groups/g1 " + operations(`{"op":"remove","path":"members[value eq \"u1\"]"}`),
				"GET /Groups/g2", "PATCH /Groups/g2 " + operations(`{"op":"remove","path":"members[value eq \"u1\"]"}`)}}, // which is flattened
			{"a rename", "/directory/groups/" + outer, []string{"do", "rename", "name", "Shell"}, []string{"GET /Groups/g2", "PATCH /Groups/g2 " + operations(`{"op":"replace","value":{"displayName":"Shell","id":"g2"}}`)}},
			{"an account that is turned off", ann, []string{"do", "deactivate"}, []string{"GET /Users/u1", "PATCH /Users/u1 " + operations(`{"op":"replace","value":{"active":false}}`)}},
			{"a deletion", ann, []string{"do", "delete"}, nil},
			{"a group that is deleted", "/directory/groups/" + outer, []string{"do", "delete"}, []string{"DELETE /Groups/g2"}},
		},
	} {
		t.Run(string(client), func(t *testing.T) {
			h := newSCIMHub(t)
			d := openDirectory(t, h, client)
			h.told()
			for _, deed := range list {
				submit(t, d, deed.path, deed.fields...)
				got := h.told()
				if len(got) != len(deed.want) {
					t.Errorf("%s: %d requests instead of %d: %q", deed.what, len(got), len(deed.want), got)
					continue
				}
				for i, want := range deed.want {
					if !strings.HasPrefix(got[i], want) {
						t.Errorf("%s sends\n%s\ninstead of\n%s", deed.what, got[i], want)
					}
				}
			}
		})
	}
}

func TestEntraDeactivatesWithATextThenDeletes(t *testing.T) {
	h := newSCIMHub(t)
	d := openDirectory(t, h, ClientEntra)
	h.told()
	ann := "/directory/people/" + objectID("person ann@x.example")
	submit(t, d, ann, "do", "delete")
	got := h.told()
	if len(got) < 3 || !strings.Contains(got[1], `{"op":"Replace","path":"active","value":"False"}`) || got[2] != "DELETE /Users/u1" {
		t.Fatalf("it sends %q", got)
	}
	// Assigned again she is somebody the hub never heard of.
	submit(t, d, ann, "do", "assign")
	if got := h.told(); len(got) < 2 || !strings.HasPrefix(got[1], "POST /Users ") {
		t.Errorf("it sends %q", got)
	}
}

func TestWhileTheHubAsksToBeLeftAloneNothingIsSentAndNothingIsLost(t *testing.T) {
	h := newSCIMHub(t)
	d := openDirectory(t, h, ClientEntra)
	now := noon
	d.now = func() time.Time { return now }
	ann := "/directory/people/" + objectID("person ann@x.example")
	h.told()
	h.closed = "120"
	submit(t, d, ann, "do", "save", "title", "Chief")
	h.mu.Lock()
	h.closed = ""
	h.mu.Unlock()
	submit(t, d, ann, "do", "save", "department", "Yard")
	if got := h.told(); len(got) != 0 || d.waiting() != 1 {
		t.Fatalf("it sends %q, and %d wait", got, d.waiting())
	}
	v := d.view()
	if want := noon.Add(2 * time.Minute); !v.Until.Equal(want) {
		t.Errorf("it waits until %s instead of %s", v.Until, want)
	}
	// Its time comes: what waited is sent by itself.
	now = noon.Add(2 * time.Minute)
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); d.Run(ctx) }()
	for deadline := time.After(10 * time.Second); len(d.view().Deeds[0].Exchanges) < 2; {
		select {
		case <-d.changes():
		case <-deadline:
			t.Fatal("it was not sent")
		}
	}
	end()
	<-ended
	got := h.told()
	if len(got) != 2 || !strings.Contains(got[1], "Chief") || !strings.Contains(got[1], "Yard") || d.waiting() != 0 {
		t.Errorf("it sends %q, and %d wait", got, d.waiting())
	}
}

func TestARefusalStaysWithThePersonAndOthersGoOn(t *testing.T) {
	h := newSCIMHub(t)
	d := openDirectory(t, h, ClientEntra)
	submit(t, d, "/directory/people/"+objectID("person ann@x.example"), "do", "save", "title", "refuse-me")
	h.told()
	submit(t, d, "/directory/people/"+objectID("person bo@x.example"), "do", "save", "title", "Baker")
	if got := h.told(); len(got) != 2 || !strings.Contains(got[1], "Baker") {
		t.Errorf("it sends %q", got)
	}
	if p := d.view().People[0]; p.Refused != "400 No." {
		t.Errorf("the refusal is shown as %q", p.Refused)
	}
}

func TestEveryOddRequestIsSentOnceAndThePagesShowIt(t *testing.T) {
	h := newSCIMHub(t)
	d := openDirectory(t, h, ClientEntra)
	for _, odd := range oddities {
		h.told()
		submit(t, d, "/directory/odd", "odd", odd.Key)
		if got := h.told(); len(got) == 0 && odd.Key != "no-token" {
			t.Errorf("%s sends nothing", odd.Key)
		}
		for _, path := range []string{"/directory", "/directory/people/" + objectID("person ann@x.example"), "/directory/groups/" + objectID("group Inner"), "/directory.json"} {
			w := httptest.NewRecorder()
			d.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
			if w.Code != 200 || path != "/directory.json" && !strings.Contains(w.Body.String(), `<h2 id="sent">`) {
				t.Errorf("%s answers %d after %s", path, w.Code, odd.Key)
			}
			if strings.Contains(w.Body.String(), "scim_token") {
				t.Errorf("%s shows the token", path)
			}
		}
	}
}

func TestTheDirectoryIsKeptBetweenRuns(t *testing.T) {
	h := newSCIMHub(t)
	config := Config{Folder: t.TempDir(), People: []Profile{{UserName: "ann@x.example", GivenName: "Ann", Active: true}}}
	first, err := NewDirectory(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Connect(h.URL, "scim_token"); err != nil {
		t.Fatal(err)
	}
	if err := first.Cycle(t.Context()); err != nil {
		t.Fatal(err)
	}
	second, err := NewDirectory(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Connect(h.URL, ""); err != nil {
		t.Fatal(err)
	}
	if p := second.view().People[0]; p.ID != "u1" || p.behind() || second.token != "scim_token" {
		t.Errorf("it comes back as %+v", p)
	}
	// Another token is another endpoint: who is known there is not known here.
	if err := second.Connect(h.URL, "scim_other"); err != nil {
		t.Fatal(err)
	}
	if p := second.view().People[0]; p.ID != "" {
		t.Errorf("the id is still %s", p.ID)
	}
}
