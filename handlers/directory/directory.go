// Package directory serves the company's directories to the people who manage
// them: setting one up, how it fares, its log of requests, its people and groups,
// its tokens, and what to do about removals that wait. It decodes forms and shows
// what models answer; it must show a token in the answer that makes it, and never
// again.
package directory

import (
	"strconv"
	"strings"

	"locum/handlers/web"
	"locum/models"
	"locum/models/directory"
	views "locum/views/directory"
)

// Pages are the pages of this area.
type Pages struct {
	directories *directory.Directories
}

// New makes the pages.
func New(directories *directory.Directories) *Pages { return &Pages{directories} }

// path is the list of directories.
const path = "/company/directory"

// scimPath is where clients are served; its absolute form is what they are given.
const scimPath = "/scim/v2"

// Mount registers the routes.
func (p *Pages) Mount(app *web.App) {
	directories := func(pattern string, handle web.Handler) { app.With(models.ManageDirectory, pattern, handle) }
	directories("GET /company/directory", p.list)
	directories("GET /company/directory/new", p.newForm)
	directories("POST /company/directory/new", p.add)
	directories("GET /company/directory/{id}", p.one)
	directories("GET /company/directory/{id}/instructions", p.instructions)
	directories("GET /company/directory/{id}/requests", p.requests)
	directories("GET /company/directory/{id}/requests/{request}", p.request)
	directories("GET /company/directory/{id}/people", p.people)
	directories("GET /company/directory/{id}/people/{user}", p.person)
	directories("GET /company/directory/{id}/groups", p.groups)
	directories("GET /company/directory/{id}/groups/{group}", p.group)
	directories("GET /company/directory/{id}/tokens/new", p.tokenForm)
	directories("POST /company/directory/{id}/tokens/new", p.makeToken)
	directories("GET /company/directory/{id}/tokens/{token}/revoke", p.askRevoke)
	directories("POST /company/directory/{id}/tokens/{token}/revoke", p.revoke)
	directories("GET /company/directory/{id}/pause", p.askPause)
	directories("POST /company/directory/{id}/pause", p.pause)
	directories("POST /company/directory/{id}/resume", p.resume)
	directories("POST /company/directory/{id}/wipe", p.setWipe)
	directories("GET /company/directory/{id}/remove", p.askRemove)
	directories("POST /company/directory/{id}/remove", p.remove)
	directories("GET /company/directory/{id}/held", p.held)
	app.With(models.ManagePeople, "POST /company/directory/{id}/held", p.decide)
}

// list shows the one directory that most companies have, or else all of them.
func (p *Pages) list(r *web.Request) (web.Response, error) {
	list, err := p.directories.Standings(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	switch len(list) {
	case 0:
		return web.Page(views.Empty()), nil
	case 1:
		return p.page(r, list[0].ID, true)
	}
	return web.Page(views.List(views.Standings{List: list, Rules: r.Actor.May(models.ManageConnectors), Now: r.Now})), nil
}

func (p *Pages) newForm(*web.Request) (web.Response, error) {
	return web.Page(views.NewForm(views.Draft{Draft: directory.Draft{Kind: directory.Entra}})), nil
}

// add makes a directory and shows its first token, with how to connect it.
func (p *Pages) add(r *web.Request) (web.Response, error) {
	in := directory.Draft{Name: r.FormValue("name"), Kind: r.FormValue("kind")}
	made, token, err := p.directories.Add(r.Context(), r.Actor, in)
	if wrong, ok := web.Wrong(err); ok {
		return web.Invalid(views.NewForm(views.Draft{Draft: in, Wrong: wrong})), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Made(views.Guide{Directory: made, Kind: made.Kind, Base: r.Absolute(scimPath), Token: token})).Header("Cache-Control", "no-store"), nil
}

func (p *Pages) one(r *web.Request) (web.Response, error) { return p.page(r, r.PathValue("id"), false) }

// refusals is how many refused requests the page of a directory names.
const refusals = 5

// page is the page of a directory. The only one of a company stands where else
// the list of them is.
func (p *Pages) page(r *web.Request, id string, only bool) (web.Response, error) {
	report, err := p.directories.Report(r.Context(), r.Actor, id, r.Locale.Location())
	if err != nil {
		return web.Response{}, err
	}
	refused, err := p.directories.Requests(r.Context(), r.Actor, id, directory.LogFilter{Failed: true, Most: refusals})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.OnePage(views.One{Report: report, Refused: refused.List, Base: r.Absolute(scimPath), Only: only,
		Rules: r.Actor.May(models.ManageConnectors), Removable: !r.Actor.ByLink() && (report.HeldAt == nil || r.Actor.May(models.ManagePeople)), Now: r.Now})), nil
}

