package saml

import (
	"log/slog"

	"locum/handlers/web"
	"locum/models"
	"locum/models/federation"
)

// Config is what the area is made of.
type Config struct {
	Federation *federation.Federation
	Log        *slog.Logger // slog.Default without it
	Limits     Limits       // on responses
}

type area struct{ Config }

// Mount registers the area's routes. The ACS and the logout address alone are
// open to posts from other sites: what they take is signed, and opens no session.
func Mount(app *web.App, config Config) {
	if config.Log == nil {
		config.Log = slog.Default()
	}
	a := area{config}
	// The sign-in page sends people to start, with ?next= where they wanted to go.
	app.Open("GET /saml/{connection}/start", a.start, web.Counted)
	app.With(models.ManageConnections, "POST /saml/{connection}/test", a.test)
	app.Open("GET /saml/{connection}/metadata", a.metadata)
	app.Open("POST /saml/{connection}/acs", a.acs, web.CrossSite)
	app.Open("GET /saml/{connection}/finish/{ticket}", a.finish)
	app.Open("GET /saml/{connection}/sign-out/{relay}", a.signOut)
	app.Open("GET /saml/{connection}/slo", a.sloByRedirect)
	app.Open("POST /saml/{connection}/slo", a.sloByPost, web.CrossSite)
}

func entityOf(r *web.Request, connection string) string {
	return r.Absolute("/saml/" + connection + "/metadata")
}

func acsOf(r *web.Request, connection string) string {
	return r.Absolute("/saml/" + connection + "/acs")
}

func sloOf(r *web.Request, connection string) string {
	return r.Absolute("/saml/" + connection + "/slo")
}

// metadata describes Locum as the connection's service provider.
func (a area) metadata(r *web.Request) (web.Response, error) {
	c, keys, err := a.Federation.Public(r.Context(), r.PathValue("connection"))
	if err != nil {
		return web.Response{}, err
	}
	sp := ServiceProvider{EntityID: entityOf(r, c.ID), ACS: acsOf(r, c.ID), Logout: sloOf(r, c.ID), SignsRequests: len(keys) > 0}
	for _, key := range keys {
		sp.Certificates = append(sp.Certificates, key.Certificate)
	}
	document, err := sp.Metadata()
	if err != nil {
		return web.Response{}, err
	}
	return web.Bytes("application/samlmetadata+xml", document), nil
}
