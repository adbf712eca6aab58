package demo

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/crewjam/saml"
)

// IdentityProvider is a SAML 2.0 identity provider at which one chooses who to
// be. Each tenant is an entity of its own under /idp/{tenant}. It asks for no
// password and checks no signature of the service provider; it does answer
// only those it knows, and only at their registered addresses.
type IdentityProvider struct {
	url, hub string
	tenants  []Tenant
	key      keyPair
	now      func() time.Time
	client   *http.Client
	mux      *http.ServeMux

	mu        sync.Mutex
	providers []ServiceProvider
	last      map[string]string // tenant and service provider -> the last response, for the replay
	sessions  []session
}

// session is one person signed in at one service provider.
type session struct {
	Index, Tenant, EntityID, NameID, Name string
	At                                    time.Time
}

// keptSessions bounds what the provider remembers of who signed in.
const keptSessions = 500

// NewIdentityProvider makes the provider of the tenants in config, with the
// key in its folder or a new one.
func NewIdentityProvider(config Config) (*IdentityProvider, error) {
	config = config.completed()
	key, err := openKey(config.Folder, config.Now())
	if err != nil {
		return nil, err
	}
	p := &IdentityProvider{
		url: config.URL, hub: config.Hub, key: key, now: config.Now,
		client:    &http.Client{Timeout: 5 * time.Second},
		providers: slices.Clone(config.ServiceProviders),
		last:      map[string]string{},
	}
	for _, tenant := range config.Tenants {
		if tenant.Key == "" || url.PathEscape(tenant.Key) != tenant.Key {
			return nil, fmt.Errorf("tenant key %q cannot stand in an address", tenant.Key)
		}
		if tenant.EntityID == "" {
			tenant.EntityID = p.MetadataURL(tenant.Key)
		}
		tenant.Personas = slices.Clone(tenant.Personas)
		for i, persona := range tenant.Personas {
			tenant.Personas[i] = persona.completed(tenant.Key)
		}
		p.tenants = append(p.tenants, tenant)
	}
	p.mux = http.NewServeMux()
	p.mux.HandleFunc("GET /idp", p.list)
	p.mux.HandleFunc("GET /idp/{$}", p.list)
	p.mux.HandleFunc("GET /idp/personas.json", p.personas)
	p.mux.HandleFunc("GET /idp/{tenant}", p.forTenant(p.overview))
	p.mux.HandleFunc("GET /idp/{tenant}/metadata", p.forTenant(p.metadata))
	p.mux.HandleFunc("GET /idp/{tenant}/sso", p.forTenant(p.asked))
	p.mux.HandleFunc("POST /idp/{tenant}/sso", p.forTenant(p.asked))
	p.mux.HandleFunc("GET /idp/{tenant}/start", p.forTenant(p.unasked))
	p.mux.HandleFunc("POST /idp/{tenant}/change", p.forTenant(p.change))
	p.mux.HandleFunc("POST /idp/{tenant}/sign-in", p.forTenant(p.signIn))
	p.mux.HandleFunc("POST /idp/{tenant}/decline", p.forTenant(p.decline))
	p.mux.HandleFunc("GET /idp/{tenant}/slo", p.forTenant(p.logout))
	p.mux.HandleFunc("POST /idp/{tenant}/sign-out", p.forTenant(p.signOut))
	p.mux.HandleFunc("/idp/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "Nothing here", "The identity provider has no such page.")
	})
	return p, nil
}

// ServeHTTP answers everything under /idp.
func (p *IdentityProvider) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.mux.ServeHTTP(w, r) }

// MetadataURL is where a tenant's metadata is read.
func (p *IdentityProvider) MetadataURL(tenant string) string { return p.address(tenant, "metadata") }

func (p *IdentityProvider) address(tenant, page string) string {
	return p.url + "/idp/" + tenant + "/" + page
}

// forTenant finds the tenant of the address before a handler runs, and caps
// what a form may hold.
func (p *IdentityProvider) forTenant(handle func(http.ResponseWriter, *http.Request, Tenant)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		for _, tenant := range p.tenants {
			if tenant.Key == r.PathValue("tenant") {
				handle(w, r, tenant)
				return
			}
		}
		refuse(w, http.StatusNotFound, "Unknown company", "The identity provider serves no company of this name.")
	}
}

