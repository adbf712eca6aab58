package organization

import (
	"strconv"

	"locum/handlers/web"
	"locum/models/tenancy"
	views "locum/views/organization"
)

func (p *Pages) settingsForm(r *web.Request) (web.Response, error) {
	o, err := p.Members.Organization(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.SettingsPage(views.Settings{Place: o.Name, In: o.Settings()})), nil
}

// configure saves the settings. A number that cannot be read is out of bounds.
func (p *Pages) configure(r *web.Request) (web.Response, error) {
	in := tenancy.Settings{Name: r.FormValue("name"), Hue: number(r.FormValue("hue")), Icon: r.FormValue("icon"), TimeZone: r.FormValue("time_zone"),
		IdleHours: number(r.FormValue("idle_hours")), ReasonRequired: r.FormValue("reason_required") != ""}
	err := p.Members.Configure(r.Context(), r.Actor, in)
	if wrong, ok := web.Wrong(err); ok {
		return web.Invalid(views.SettingsPage(views.Settings{Place: r.Actor.Effective.Label(), In: in, Wrong: wrong})), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/organization/settings", "organization.configured"), nil
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}
