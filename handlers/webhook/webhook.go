// Package webhook serves what a company's machines are told: the endpoints that
// events are posted to, with every delivery and attempt, and the tokens by which
// they read. It decodes forms and shows what models answer; it must show a
// secret in the answer that makes it, and never again.
package webhook

import (
	"strings"
	"time"

	"locum/handlers/web"
	"locum/models/feed"
	"locum/models/webhook"
	views "locum/views/webhook"
)

// Pages are the pages of this area.
type Pages struct {
	hooks *webhook.Webhooks
	feed  *feed.Feed
}

// New makes the pages.
func New(hooks *webhook.Webhooks, f *feed.Feed) *Pages { return &Pages{hooks, f} }

// Mount registers the routes: the endpoints of an organization, of a company and of
// the platform, each in its area, and the tokens of a company.
func (p *Pages) Mount(app *web.App) {
	for _, scope := range webhook.Scopes {
		desk{p.hooks, scope, views.Path(scope)}.mount(app)
	}
	p.mountTokens(app)
}

// desk is the pages of the endpoints of one scope, below a path.
type desk struct {
	hooks *webhook.Webhooks
	scope webhook.Scope
	path  string
}

func (p desk) mount(app *web.App) {
	on := func(method, below string, handle web.Handler) {
		app.With(p.scope.Need(), method+" "+p.path+below, handle)
	}
	on("GET", "", p.list)
	on("GET", "/new", p.newForm)
	on("POST", "/new", p.make)
	on("GET", "/{webhook}", p.one)
	on("GET", "/{webhook}/edit", p.editForm)
	on("POST", "/{webhook}/edit", p.edit)
	on("POST", "/{webhook}/test", p.test)
	on("GET", "/{webhook}/secret", p.askRotate)
	on("POST", "/{webhook}/secret", p.rotate)
	on("POST", "/{webhook}/secret/retire", p.retire)
	on("POST", "/{webhook}/off", p.off)
	on("GET", "/{webhook}/on", p.askOn)
	on("POST", "/{webhook}/on", p.on)
	on("GET", "/{webhook}/replay", p.askReplay)
	on("POST", "/{webhook}/replay", p.replayRange)
	on("POST", "/{webhook}/replay-failed", p.replayFailed)
	on("GET", "/{webhook}/deliveries/{delivery}", p.delivery)
	on("POST", "/{webhook}/deliveries/{delivery}/replay", p.replay)
	on("GET", "/{webhook}/remove", p.askRemove)
	on("POST", "/{webhook}/remove", p.remove)
}

func (p desk) list(r *web.Request) (web.Response, error) {
	list, err := p.hooks.List(r.Context(), r.Actor, p.scope)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.List(views.Endpoints{Scope: p.scope, List: list, Now: r.Now})), nil
}

// insecure says that this hub is tried out on one machine, without https.
func insecure(r *web.Request) bool { return strings.HasPrefix(r.Absolute("/"), "http://") }

// draft decodes the form of an endpoint. What it is for is only asked where there is
// something to choose.
func (p desk) draft(r *web.Request) webhook.Draft {
	in := webhook.Draft{URL: r.FormValue("url"), Description: r.FormValue("description"), Insecure: insecure(r)}
	if p.scope != webhook.OfOrganization {
		in.ApplicationID = r.FormValue("application")
	}
	if p.scope == webhook.OfCompany {
		in.OrganizationID = r.FormValue("organization")
	}
	in.Types = append(in.Types, r.PostForm["type"]...)
	return in
}

func (p desk) newForm(r *web.Request) (web.Response, error) {
	return p.form(r, views.Form{}, false)
}

// form shows the form of an endpoint, with what is wrong in it.
func (p desk) form(r *web.Request, f views.Form, invalid bool) (web.Response, error) {
	f.Scope, f.Insecure = p.scope, insecure(r)
	if f.Saved == nil {
		var err error
		if f.Choices, err = p.hooks.Choices(r.Context(), r.Actor, p.scope); err != nil {
			return web.Response{}, err
		}
	}
	if invalid {
		return web.Invalid(views.EndpointForm(f)), nil
	}
	return web.Page(views.EndpointForm(f)), nil
}

func (p desk) make(r *web.Request) (web.Response, error) {
	in := p.draft(r)
	made, secret, err := p.hooks.Make(r.Context(), r.Actor, p.scope, in)
	if wrong, ok := web.Wrong(err); ok {
		return p.form(r, views.Form{Draft: in, Wrong: wrong}, true)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Secret(p.scope, made, secret, false)).Header("Cache-Control", "no-store"), nil
}

func (p desk) get(r *web.Request) (webhook.Detail, error) {
	state := webhook.State(r.URL.Query().Get("state"))
	return p.hooks.Get(r.Context(), r.Actor, p.scope, r.PathValue("webhook"), state, r.URL.Query().Get("before"))
}

func (p desk) one(r *web.Request) (web.Response, error) {
	d, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	page := views.One{Detail: d, Scope: p.scope, State: webhook.State(r.URL.Query().Get("state")), Paged: r.URL.Query().Has("before"), Now: r.Now}
	return web.Page(views.OnePage(page)), nil
}

