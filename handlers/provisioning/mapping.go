package provisioning

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"locum/handlers/web"
	"locum/models"
	"locum/models/directory"
	"locum/models/provisioning"
	views "locum/views/provisioning"
)

// mostPicked is how many changes of groups are chosen before they are published:
// they stand in an address.
const mostPicked = 50

// picked reads what was chosen to change. What does not exist any more is left
// out.
func picked(form url.Values, page models.Page, targets provisioning.Targets, list []provisioning.Saved) views.Picked {
	p := views.Picked{Text: strings.TrimSpace(form.Get("q")), Page: page}
	if form.Get("only") == views.OnlyRoleless {
		p.Only = views.OnlyRoleless
	}
	for _, value := range form["give"] {
		parts := strings.SplitN(value, views.Apart, 4)
		if len(parts) < 4 || p.Count() >= mostPicked {
			continue
		}
		if g, there := gift(parts, targets); there && !slices.Contains(p.Give, g) {
			p.Give = append(p.Give, g)
		}
	}
	for _, id := range form["take"] {
		there := slices.ContainsFunc(list, func(s provisioning.Saved) bool { return s.ID == id })
		if there && !slices.Contains(p.Take, id) && p.Count() < mostPicked {
			p.Take = append(p.Take, id)
		}
	}
	return p
}

// gift is a role of the registry for a group: its organization, application, id
// and the group.
func gift(parts []string, targets provisioning.Targets) (views.Gift, bool) {
	role, there := targets.Roles[parts[2]]
	return views.Gift{Target: target(string(role.Level), parts[0], parts[1]), Role: parts[2], Group: parts[3]}, there && parts[3] != ""
}

// groupPage reads what every page about the roles of groups goes by.
func (p *Pages) groupPage(r *web.Request, form url.Values) (targets provisioning.Targets, list []provisioning.Saved, chosen views.Picked, err error) {
	if targets, err = p.Connectors.Targets(r.Context(), r.Actor); err != nil {
		return targets, nil, chosen, err
	}
	list, err = p.Connectors.List(r.Context(), r.Actor)
	return targets, list, picked(form, r.Page(), targets, list), err
}

// mapGroups lists the groups that the company knows with the roles they give,
// and takes up a role that is chosen for one of them.
func (p *Pages) mapGroups(r *web.Request) (web.Response, error) {
	query := r.URL.Query()
	targets, _, chosen, err := p.groupPage(r, query)
	if err != nil {
		return web.Response{}, err
	}
	page := views.MappingPage{Picked: chosen, Targets: targets, Open: query.Get("add")}
	status := http.StatusOK
	if query.Has("to") {
		g, wrong, err := p.chosenRole(r, query, targets, chosen)
		if err != nil {
			return web.Response{}, err
		}
		if len(wrong) == 0 {
			return web.Redirect(chosen.With(g).Link(views.MappingPath), ""), nil
		}
		page.Open, page.Wrong, status = query.Get("to"), wrong, http.StatusUnprocessableEntity
	}
	page.Mapping, err = p.Directories.Mapping(r.Context(), r.Actor, directory.MappingQuery{Text: chosen.Text, Roleless: chosen.Only == views.OnlyRoleless, Page: chosen.Page})
	if err != nil {
		return web.Response{}, err
	}
	return web.Status(status, views.MapGroups(page)), nil
}

// chosenRole is the role that an address chooses for a group.
func (p *Pages) chosenRole(r *web.Request, query url.Values, targets provisioning.Targets, chosen views.Picked) (g views.Gift, wrong models.FieldErrors, err error) {
	wrong = models.FieldErrors{}
	group, err := p.Directories.MappedGroup(r.Context(), r.Actor, query.Get("to"))
	if err != nil {
		return g, nil, err
	}
	parts := append(strings.Split(query.Get("role"), views.Apart), group.ID)
	there := false
	if len(parts) == 4 {
		g, there = gift(parts, targets)
	}
	switch {
	case !there:
		wrong.Add("role", "provisioning.error.role_missing")
	case group.Has(g.Target, g.Role) || slices.Contains(chosen.Give, g):
		wrong.Add("role", "mapping.error.has")
	case chosen.Count() >= mostPicked:
		wrong.Add("role", "mapping.error.many", "Most", mostPicked)
	}
	return g, wrong, nil
}

