package provisioning

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"locum/handlers/web"
	"locum/models"
	"locum/models/provisioning"
	views "locum/views/provisioning"
)

// mostRuns is how many runs are listed.
const mostRuns = 100

// publishing is what a form says beside the change itself.
func publishing(reason, confirm, leave string) provisioning.Publishing {
	return provisioning.Publishing{Reason: reason, Confirmed: people(confirm), Leave: provisioning.Leave(leave)}
}

// people is a number of people as typed, with or without marks between the
// thousands; -1 for what is none.
func people(typed string) int {
	n, err := strconv.Atoi(strings.NewReplacer(" ", "", "\u00a0", "", ".", "", ",", "").Replace(typed))
	if err != nil {
		return -1
	}
	return n
}

// unsaid says whether an error asks for more before a change is published, and
// what is wrong with what was said so far.
func unsaid(err error) (models.FieldErrors, bool) {
	wrong := models.FieldErrors{}
	var braked *provisioning.Braked
	var last *provisioning.LastRule
	switch {
	case errors.As(err, &braked):
		wrong.Add("confirm", "provisioning.error.confirm", "Number", braked.Weight)
		return wrong, true
	case errors.As(err, &last):
		wrong.Add("leave", "provisioning.error.last_rule", "Count", last.People)
		return wrong, true
	}
	return nil, false
}

// runs lists what was published.
func (p *Pages) runs(r *web.Request) (web.Response, error) {
	list, err := p.Connectors.Runs(r.Context(), r.Actor, mostRuns)
	if err != nil {
		return web.Response{}, err
	}
	page := views.Runs{List: list, Now: r.Now}
	last, err := p.Connectors.LastPublication(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	if last != nil {
		page.Undo = last.ID
	}
	return web.Page(views.RunList(page)), nil
}

// run shows one run.
func (p *Pages) run(r *web.Request) (web.Response, error) {
	return p.showRun(r, views.RunPage{}, http.StatusOK)
}

func (p *Pages) showRun(r *web.Request, page views.RunPage, status int) (web.Response, error) {
	var err error
	page.Run, page.Failures, page.Undoable, err = p.Connectors.Run(r.Context(), r.Actor, r.PathValue("run"))
	if err != nil {
		return web.Response{}, err
	}
	page.Now = r.Now
	return web.Status(status, views.One(page)), nil
}

func (p *Pages) cancelRun(r *web.Request) (web.Response, error) {
	if err := p.Connectors.Cancel(r.Context(), r.Actor, r.PathValue("run")); err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/runs/"+r.PathValue("run"), ""), nil
}

func (p *Pages) resumeRun(r *web.Request) (web.Response, error) {
	page := views.RunPage{Confirm: r.FormValue("confirm")}
	err := p.Connectors.Resume(r.Context(), r.Actor, r.PathValue("run"), people(page.Confirm))
	if wrong, refused := web.Wrong(err); refused {
		page.Wrong = wrong
		return p.showRun(r, page, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/runs/"+r.PathValue("run"), ""), nil
}

// undo undoes the last publication.
func (p *Pages) undo(r *web.Request) (web.Response, error) {
	confirm := r.FormValue("confirm")
	done, err := p.Connectors.Undo(r.Context(), r.Actor, r.PathValue("run"), publishing("", confirm, ""))
	var braked *provisioning.Braked
	if errors.As(err, &braked) {
		wrong := models.FieldErrors{}
		wrong.Add("confirm", "provisioning.error.confirm", "Number", braked.Weight)
		return p.showRun(r, views.RunPage{Undoing: braked, Confirm: confirm, Wrong: wrong}, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return web.Response{}, err
	}
	if done.Run.Open() {
		return web.Redirect("/company/runs/"+done.Run.ID, "run.begun", "Name", done.Run.SubjectName), nil
	}
	if done.Run.Redoes {
		return web.Redirect("/company/connectors", "run.redone", "Name", done.Run.SubjectName, "Outcome", outcome(r, done.Changes)), nil
	}
	return web.Redirect("/company/connectors", "run.undone", "Name", done.Run.SubjectName, "Outcome", outcome(r, done.Changes)), nil
}

// askEverybody says what evaluating everyone would change.
func (p *Pages) askEverybody(r *web.Request) (web.Response, error) {
	return p.previewEverybody(r, views.Question{}, "", http.StatusOK)
}

func (p *Pages) previewEverybody(r *web.Request, q views.Question, reason string, status int) (web.Response, error) {
	var err error
	if q.Preview, err = p.Connectors.PreviewEverybody(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	if q.Targets, err = p.Connectors.Targets(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	return web.Status(status, views.Everybody(q, reason)), nil
}

func (p *Pages) everybody(r *web.Request) (web.Response, error) {
	reason, confirm := r.FormValue("reason"), r.FormValue("confirm")
	done, err := p.Connectors.Everybody(r.Context(), r.Actor, publishing(reason, confirm, ""))
	if wrong, more := unsaid(err); more {
		return p.previewEverybody(r, views.Question{Confirm: confirm, Wrong: wrong}, reason, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/runs/"+done.Run.ID, ""), nil
}
