package organization

import (
	"strings"

	"locum/handlers/web"
	"locum/models/access"
	"locum/models/tenancy"
	views "locum/views/organization"
)

// visitorsForm shows what the organization asks of its visitors, and what that
// means for those inside.
func (p *Pages) visitorsForm(r *web.Request) (web.Response, error) {
	o, err := p.Members.Organization(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	inside, err := p.Sessions.Foresee(r.Context(), r.Actor, o.Hosting)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.VisitorsPage(views.Visitors{Organization: o, In: o.Hosting, Inside: inside, Now: r.Now})), nil
}

// setVisitors saves it. Where visitors inside would have to wait who need not
// now, it says so first.
func (p *Pages) setVisitors(r *web.Request) (web.Response, error) {
	o, err := p.Members.Organization(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	in := tenancy.Hosting{Approval: r.FormValue("approval") != "", LongestDays: number(r.FormValue("longest_days")), TicketRequired: r.FormValue("ticket") != "",
		SecondFactor: r.FormValue("second_factor") != "", SignInMinutes: number(r.FormValue("sign_in_minutes")), OwnSignOn: r.FormValue("own_sign_on") != "",
		Networks: strings.TrimSpace(r.FormValue("networks")), MailNeeded: r.FormValue("mail_needed") != "", Notify: tenancy.Notify(r.FormValue("notify"))}
	page := views.Visitors{Organization: o, In: in, Now: r.Now}
	if wrong, ok := web.Wrong(in.Check()); ok {
		page.Wrong = wrong
		return web.Invalid(views.VisitorsPage(page)), nil
	}
	if page.Inside, err = p.Sessions.Foresee(r.Context(), r.Actor, in); err != nil {
		return web.Response{}, err
	}
	now, err := p.Sessions.Foresee(r.Context(), r.Actor, o.Hosting)
	if err != nil {
		return web.Response{}, err
	}
	if page.Waiting = access.Worse(now, page.Inside); len(page.Waiting) > 0 && r.FormValue("confirm") == "" {
		return web.Invalid(views.VisitorsPage(page)), nil
	}
	if err := p.Members.SetHosting(r.Context(), r.Actor, in); err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/organization/visitors", "visitors.saved"), nil
}
