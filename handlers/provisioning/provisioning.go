// Package provisioning is the screens with which a company's managers say how
// people get in and what they get: connectors, single sign-on and domains. It
// turns forms into the domain's inputs and back; it must never decide who
// matches a rule, nor read a provider's metadata itself.
package provisioning

import (
	"time"

	"locum/handlers/web"
	"locum/models"
	"locum/models/directory"
	"locum/models/federation"
	"locum/models/provisioning"
	"locum/models/tenancy"
)

// Config is what the area is made of.
type Config struct {
	Connectors *provisioning.Connectors
	Companies  *tenancy.Companies
	Federation *federation.Federation
	// Directories know the groups to which roles are given.
	Directories *directory.Directories
	// Describe reads an identity provider's metadata. What is wrong with it is an
	// error of the field "metadata".
	Describe func(document []byte, now time.Time) (federation.Provider, error)
	// Fetch reads the metadata at an address. What is wrong is an error of the
	// field "address".
	Fetch federation.Fetch
	// Inspect reads a response that a manager pasted, for a connection by its id.
	// What is wrong with it is an error of the field "response".
	Inspect func(r *web.Request, connection, text string) (federation.Pasted, error)
	// LookupTXT asks the DNS for the record that proves a domain.
	LookupTXT federation.LookupTXT
}

// Pages are the screens of the area.
type Pages struct{ Config }

// New makes the screens.
func New(config Config) *Pages { return &Pages{config} }

// maxUpload is the most bytes of a form with metadata: 5 MB of it, as the reader
// takes, and the form around it.
const maxUpload = 6 << 20

// maxPaste is the most bytes of a form with a response: 256 KB of it, as the
// reader takes, when every byte of the XML is escaped.
const maxPaste = 1 << 20

// Mount registers the area's routes.
func (p *Pages) Mount(app *web.App) {
	connectors := func(pattern string, handle web.Handler) { app.With(models.ManageConnectors, pattern, handle) }
	connectors("GET /company/connectors", p.list)
	connectors("GET /company/connectors/new", p.newConnector)
	connectors("POST /company/connectors/new", p.create)
	connectors("POST /company/connectors/sentence", p.sentence)
	connectors("GET /company/connectors/policy", p.policy)
	connectors("POST /company/connectors/policy", p.setPolicy)
	connectors("GET /company/connectors/affected", p.affected)
	connectors("GET /company/people/{account}/why", p.whyRole)
	connectors("GET /company/connectors/{id}", p.connector)
	connectors("POST /company/connectors/{id}", p.change)
	connectors("GET /company/connectors/{id}/explain", p.explain)
	connectors("GET /company/connectors/{id}/delete", p.askDelete)
	connectors("POST /company/connectors/{id}/delete", p.delete)

	connectors("GET /company/directory/mapping", p.mapGroups)
	connectors("GET /company/directory/mapping/preview", p.previewMapping)
	connectors("POST /company/directory/mapping", p.publishMapping)
	connectors("GET /company/directory/migrate", p.askMigrate)
	connectors("POST /company/directory/migrate", p.migrate)

	connectors("GET /company/runs", p.runs)
	connectors("GET /company/runs/new", p.askEverybody)
	connectors("POST /company/runs/new", p.everybody)
	connectors("GET /company/runs/{run}", p.run)
	connectors("POST /company/runs/{run}/cancel", p.cancelRun)
	connectors("POST /company/runs/{run}/resume", p.resumeRun)
	connectors("POST /company/runs/{run}/undo", p.undo)

	connections := func(pattern string, handle web.Handler, options ...web.Option) {
		app.With(models.ManageConnections, pattern, handle, options...)
	}
	connections("GET /company/single-sign-on/new", p.newConnection)
	connections("POST /company/single-sign-on/new", p.connect, web.Body(maxUpload))
	connections("GET /company/single-sign-on/set-up", p.beginSetUp)
	connections("POST /company/single-sign-on/set-up", p.prepare)
	connections("GET /company/single-sign-on/{id}/set-up", p.setUp)
	connections("POST /company/single-sign-on/{id}/set-up/metadata", p.setUpMetadata, web.Body(maxUpload))
	connections("POST /company/single-sign-on/{id}/set-up/abandon", p.abandon)
	connections("POST /company/single-sign-on/{id}/name", p.rename)
	connections("GET /company/single-sign-on/{id}/test/{ticket}", p.trial)
	connections("GET /company/single-sign-on/{id}/explain", p.askPaste)
	connections("POST /company/single-sign-on/{id}/explain", p.explainPaste, web.Body(maxPaste))
	connections("POST /company/single-sign-on/silence", p.setSilence)
	connections("GET /company/single-sign-on/{id}/disable", p.askDisable)
	connections("POST /company/single-sign-on/{id}/enabled", p.enable)

	certificates := func(pattern string, handle web.Handler, options ...web.Option) {
		app.With(models.ManageCertificates, pattern, handle, options...)
	}
	certificates("GET /company/single-sign-on", p.connections)
	certificates("GET /company/single-sign-on/{id}", p.connection)
	certificates("POST /company/single-sign-on/{id}/metadata", p.takeUp, web.Body(maxUpload))
	certificates("POST /company/single-sign-on/{id}/keys", p.rotateKey)
	certificates("GET /company/single-sign-on/{id}/keys/{key}/retire", p.askRetireKey)
	certificates("POST /company/single-sign-on/{id}/keys/{key}/retire", p.retireKey)
	certificates("POST /company/single-sign-on/{id}/read", p.reread)
	app.With(models.ManageCompany, "POST /company/break-glass/{account}/name", p.nameBreakGlass)
	app.With(models.ManageCompany, "GET /company/break-glass/{account}/remove", p.askRemoveBreakGlass)
	app.With(models.ManageCompany, "POST /company/break-glass/{account}/remove", p.removeBreakGlass)

	domains := func(pattern string, handle web.Handler) { app.With(models.ManageDomains, pattern, handle) }
	domains("GET /company/domains", p.domains)
	domains("POST /company/domains", p.addDomain)
	domains("POST /company/domains/{id}/verify", p.verifyDomain)
	domains("GET /company/domains/{id}/require", p.askRequireSSO)
	domains("POST /company/domains/{id}/require", p.requireSSO)
	domains("GET /company/domains/{id}/remove", p.askRemoveDomain)
	domains("POST /company/domains/{id}/remove", p.removeDomain)
}
