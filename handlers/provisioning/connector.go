package provisioning

import (
	"net/http"
	"strconv"

	"locum/handlers/web"
	"locum/models"
	"locum/models/provisioning"
	views "locum/views/provisioning"
)

// newConnector begins a connector: at the target that the address names, or as a
// copy of another.
func (p *Pages) newConnector(r *web.Request) (web.Response, error) {
	query := r.URL.Query()
	d := draft{Form: views.Form{State: string(provisioning.On), Root: views.Node{Match: views.All, Under: []views.Node{blank()}},
		Target: target(query.Get("level"), query.Get("organization"), query.Get("application"))}}
	if d.Target.Level == "" {
		d.Target.Level = models.OrganizationLevel
	}
	if from := query.Get("from"); from != "" {
		saved, _, err := p.Connectors.Get(r.Context(), r.Actor, from)
		if err != nil {
			return web.Response{}, err
		}
		d = show(saved.Connector)
		d.id, d.Version = "", 0
		d.Name, d.State = r.Locale.T("connector.copy_of", "Name", saved.Name), string(provisioning.Draft)
	}
	d.settle()
	return p.editor(r, &d, http.StatusOK)
}

// connector shows one connector, or with ?version= as it was then, to be saved
// anew.
func (p *Pages) connector(r *web.Request) (web.Response, error) {
	saved, history, err := p.Connectors.Get(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	d := show(saved.Connector)
	wanted, _ := strconv.ParseInt(r.URL.Query().Get("version"), 10, 64)
	for _, v := range history {
		if v.Version != wanted {
			continue
		}
		was, _, err := v.Read()
		if err != nil {
			return web.Response{}, err
		}
		d = show(was)
		d.Version, d.Reason = saved.Version, r.Locale.T("connector.restore.reason", "Version", v.Version)
	}
	return p.editor(r, &d, http.StatusOK)
}

// create and change take the form of a connector, whichever button sent it.
func (p *Pages) create(r *web.Request) (web.Response, error) { return p.sent(r, "") }

func (p *Pages) change(r *web.Request) (web.Response, error) {
	// Every button of a stranger's form is answered like an unknown address.
	if _, _, err := p.Connectors.Get(r.Context(), r.Actor, r.PathValue("id")); err != nil {
		return web.Response{}, err
	}
	return p.sent(r, r.PathValue("id"))
}

func (p *Pages) sent(r *web.Request, id string) (web.Response, error) {
	d := read(r, id)
	switch {
	case r.PostForm.Has("save"):
		return p.save(r, &d)
	case r.PostForm.Has("preview"):
		return p.preview(r, &d)
	}
	for _, do := range []string{"add", "group", "remove"} {
		if path := r.PostForm.Get(do); path != "" {
			focus := edit(&d.Root, do, path)
			d.settle()
			if focus != "" {
				d.Focus = focus + ".attribute"
			}
		}
	}
	if path := r.PostForm.Get("mend"); path != "" {
		seen, err := p.Connectors.Seen(r.Context(), r.Actor)
		if err != nil {
			return web.Response{}, err
		}
		d.Focus = mend(&d.Root, path, seen)
		d.settle()
	}
	return p.editor(r, &d, http.StatusOK)
}

func (p *Pages) save(r *web.Request, d *draft) (web.Response, error) {
	done, err := p.Connectors.Save(r.Context(), r.Actor, d.input(), d.publishing())
	if wrong, more := unsaid(err); more {
		return p.askMore(r, d, wrong)
	}
	if err != nil && !d.refused(err) {
		return web.Response{}, err
	}
	switch {
	case d.Stale:
		return p.editor(r, d, http.StatusConflict)
	case err != nil:
		return p.editor(r, d, http.StatusUnprocessableEntity)
	}
	saved := done.Saved
	if done.Run.Open() {
		return web.Redirect("/company/runs/"+done.Run.ID, "run.begun", "Name", saved.Name), nil
	}
	return web.Redirect("/company/connectors/"+saved.ID, "connector.saved", "Name", saved.Name, "Outcome", outcome(r, done.Changes)), nil
}

// askMore shows what saving would do, and asks what has to be said before.
func (p *Pages) askMore(r *web.Request, d *draft, wrong models.FieldErrors) (web.Response, error) {
	seen, err := p.Connectors.Preview(r.Context(), r.Actor, d.input())
	if err != nil {
		return web.Response{}, err
	}
	d.Preview, d.Checked, d.Wrong = &seen, r.Now, wrong
	return p.editor(r, d, http.StatusUnprocessableEntity)
}

// outcome says what a change did to people.
func outcome(r *web.Request, changes []provisioning.Applied) string {
	gained, lost := 0, 0
	for _, a := range changes {
		if len(a.Gained) > 0 {
			gained++
		}
		if len(a.Lost) > 0 {
			lost++
		}
	}
	switch {
	case gained == 0 && lost == 0:
		return r.Locale.T("connector.outcome.none")
	case lost == 0:
		return r.Locale.N("connector.outcome.gained", gained)
	case gained == 0:
		return r.Locale.N("connector.outcome.lost", lost)
	}
	return r.Locale.N("connector.outcome.gained", gained) + " " + r.Locale.N("connector.outcome.lost", lost)
}

func (p *Pages) preview(r *web.Request, d *draft) (web.Response, error) {
	in := d.input()
	if in.Name == "" {
		in.Name = "?" // a name changes nothing for anybody: it is asked for on saving
	}
	seen, err := p.Connectors.Preview(r.Context(), r.Actor, in)
	if err != nil && !d.refused(err) {
		return web.Response{}, err
	}
	if err != nil {
		return p.editor(r, d, http.StatusUnprocessableEntity)
	}
	d.Preview, d.Checked = &seen, r.Now
	return p.editor(r, d, http.StatusOK)
}

// sentence says what the form says so far, for htmx.
func (p *Pages) sentence(r *web.Request) (web.Response, error) {
	d := read(r, "")
	if err := p.equip(r, &d); err != nil {
		return web.Response{}, err
	}
	return web.Fragment(views.Sentence(d.Form)), nil
}

// editor shows the form: to htmx by itself, and otherwise on its page.
func (p *Pages) editor(r *web.Request, d *draft, status int) (web.Response, error) {
	if err := p.equip(r, d); err != nil {
		return web.Response{}, err
	}
	if r.HTMX() && r.Method == http.MethodPost {
		return web.Fragment(views.Builder(d.Form)), nil
	}
	page := views.Editor{Form: d.Form, Now: r.Now}
	if d.id != "" {
		saved, history, err := p.Connectors.Get(r.Context(), r.Actor, d.id)
		if err != nil {
			return web.Response{}, err
		}
		page.Saved, page.History = &saved, history
		if page.People, page.Many, err = p.Connectors.Everyone(r.Context(), r.Actor); err != nil {
			return web.Response{}, err
		}
	}
	return web.Status(status, views.Edit(page)), nil
}

// explain says why somebody has the role by a connector, or why not.
func (p *Pages) explain(r *web.Request) (web.Response, error) {
	why, err := p.Connectors.Why(r.Context(), r.Actor, r.PathValue("id"), r.URL.Query().Get("account"))
	if err != nil {
		return web.Response{}, err
	}
	page := views.Explanation{Why: why, Now: r.Now}
	if page.Targets, err = p.Connectors.Targets(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if page.People, page.Many, err = p.Connectors.Everyone(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Explain(page)), nil
}

// askDelete says what goes with a connector.
func (p *Pages) askDelete(r *web.Request) (web.Response, error) {
	return p.deletion(r, views.Deletion{}, http.StatusOK)
}

func (p *Pages) deletion(r *web.Request, page views.Deletion, status int) (web.Response, error) {
	saved, _, err := p.Connectors.Get(r.Context(), r.Actor, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	page.Saved = saved
	if page.Preview, err = p.Connectors.PreviewDelete(r.Context(), r.Actor, saved.ID); err != nil {
		return web.Response{}, err
	}
	if page.Targets, err = p.Connectors.Targets(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	return web.Status(status, views.Delete(page)), nil
}

func (p *Pages) delete(r *web.Request) (web.Response, error) {
	page := views.Deletion{Reason: r.FormValue("reason"), Confirm: r.FormValue("confirm"), Leave: r.FormValue("leave")}
	done, err := p.Connectors.Delete(r.Context(), r.Actor, r.PathValue("id"), publishing(page.Reason, page.Confirm, page.Leave))
	if wrong, more := unsaid(err); more {
		page.Wrong = wrong
		return p.deletion(r, page, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return web.Response{}, err
	}
	if done.Run.Open() {
		return web.Redirect("/company/runs/"+done.Run.ID, "run.begun", "Name", done.Run.SubjectName), nil
	}
	return web.Redirect("/company/connectors", "connector.deleted", "Outcome", outcome(r, done.Changes)), nil
}