func (p desk) editForm(r *web.Request) (web.Response, error) {
	d, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	return p.form(r, views.Form{Saved: &d.Endpoint, Draft: webhook.Draft{URL: d.URL, Description: d.Description, Types: d.Chosen()}}, false)
}

func (p desk) edit(r *web.Request) (web.Response, error) {
	in := p.draft(r)
	changed, err := p.hooks.Change(r.Context(), r.Actor, p.scope, r.PathValue("webhook"), in)
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
	return web.Redirect(p.path+"/"+changed.ID, "webhook.saved"), nil
}

func (p desk) test(r *web.Request) (web.Response, error) {
	d, err := p.hooks.Test(r.Context(), r.Actor, p.scope, r.PathValue("webhook"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(p.path+"/"+d.EndpointID+"/deliveries/"+d.ID, "webhook.tested"), nil
}

func (p desk) askRotate(r *web.Request) (web.Response, error) {
	d, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Rotate(p.scope, d.Endpoint)), nil
}

func (p desk) rotate(r *web.Request) (web.Response, error) {
	e, secret, err := p.hooks.Rotate(r.Context(), r.Actor, p.scope, r.PathValue("webhook"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Secret(p.scope, e, secret, true)).Header("Cache-Control", "no-store"), nil
}

// retire ends the older of two secrets.
func (p desk) retire(r *web.Request) (web.Response, error) {
	e, err := p.hooks.Retire(r.Context(), r.Actor, p.scope, r.PathValue("webhook"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(p.path+"/"+e.ID, "webhook.secret.retired"), nil
}

func (p desk) off(r *web.Request) (web.Response, error) {
	e, err := p.hooks.SwitchOff(r.Context(), r.Actor, p.scope, r.PathValue("webhook"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(p.path+"/"+e.ID, "webhook.switched_off"), nil
}

func (p desk) askOn(r *web.Request) (web.Response, error) {
	d, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	if d.Enabled {
		return web.Redirect(p.path+"/"+d.ID, ""), nil // another tab was quicker
	}
	return web.Page(views.SwitchOn(p.scope, d.Endpoint, r.Now)), nil
}

func (p desk) on(r *web.Request) (web.Response, error) {
	e, err := p.hooks.SwitchOn(r.Context(), r.Actor, p.scope, r.PathValue("webhook"), r.FormValue("missed") != "skip")
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(p.path+"/"+e.ID, "webhook.switched_on"), nil
}

func (p desk) askRemove(r *web.Request) (web.Response, error) {
	d, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Remove(p.scope, d.Endpoint)), nil
}

func (p desk) remove(r *web.Request) (web.Response, error) {
	e, err := p.hooks.Remove(r.Context(), r.Actor, p.scope, r.PathValue("webhook"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(p.path, "webhook.removed", "Host", e.Host()), nil
}

// clockLayout is how browsers write a date and a time of day.
const clockLayout = "2006-01-02T15:04"

func (p desk) askReplay(r *web.Request) (web.Response, error) {
	d, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	now := r.Now.In(r.Locale.Location())
	return web.Page(views.Replay(views.ReplayForm{Scope: p.scope, Endpoint: d.Endpoint, From: now.Add(-24 * time.Hour).Format(clockLayout), Until: now.Format(clockLayout)})), nil
}

func (p desk) replayRange(r *web.Request) (web.Response, error) {
	var in webhook.Range
	in.From, _ = time.ParseInLocation(clockLayout, r.FormValue("since"), r.Locale.Location())
	in.Until, _ = time.ParseInLocation(clockLayout, r.FormValue("until"), r.Locale.Location())
	count, err := p.hooks.ReplayRange(r.Context(), r.Actor, p.scope, r.PathValue("webhook"), in)
	if wrong, ok := web.Wrong(err); ok {
		d, err := p.get(r)
		if err != nil {
			return web.Response{}, err
		}
		return web.Invalid(views.Replay(views.ReplayForm{Scope: p.scope, Endpoint: d.Endpoint, From: r.FormValue("since"), Until: r.FormValue("until"), Wrong: wrong})), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(p.path+"/"+r.PathValue("webhook"), "webhook.replayed", "Count", count), nil
}

func (p desk) replayFailed(r *web.Request) (web.Response, error) {
	count, err := p.hooks.ReplayFailed(r.Context(), r.Actor, p.scope, r.PathValue("webhook"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(p.path+"/"+r.PathValue("webhook"), "webhook.replayed", "Count", count), nil
}

func (p desk) delivery(r *web.Request) (web.Response, error) {
	tried, err := p.hooks.Delivery(r.Context(), r.Actor, p.scope, r.PathValue("webhook"), r.PathValue("delivery"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.DeliveryPage(p.scope, tried, r.Now)), nil
}

func (p desk) replay(r *web.Request) (web.Response, error) {
	err := p.hooks.Replay(r.Context(), r.Actor, p.scope, r.PathValue("webhook"), r.PathValue("delivery"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(p.path+"/"+r.PathValue("webhook"), "webhook.replayed", "Count", 1), nil
}
