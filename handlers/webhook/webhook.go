// Package webhook serves what a company's machines are told: the endpoints that
// events are posted to, with every delivery and attempt, and the tokens by which
// they read. It decodes forms and shows what models answer; it must show a
// secret in the answer that makes it, and never again.
package webhook

import (
	"strings"
	"time"

	"locum/handlers/web"
	"locum/models"
	"locum/models/feed"
	"locum/models/tenancy"
	"locum/models/webhook"
	views "locum/views/webhook"
)

// Pages are the pages of this area.
type Pages struct {
	hooks     *webhook.Webhooks
	feed      *feed.Feed
	companies *tenancy.Companies
}

// New makes the pages.
func New(hooks *webhook.Webhooks, f *feed.Feed, companies *tenancy.Companies) *Pages {
	return &Pages{hooks, f, companies}
}

// path is the list of endpoints.
const path = "/company/webhooks"

// Mount registers the routes.
func (p *Pages) Mount(app *web.App) {
	hooks := func(pattern string, handle web.Handler) { app.With(models.ManageWebhooks, pattern, handle) }
	hooks("GET /company/webhooks", p.list)
	hooks("GET /company/webhooks/new", p.newForm)
	hooks("POST /company/webhooks/new", p.make)
	hooks("GET /company/webhooks/{webhook}", p.one)
	hooks("GET /company/webhooks/{webhook}/edit", p.editForm)
	hooks("POST /company/webhooks/{webhook}/edit", p.edit)
	hooks("POST /company/webhooks/{webhook}/test", p.test)
	hooks("GET /company/webhooks/{webhook}/secret", p.askRotate)
	hooks("POST /company/webhooks/{webhook}/secret", p.rotate)
	hooks("POST /company/webhooks/{webhook}/off", p.off)
	hooks("GET /company/webhooks/{webhook}/on", p.askOn)
	hooks("POST /company/webhooks/{webhook}/on", p.on)
	hooks("GET /company/webhooks/{webhook}/replay", p.askReplay)
	hooks("POST /company/webhooks/{webhook}/replay", p.replayRange)
	hooks("POST /company/webhooks/{webhook}/replay-failed", p.replayFailed)
	hooks("GET /company/webhooks/{webhook}/deliveries/{delivery}", p.delivery)
	hooks("POST /company/webhooks/{webhook}/deliveries/{delivery}/replay", p.replay)
	hooks("GET /company/webhooks/{webhook}/remove", p.askRemove)
	hooks("POST /company/webhooks/{webhook}/remove", p.remove)
	p.mountTokens(app)
}

func (p *Pages) list(r *web.Request) (web.Response, error) {
	list, err := p.hooks.List(r.Context(), r.Actor, webhook.OfCompany)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.List(views.Endpoints{List: list, Now: r.Now})), nil
}

// draft decodes the form of an endpoint.
func draft(r *web.Request) webhook.Draft {
	in := webhook.Draft{URL: r.FormValue("url"), Description: r.FormValue("description"), OrganizationID: r.FormValue("organization"),
		Insecure: strings.HasPrefix(r.Absolute("/"), "http://")}
	in.Types = append(in.Types, r.PostForm["type"]...)
	return in
}

func (p *Pages) newForm(r *web.Request) (web.Response, error) {
	return p.form(r, views.Form{}, false)
}

// form shows the form of an endpoint, with what is wrong in it.
func (p *Pages) form(r *web.Request, f views.Form, invalid bool) (web.Response, error) {
	if f.Saved == nil && r.Actor.May(models.ViewCompany) {
		var err error
		if f.Organizations, err = p.companies.Census(r.Context(), r.Actor); err != nil {
			return web.Response{}, err
		}
	}
	if invalid {
		return web.Invalid(views.EndpointForm(f)), nil
	}
	return web.Page(views.EndpointForm(f)), nil
}

func (p *Pages) make(r *web.Request) (web.Response, error) {
	in := draft(r)
	made, secret, err := p.hooks.Make(r.Context(), r.Actor, webhook.OfCompany, in)
	if wrong, ok := web.Wrong(err); ok {
		return p.form(r, views.Form{Draft: in, Wrong: wrong}, true)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Secret(made, secret, false)).Header("Cache-Control", "no-store"), nil
}

func (p *Pages) get(r *web.Request) (webhook.Detail, error) {
	state := webhook.State(r.URL.Query().Get("state"))
	return p.hooks.Get(r.Context(), r.Actor, webhook.OfCompany, r.PathValue("webhook"), state, r.URL.Query().Get("before"))
}

func (p *Pages) one(r *web.Request) (web.Response, error) {
	d, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	page := views.One{Detail: d, State: webhook.State(r.URL.Query().Get("state")), Paged: r.URL.Query().Has("before"), Now: r.Now}
	if d.OrganizationID != "" && r.Actor.May(models.ViewCompany) {
		list, err := p.companies.Census(r.Context(), r.Actor)
		if err != nil {
			return web.Response{}, err
		}
		for _, o := range list {
			if o.ID == d.OrganizationID {
				page.Organization = o.Name
			}
		}
	}
	return web.Page(views.OnePage(page)), nil
}

