package scim_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"locum/handlers/scim"
	"locum/handlers/web"
	"locum/models"
	"locum/models/account"
	"locum/models/directory"
	"locum/models/federation"
	"locum/models/feed"
	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

// hub is De Vries with a directory, its client, and connectors: who is in the
// group Editors is a member of Production.
type hub struct {
	*modelstest.World
	t           testing.TB
	connectors  *provisioning.Connectors
	directories *directory.Directories
	federation  *federation.Federation
	feed        *feed.Feed
	directory   directory.Directory
	token       string
	handler     http.Handler
}

func each(t *testing.T, test func(t *testing.T, h *hub)) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) { test(t, newHub(t, w)) })
}

func newHub(t testing.TB, w *modelstest.World) *hub { return limitedHub(t, w, -1) }

// limitedHub is newHub where an address may fail so often a minute to prove
// itself.
func limitedHub(t testing.TB, w *modelstest.World, failures int) *hub {
	t.Helper()
	h := &hub{World: w, t: t, connectors: provisioning.NewConnectors(w.Store)}
	h.directories = directory.New(w.Store, h.connectors)
	h.federation = federation.New(w.Store, w.Keys, h.directories.Resolve)
	var err error
	h.feed, err = feed.New(w.Store, w.Keys)
	h.must(err)
	public, err := url.Parse("http://127.0.0.1:8080")
	h.must(err)
	app, err := web.New(web.Config{PublicURL: public, CookieKeys: [][]byte{[]byte("0123456789abcdef0123456789abcdef")}, Sessions: w.Sessions,
		Log: slog.New(slog.DiscardHandler), Now: w.Now, Limits: web.Limits{Requests: -1, Anonymous: failures}})
	h.must(err)
	scim.Mount(app, scim.Config{Directories: h.directories, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	h.handler = app.Handler()
	h.verify("devries.example")
	h.directory, h.token, err = h.directories.Add(w.Ctx, h.Actor("marieke"), directory.Draft{Name: "Entra", Kind: directory.Entra})
	h.must(err)
	return h
}

func (h *hub) must(err error) {
	if err != nil {
		h.t.Helper()
		h.t.Fatal(err)
	}
}

// verify makes a domain De Vries' own.
func (h *hub) verify(name string) {
	h.t.Helper()
	_, err := h.federation.AddDomain(h.Ctx, h.Actor("marieke"), name)
	h.must(err)
	h.System(func(tx *store.Tx) error {
		return tx.Model(&tenancy.Domain{}).Where("name = ?", name).Update("verified_at", models.At(h.Now())).Error
	})
}

// rule gives everybody of a group a role in Production.
func (h *hub) rule(group, role string) {
	h.t.Helper()
	_, err := h.connectors.Save(h.Ctx, h.Actor("marieke"), provisioning.Connector{Name: group, State: provisioning.On, Role: role,
		Target:    provisioning.Target{Level: models.OrganizationLevel, Organization: h.Production.Organization},
		Condition: provisioning.Condition{Attribute: provisioning.GroupAttribute, Operator: provisioning.Is, Value: group}},
		provisioning.Publishing{Confirmed: 1000, Leave: provisioning.RevokeRoles})
	h.must(err)
}

// got is an answer.
type got struct {
	Code   int
	Header http.Header
	Text   string
	Body   map[string]any
}

func (h *hub) send(method, path, body string, header ...string) got {
	h.t.Helper()
	var from io.Reader
	if body != "" {
		from = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, "/scim/v2"+path, from)
	r.Host = "127.0.0.1:8080"
	r.Header.Set("Authorization", "Bearer "+h.token)
	r.Header.Set("Content-Type", "application/scim+json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	out := got{Code: w.Code, Header: w.Header(), Text: w.Body.String()}
	if out.Text != "" {
		if err := json.Unmarshal(w.Body.Bytes(), &out.Body); err != nil {
			h.t.Fatalf("%s %s: %d %s", method, path, w.Code, out.Text)
		}
	}
	return out
}

// wants fails the test unless an answer has a status, and returns it.
func (h *hub) wants(code int, method, path, body string, header ...string) got {
	h.t.Helper()
	out := h.send(method, path, body, header...)
	if out.Code != code {
		h.t.Fatalf("%s %s %s: %d instead of %d: %s", method, path, body, out.Code, code, out.Text)
	}
	return out
}

func (g got) id() string { id, _ := g.Body["id"].(string); return id }

// at finds a value by its keys; a number is a place in a list.
func (g got) at(keys ...any) any {
	var value any = g.Body
	for _, key := range keys {
		switch k := key.(type) {
		case string:
			object, _ := value.(map[string]any)
			value = object[k]
		case int:
			list, _ := value.([]any)
			if k >= len(list) {
				return nil
			}
			value = list[k]
		}
	}
	return value
}

// user makes one at De Vries and gives its id.
func (h *hub) user(name string) string {
	h.t.Helper()
	return h.wants(201, "POST", "/Users", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"%s@devries.example","externalId":"ext-%s",
		"name":{"givenName":"%s","familyName":"Jansen"},"active":true,"emails":[{"value":"%s@devries.example","type":"work","primary":true}]}`, name, name, name, name)).id()
}

// group makes one with members and gives its id.
func (h *hub) group(name string, members ...string) string {
	h.t.Helper()
	return h.wants(201, "POST", "/Groups", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"%s","members":%s}`, name, values(members...))).id()
}

func values(ids ...string) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = fmt.Sprintf(`{"value":%q}`, id)
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func patch(operations ...string) string {
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + strings.Join(operations, ",") + `]}`
}

// members are the ids of a group's members.
func (h *hub) members(group string) (ids []string) {
	h.t.Helper()
	list, _ := h.wants(200, "GET", "/Groups/"+group, "").at("members").([]any)
	for _, one := range list {
		ids = append(ids, one.(map[string]any)["value"].(string))
	}
	slices.Sort(ids)
	return ids
}

// holds are the roles of somebody at De Vries, by his address, with the source;
// but for the default one, which everybody has.
func (h *hub) holds(email string) (list []string) {
	h.t.Helper()
	h.System(func(tx *store.Tx) error {
		p, err := account.ByEmail(tx, email)
		if models.KindOf(err) == models.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		var grants []tenancy.Grant
		err = tx.Where("account_id = ? AND company_id = ?", p.ID, h.Production.Company).Find(&grants).Error
		for _, g := range grants {
			if g.Source == tenancy.FromDefault {
				continue
			}
			list = append(list, strings.TrimPrefix(g.RoleID, "rol_")+"/"+string(g.Source))
		}
		return err
	})
	slices.Sort(list)
	return list
}

func (h *hub) holdsAre(email string, want ...string) {
	h.t.Helper()
	if got := h.holds(email); !slices.Equal(got, want) {
		h.t.Fatalf("%s holds %q instead of %q", email, got, want)
	}
}

// events counts the events of a type in De Vries' trail.
func (h *hub) events(kind string) (n int64) {
	h.System(func(tx *store.Tx) error {
		return tx.Model(&store.Event{}).Where("company_id = ? AND type = ?", h.Production.Company, kind).Count(&n).Error
	})
	return n
}

// total counts all events of De Vries.
func (h *hub) total() (n int64) {
	h.System(func(tx *store.Tx) error {
		return tx.Model(&store.Event{}).Where("company_id = ?", h.Production.Company).Count(&n).Error
	})
	return n
}

// attributeRule gives everybody with a value a role in Production.
func (h *hub) attributeRule(attribute, value, role string) {
	h.t.Helper()
	_, err := h.connectors.Save(h.Ctx, h.Actor("marieke"), provisioning.Connector{Name: value, State: provisioning.On, Role: role,
		Target:    provisioning.Target{Level: models.OrganizationLevel, Organization: h.Production.Organization},
		Condition: provisioning.Condition{Attribute: attribute, Operator: provisioning.Is, Value: value}},
		provisioning.Publishing{Confirmed: 1000, Leave: provisioning.RevokeRoles})
	h.must(err)
}
