package directory

import (
	"locum/handlers/web"
	"locum/models"
	"locum/models/directory"
	views "locum/views/directory"
)

func (p *Pages) people(r *web.Request) (web.Response, error) {
	own, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	q := r.URL.Query()
	filter := directory.PeopleFilter{Which: directory.Which(q.Get("which")), Text: q.Get("q"), After: q.Get("after")}
	found, err := p.directories.People(r.Context(), r.Actor, own.ID, filter)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.PeoplePage(views.People{Directory: own, People: found, Filter: filter})), nil
}

func (p *Pages) person(r *web.Request) (web.Response, error) {
	own, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	one, err := p.directories.Person(r.Context(), r.Actor, own.ID, r.PathValue("user"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.PersonPage(views.Person{Directory: own, Person: one, Linked: r.Actor.May(models.ViewCompany), Now: r.Now})), nil
}

func (p *Pages) groups(r *web.Request) (web.Response, error) {
	own, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	text, after := r.URL.Query().Get("q"), r.URL.Query().Get("after")
	found, err := p.directories.Groups(r.Context(), r.Actor, own.ID, text, after)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.GroupsPage(views.Groups{Directory: own, GroupPage: found, Text: text, Paged: after != "",
		Mapping: r.Actor.May(models.ManageConnectors)})), nil
}

func (p *Pages) group(r *web.Request) (web.Response, error) {
	own, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	after := r.URL.Query().Get("after")
	one, err := p.directories.Group(r.Context(), r.Actor, own.ID, r.PathValue("group"), after)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.OneGroupPage(views.OneGroup{Directory: own, GroupDetail: one, Paged: after != "", Now: r.Now})), nil
}

func (p *Pages) requests(r *web.Request) (web.Response, error) {
	own, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	q := r.URL.Query()
	filter := directory.LogFilter{Failed: q.Get("failed") == "yes", Method: q.Get("method"), Text: q.Get("q"), Before: q.Get("before")}
	found, err := p.directories.Requests(r.Context(), r.Actor, own.ID, filter)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.RequestsPage(views.Requests{Directory: own, LogPage: found, Filter: filter, Now: r.Now})), nil
}

func (p *Pages) request(r *web.Request) (web.Response, error) {
	own, err := p.get(r)
	if err != nil {
		return web.Response{}, err
	}
	one, err := p.directories.Request(r.Context(), r.Actor, own.ID, r.PathValue("request"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.RequestPage(own, one, r.Now)), nil
}
