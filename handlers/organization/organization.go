// Package organization serves an organization from within: its overview, its
// members and their roles, its applications, its settings and what it asks of
// visitors. It decodes forms
// and shows what models/tenancy answers; it must never decide who may do what.
package organization

import (
	"context"
	"errors"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/client"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/provisioning"
	"locum/models/tenancy"
	views "locum/views/organization"
)

// Domain is what the pages stand on.
type Domain struct {
	Companies    *tenancy.Companies
	Members      *tenancy.Members
	Applications *tenancy.Applications
	Delegations  *delegation.Delegations
	Sessions     *access.Sessions
	Connectors   *provisioning.Connectors
	Trail        *event.Trail
	Clients      *client.Clients
}

// Pages are the pages of an organization.
type Pages struct{ Domain }

// New makes the pages of an organization.
func New(d Domain) *Pages { return &Pages{d} }

// Mount registers the pages.
func (p *Pages) Mount(app *web.App) {
	app.Signed("GET /{$}", p.overview)
	app.With(models.ViewMembers, "GET /members", p.list)
	app.With(models.ManageMembers, "GET /members/invite", p.inviteForm)
	app.With(models.ManageMembers, "POST /members/invite", p.invite)
	app.With(models.ManageMembers, "POST /members/invitations/{invitation}/withdraw", p.withdraw)
	app.With(models.ViewMembers, "GET /members/{account}", p.member)
	app.With(models.ManageMembers, "POST /members/{account}/roles", p.setRoles)
	app.With(models.ManageMembers, "GET /members/{account}/remove", p.removeForm)
	app.With(models.ManageMembers, "POST /members/{account}/remove", p.remove)
	app.With(models.ViewApplications, "GET /applications", p.applications)
	app.With(models.ViewApplications, "GET /applications/{application}", p.application)
	app.With(models.ManageApplications, "POST /applications/{application}/enable", p.enable)
	app.With(models.ManageApplications, "GET /applications/{application}/disable", p.disableForm)
	app.With(models.ManageApplications, "POST /applications/{application}/disable", p.disable)
	app.With(models.ManageOrganization, "GET /organization/settings", p.settingsForm)
	app.With(models.ManageOrganization, "POST /organization/settings", p.configure)
	app.With(models.ManageOrganization, "GET /organization/visitors", p.visitorsForm)
	app.With(models.ManageOrganization, "POST /organization/visitors", p.setVisitors)
}

// sources are what roles are explained with. Who may not see members is told
// of no connector.
func (p *Pages) sources(ctx context.Context, by models.Actor) (s views.Sources, err error) {
	if s.Registry, err = p.Companies.Registry(ctx, by); err != nil || !by.May(models.ViewMembers) {
		return s, err
	}
	s.Linked = by.May(models.ManageConnectors)
	s.Connectors, err = p.Connectors.NamesHere(ctx, by)
	return s, err
}

// self is the reader as a member of the organization; nobody when he is a
// visitor, or may not see members.
func (p *Pages) self(ctx context.Context, by models.Actor) (tenancy.Membership, error) {
	if by.Visiting() || !by.May(models.ViewMembers) {
		return tenancy.Membership{}, nil
	}
	m, err := p.Members.Get(ctx, by, by.Account)
	if models.KindOf(err) == models.NotFound { // a role in the company alone
		return tenancy.Membership{}, nil
	}
	return m, err
}

// visit is the delegation through which the reader works here; nil for members.
func (p *Pages) visit(ctx context.Context, by models.Actor) (*delegation.Offer, error) {
	if !by.Visiting() {
		return nil, nil
	}
	offer, err := p.Delegations.Offer(ctx, by, by.Delegation)
	return &offer, err
}

// conflict takes the sentence out of a refusal that the form itself can tell.
func conflict(err error) (*models.Message, bool) {
	var e *models.Error
	if errors.As(err, &e) && e.Kind == models.Conflict && e.Key != "" {
		return &models.Message{Key: e.Key, Args: e.Args}, true
	}
	return nil, false
}
