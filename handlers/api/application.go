package api

import (
	"net/http"

	"locum/handlers/web"
	"locum/models"
	"locum/models/client"
	"locum/models/event"
	"locum/models/feed"
	"locum/models/tenancy"
)

// application is one of the registry as machines of an organization read it.
type application struct {
	ID          string          `json:"id"`
	Key         string          `json:"key"`
	Name        string          `json:"name"`
	Description *string         `json:"description"`
	EnabledAt   *models.Instant `json:"enabled_at"`
	Connected   bool            `json:"connected"`
	URL         *string         `json:"url"`
	LastSeenAt  *models.Instant `json:"last_seen_at"`
	Roles       []roleIn        `json:"roles"`
}

// roleIn is a role that somebody can have in an application.
type roleIn struct {
	Key     string `json:"key"`
	Name    string `json:"name"`
	Default bool   `json:"default"`
	People  int    `json:"people"`
}

func shownApplication(u tenancy.Use, h client.Here) application {
	one := application{ID: u.ID, Key: u.Key, Name: u.Name, Description: text(u.Description), EnabledAt: u.Since, Connected: h.Connected, URL: text(h.HomeURI),
		LastSeenAt: h.LastSeenAt, Roles: []roleIn{}}
	for _, r := range u.Roles {
		one.Roles = append(one.Roles, roleIn{r.Key, r.Name, r.IsDefault, u.Holders[r.ID]})
	}
	return one
}

// applications lists those in use, and for who manages them the others of the
// registry.
func (p *Pages) applications(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadApplications)
	if err != nil {
		return web.Response{}, err
	}
	if _, err := queryOf(r); err != nil {
		return web.Response{}, err
	}
	rows, err := p.uses(r, by)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, map[string][]application{"data": rows}), nil
}

func (p *Pages) uses(r *web.Request, by models.Actor) ([]application, error) {
	list, err := p.on.Applications.List(r.Context(), by)
	if err != nil {
		return nil, err
	}
	here, err := p.on.Clients.Here(r.Context(), by)
	if err != nil {
		return nil, err
	}
	rows := []application{}
	for _, u := range list {
		rows = append(rows, shownApplication(u, here[u.ID]))
	}
	return rows, nil
}

func (p *Pages) application(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadApplications)
	if err != nil {
		return web.Response{}, err
	}
	if _, err := queryOf(r); err != nil {
		return web.Response{}, err
	}
	return p.oneApplication(r, by, r.PathValue("id"))
}

// oneApplication shows one application.
func (p *Pages) oneApplication(r *web.Request, by models.Actor, id string) (web.Response, error) {
	rows, err := p.uses(r, by)
	if err != nil {
		return web.Response{}, err
	}
	for _, one := range rows {
		if one.ID == id {
			return web.JSON(http.StatusOK, one), nil
		}
	}
	return web.Response{}, models.Unknown()
}

var (
	enabling  = change{feed.WriteApplications, []string{event.ApplicationEnabled}, (*Pages).oneApplication}
	disabling = change{feed.WriteApplications, []string{event.ApplicationDisabled}, (*Pages).oneApplication}
)

// enable takes an application of the registry into use. One that is in use stays
// so.
func (p *Pages) enable(r *web.Request) (web.Response, error) {
	return p.change(r, enabling, &struct{}{}, func(by models.Actor) (string, error) {
		return r.PathValue("id"), p.on.Applications.Enable(r.Context(), by, r.PathValue("id"))
	})
}

// disable takes one out of use. The roles that people have in it stay.
func (p *Pages) disable(r *web.Request) (web.Response, error) {
	return p.change(r, disabling, &struct{}{}, func(by models.Actor) (string, error) {
		return r.PathValue("id"), p.on.Applications.Disable(r.Context(), by, r.PathValue("id"))
	})
}
