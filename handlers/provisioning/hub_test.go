package provisioning

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"locum/handlers/web"
	"locum/handlers/webtest"
	"locum/models"
	"locum/models/account"
	"locum/models/directory"
	"locum/models/federation"
	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/views/ui/uitest"
)

// hub is the area over a real store with the people of modelstest, of whom
// marieke is a manager of De Vries.
type hub struct {
	*webtest.Hub
	t           *testing.T
	connectors  *provisioning.Connectors
	federation  *federation.Federation
	directories *directory.Directories
	records     map[string][]string // of the DNS
	people      map[string]account.Person
	unreadable  string            // why no metadata can be fetched
	pasted      federation.Pasted // what any response says
	client      directory.Client  // of a directory, once there is one
}

func newHub(t *testing.T) *hub {
	t.Helper()
	w := modelstest.New(t, "sqlite")
	h := &hub{t: t, connectors: provisioning.NewConnectors(w.Store), records: map[string][]string{}, people: map[string]account.Person{}}
	h.federation = federation.New(w.Store, w.Keys, func(*store.Tx, federation.Said) (*models.Error, error) { return nil, nil })
	h.directories = directory.New(w.Store, h.connectors)
	h.Hub = webtest.New(t, w, New(Config{Connectors: h.connectors, Directories: h.directories, Companies: w.Companies, Federation: h.federation, Describe: describe, Fetch: h.fetch,
		Inspect: h.inspect, LookupTXT: h.lookup}))
	return h
}

func (h *hub) lookup(_ context.Context, name string) ([]string, error) { return h.records[name], nil }

// fetch stands for the network: every address but those in private networks has
// the metadata of its host.
func (h *hub) fetch(_ context.Context, address string) (federation.Provider, error) {
	why := h.unreadable
	if strings.Contains(address, "private") {
		why = "sso.fetch.private"
	}
	if why != "" {
		return federation.Provider{}, models.FieldErrors{"address": models.Text(why)}.Err()
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(address, "https://"), "/")
	p, err := describe([]byte("idp "+host), h.Store.Now())
	p.MetadataURL = address
	return p, err
}

// inspect stands for the reader of responses: each says what the test decided,
// but for "garbage".
func (h *hub) inspect(_ *web.Request, _, text string) (federation.Pasted, error) {
	if text == "garbage" {
		return federation.Pasted{}, models.FieldErrors{"response": models.Text("saml.error.malformed.title")}.Err()
	}
	return h.pasted, nil
}

// describe stands for the reader of metadata: what begins with "idp " is the
// provider of that name, and anything else no metadata.
func describe(document []byte, now time.Time) (federation.Provider, error) {
	name, ok := bytes.CutPrefix(bytes.TrimSpace(document), []byte("idp "))
	if !ok {
		return federation.Provider{}, models.FieldErrors{"metadata": models.Text("saml.error.metadata_malformed.body")}.Err()
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return federation.Provider{}, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "idp"}, NotBefore: now, NotAfter: now.AddDate(0, 0, 30)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return federation.Provider{}, err
	}
	certificate, err := x509.ParseCertificate(der)
	return federation.Provider{EntityID: "https://" + string(name), SSORedirect: "https://" + string(name) + "/sso", Certificates: []*x509.Certificate{certificate}}, err
}

// comesIn makes somebody known, in these groups.
func (h *hub) comesIn(name string, groups ...string) {
	h.t.Helper()
	if _, there := h.people[name]; !there {
		key := strings.ToLower(strings.Fields(name)[0])
		if key == "marieke" {
			h.System(func(tx *store.Tx) (err error) {
				h.people[name], err = account.Load(tx, h.ID(key))
				return err
			})
		} else {
			h.people[name] = h.Person(key+"2", name, key+".2@devries.example")
		}
	}
	h.System(func(tx *store.Tx) error {
		_, err := h.connectors.SignIn(tx, h.Production.Company, h.people[name], "con_1", provisioning.Mapping{},
			provisioning.Reading{Source: provisioning.Source{Kind: provisioning.FromAssertion, Reference: "a", At: models.At(tx.Now())},
				Attributes: []provisioning.Received{{Name: "groups", Values: groups}}})
		return err
	})
}

// holds says whether somebody holds a role in Production.
func (h *hub) holds(name, role string) bool {
	h.t.Helper()
	var found int64
	h.System(func(tx *store.Tx) error {
		return tx.Model(&tenancy.Grant{}).Where("account_id = ? AND organization_id = ? AND role_id = ?", h.people[name].ID, h.Production.Organization, role).Count(&found).Error
	})
	return found > 0
}

// saved is a connector that gives the member's role in Production to a group.
func (h *hub) saved(group string) provisioning.Saved {
	h.t.Helper()
	s, err := h.connectors.Save(h.Ctx, h.Actor("marieke"), provisioning.Connector{Name: "Members of " + group, State: provisioning.On,
		Condition: provisioning.Condition{All: []provisioning.Condition{{Attribute: "group", Operator: provisioning.Is, Value: group}}},
		Target:    provisioning.Target{Level: models.OrganizationLevel, Organization: h.Production.Organization}, Role: tenancy.Member}, provisioning.Publishing{Reason: "asked for"})
	if err != nil {
		h.t.Fatal(err)
	}
	return s.Saved
}

// filled are the fields of the form with an id, as a browser without script
// would send them.
func filled(t *testing.T, a webtest.Answer, id string) (fields []string) {
	t.Helper()
	page := uitest.Parse(t, a.Body)
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		name := uitest.Attr(n, "name")
		switch {
		case n.Data == "select":
			fields = append(fields, name, selected(n))
			return
		case n.Data == "textarea":
			fields = append(fields, name, uitest.Words(n))
			return
		case n.Data == "input" && name != "" && name != "epoch" && name != "epoch_for":
			kind := uitest.Attr(n, "type")
			if kind != "radio" && kind != "checkbox" || uitest.Has(n, "checked") {
				fields = append(fields, name, uitest.Attr(n, "value"))
			}
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			walk(child)
		}
	}
	walk(page.One("#" + id))
	return fields
}

func selected(n *html.Node) (value string) {
	for i, option := range uitest.Inside(n, "option") {
		if i == 0 || uitest.Has(option, "selected") {
			value = uitest.Attr(option, "value")
		}
	}
	return value
}

// with sets a field, which may be there already.
func with(fields []string, name, value string) []string {
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i] == name {
			fields = slices.Clone(fields)
			fields[i+1] = value
			return fields
		}
	}
	return append(slices.Clone(fields), name, value)
}

func valueOf(fields []string, name string) string {
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i] == name {
			return fields[i+1]
		}
	}
	return ""
}

func hasField(fields []string, name string) bool {
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i] == name {
			return true
		}
	}
	return false
}