func (p *Pages) editForm(r *web.Request) (web.Response, error) {
	d, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	return p.form(r, views.Form{Saved: &d.Endpoint, Draft: webhook.Draft{URL: d.URL, Description: d.Description, Types: d.Chosen()}}, false)
}

func (p *Pages) edit(r *web.Request) (web.Response, error) {
	in := draft(r)
	changed, err := p.hooks.Change(r.Context(), r.Actor, webhook.OfCompany, r.PathValue("webhook"), in)
	if wrong, ok := web.Wrong(err); ok {
		d, err := p.get(r)
		if err != nil {
			return web.Response{}, err
		}
		return p.form(r, views.Form{Saved: &d.Endpoint, Draft: in, Wrong: wrong}, true)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(path+"/"+changed.ID, "webhook.saved"), nil
}

func (p *Pages) test(r *web.Request) (web.Response, error) {
	d, err := p.hooks.Test(r.Context(), r.Actor, webhook.OfCompany, r.PathValue("webhook"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(path+"/"+d.EndpointID+"/deliveries/"+d.ID, "webhook.tested"), nil
}

func (p *Pages) askRotate(r *web.Request) (web.Response, error) {
	d, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Rotate(d.Endpoint)), nil
}

func (p *Pages) rotate(r *web.Request) (web.Response, error) {
	e, secret, err := p.hooks.Rotate(r.Context(), r.Actor, webhook.OfCompany, r.PathValue("webhook"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Secret(e, secret, true)).Header("Cache-Control", "no-store"), nil
}

func (p *Pages) off(r *web.Request) (web.Response, error) {
	e, err := p.hooks.SwitchOff(r.Context(), r.Actor, webhook.OfCompany, r.PathValue("webhook"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(path+"/"+e.ID, "webhook.switched_off"), nil
}

func (p *Pages) askOn(r *web.Request) (web.Response, error) {
	d, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	if d.Enabled {
		return web.Redirect(path+"/"+d.ID, ""), nil // another tab was quicker
	}
	return web.Page(views.SwitchOn(d.Listed, r.Now)), nil
}

func (p *Pages) on(r *web.Request) (web.Response, error) {
	e, err := p.hooks.SwitchOn(r.Context(), r.Actor, webhook.OfCompany, r.PathValue("webhook"), r.FormValue("missed") != "skip")
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(path+"/"+e.ID, "webhook.switched_on"), nil
}

func (p *Pages) askRemove(r *web.Request) (web.Response, error) {
	d, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Remove(d.Endpoint)), nil
}

func (p *Pages) remove(r *web.Request) (web.Response, error) {
	e, err := p.hooks.Remove(r.Context(), r.Actor, webhook.OfCompany, r.PathValue("webhook"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(path, "webhook.removed", "Host", e.Host()), nil
}

// clockLayout is how browsers write a date and a time of day.
const clockLayout = "2006-01-02T15:04"

func (p *Pages) askReplay(r *web.Request) (web.Response, error) {
	d, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	now := r.Now.In(r.Locale.Location())
	return web.Page(views.Replay(views.ReplayForm{Endpoint: d.Endpoint, From: now.Add(-24 * time.Hour).Format(clockLayout), Until: now.Format(clockLayout)})), nil
}

func (p *Pages) replayRange(r *web.Request) (web.Response, error) {
	var in webhook.Range
	in.From, _ = time.ParseInLocation(clockLayout, r.FormValue("since"), r.Locale.Location())
	in.Until, _ = time.ParseInLocation(clockLayout, r.FormValue("until"), r.Locale.Location())
	count, err := p.hooks.ReplayRange(r.Context(), r.Actor, webhook.OfCompany, r.PathValue("webhook"), in)
	if wrong, ok := web.Wrong(err); ok {
		d, err := p.get(r)
		if err != nil {
			return web.Response{}, err
		}
		return web.Invalid(views.Replay(views.ReplayForm{Endpoint: d.Endpoint, From: r.FormValue("since"), Until: r.FormValue("until"), Wrong: wrong})), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(path+"/"+r.PathValue("webhook"), "webhook.replayed", "Count", count), nil
}

func (p *Pages) replayFailed(r *web.Request) (web.Response, error) {
	count, err := p.hooks.ReplayFailed(r.Context(), r.Actor, webhook.OfCompany, r.PathValue("webhook"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(path+"/"+r.PathValue("webhook"), "webhook.replayed", "Count", count), nil
}

func (p *Pages) delivery(r *web.Request) (web.Response, error) {
	tried, err := p.hooks.Delivery(r.Context(), r.Actor, webhook.OfCompany, r.PathValue("webhook"), r.PathValue("delivery"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.DeliveryPage(tried, r.Now)), nil
}

func (p *Pages) replay(r *web.Request) (web.Response, error) {
	err := p.hooks.Replay(r.Context(), r.Actor, webhook.OfCompany, r.PathValue("webhook"), r.PathValue("delivery"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(path+"/"+r.PathValue("webhook"), "webhook.replayed", "Count", 1), nil
}
