package provisioning

import (
	"locum/handlers/web"
	"locum/models"
	"locum/models/federation"
	"locum/models/provisioning"
	views "locum/views/provisioning"
	"locum/views/ui"
)

// trial shows what a test sign-in gave, once.
func (p *Pages) trial(r *web.Request) (web.Response, error) {
	c, err := p.Federation.Get(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	seen, err := p.Federation.TestOutcome(r.Context(), r.Actor, c.ID, r.PathValue("ticket"))
	if models.KindOf(err) == models.NotFound {
		return web.Redirect("/company/single-sign-on/"+c.ID, "sso.test.gone").Tone(ui.Warn), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	page, err := p.tried(r, c, seen)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.TestResult(page)), nil
}

// readingOf is what the provider said, as the connectors read it.
func readingOf(seen federation.Tested) provisioning.Reading {
	reading := provisioning.Reading{Source: provisioning.Source{Kind: provisioning.FromAssertion, Reference: seen.Assertion, At: seen.At}}
	for _, a := range seen.Attributes {
		reading.Attributes = append(reading.Attributes, provisioning.Received{Name: a.Name, FriendlyName: a.FriendlyName, Values: a.Values})
	}
	return reading
}
