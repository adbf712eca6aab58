package api

import (
	"net/http"
	"time"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/feed"
)

// engagement is a delegation of one of a firm's people elsewhere, as far as it is
// the firm's to know.
type engagement struct {
	Delegation     string            `json:"delegation_id"`
	Account        string            `json:"account_id"`
	Person         string            `json:"person"`
	Email          *string           `json:"email"`
	FirmDelegation *string           `json:"firm_delegation_id"`
	Status         delegation.Status `json:"status"`
	StartsAt       models.Instant    `json:"starts_at"`
	EndsAt         *models.Instant   `json:"ends_at"`
	Roles          []string          `json:"role_names"`
	Inside         bool              `json:"inside"`
	EndsSoon       bool              `json:"ends_soon"`
	Left           bool              `json:"left"`
}

func shownEngagements(list []delegation.Engagement, now time.Time) []engagement {
	rows := []engagement{}
	for _, e := range list {
		rows = append(rows, engagement{Delegation: e.ID, Account: e.Account, Person: e.Person, Email: text(e.Email), FirmDelegation: text(e.FirmID), Status: e.Status,
			StartsAt: e.Starts, EndsAt: e.Ends, Roles: filled(e.RoleNames), Inside: e.Present, EndsSoon: e.Renewal(now), Left: e.Left})
	}
	return rows
}

// firmGrant is a delegation to a firm as its managers' programs read it.
type firmGrant struct {
	ID       string                `json:"id"`
	Status   delegation.FirmStatus `json:"status"`
	Host     host                  `json:"host"`
	People   int                   `json:"people"`
	Roles    []string              `json:"role_names"`
	StartsAt models.Instant        `json:"starts_at"`
	EndsAt   *models.Instant       `json:"ends_at"`
	Reason   string                `json:"reason"`
	Ticket   string                `json:"ticket"`
	Named    []engagement          `json:"named"`
	Vetoed   []string              `json:"vetoed_account_ids"`
}

func shownFirmGrant(g delegation.FirmGrant, now time.Time) firmGrant {
	return firmGrant{ID: g.ID, Status: g.Status(now), Host: hostOf(g.Host), People: g.Firm.People, Roles: filled(g.RoleNames), StartsAt: g.StartsAt, EndsAt: g.EndsAt,
		Reason: g.Reason, Ticket: g.Ticket, Named: shownEngagements(g.People, now), Vetoed: filled(g.Vetoed)}
}

// customer is an organization for which people of a firm work.
type customer struct {
	Host   host         `json:"host"`
	Grants []firmGrant  `json:"firm_delegations"`
	People []engagement `json:"people"`
}

func shownCustomer(c delegation.Customer, now time.Time) customer {
	s := customer{Host: hostOf(c.Host), Grants: []firmGrant{}, People: shownEngagements(c.People, now)}
	for _, g := range c.Grants {
		s.Grants = append(s.Grants, shownFirmGrant(g, now))
	}
	return s
}

// consultants lists where people of the token's company work.
func (p *Pages) consultants(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadConsultants)
	if err != nil {
		return web.Response{}, err
	}
	query, err := queryOf(r, "after", "limit")
	if err != nil {
		return web.Response{}, err
	}
	found, more, err := p.delegations.CustomerPart(r.Context(), by, partOf(query))
	if err != nil {
		return web.Response{}, err
	}
	rows, next := []customer{}, query.Get("after")
	for _, c := range found {
		rows, next = append(rows, shownCustomer(c, r.Now)), c.Host.Organization
	}
	return web.JSON(http.StatusOK, listed{rows, next, more}), nil
}

func (p *Pages) firmGrant(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadConsultants)
	if err != nil {
		return web.Response{}, err
	}
	if _, err := queryOf(r); err != nil {
		return web.Response{}, err
	}
	return p.shownGrant(r, by, r.PathValue("id"))
}

// shownGrant shows a delegation to the firm of the token.
func (p *Pages) shownGrant(r *web.Request, by models.Actor, id string) (web.Response, error) {
	g, _, err := p.delegations.FirmGrant(r.Context(), by, id, "")
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, shownFirmGrant(g, r.Now)), nil
}

// candidate is a person of a firm who could be named.
type candidate struct {
	Account string `json:"account_id"`
	Name    string `json:"name"`
	Email   string `json:"email"`
	Named   bool   `json:"named"`
	Vetoed  bool   `json:"vetoed"`
}

// candidates are whom the firm could name: those with a text in their name or
// address, as many as the form offers.
func (p *Pages) candidates(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadConsultants)
	if err != nil {
		return web.Response{}, err
	}
	query, err := queryOf(r, "q")
	if err != nil {
		return web.Response{}, err
	}
	_, people, err := p.delegations.FirmGrant(r.Context(), by, r.PathValue("id"), query.Get("q"))
	if err != nil {
		return web.Response{}, err
	}
	rows := []candidate{}
	for _, c := range people {
		rows = append(rows, candidate{c.ID, c.Name, c.Email, c.Named, c.Vetoed})
	}
	return web.JSON(http.StatusOK, map[string][]candidate{"data": rows}), nil
}

var (
	naming   = change{feed.WriteConsultants, []string{event.FirmNamed}, (*Pages).shownGrant}
	unnaming = change{feed.WriteConsultants, []string{event.FirmUnnamed}, (*Pages).shownGrant}
)

// name gives a person of the firm his part of what a customer gave it. He is invited
// and accepts himself.
func (p *Pages) name(r *web.Request) (web.Response, error) {
	var in person
	return p.change(r, naming, &in, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		_, err := p.delegations.NamePerson(r.Context(), by, id, in.Account)
		return id, err
	})
}

// unname takes back whom the firm named.
func (p *Pages) unname(r *web.Request) (web.Response, error) {
	var in person
	return p.change(r, unnaming, &in, func(by models.Actor) (string, error) {
		id := r.PathValue("id")
		_, err := p.delegations.UnnamePerson(r.Context(), by, id, in.Account)
		return id, err
	})
}