// batch is what was chosen, as the domain takes it.
func batch(r *web.Request, targets provisioning.Targets, chosen views.Picked) provisioning.Batch {
	b := provisioning.Batch{Cause: provisioning.ConnectorsSaved, Delete: chosen.Take}
	for _, g := range chosen.Give {
		b.Save = append(b.Save, provisioning.Connector{Name: g.Name(r.Context(), targets), State: provisioning.On, Condition: provisioning.InGroup(g.Group), Target: g.Target, Role: g.Role})
	}
	return b
}

// previewMapping says what the chosen changes would do.
func (p *Pages) previewMapping(r *web.Request) (web.Response, error) {
	return p.showMapping(r, r.URL.Query(), views.MappingPreview{}, http.StatusOK)
}

func (p *Pages) showMapping(r *web.Request, form url.Values, page views.MappingPreview, status int) (web.Response, error) {
	targets, list, chosen, err := p.groupPage(r, form)
	if err != nil {
		return web.Response{}, err
	}
	if chosen.Count() == 0 {
		return web.Redirect(chosen.Link(views.MappingPath), ""), nil
	}
	page.Picked, page.Targets, page.Checked = chosen, targets, r.Now
	in := batch(r, targets, chosen)
	page.Added = in.Save
	for _, s := range list {
		if slices.Contains(chosen.Take, s.ID) {
			page.Removed = append(page.Removed, s.Connector)
		}
	}
	if page.Preview, err = p.Connectors.PreviewAll(r.Context(), r.Actor, in); err != nil {
		if page.Problem = problem(err); page.Problem == nil {
			return web.Response{}, err
		}
		status = http.StatusUnprocessableEntity
	}
	return web.Status(status, views.PreviewMapping(page)), nil
}

// problem is why several changes cannot be published as they are; nil for what
// is no refusal of them.
func problem(err error) *models.Message {
	if fields, refused := web.Wrong(err); refused {
		for _, m := range fields {
			return &m
		}
	}
	var e *models.Error
	if errors.As(err, &e) && (e.Kind == models.Invalid || e.Kind == models.Conflict) {
		return &models.Message{Key: e.Key, Args: e.Args}
	}
	return nil
}

// publishMapping publishes the chosen changes together.
func (p *Pages) publishMapping(r *web.Request) (web.Response, error) {
	targets, _, chosen, err := p.groupPage(r, r.PostForm)
	if err != nil {
		return web.Response{}, err
	}
	if chosen.Count() == 0 {
		return web.Redirect(chosen.Link(views.MappingPath), ""), nil
	}
	page := views.MappingPreview{Reason: r.FormValue("reason"), Question: views.Question{Confirm: r.FormValue("confirm"), Leave: r.FormValue("leave")}}
	done, err := p.Connectors.SaveAll(r.Context(), r.Actor, batch(r, targets, chosen), publishing(page.Reason, page.Confirm, page.Leave))
	if wrong, more := unsaid(err); more {
		page.Wrong = wrong
		return p.showMapping(r, r.PostForm, page, http.StatusUnprocessableEntity)
	}
	if err != nil {
		if page.Problem = problem(err); page.Problem != nil {
			return p.showMapping(r, r.PostForm, page, http.StatusUnprocessableEntity)
		}
		return web.Response{}, err
	}
	return published(r, done, views.MappingPath, "mapping.published"), nil
}

// published leads on from a publication of several changes: to the page they were
// made on, or to the run where that is still under way.
func published(r *web.Request, done provisioning.Published, path, key string) web.Response {
	if done.Run.Open() {
		return web.Redirect("/company/runs/"+done.Run.ID, "run.begun", "Name", done.Run.SubjectName)
	}
	return web.Redirect(path, key, "Outcome", outcome(r, done.Changes))
}