// instructions tells how to connect a client of a kind, without a token.
func (p *Pages) instructions(r *web.Request) (web.Response, error) {
	own, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	kind := r.URL.Query().Get("for")
	if kind != directory.Entra && kind != directory.Okta && kind != directory.Other {
		kind = own.Kind
	}
	return web.Page(views.Instructions(views.Guide{Directory: own, Kind: kind, Base: r.Absolute(scimPath)})), nil
}

func (p *Pages) get(r *web.Request) (directory.Directory, error) {
	return p.directories.Get(r.Context(), r.Actor, r.PathValue("id"))
}

func at(r *web.Request) string { return path + "/" + r.PathValue("id") }

func (p *Pages) askPause(r *web.Request) (web.Response, error) {
	own, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Pause(own)), nil
}

func (p *Pages) pause(r *web.Request) (web.Response, error) {
	if err := p.directories.Pause(r.Context(), r.Actor, r.PathValue("id")); err != nil {
		return web.Response{}, err
	}
	return web.Redirect(at(r), "directory.is_paused"), nil
}

func (p *Pages) resume(r *web.Request) (web.Response, error) {
	if err := p.directories.Resume(r.Context(), r.Actor, r.PathValue("id")); err != nil {
		return web.Response{}, err
	}
	return web.Redirect(at(r), "directory.is_resumed"), nil
}

func (p *Pages) setWipe(r *web.Request) (web.Response, error) {
	if err := p.directories.SetWipe(r.Context(), r.Actor, r.PathValue("id"), r.FormValue("allow") == "yes"); err != nil {
		return web.Response{}, err
	}
	return web.Redirect(at(r), "directory.wipe.saved"), nil
}

func (p *Pages) held(r *web.Request) (web.Response, error) {
	return p.heldPage(r, views.Decision{})
}

// heldPage lists those whose removal waits, and asks; what was typed stays.
func (p *Pages) heldPage(r *web.Request, d views.Decision) (web.Response, error) {
	own, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	if own.HeldAt == nil {
		return web.Redirect(at(r), ""), nil // another tab was quicker
	}
	if d.Staged, err = p.directories.Staged(r.Context(), r.Actor, own.ID); err != nil {
		return web.Response{}, err
	}
	d.Directory, d.May, d.People, d.Now = own, r.Actor.May(models.ManagePeople), r.Actor.May(models.ViewCompany), r.Now
	if len(d.Wrong) > 0 {
		return web.Invalid(views.Held(d)), nil
	}
	return web.Page(views.Held(d)), nil
}

func (p *Pages) decide(r *web.Request) (web.Response, error) {
	remove, typed := r.FormValue("decision") == "remove", strings.TrimSpace(r.FormValue("confirm"))
	confirmed, err := strconv.Atoi(typed)
	if err != nil {
		confirmed = -1 // no number is not the number
	}
	err = p.directories.Decide(r.Context(), r.Actor, r.PathValue("id"), remove, confirmed)
	if wrong, ok := web.Wrong(err); ok {
		return p.heldPage(r, views.Decision{Confirm: typed, Wrong: wrong})
	}
	if err != nil {
		return web.Response{}, err
	}
	if remove {
		return web.Redirect(at(r), "directory.held.removed"), nil
	}
	return web.Redirect(at(r), "directory.held.kept"), nil
}
