package organization

import (
	"locum/handlers/web"
	"locum/models"
	"locum/models/event"
	"locum/views/activity"
	views "locum/views/organization"
)

// recent is how many events the overview shows.
const recent = 6

// overview is the first page of where the person works. Somebody with roles in
// a company alone is led there, and who has no role at all is told so.
func (p *Pages) overview(r *web.Request) (web.Response, error) {
	switch {
	case r.Actor.Effective.Organization != "":
	case r.Actor.May(models.ViewCompany):
		return web.Redirect("/company", ""), nil
	case r.Actor.May(models.OperatePlatform):
		return web.Redirect("/platform", ""), nil
	default:
		return web.Redirect("/no-access", ""), nil
	}
	o := views.Overview{Actor: r.Actor, Now: r.Now}
	for _, part := range []func(*web.Request, *views.Overview) error{p.about, p.countMembers, p.listApplications, p.listVisits, p.listEvents} {
		if err := part(r, &o); err != nil {
			return web.Response{}, err
		}
	}
	return web.Page(views.OverviewPage(o)), nil
}

func (p *Pages) about(r *web.Request, o *views.Overview) (err error) {
	if o.Sources, err = p.sources(r.Context(), r.Actor); err != nil {
		return err
	}
	if o.Mine, err = p.self(r.Context(), r.Actor); err != nil {
		return err
	}
	o.Delegation, err = p.visit(r.Context(), r.Actor)
	return err
}

func (p *Pages) countMembers(r *web.Request, o *views.Overview) error {
	if !r.Actor.May(models.ViewMembers) {
		return nil
	}
	census, err := p.Members.Census(r.Context(), r.Actor)
	o.Census = &census
	if err != nil || !r.Actor.May(models.ManageMembers) {
		return err
	}
	invited, err := p.Members.Invited(r.Context(), r.Actor)
	open := len(invited)
	o.Invited = &open
	return err
}

func (p *Pages) listApplications(r *web.Request, o *views.Overview) (err error) {
	if o.ShowApps = r.Actor.May(models.ViewApplications); o.ShowApps {
		if o.Here, err = p.Clients.Here(r.Context(), r.Actor); err != nil {
			return err
		}
		o.Applications, err = p.opened(r.Context(), r.Actor, o.Delegation)
	}
	return err
}

func (p *Pages) listVisits(r *web.Request, o *views.Overview) (err error) {
	if o.ShowVisits = r.Actor.May(models.ManageDelegations); o.ShowVisits {
		o.Visits, err = p.Delegations.Present(r.Context(), r.Actor)
	}
	return err
}

func (p *Pages) listEvents(r *web.Request, o *views.Overview) (err error) {
	if o.ShowEvents = r.Actor.May(models.ViewActivity); !o.ShowEvents {
		return nil
	}
	o.Names = activity.Names{Registry: o.Sources.Registry, Connectors: o.Sources.Connectors,
		Organizations: map[string]models.Party{r.Actor.Effective.Organization: r.Actor.Effective}}
	o.Events, err = p.Trail.Organization(r.Context(), r.Actor, event.Filter{Limit: recent})
	return err
}
