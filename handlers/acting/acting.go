// Package acting holds the pages by which a person goes from one organization
// to another: his places, switching and going back, links into an organization
// he is not in, and what hosts offer him.
//
// A switch is always a POST: nothing here may change where somebody works when
// an address is merely opened.
package acting

import (
	"locum/handlers/web"
	"locum/models/access"
	"locum/models/delegation"
	"locum/models/tenancy"
)

// Pages are the pages of a person's places and offers.
type Pages struct {
	sessions    *access.Sessions
	delegations *delegation.Delegations
	members     *tenancy.Members
}

// New makes the pages.
func New(sessions *access.Sessions, delegations *delegation.Delegations, members *tenancy.Members) *Pages {
	return &Pages{sessions, delegations, members}
}

// Mount registers the pages, for whoever is signed in.
func (p *Pages) Mount(app *web.App) {
	app.Signed("GET /home", p.home)
	app.Signed("POST /switch", p.switchTo, web.AnyEpoch)
	app.Signed("POST /leave", p.leave, web.AnyEpoch)
	app.Signed("POST /places/{place}/pin", p.pin, web.AnyEpoch)
	app.Signed("POST /places/{place}/unpin", p.unpin, web.AnyEpoch)
	app.Signed("GET /in/{organization}/{path...}", p.ask)
	app.Signed("GET /offers/{id}", p.offer)
	app.Signed("POST /offers/{id}/accept", p.accept)
	app.Signed("POST /offers/{id}/decline", p.decline)
	app.Signed("GET /offers/{id}/give-back", p.askFinish)
	app.Signed("POST /offers/{id}/give-back", p.finish)
	app.Signed("GET /offers/{id}/more", p.askMore)
	app.Signed("POST /offers/{id}/more", p.more)
}
