package configuration

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"locum/models"
	"locum/models/account"
	"locum/models/federation"
	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

// town is a world with applications, a connection, connectors and people whom
// the identity provider told of.
type town struct {
	*testing.T
	*modelstest.World
	*Configuration
	apps  map[string]tenancy.Application
	files fstest.MapFS
}

// words shows the key of a message and its arguments.
func words(m models.Message) string {
	text := m.Key
	for _, name := range slices.Sorted(maps.Keys(m.Args)) {
		text += fmt.Sprintf(" %s=%v", name, m.Args[name])
	}
	return text
}

// describe stands for the reader of metadata, which is not part of models.
func describe(document []byte) (p federation.Provider, err error) {
	var e entity
	if xml.Unmarshal(document, &e) != nil || len(e.Role.Keys) == 0 {
		wrong := models.FieldErrors{}
		wrong.Add("metadata", "saml.metadata_malformed")
		return p, wrong.Err()
	}
	p.EntityID = e.EntityID
	for _, s := range e.Role.SignOn {
		switch s.Binding {
		case bindingRedirect:
			p.SSORedirect = s.Location
		case bindingPost:
			p.SSOPost = s.Location
		}
	}
	for _, key := range e.Role.Keys {
		der, err := base64.StdEncoding.DecodeString(strings.TrimSpace(key.Info.Certificate))
		if err != nil {
			return p, err
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return p, err
		}
		p.Certificates = append(p.Certificates, certificate)
	}
	return p, nil
}

// certificatePEM is a self-signed certificate of an invented provider.
const certificatePEM = `-----BEGIN CERTIFICATE-----
MIIDIzCCAgugAwIBAgIUJEmkzvAeJ2GW7/llVU7ro7xouVIwDQYJKoZIhvcNAQEL
BQAwIDEeMBwGA1UEAwwVbG9naW4uZGV2cmllcy5leGFtcGxlMCAXDTI2MTEyMTIx
MzU1NVoYDzIxMjYxMDI4MjEzNTU1WjAgMR4wHAYDVQQDDBVsb2dpbi5kZXZyaWVz
LmV4YW1wbGUwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQDADYDQzVSO
9L5LpW4mo7G/zwohtKKZ38eKEpkrBGxQbxd54KGT2dnooQVt3pgYjh+VlDqiKQiN
9sc8NCJvqdhz6joCLMmd0KSQlG4AzHUo1mg7ZKeraldq1oKaRE4MhCRdnbOai1iw
8y84xLy4bTR5NztpsDHwQYXSDRz3PZo9Q5zge5O4Y4AyIajFRdXuILoO84tTcoIh
ZUqhqpHui75PQeNOMbOjiz9wuC9EMcKCj/pUD9UJuhVi+V+PyLmYGphSELkChbzm
vLZnGe24Zxp4ZNs99KqZfsfgWT5rU6OPYIBXxEHUzHIEtZaYayLhOaOaIR/VU94K
AmYiJ0FtvSr3AgMBAAGjUzBRMB0GA1UdDgQWBBQaakKWa+E42yd8+0r+9Vy3kpul
zjAfBgNVHSMEGDAWgBQaakKWa+E42yd8+0r+9Vy3kpulzjAPBgNVHRMBAf8EBTAD
AQH/MA0GCSqGSIb3DQEBCwUAA4IBAQAFTlqU6u9RhxJWdtKfkWe9hrmFqI4dWE43
AqQDkAHW048uoSA+QZoapQEEW5WduxzU39gyIIk3qX/uPL9DWZ0eOUzyMBb5rDZq
cSTCQvrcWu21FSE6QlLqDELpgJw/5D3mtvjLUdW7HZf1AygDwx91D2N0Nz4CH4dl
ud/R64WsWY/7y9qZZi1Lbc4ZTKkdeMHQ4GhtpTB9A5Kh/gbooHqYir6Tp1UfTjjH
vNj5oKWQjnOGDfAj+uPQnT3XCConu4kM4/MYC2B7rWasMI0VZXE5DxdSUYaMfJvW
zMzfKwCHQt7bWQLWnEoQ1Wr5w+1X8iPsOQ+LP0ioRsc1Dtnsldii
-----END CERTIFICATE-----
`

func certificate(t testing.TB) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode([]byte(certificatePEM))
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// metadata is that of an identity provider.
func metadata(t testing.TB, entityID string) string {
	t.Helper()
	var c federation.Connection
	federation.Provider{EntityID: entityID, SSORedirect: "https://login.example/sso?a=1&b=2", Certificates: []*x509.Certificate{certificate(t)}}.Into(&c)
	text, err := metadataOf(c)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// private is a key that all connections of these worlds have: making one takes
// long.
var private = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func each(t *testing.T, test func(t *town)) {
	t.Helper()
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) { test(newTown(t, w)) })
}

