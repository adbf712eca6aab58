package provisioning

import (
	"net/http"
	"slices"

	"locum/handlers/web"
	"locum/models/directory"
	views "locum/views/provisioning"
)

// askMigrate proposes for the groups that rules name as sign-ins do those of
// directories, and says what changes with the chosen ones; all of them until
// somebody chose.
func (p *Pages) askMigrate(r *web.Request) (web.Response, error) {
	page := views.MigrationPage{Chosen: r.URL.Query()["group"]}
	if !r.URL.Query().Has("chosen") {
		all, err := p.Directories.Migration(r.Context(), r.Actor, nil)
		if err != nil {
			return web.Response{}, err
		}
		for _, move := range all.Moves {
			page.Chosen = append(page.Chosen, move.Text)
		}
	}
	return p.showMigration(r, page, http.StatusOK)
}

func (p *Pages) showMigration(r *web.Request, page views.MigrationPage, status int) (web.Response, error) {
	var err error
	if page.Migration, err = p.Directories.Migration(r.Context(), r.Actor, page.Chosen); err != nil {
		return web.Response{}, err
	}
	if page.Targets, err = p.Connectors.Targets(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	page.Managed, page.Checked = len(page.Targets.Groups) > 0, r.Now
	if !page.Batch.Empty() {
		if page.Preview, err = p.Connectors.PreviewAll(r.Context(), r.Actor, page.Batch); err != nil {
			return web.Response{}, err
		}
	}
	page.Chosen = slices.DeleteFunc(page.Chosen, func(text string) bool {
		return !slices.ContainsFunc(page.Moves, func(m directory.Move) bool { return m.Text == text })
	})
	return web.Status(status, views.Migrate(page)), nil
}

// migrate publishes the chosen moves together.
func (p *Pages) migrate(r *web.Request) (web.Response, error) {
	page := views.MigrationPage{Chosen: r.PostForm["group"], Reason: r.FormValue("reason"),
		Question: views.Question{Confirm: r.FormValue("confirm"), Leave: r.FormValue("leave")}}
	done, err := p.Directories.Migrate(r.Context(), r.Actor, page.Chosen, r.FormValue("stamp"), publishing(page.Reason, page.Confirm, page.Leave))
	if wrong, more := unsaid(err); more {
		page.Wrong = wrong
		return p.showMigration(r, page, http.StatusUnprocessableEntity)
	}
	if err != nil {
		if page.Problem = problem(err); page.Problem == nil {
			return web.Response{}, err
		}
		page.Stale = page.Problem.Key == "provisioning.error.changed_meanwhile"
		return p.showMigration(r, page, http.StatusConflict)
	}
	return published(r, done, "/company/connectors", "migrate.done"), nil
}