// list shows the companies.
func (p *IdentityProvider) list(w http.ResponseWriter, _ *http.Request) {
	render(w, http.StatusOK, "tenants", map[string]any{"Hub": p.hub, "Tenants": p.summaries()})
}

// tenantSummary is one company as the pages list it.
type tenantSummary struct {
	Key, Name, Metadata string
	People              int
}

func (p *IdentityProvider) summaries() []tenantSummary {
	var summaries []tenantSummary
	for _, t := range p.tenants {
		summaries = append(summaries, tenantSummary{t.Key, t.Name, p.MetadataURL(t.Key), len(t.Personas)})
	}
	return summaries
}

// overview shows a company's people, who is signed in, and the ways to start
// without being asked.
func (p *IdentityProvider) overview(w http.ResponseWriter, _ *http.Request, t Tenant) {
	var providers []ServiceProvider
	var origins []string
	for _, sp := range p.known() {
		providers = append(providers, sp)
		// Signing out from here redirects the form to the service provider.
		origins = append(origins, origin(sp.SLO))
	}
	render(w, http.StatusOK, "tenant", map[string]any{
		"Tenant": t, "Metadata": p.MetadataURL(t.Key), "SSO": p.address(t.Key, "sso"), "SLO": p.address(t.Key, "slo"),
		"Providers": providers, "Sessions": p.signedIn(t), "Hub": p.hub,
	}, origins...)
}

// personas answers every persona as JSON, for tests.
func (p *IdentityProvider) personas(w http.ResponseWriter, _ *http.Request) {
	type entry struct {
		Tenant     string              `json:"tenant"`
		EntityID   string              `json:"entity_id"`
		Metadata   string              `json:"metadata"`
		Name       string              `json:"name"`
		Email      string              `json:"email"`
		NameID     string              `json:"name_id"`
		Attributes map[string][]string `json:"attributes"`
	}
	entries := []entry{}
	for _, t := range p.tenants {
		for _, persona := range t.Personas {
			entries = append(entries, entry{
				t.Key, t.EntityID, p.MetadataURL(t.Key), persona.Name, persona.Email, persona.NameID, persona.Attributes,
			})
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(entries)
}

// metadata answers a tenant's entity descriptor (SAML 2.0 metadata, §2.4.3).
func (p *IdentityProvider) metadata(w http.ResponseWriter, _ *http.Request, t Tenant) {
	key := saml.KeyDescriptor{Use: "signing"}
	key.KeyInfo.X509Data.X509Certificates = []saml.X509Certificate{{Data: p.key.encodedCertificate()}}
	descriptor := saml.IDPSSODescriptor{
		SingleSignOnServices: []saml.Endpoint{
			{Binding: saml.HTTPRedirectBinding, Location: p.address(t.Key, "sso")},
			{Binding: saml.HTTPPostBinding, Location: p.address(t.Key, "sso")},
		},
	}
	descriptor.ProtocolSupportEnumeration = "urn:oasis:names:tc:SAML:2.0:protocol"
	descriptor.KeyDescriptors = []saml.KeyDescriptor{key}
	descriptor.NameIDFormats = []saml.NameIDFormat{saml.PersistentNameIDFormat}
	descriptor.SingleLogoutServices = []saml.Endpoint{
		{Binding: saml.HTTPRedirectBinding, Location: p.address(t.Key, "slo")},
	}
	encoded, err := xml.MarshalIndent(saml.EntityDescriptor{
		EntityID:          t.EntityID,
		ValidUntil:        p.key.certificate.NotAfter,
		CacheDuration:     24 * time.Hour,
		IDPSSODescriptors: []saml.IDPSSODescriptor{descriptor},
	}, "", "  ")
	if err != nil {
		refuse(w, http.StatusInternalServerError, "No metadata", "The metadata cannot be written.")
		return
	}
	w.Header().Set("Content-Type", "application/samlmetadata+xml")
	_, _ = w.Write(append([]byte(xml.Header), encoded...))
}