func newTown(t *testing.T, w *modelstest.World) *town {
	v := &town{T: t, World: w, apps: map[string]tenancy.Application{}, files: fstest.MapFS{}}
	v.Configuration = &Configuration{Store: w.Store, Operator: "root", Words: words, Describe: describe, Files: v.files,
		Keys: func() (*secret.Keys, error) { return w.Keys, nil }}
	v.registry()
	connectors := provisioning.NewConnectors(w.Store)
	marieke := w.Actor("marieke")
	for _, c := range []provisioning.Connector{
		{Name: "Staff", Role: tenancy.Member, Target: provisioning.Target{Level: models.OrganizationLevel, Organization: w.Production.Organization},
			Condition: group("Staff"), State: provisioning.On},
		{Name: "Planners: \"NL\" & <BE>", Role: v.role("planning", "editor").ID, Note: "two\nlines # and more", State: provisioning.On,
			Target:    provisioning.Target{Level: models.ApplicationLevel, Organization: w.Production.Organization, Application: v.apps["planning"].ID},
			Condition: provisioning.Condition{All: []provisioning.Condition{group("Staff"), {Not: &provisioning.Condition{Attribute: "country", Operator: provisioning.Is, Value: "007", CaseSensitive: true}}, {Attribute: "mail", Operator: provisioning.Exists}}}},
		{Name: "Managers", Role: tenancy.Manager, Target: provisioning.Target{Level: models.CompanyLevel}, State: provisioning.Draft,
			Condition: provisioning.Condition{Any: []provisioning.Condition{group("yes"), {Attribute: "title", Operator: provisioning.Pattern, Value: `Head of .*`}}}},
	} {
		_, err := connectors.Save(w.Ctx, marieke, c, provisioning.Publishing{})
		v.must(err)
	}
	f := federation.New(w.Store, w.Keys, nil)
	provider, err := describe([]byte(metadata(t, "https://login.devries.example")))
	v.must(err)
	v.World.System(func(tx *store.Tx) error {
		tx.Actor.Effective = w.Production
		_, err := f.Add(tx, federation.Draft{Name: "Sign-in", Provider: provider, Delimiters: map[string]string{"groups": ";", "a": ", "}}, private())
		return err
	})
	_, err = f.AddDomain(w.Ctx, marieke, "devries.example")
	v.must(err)
	return v
}

func group(name string) provisioning.Condition {
	return provisioning.Condition{Attribute: provisioning.GroupAttribute, Operator: provisioning.Is, Value: name}
}

// registry makes an application with roles, in use in Production.
func (v *town) registry() {
	v.World.System(func(tx *store.Tx) error {
		app, err := tenancy.AddApplication(tx, tenancy.Application{Key: "planning", Name: "Transport planning", Icon: "route"})
		if err != nil {
			return err
		}
		v.apps["planning"] = app
		for _, key := range []string{"viewer", "editor"} {
			if _, err := tenancy.AddRole(tx, tenancy.Role{Level: models.ApplicationLevel, ApplicationID: app.ID, Key: key, Name: strings.ToUpper(key[:1]) + key[1:]}, nil); err != nil {
				return err
			}
		}
		_, err = tenancy.AddRole(tx, tenancy.Role{Level: models.OrganizationLevel, Key: "desk", Name: "Desk"}, []models.Permission{models.ManageMembers})
		if err != nil {
			return err
		}
		return tx.Create(&tenancy.Enabled{CompanyID: v.Production.Company, OrganizationID: v.Production.Organization, ApplicationID: app.ID, EnabledAt: models.At(tx.Now())}).Error
	})
}

func (v *town) role(application, key string) (r tenancy.Role) {
	v.World.System(func(tx *store.Tx) error {
		return tx.Where("application_id = ? AND key = ?", v.apps[application].ID, key).Take(&r).Error
	})
	return r
}

func (v *town) must(err error) {
	v.T.Helper()
	if err != nil {
		v.T.Fatal(err)
	}
}

// comesIn tells of a person, as a sign-in does.
func (v *town) comesIn(key string, groups ...string) {
	v.T.Helper()
	v.World.System(func(tx *store.Tx) error {
		p, err := account.Load(tx, v.ID(key))
		if err != nil {
			return err
		}
		reading := provisioning.Reading{Source: provisioning.Source{Kind: provisioning.FromAssertion, Reference: models.NewID("ref"), At: models.At(tx.Now())},
			Attributes: []provisioning.Received{{Name: "groups", Values: groups}, {Name: "mail", Values: []string{p.Email}}}}
		_, err = provisioning.NewConnectors(v.World.Store).SignIn(tx, v.Production.Company, p, "con_1", provisioning.Mapping{}, reading)
		return err
	})
}

// plan reads and compares a document that has to be right.
func (v *town) plan(text string, prune bool) (*Document, Plan) {
	v.T.Helper()
	d := Read("plan.yaml", []byte(text))
	p, err := v.Configuration.Plan(v.Ctx, d, prune)
	v.must(err)
	return d, p
}

// apply plans and applies a document, and gives what it said it would do and
// what it said it did.
func (v *town) apply(text string, prune bool) (said, did string) {
	v.T.Helper()
	d, p := v.plan(text, prune)
	var before, after strings.Builder
	p.Print(&before)
	v.must(v.Configuration.Apply(v.Ctx, d, p, &after))
	return before.String(), after.String()
}

// wrong gives the lines of what is wrong with a document.
func (v *town) wrong(text string) []string {
	v.T.Helper()
	_, err := v.Configuration.Plan(v.Ctx, Read("plan.yaml", []byte(text)), false)
	var problems *Problems
	if !errors.As(err, &problems) {
		v.T.Fatalf("nothing is wrong with it, or something else: %v", err)
	}
	return strings.Split(err.Error(), "\n")
}

// events are all that stand, of every company.
func (v *town) events() (list []store.Event) {
	v.World.System(func(tx *store.Tx) error { return tx.Order("company_id, position").Find(&list).Error })
	return list
}

// wants fails unless a text holds others.
func (v *town) wants(text string, parts ...string) {
	v.T.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			v.T.Errorf("%q is not in\n%s", part, text)
		}
	}
}

// policy is the standard one but for two choices.
func policy(ownership, noMatch string) tenancy.Policy {
	p := tenancy.StandardPolicy
	p.Ownership, p.NoMatch = ownership, noMatch
	return p
}
