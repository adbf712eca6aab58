package provisioning

import (
	"strings"

	"locum/handlers/web"
	"locum/models"
	"locum/models/provisioning"
	views "locum/views/provisioning"
)

// whyRole says why somebody has a role, or why not; without one it asks for
// which.
func (p *Pages) whyRole(r *web.Request) (web.Response, error) {
	page := views.RoleExplanation{Account: r.PathValue("account"), ByLink: r.Actor.ByLink(), Now: r.Now}
	var err error
	if page.Targets, err = p.Connectors.Targets(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	list, err := p.Connectors.List(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	page.Connectors = list
	at, role := provisioning.Target{}, ""
	if parts := strings.Split(r.URL.Query().Get("role"), views.Apart); len(parts) == 3 {
		page.Chosen, role = r.URL.Query().Get("role"), parts[2]
		at = provisioning.Target{Level: page.Targets.Registry.Roles[role].Level, Organization: parts[0], Application: parts[1]}
	}
	if page.RoleWhy, err = p.Connectors.WhyRole(r.Context(), r.Actor, page.Account, at, role); err != nil {
		return web.Response{}, err
	}
	if _, there := page.Targets.Registry.Roles[role]; page.Chosen != "" && !there {
		return web.Response{}, models.Unknown()
	}
	return web.Page(views.ExplainRole(page)), nil
}

// affected says whom a group concerns.
func (p *Pages) affected(r *web.Request) (web.Response, error) {
	page := views.Affected{Group: strings.TrimSpace(r.URL.Query().Get("group"))}
	var err error
	if page.Affected, err = p.Connectors.Affected(r.Context(), r.Actor, page.Group); err != nil {
		return web.Response{}, err
	}
	if page.Targets, err = p.Connectors.Targets(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	seen, err := p.Connectors.Seen(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	groups, _ := seen.Of(provisioning.GroupAttribute)
	page.Seen = groups.Values
	return web.Page(views.WhomAGroupConcerns(page)), nil
}
