package demo

import (
	"context"
	"encoding/xml"
	"io"
	"net/http"
	"slices"

	"github.com/crewjam/saml"
)

// ServiceProvider is one party that may ask for people to be signed in. For
// the hub that is one connection.
type ServiceProvider struct {
	// EntityID is what its requests name as their issuer.
	EntityID string
	// ACS is the only address that responses for it are posted to.
	ACS string
	// SLO is where its people are signed out. Empty: it has no single logout.
	SLO string
}

// AddServiceProvider makes a service provider known, or changes the addresses
// of the one with this entity id. An empty sloURL says it has no logout.
func (p *IdentityProvider) AddServiceProvider(entityID, acsURL, sloURL string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	given := ServiceProvider{EntityID: entityID, ACS: acsURL, SLO: sloURL}
	at := slices.IndexFunc(p.providers, func(sp ServiceProvider) bool { return sp.EntityID == entityID })
	if at < 0 {
		p.providers = append(p.providers, given)
		return
	}
	p.providers[at] = given
}

// known are all service providers so far.
func (p *IdentityProvider) known() []ServiceProvider {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.providers)
}

// find is the service provider with this entity id. One that is not known, but
// whose entity id is an address at the hub, is asked there for its metadata.
func (p *IdentityProvider) find(ctx context.Context, entityID string) (ServiceProvider, bool) {
	known := func() (ServiceProvider, bool) {
		for _, sp := range p.known() {
			if sp.EntityID == entityID {
				return sp, true
			}
		}
		return ServiceProvider{}, false
	}
	if sp, found := known(); found {
		return sp, true
	}
	if p.hub == "" || origin(entityID) != origin(p.hub) {
		return ServiceProvider{}, false
	}
	sp, found := p.lookUp(ctx, entityID)
	if !found {
		return ServiceProvider{}, false
	}
	p.AddServiceProvider(sp.EntityID, sp.ACS, sp.SLO)
	return known()
}

// lookUp reads a service provider's metadata over the wire.
func (p *IdentityProvider) lookUp(ctx context.Context, address string) (ServiceProvider, bool) {
	asked, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return ServiceProvider{}, false
	}
	answer, err := p.client.Do(asked)
	if err != nil {
		return ServiceProvider{}, false
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(io.LimitReader(answer.Body, 256<<10))
	if err != nil || answer.StatusCode != http.StatusOK {
		return ServiceProvider{}, false
	}
	var entity saml.EntityDescriptor
	if xml.Unmarshal(content, &entity) != nil || entity.EntityID != address {
		return ServiceProvider{}, false
	}
	sp := ServiceProvider{EntityID: entity.EntityID}
	for _, role := range entity.SPSSODescriptors {
		for _, acs := range role.AssertionConsumerServices {
			if acs.Binding == saml.HTTPPostBinding && sp.ACS == "" {
				sp.ACS = acs.Location
			}
		}
		for _, slo := range role.SingleLogoutServices {
			if slo.Binding == saml.HTTPRedirectBinding && sp.SLO == "" {
				sp.SLO = slo.Location
			}
		}
	}
	return sp, sp.ACS != ""
}
